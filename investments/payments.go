package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// ErrPaymentState: the line's payment is not in a state for the verb.
var ErrPaymentState = fault.New(fault.Illegal, "payment_state", "the payment's status does not allow it")

// FailPaymentParams is a payment that came back.
type FailPaymentParams struct {
	IdempotencyKey string
	LineID         id.Of[DistributionLine]
	Date           date.Date // the day the money was back
	Reason         string    // no personal data
}

// FailPayment records that the payment of one line came back: the cash is in
// the book again and payable to the investor, and his transaction is reversed.
// [Service.ReissuePayment] pays it again.
//
// It locks the offering, the distribution and the line. It returns
// [ErrPaymentState] unless the line was paid, and [ErrLineNotFound].
func (s *Service) FailPayment(ctx context.Context, db bun.IDB, p FailPaymentParams) (*DistributionLine, error) {
	var f fault.Fields
	f.Check(!p.LineID.IsZero(), "line_id", "required", "a line is needed")
	f.Check(!p.Date.IsZero(), "date", "required", "a date is needed")
	f.Check(p.Reason != "", "reason", "required", "a failure has a reason")
	if err := f.Err(); err != nil {
		return nil, err
	}
	request := p
	request.IdempotencyKey = ""
	return s.onLine(ctx, db, s.command("investments.fail_payment", p.IdempotencyKey), request, p.LineID, func(tx bun.IDB, d *Distribution, l *DistributionLine, b book) error {
		if l.PaymentStatus != PaymentCompleted {
			return ErrPaymentState.With("it is %s", l.PaymentStatus)
		}
		if l.PaymentDate != nil && p.Date.Before(*l.PaymentDate) {
			return ErrReversalDate
		}
		j, err := s.bookLine(ctx, tx, b, d, p.Date, "payment returned", l.entries(b.account(AccountCash), b.account(AccountDistributionsPayable), l.NetDistribution))
		if err != nil {
			return err
		}
		if err := s.undoTransactions(ctx, tx, p.Date, j, "dl.id = ?", l.ID); err != nil {
			return err
		}
		l.PaymentStatus, l.FailureReason = PaymentFailed, &p.Reason
		return nil
	})
}

// ReissuePaymentParams is a failed payment that was made again.
type ReissuePaymentParams struct {
	IdempotencyKey string
	LineID         id.Of[DistributionLine]
	Date           date.Date
	Method         PaymentMethod
	Reference      string
}

// ReissuePayment records that a failed payment was made again, as the line's
// next attempt. It locks the offering, the distribution and the line. It
// returns [ErrPaymentState] unless the payment failed, and [ErrLineNotFound].
func (s *Service) ReissuePayment(ctx context.Context, db bun.IDB, p ReissuePaymentParams) (*DistributionLine, error) {
	var f fault.Fields
	f.Check(!p.LineID.IsZero(), "line_id", "required", "a line is needed")
	f.Check(!p.Date.IsZero(), "date", "required", "a date is needed")
	f.Check(p.Method.Valid(), "payment_method", "unknown", "ach, wire or check")
	if err := f.Err(); err != nil {
		return nil, err
	}
	request := p
	request.IdempotencyKey = ""
	return s.onLine(ctx, db, s.command("investments.reissue_payment", p.IdempotencyKey), request, p.LineID, func(tx bun.IDB, d *Distribution, l *DistributionLine, _ book) error {
		if l.PaymentStatus != PaymentFailed {
			return ErrPaymentState.With("it is %s", l.PaymentStatus)
		}
		l.PaymentStatus, l.FailureReason, l.PaymentDate, l.PaymentMethod, l.PaymentReference = PaymentCompleted, nil, &p.Date, &p.Method, optional(p.Reference)
		l.PaymentAttempt++
		err := s.bookPayment(ctx, tx, d, []DistributionLine{*l}, PayParams{DistributionID: d.ID, Date: p.Date, Method: p.Method, Reference: p.Reference})
		if err != nil || l.PositionID == nil {
			return err
		}
		_, err = tx.NewUpdate().Model((*Position)(nil)).Set("total_distributions = total_distributions + ?", l.DistributionAmount).
			Where("id = ?", *l.PositionID).Exec(ctx)
		return store.Err(err, constraints)
	})
}

// onLine claims the key, locks a paid distribution and one of its lines, lets
// change decide and book, and stores the line.
func (s *Service) onLine(ctx context.Context, db bun.IDB, cmd store.Command, request any, v id.Of[DistributionLine],
	change func(tx bun.IDB, d *Distribution, l *DistributionLine, b book) error) (*DistributionLine, error) {
	var out *DistributionLine
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		_, replay, err := store.Once(ctx, tx, cmd, request, "distribution_line", v)
		if err != nil {
			return err
		}
		if out, err = distributionLines.Get(ctx, tx, v); err != nil || replay {
			return err
		}
		d, err := lockDistribution(ctx, tx, out.DistributionID)
		if err != nil {
			return err
		}
		if d.Status != DistributionCompleted {
			return ErrDistributionState.With("it is %s", d.Status)
		}
		b, err := s.bookOfDistribution(ctx, tx, d)
		if err != nil {
			return err
		}
		if out, err = distributionLines.Lock(ctx, tx, v); err != nil {
			return err
		}
		if err := change(tx, d, out, b); err != nil {
			return err
		}
		out.Version++
		out.UpdatedAt = s.now()
		return distributionLines.Update(ctx, tx, out, "payment_status", "failure_reason", "payment_date", "payment_method",
			"payment_reference", "payment_attempt", "version")
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// bookLine posts entries about one line; none is no journal, and nil.
func (s *Service) bookLine(ctx context.Context, tx bun.IDB, b book, d *Distribution, on date.Date, what string, entries []ledger.Entry) (*id.Of[ledger.Journal], error) {
	if len(entries) == 0 {
		return nil, nil
	}
	j, err := s.ledger.Post(ctx, tx, ledger.PostParams{BookID: b.id, EffectiveDate: on, Description: what,
		SourceType: "distribution", SourceID: id.Cast[ledger.Source](d.ID), Entries: entries})
	if err != nil {
		return nil, err
	}
	return &j.ID, nil
}
