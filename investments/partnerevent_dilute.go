package investments

import (
	"context"
	"slices"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// DilutePartnerParams is a call that a partner did not fund, in full or in part, and
// what it costs.
type DilutePartnerParams struct {
	IdempotencyKey string
	PositionID     id.Of[Position]
	Date           date.Date       // the day of the call; contributions of the day are in already
	Missing        money.Amount    // of the call
	Factor         decimal.Decimal // how many times the missing money costs: 1 is no penalty, 1.5 a half
	// PromoteAccountID is the partner's account that the terms name for promote, whose
	// share of it falls in the same ratio; nil is none.
	PromoteAccountID *id.Of[Account]
	ActorID          id.Of[auth.User]
}

// DilutePartner takes percentage points from a partner who did not fund a call: its
// percentage becomes contributed capital after the call over all of it, less
// (factor - 1) times the missing money over all of it, not below zero; the others
// get the points in proportion. Tiers of distributions by terms that share by
// contributed capital follow it from the date on. Capital, preferred return and the
// capital account stay; the book notes what was missing.
//
// It locks the offering. It returns [ErrPartners] unless the position takes part in
// distributions, [waterfall.ErrEvent] where nobody else has capital on the day to get the
// points, [ErrTermsParty] where terms do not name the account,
// [ErrNoTerms], [ErrNoBook], [ledger.ErrPeriodClosed], or what the history says
// that cannot take the dilution. The same key and request again return the first
// event.
func (s *Positions) DilutePartner(ctx context.Context, db bun.IDB, p DilutePartnerParams) (*PartnerEvent, error) {
	var f check.Fields
	f.Given("position_id", p.PositionID)
	f.GivenHappened("date", p.Date, check.NewDays(s.now(), 0))
	f.Above("missing", p.Missing)
	f.Number("factor", &p.Factor, 10, 1, 10)
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	v := id.New[PartnerEvent]()
	return store.RunOnce(ctx, db, store.Keyed[PartnerEvent]{Scope: s.scope, Verb: "investments.dilute_partner", Params: p, Kind: "partner_event", Result: v}, partnerEvents.Get,
		func(tx bun.IDB) (*PartnerEvent, error) { return s.dilute(ctx, tx, v, p) })
}

func (s *Positions) dilute(ctx context.Context, tx bun.IDB, v id.Of[PartnerEvent], p DilutePartnerParams) (*PartnerEvent, error) {
	o, _, err := s.lockPartner(ctx, tx, VerbDilutePartner, p.PositionID, p.ActorID)
	if err != nil {
		return nil, err
	}
	if err := namedForPromote(ctx, tx, o.ID, p.PromoteAccountID); err != nil {
		return nil, err
	}
	held, err := holdingsOn(ctx, tx, o.ID, p.Date)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(held, func(h Position) bool { return h.ID != p.PositionID && h.InvestmentAmount.Sign() > 0 }) {
		return nil, waterfall.ErrEvent.With("nobody is left to get the points").On("position_id")
	}
	b, err := s.bookOf(ctx, tx, o)
	if err != nil {
		return nil, err
	}
	e := s.newPartnerEvent(v, o.ID, PartnerEventDilution, p.Date, p.ActorID)
	e.PositionID, e.Amount, e.Factor, e.PromoteAccountID = &p.PositionID, &p.Missing, &p.Factor, p.PromoteAccountID
	entries := []ledger.Entry{{Debit: b.account(AccountUnfunded), Credit: b.account(AccountMemorandum), Amount: p.Missing, Subledger: id.Cast[ledger.Subledger](p.PositionID)}}
	if err := s.bookEvent(ctx, tx, b, e, "call not funded", entries, []Movement{{PositionID: p.PositionID, Kind: history.Diluted}}); err != nil {
		return nil, err
	}
	if err := takes(ctx, tx, o, p.Date); err != nil {
		return nil, err
	}
	return e, s.hooks.Emit(ctx, tx, e.CreatedAt, store.Event(aggregateOffering, o.ID,
		PartnerDiluted{e.ID, p.PositionID, p.Date, p.Missing, p.Factor, *e.JournalID}))
}

// namedForPromote holds an account against the offering's terms: one of them names
// it.
func namedForPromote(ctx context.Context, tx bun.IDB, o id.Of[Offering], account *id.Of[Account]) error {
	if account == nil {
		return nil
	}
	versions, err := termsOf(ctx, tx, o)
	if err != nil {
		return err
	}
	for i := range versions {
		t, err := versions[i].Waterfall()
		if err != nil {
			return err
		}
		for _, v := range parties(t) {
			if v == account.String() {
				return nil
			}
		}
	}
	return ErrTermsParty.On("promote_account_id")
}
