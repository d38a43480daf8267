package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// ErrPaymentState: the line's payment is not in a state for the verb.
var ErrPaymentState = fault.New(fault.Illegal, "payment_state", "the payment's status does not allow it")

// FailPaymentParams is a payment that did not arrive or came back.
type FailPaymentParams struct {
	IdempotencyKey string
	LineID         id.Of[DistributionLine]
	Date           date.Date // the day the money was back, or the bank refused it
	Reason         string    // no personal data
	ActorID        id.Of[auth.User]
}

// FailPayment records that the payment of one line was refused or came back. One
// that was only sent was never booked, and stays payable. One that was completed
// is undone: the cash is in the book again and payable to the investor, and their
// transactions are reversed. [Distributions.ReissuePayment] pays it again.
//
// It locks the offering, the distribution and the line. It returns
// [ErrPaymentState] unless the payment was sent or completed with cash,
// [ErrReversalDate] before the payment, [ErrDistributionState] and
// [ErrLineNotFound].
func (s *Distributions) FailPayment(ctx context.Context, db bun.IDB, p FailPaymentParams) (*DistributionLine, error) {
	var f check.Fields
	f.Given("line_id", p.LineID)
	f.GivenWithin("date", p.Date, s.days())
	f.Check(p.Reason != "", "reason", check.Required, "a failure has a reason")
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.onLine(ctx, db, VerbFailPayment, p, p.LineID, p.ActorID, func(tx bun.IDB, o *Offering, d *Distribution, l *DistributionLine, b book) (store.Payload, error) {
		if err := l.fails(p.Date); err != nil {
			return nil, err
		}
		if l.PaymentStatus == PaymentStatusCompleted {
			cash, err := l.NetDistribution.Sub(l.InKind)
			if err != nil {
				return nil, err
			}
			command, j := id.New[ledger.Command](), id.New[ledger.Journal]()
			err = s.postBeside(ctx, tx, b.about(d, ledger.PostParams{ID: j, EffectiveDate: p.Date, Description: "payment returned", CommandID: command, Actor: actor(p.ActorID),
				Entries: append(l.entries(b.account(AccountCash), b.account(AccountDistributionsPayable), cash),
					l.entries(b.account(AccountInKind), b.account(AccountDistributionsPayable), l.InKind)...)}),
				s.undo(ctx, l.payment(), s.booked(o.ID, b, j, p.Date), &j, command)...)
			if err != nil {
				return nil, err
			}
		}
		l.PaymentStatus, l.FailureReason = PaymentStatusFailed, &p.Reason
		return PaymentFailed{LineID: l.ID, Date: p.Date, Amount: l.NetDistribution, Attempt: l.PaymentAttempt}, s.writePayment(ctx, tx, l)
	})
}

// fails reports why the payment of l cannot have failed on a day. It touches no
// database.
func (l *DistributionLine) fails(on date.Date) error {
	switch {
	case l.PaymentStatus != PaymentStatusSent && l.PaymentStatus != PaymentStatusCompleted:
		return ErrPaymentState.With("it is %s", l.PaymentStatus)
	case l.NetDistribution.IsZero():
		return ErrPaymentState.With("no cash left")
	case l.PaymentDate != nil && on.Before(*l.PaymentDate):
		return ErrReversalDate
	}
	return nil
}

// payment is the set of the one line, as it stands.
func (l *DistributionLine) payment() paymentSet {
	return paymentSet{distribution: l.DistributionID, status: l.PaymentStatus, lines: []id.Of[DistributionLine]{l.ID}}
}

// ReissuePaymentParams is a failed payment that was made again.
type ReissuePaymentParams struct {
	IdempotencyKey string
	LineID         id.Of[DistributionLine]
	Date           date.Date
	Method         PaymentMethod
	Reference      string
	// Sent: it was handed to the bank, and [Distributions.ConfirmPayments] or
	// [Distributions.FailPayment] will tell; otherwise it was made.
	Sent    bool
	ActorID id.Of[auth.User]
}

