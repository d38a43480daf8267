package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// PayParams is a distribution to record as paid.
type PayParams struct {
	IdempotencyKey string
	DistributionID id.Of[Distribution]
	Date           date.Date // the day the money left
	Method         PaymentMethod
	Reference      string // of the batch at the bank
	// Portfolios says whether and to which day the payees' portfolios are brought
	// up to date.
	Portfolios Portfolios
	ActorID    id.Of[auth.User]
}

// Portfolios says what a payment does with the portfolios of the payees. The zero
// value brings them up to the day of the payment.
type Portfolios struct {
	AsOf *date.Date // another day
	// Later leaves them to [Reports.RefreshPortfolios], for a host that brings all
	// of them up to date at night.
	Later bool
}

// Pay records that all lines of an approved distribution were paid: it books
// what was payable against cash, writes each investor's transaction, and
// completes the lines, the distribution and the positions' totals. It is
// [Distributions.Process] and [Distributions.ConfirmPayments] in one step; a
// distribution whose payments were handed to the bank is no longer paid by it.
// The portfolios of the payees are brought up to date with it; see [Portfolios].
//
// It locks the offering, the distribution and the portfolios, the last in the
// order of their investors. It returns [ErrPaymentDate] before the
// distribution's date, [ErrDistributionState], [ledger.ErrPeriodClosed] or
// [ErrDistributionNotFound]. The same key and request again change nothing.
func (s *Distributions) Pay(ctx context.Context, db bun.IDB, p PayParams) (*Distribution, error) {
	var f check.Fields
	f.Given("distribution_id", p.DistributionID)
	f.GivenWithin("date", p.Date, s.days())
	check.One(&f, "method", p.Method)
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return store.RunOnce(ctx, db, store.Keyed[Distribution]{Scope: s.scope, Verb: "investments.pay_distribution", Params: p, Kind: "distribution", Result: p.DistributionID}, distributions.Get,
		func(tx bun.IDB) (*Distribution, error) {
			o, d, err := s.lockDistribution(ctx, tx, p.DistributionID, VerbPayDistribution, p.ActorID)
			if err != nil {
				return nil, err
			}
			if d.Status != DistributionStatusApproved {
				return nil, ErrDistributionState.With("it is %s", d.Status)
			}
			return d, s.confirm(ctx, tx, o, d, settlement{paymentSet: paymentSet{distribution: d.ID, status: PaymentStatusPending},
				date: p.Date, method: &p.Method, reference: optional(p.Reference), command: id.New[ledger.Command](), actor: p.ActorID}, p.Portfolios)
		})
}

// confirm settles payments, lets the distribution follow, and tells of it.
func (s *Distributions) confirm(ctx context.Context, tx bun.IDB, o *Offering, d *Distribution, p settlement, then Portfolios) error {
	var stands progress
	var payees []id.Of[auth.User]
	made, err := s.settle(ctx, tx, o, d, p,
		store.Into(&stands, func(tx bun.IDB) (progress, error) { return progressOf(ctx, tx, d.ID) }),
		func(tx bun.IDB) (err error) {
			if !then.Later {
				payees, err = p.paidTo(ctx, tx)
			}
			return err
		})
	if err != nil {
		return err
	}
	asOf := p.date
	if then.AsOf != nil {
		asOf = *then.AsOf
	}
	done, write := s.follow(ctx, d, stands)
	err = store.TogetherFew(ctx, tx, len(payees), write, func(tx bun.IDB) error { return s.refresh(ctx, tx, payees, false, false, asOf, refreshBatch) })
	if err != nil {
		return err
	}
	paid := distributionEvent(d.ID, PaymentsConfirmed{CommandID: p.command, Date: p.date, Payments: len(made.list), Total: made.total})
	return s.hooks.Emit(ctx, tx, s.now(), append([]store.Emission{paid}, done...)...)
}
