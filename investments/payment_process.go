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

// ErrPaymentDate: a payment was made before the distribution's date or before it was
// handed to the bank, or was made again before the money was back.
var ErrPaymentDate = fault.New(fault.Invalid, "payment_date_early",
	"the date is before the distribution, before the payments were handed to the bank, or before their money was back").On("date")

// ProcessDistributionParams is payments of a distribution that were handed to the bank.
type ProcessDistributionParams struct {
	IdempotencyKey string
	DistributionID id.Of[Distribution]
	// Lines is which; nil is all that are pending. By lines, a distribution is handed
	// over in several batches, such as one per method.
	Lines     []id.Of[DistributionLine]
	Date      date.Date // the day they were handed over, which may be ahead of the distribution's
	Method    PaymentMethod
	Reference string // of the batch at the bank
	ActorID   id.Of[auth.User]
}

// Process records that pending payments of an approved distribution
// were handed to the bank: their lines are sent and the distribution is
// processing. Nothing is booked, the money is still payable, until
// [Distributions.ConfirmPayments] or [Distributions.FailPayment] tells what became of them.
// Lines of which all was withheld need no bank and are completed at once.
//
// A distribution is processing while a line is pending or sent, completed when
// every payment has been decided and one at least was made, and failed when all
// failed. Failed lines stay payable in either state until
// [Distributions.ReissuePayment].
//
// It locks the offering and the distribution. It returns [ErrDistributionState],
// [ErrPaymentState] for a line that is not pending or not of the distribution,
// and [ErrDistributionNotFound]. The same key and request again change nothing.
func (s *Distributions) Process(ctx context.Context, db bun.IDB, p ProcessDistributionParams) (*Distribution, error) {
	var f check.Fields
	f.Given("distribution_id", p.DistributionID)
	f.GivenWithin("date", p.Date, s.days())
	check.One(&f, "method", p.Method)
	f.Check(p.Lines == nil || len(p.Lines) > 0, "lines", check.Required, "nil is all lines, an empty list none")
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return store.RunOnce(ctx, db, store.Keyed[Distribution]{Scope: s.scope, Verb: "investments.process_distribution", Params: p, Kind: "distribution", Result: p.DistributionID}, distributions.Get,
		func(tx bun.IDB) (*Distribution, error) { return s.process(ctx, tx, p) })
}

func (s *Distributions) process(ctx context.Context, tx bun.IDB, p ProcessDistributionParams) (*Distribution, error) {
	o, d, err := s.lockDistribution(ctx, tx, p.DistributionID, VerbProcessDistribution, p.ActorID)
	if err != nil {
		return nil, err
	}
	if d.Status != DistributionStatusApproved && d.Status != DistributionStatusProcessing {
		return nil, ErrDistributionState.With("it is %s", d.Status)
	}
	if err := s.fresh(ctx, tx, o, d); err != nil {
		return nil, err
	}
	set := paymentSet{distribution: d.ID, status: PaymentStatusPending}
	if p.Lines != nil {
		set.lines = chosenLines(p.Lines)
	}
	sum, err := set.sum(ctx, tx)
	if err != nil {
		return nil, err
	}
	if err := set.covers(sum); err != nil {
		return nil, err
	}
	command := id.New[ledger.Command]()
	if sum.Payments < sum.Lines {
		free := set
		free.withoutCash = true
		if _, err := s.settle(ctx, tx, o, d, settlement{paymentSet: free, date: p.Date, command: command, actor: p.ActorID}); err != nil {
			return nil, err
		}
	}
	_, err = store.Write(ctx, tx, tx.NewRaw(`UPDATE investments.investor_distributions AS dl
		SET payment_status = 'sent', payment_date = ?, payment_method = ?, payment_reference = ?, version = dl.version + 1
		WHERE ?`, p.Date, p.Method, optional(p.Reference), set.where()))
	if err != nil {
		return nil, store.Err(err, constraints)
	}
	done, err := s.advance(ctx, tx, d)
	if err != nil {
		return nil, err
	}
	handed := distributionEvent(d.ID, PaymentsSubmitted{CommandID: command, Date: p.Date, Method: p.Method, Payments: sum.Payments, Total: sum.Net})
	return d, s.hooks.Emit(ctx, tx, s.now(), append([]store.Emission{handed}, done...)...)
}

// ConfirmPaymentsParams is payments that reached their payees.
type ConfirmPaymentsParams struct {
	IdempotencyKey string
	DistributionID id.Of[Distribution]
	Lines          []id.Of[DistributionLine] // nil is all that are sent
	Date           date.Date                 // the day the money left
	Portfolios     Portfolios                // of the payees, as with [Distributions.Pay]
	ActorID        id.Of[auth.User]
}

// ConfirmPayments records that payments which were handed to the bank were made:
// it books what was payable against cash, writes the investors' transactions, and
// completes the lines and the positions' totals, set-wise. The distribution is
// completed when no line is pending or sent any more.
//
// It locks the offering and the distribution. It returns [ErrPaymentState] for a
// line that is not sent or not of the distribution, [ErrPaymentDate],
// [ErrDistributionState], [ledger.ErrPeriodClosed] or [ErrDistributionNotFound].
// The same key and request again change nothing.
func (s *Distributions) ConfirmPayments(ctx context.Context, db bun.IDB, p ConfirmPaymentsParams) (*Distribution, error) {
	var f check.Fields
	f.Given("distribution_id", p.DistributionID)
	f.GivenWithin("date", p.Date, s.days())
	f.Check(p.Lines == nil || len(p.Lines) > 0, "lines", check.Required, "nil is all lines, an empty list none")
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return store.RunOnce(ctx, db, store.Keyed[Distribution]{Scope: s.scope, Verb: "investments.confirm_payments", Params: p, Kind: "distribution", Result: p.DistributionID}, distributions.Get,
		func(tx bun.IDB) (*Distribution, error) {
			o, d, err := s.lockDistribution(ctx, tx, p.DistributionID, VerbConfirmPayments, p.ActorID)
			if err != nil {
				return nil, err
			}
			if d.Status != DistributionStatusProcessing {
				return nil, ErrDistributionState.With("it is %s", d.Status)
			}
			set := paymentSet{distribution: d.ID, status: PaymentStatusSent}
			if p.Lines != nil {
				set.lines = chosenLines(p.Lines)
			}
			sum, err := set.sum(ctx, tx)
			if err != nil {
				return nil, err
			}
			if err := set.covers(sum); err != nil {
				return nil, err
			}
			if sum.Latest != nil && p.Date.Before(*sum.Latest) {
				return nil, ErrPaymentDate
			}
			return d, s.confirm(ctx, tx, o, d, settlement{paymentSet: set, date: p.Date, command: id.New[ledger.Command](), actor: p.ActorID}, p.Portfolios)
		})
}
