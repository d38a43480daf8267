package investments

import (
	"context"
	"encoding/json"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The conditions of scaling back.
var (
	// ErrNothingToScale: nobody has committed more than that.
	ErrNothingToScale = fault.New(fault.Illegal, "nothing_to_scale_back", "the commitments do not exceed it")
	// ErrScaledAway: somebody would be left with nothing.
	ErrScaledAway = fault.New(fault.Invalid, "scaled_to_nothing", "the total leaves somebody without a cent").On("total")
)

// ScaleBackParams is an oversubscribed offering to divide.
type ScaleBackParams struct {
	IdempotencyKey string
	OfferingID     id.Of[Offering]
	// Total is what the commitments that can be scaled keep together; nil is
	// what the others leave of the hard cap.
	Total *money.Amount
	// Waitlist admits everybody on the waitlist, to be scaled like the others.
	// Who no longer passes the gate by the evidence that they joined with goes on
	// waiting.
	Waitlist bool
	ActorID  id.Of[auth.User]
}

// ScaleBack lessens the commitments of an offering pro rata, to the cent by
// largest remainder, so that together they make the total. It scales the open
// subscriptions of which nothing is called or received; what was asked for
// stays on record as RequestedAmount. The offering is open or closed.
//
// It locks the offering and the subscriptions. It returns [ErrNothingToScale],
// [ErrScaledAway], [ErrOversubscribed] when the total does not fit the hard cap,
// [ErrOfferingState] or [ErrOfferingNotFound]. The same key and request again
// return the offering as it is then.
func (s *Commitments) ScaleBack(ctx context.Context, db bun.IDB, p ScaleBackParams) (*Offering, error) {
	var f check.Fields
	f.Given("offering_id", p.OfferingID)
	f.Check(p.Total == nil || p.Total.Sign() > 0, "total", check.OutOfRange, "a total is above zero")
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return store.RunOnce(ctx, db, store.Keyed[Offering]{Scope: s.scope, Verb: "investments.scale_back", Params: p, Kind: "opportunity", Result: p.OfferingID}, offerings.Get, func(tx bun.IDB) (*Offering, error) {
		return s.scaleBack(ctx, tx, p)
	})
}

func (s *Commitments) scaleBack(ctx context.Context, tx bun.IDB, p ScaleBackParams) (*Offering, error) {
	o, err := lockOffering(ctx, tx, p.OfferingID)
	if err != nil {
		return nil, err
	}
	if o.Status != OfferingStatusOpen && o.Status != OfferingStatusClosed {
		return nil, ErrOfferingState.With("it is %s", o.Status)
	}
	subs, err := subscriptions.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("s.opportunity_id = ?", o.ID).Where("s.called = 0 AND s.received = 0").
			Where("s.status = ? OR (? AND s.status = ?)", SubscriptionStatusOpen, p.Waitlist, SubscriptionStatusWaitlisted).OrderExpr("s.id").For("NO KEY UPDATE")
	})
	if err != nil {
		return nil, err
	}
	whose := make([]id.Of[Subscription], len(subs))
	for i := range subs {
		whose[i] = subs[i].ID
	}
	if subs, err = s.stillEligible(ctx, tx, o, subs); err != nil { // it locks investors
		return nil, err
	}
	scaled := of("investments.subscriptions", whose...)
	scaled.id = id.Cast[auth.Thing](o.ID)
	if err := s.acts(ctx, tx, VerbScaleBack, p.ActorID, scaled); err != nil {
		return nil, err
	}
	open, parts, err := o.scale(subs, p.Total)
	if err != nil {
		return nil, err
	}
	waiting := 0
	for i := range subs {
		if subs[i].Status == SubscriptionStatusWaitlisted {
			waiting++
		}
	}
	if err := s.storeScaled(ctx, tx, o, subs, parts); err != nil {
		return nil, err
	}
	total, err := money.Sum(parts...)
	if err != nil {
		return nil, err
	}
	change, err := total.Sub(open)
	if err != nil {
		return nil, err
	}
	if err := addCommitted(ctx, tx, o.ID, change); err != nil {
		return nil, err
	}
	if o, err = offerings.Get(ctx, tx, o.ID); err != nil {
		return nil, err
	}
	return o, s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateOffering, o.ID, OfferingScaledBack{len(subs), waiting, total, o.CommittedAmount}))
}