// ReissuePayment records that a failed payment was made again, as the line's
// next attempt, or with Sent that it was handed to the bank again. It locks the
// offering, the distribution and the line. It returns [ErrPaymentState] unless
// the payment failed, [ErrPaymentDate] before the attempt that failed or before
// its money was back, [ErrDistributionState] and [ErrLineNotFound].
func (s *Distributions) ReissuePayment(ctx context.Context, db bun.IDB, p ReissuePaymentParams) (*DistributionLine, error) {
	var f check.Fields
	f.Given("line_id", p.LineID)
	f.GivenWithin("date", p.Date, s.days())
	check.One(&f, "method", p.Method)
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.onLine(ctx, db, VerbReissuePayment, p, p.LineID, p.ActorID, func(tx bun.IDB, o *Offering, d *Distribution, l *DistributionLine, _ book) (store.Payload, error) {
		switch {
		case l.PaymentStatus != PaymentStatusFailed:
			return nil, ErrPaymentState.With("it is %s", l.PaymentStatus)
		case l.PaymentDate != nil && p.Date.Before(*l.PaymentDate):
			return nil, ErrPaymentDate
		}
		if err := s.fresh(ctx, tx, o, d); err != nil {
			return nil, err
		}
		back, err := lastMoved(ctx, tx, d.ID, &l.ID)
		if err != nil {
			return nil, err
		}
		if back != nil && p.Date.Before(*back) {
			return nil, ErrPaymentDate.With("the money was back on %s", *back)
		}
		l.PaymentStatus, l.FailureReason, l.PaymentDate, l.PaymentMethod, l.PaymentReference = PaymentStatusSent, nil, &p.Date, &p.Method, optional(p.Reference)
		l.PaymentAttempt++
		if err := s.writePayment(ctx, tx, l); err != nil {
			return nil, err
		}
		if !p.Sent {
			if _, err := s.settle(ctx, tx, o, d, settlement{paymentSet: l.payment(), date: p.Date, command: id.New[ledger.Command](), actor: p.ActorID}); err != nil {
				return nil, err
			}
			l.PaymentStatus = PaymentStatusCompleted
			l.Version++
		}
		return PaymentReissued{LineID: l.ID, Date: p.Date, Method: p.Method, Amount: l.NetDistribution, Attempt: l.PaymentAttempt, Status: l.PaymentStatus}, nil
	})
}

// onLine claims the key, locks a distribution whose payments have begun and one of
// its lines, lets change decide, book and store the line, and lets the
// distribution follow.
func (s *Distributions) onLine(ctx context.Context, db bun.IDB, verb Verb, params any, line id.Of[DistributionLine], by id.Of[auth.User],
	change func(tx bun.IDB, o *Offering, d *Distribution, l *DistributionLine, b book) (store.Payload, error)) (*DistributionLine, error) {
	return store.RunOnce(ctx, db, store.Keyed[DistributionLine]{Scope: s.scope, Verb: "investments." + string(verb), Params: params, Kind: "distribution_line", Result: line}, distributionLines.Get, func(tx bun.IDB) (*DistributionLine, error) {
		known, err := distributionLines.Get(ctx, tx, line) // unlocked, to learn the distribution
		if err != nil {
			return nil, err
		}
		var l *DistributionLine
		o, d, err := lockUnderDistribution(ctx, tx, known.DistributionID,
			store.Into(&l, func(tx bun.IDB) (*DistributionLine, error) { return distributionLines.Lock(ctx, tx, line) }))
		if err != nil {
			return nil, err
		}
		if err := s.acts(ctx, tx, verb, by, s.ofLine(l)); err != nil {
			return nil, err
		}
		if d.Status != DistributionStatusProcessing && d.Status != DistributionStatusCompleted && d.Status != DistributionStatusFailed {
			return nil, ErrDistributionState.With("it is %s", d.Status)
		}
		b, err := s.bookOfDistribution(ctx, tx, o)
		if err != nil {
			return nil, err
		}
		what, err := change(tx, o, d, l, b)
		if err != nil {
			return nil, err
		}
		done, err := s.advance(ctx, tx, d)
		if err != nil {
			return nil, err
		}
		return l, s.hooks.Emit(ctx, tx, s.now(), append([]store.Emission{distributionEvent(d.ID, what)}, done...)...)
	})
}

// writePayment stores what a verb changed of a line's payment.
func (s *Distributions) writePayment(ctx context.Context, tx bun.IDB, l *DistributionLine) error {
	l.Version++
	l.UpdatedAt = s.now()
	return distributionLines.Update(ctx, tx, l, "payment_status", "failure_reason", "payment_date", "payment_method",
		"payment_reference", "payment_attempt", "version")
}
