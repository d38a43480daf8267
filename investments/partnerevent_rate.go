package investments

import (
	"context"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// FixRateParams is a fixing of an index that the terms of an offering name.
type FixRateParams struct {
	IdempotencyKey string
	OfferingID     id.Of[Offering]
	Index          string
	Date           date.Date       // the day from which it holds
	Rate           decimal.Decimal // the index, a fraction, without the spread
	ActorID        id.Of[auth.User]
}

// FixRate records the fixing of an index, by which preferred returns that float
// accrue from its day on, also where the day lies between the record date of a
// distribution and its date. A fixing before the date of a distribution that was
// declared already changes the past, as money that is booked late does; see
// [Distributions.Review].
//
// It locks the offering. It returns [ErrRateName], [ErrPartnerEventExists] for
// another fixing of the day, or [ErrOfferingNotFound]. The same key and request
// again return the first event.
func (s *Positions) FixRate(ctx context.Context, db bun.IDB, p FixRateParams) (*PartnerEvent, error) {
	var f check.Fields
	f.Given("offering_id", p.OfferingID)
	f.Required("index", p.Index, 128)
	f.GivenWithin("date", p.Date, check.NewDays(s.now(), 0))
	f.Number("rate", &p.Rate, 10, -10, 10)
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	v := id.New[PartnerEvent]()
	return store.RunOnce(ctx, db, store.Keyed[PartnerEvent]{Scope: s.scope, Verb: "investments.fix_rate", Params: p, Kind: "partner_event", Result: v}, partnerEvents.Get,
		func(tx bun.IDB) (*PartnerEvent, error) {
			e := s.newPartnerEvent(v, p.OfferingID, PartnerEventRate, p.Date, p.ActorID)
			e.Name, e.Rate = &p.Index, &p.Rate
			uses := func(_ string, x *waterfall.Pref) bool { return x.Index != nil && x.Index.Name == p.Index }
			return e, s.writeRate(ctx, tx, e, VerbFixRate, uses, RateFixed{e.ID, p.Index, p.Date, p.Rate})
		})
}

// EnterDefaultParams is a day on which a default begins or ends.
type EnterDefaultParams struct {
	IdempotencyKey string
	OfferingID     id.Of[Offering]
	Preference     string // its name in the terms
	Date           date.Date
	Ends           bool // the default ends on the day; otherwise it begins
	ActorID        id.Of[auth.User]
}

// EnterDefault records the day from which a preferred return has its default rate,
// or no longer has it. What [Positions.FixRate] says of the day of a fixing holds
// here, too; it returns the same errors.
func (s *Positions) EnterDefault(ctx context.Context, db bun.IDB, p EnterDefaultParams) (*PartnerEvent, error) {
	var f check.Fields
	f.Given("offering_id", p.OfferingID)
	f.Required("preference", p.Preference, 128)
	f.GivenWithin("date", p.Date, check.NewDays(s.now(), 0))
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	v := id.New[PartnerEvent]()
	return store.RunOnce(ctx, db, store.Keyed[PartnerEvent]{Scope: s.scope, Verb: "investments.enter_default", Params: p, Kind: "partner_event", Result: v}, partnerEvents.Get,
		func(tx bun.IDB) (*PartnerEvent, error) {
			e := s.newPartnerEvent(v, p.OfferingID, PartnerEventDefault, p.Date, p.ActorID)
			e.Name, e.Ends = &p.Preference, p.Ends
			uses := func(name string, x *waterfall.Pref) bool { return x.DefaultRate != nil && name == p.Preference }
			return e, s.writeRate(ctx, tx, e, VerbEnterDefault, uses, DefaultEntered{e.ID, p.Preference, p.Date, p.Ends})
		})
}

// writeRate writes an event of a rate that some terms of the offering have.
func (s *Positions) writeRate(ctx context.Context, tx bun.IDB, e *PartnerEvent, verb Verb, uses func(string, *waterfall.Pref) bool, told store.Payload) error {
	if _, err := lockOffering(ctx, tx, e.OfferingID); err != nil {
		return err
	}
	if err := s.acts(ctx, tx, verb, e.CreatedBy, about(e.OfferingID)); err != nil {
		return err
	}
	versions, err := termsOf(ctx, tx, e.OfferingID)
	if err != nil {
		return err
	}
	known := false
	for i := range versions {
		t, err := versions[i].Waterfall()
		if err != nil {
			return err
		}
		for name, x := range t.Prefs {
			known = known || uses(name, &x)
		}
	}
	if !known {
		return ErrRateName
	}
	if err := partnerEvents.Insert(ctx, tx, e); err != nil {
		return err
	}
	return s.hooks.Emit(ctx, tx, e.CreatedAt, store.Event(aggregateOffering, e.OfferingID, told))
}