// stillEligible drops those who wait and no longer pass.
func (s *Commitments) stillEligible(ctx context.Context, tx bun.IDB, o *Offering, subs []Subscription) ([]Subscription, error) {
	var waiting []id.Of[auth.User]
	for i := range subs {
		if subs[i].Status == SubscriptionStatusWaitlisted {
			waiting = append(waiting, subs[i].InvestorID)
		}
	}
	if err := lockInvestors(ctx, tx, waiting); err != nil { // all at once, in order
		return nil, err
	}
	kept, admitted := subs[:0], map[id.Of[auth.User]]money.Amount{}
	for i := range subs {
		if subs[i].Status == SubscriptionStatusWaitlisted {
			var e Evidence
			if err := json.Unmarshal(subs[i].Evidence, &e); err != nil {
				return nil, err
			}
			e.Accredited = e.Accredited && (e.AccreditedUntil == nil || s.now().Before(*e.AccreditedUntil))
			whatever := func(*ShareClass, money.Amount, money.Amount) error { return nil }
			before := admitted[subs[i].InvestorID] // they may wait more than once
			own, err := candidateOf(ctx, tx, &subs[i])
			if err == nil {
				err = s.mayCommit(o, &subs[i], own, e, before, whatever)
			}
			if fault.KindOf(err) == fault.Forbidden || fault.KindOf(err) == fault.Invalid {
				continue
			}
			if err != nil {
				return nil, err
			}
			if admitted[subs[i].InvestorID], err = before.Add(subs[i].Amount); err != nil {
				return nil, err
			}
		}
		kept = append(kept, subs[i])
	}
	return kept, nil
}

// scale decides what each subscription keeps. open is what those of them that
// do not wait had together. It touches no database.
func (o *Offering) scale(subs []Subscription, total *money.Amount) (open money.Amount, parts []money.Amount, err error) {
	wanted, shares := money.Zero, make([]money.Share, len(subs))
	for i := range subs {
		shares[i] = money.Share{ID: string(subs[i].ID[:]), Weight: subs[i].Amount.Decimal()}
		if wanted, err = wanted.Add(subs[i].Amount); err != nil {
			return open, nil, err
		}
		if subs[i].Status == SubscriptionStatusOpen {
			if open, err = open.Add(subs[i].Amount); err != nil {
				return open, nil, err
			}
		}
	}
	others, err := o.CommittedAmount.Sub(open)
	if err != nil {
		return open, nil, err
	}
	var keep money.Amount
	switch {
	case total != nil:
		keep = *total
	case o.HardCap == nil:
		return open, nil, ErrNothingToScale.With("there is no hard cap")
	default:
		if keep, err = o.HardCap.Sub(others); err != nil {
			return open, nil, err
		}
	}
	if !keep.Less(wanted) {
		return open, nil, ErrNothingToScale.With("%s of %s", wanted, keep)
	}
	committed, err := others.Add(keep)
	if err != nil {
		return open, nil, err
	}
	if o.HardCap != nil && o.HardCap.Less(committed) {
		return open, nil, ErrOversubscribed.On("total")
	}
	if parts, err = money.Allocate(keep, shares); err != nil {
		return open, nil, err
	}
	for i := range parts {
		if parts[i].IsZero() {
			return open, nil, ErrScaledAway
		}
	}
	return open, parts, nil
}

// storeScaled writes what each keeps: set-wise for those who hold a position,
// which carries what is committed until it is funded, and one by one for those
// who have waited.
func (s *Commitments) storeScaled(ctx context.Context, tx bun.IDB, o *Offering, subs []Subscription, parts []money.Amount) error {
	type kept struct {
		id    string
		parts money.Amount
	}
	var rows []kept
	for i := range subs {
		if subs[i].Status == SubscriptionStatusOpen {
			rows = append(rows, kept{subs[i].ID.String(), parts[i]})
			continue
		}
		subs[i].Amount = parts[i]
		if err := s.admit(ctx, tx, o, &subs[i]); err != nil {
			return err
		}
	}
	err := store.Exec(ctx, tx, `WITH kept AS (SELECT * FROM unnest($1::uuid[], $2::numeric[]) AS k (id, amount)),
		less AS (SELECT s.investment_id, sum(s.amount - k.amount) AS amount FROM kept k JOIN investments.subscriptions s ON s.id = k.id GROUP BY 1),
		positions AS (UPDATE investments.property_investments p SET investment_amount = p.investment_amount - l.amount
			FROM less l WHERE p.id = l.investment_id AND p.status IN ('pending', 'committed'))
		UPDATE investments.subscriptions s SET amount = k.amount, version = s.version + 1 FROM kept k WHERE s.id = k.id`,
		store.TextArray(rows, func(k *kept) string { return k.id }), store.TextArray(rows, func(k *kept) string { return k.parts.String() }))
	return store.Err(err, constraints)
}
