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
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// SideTerm is what a side letter gives one position that the terms do not say.
type SideTerm string

// The side terms.
const (
	SideTermPromoteWaived SideTerm = "promote_waived" // it bears no promote in any tier
	SideTermPrefRate      SideTerm = "pref_rate"      // a rate of its own in the place of its class's
	// SideTermLoan is that the position is money which a member lent to the deal: its
	// capital is principal and its preferred return interest, which never counts as
	// profit ([waterfall.KindLoan]).
	SideTermLoan SideTerm = "loan"
)

// Valid reports whether s is one of the three.
func (s SideTerm) Valid() bool {
	return s == SideTermPromoteWaived || s == SideTermPrefRate || s == SideTermLoan
}

// The conditions of side letters.
var (
	// ErrSideLetterExists: the position has the side term already.
	ErrSideLetterExists = fault.New(fault.Conflict, "side_letter_exists", "the position has such a side letter; withdraw it first").On("term")
	// ErrSideLetterLoan: a loan bears no promote anyway, so that it is neither the
	// sponsor's nor spared by a letter.
	ErrSideLetterLoan = fault.New(fault.Illegal, "side_letter_loan", "a loan bears no promote anyway, and is not in an account of the sponsor").On("term")
	// ErrTransferSideLetter: the offering distributes by terms, which follow apart who
	// bears promote and who lent.
	ErrTransferSideLetter = fault.New(fault.Illegal, "transfer_side_letter", "under terms capital does not pass between a position with a side letter on promote, or of a loan, and one without").On("to_account_id")
)

// EnterSideLetterParams is what a side letter says of a position.
type EnterSideLetterParams struct {
	IdempotencyKey string
	PositionID     id.Of[Position]
	Date           date.Date // of the letter
	Term           SideTerm
	// Rate is the yearly rate of [SideTermPrefRate], a fraction, and of no other term.
	Rate    *decimal.Decimal
	ActorID id.Of[auth.User]
}

// EnterSideLetter records what a side letter gives one position. It holds for all of the
// position's life, whenever it was signed, since hurdles and catch-ups cannot tell a past
// under one treatment from one under another: where distributions by terms were declared
// before, the past has changed, as by money that is booked late; see
// [Distributions.Review]. A new holder does not get it by a transfer.
//
// It locks the offering. It returns [ErrPartners] unless the position takes part in
// distributions, [ErrNoTerms], [ErrSideLetterExists], [ErrSideLetterLoan],
// [ErrTransferSideLetter] where it gave or got capital by a transfer under terms,
// [ErrPositionNotFound], or what the history says that cannot take the letter. The same
// key and request again return the first event.
func (s *Positions) EnterSideLetter(ctx context.Context, db bun.IDB, p EnterSideLetterParams) (*PartnerEvent, error) {
	var f check.Fields
	f.Given("position_id", p.PositionID)
	f.GivenHappened("date", p.Date, check.NewDays(s.now(), 0))
	f.Check(p.Term.Valid(), "term", check.NotAllowed, "a side letter waives promote, gives a rate, or says that the position is a loan")
	f.Check((p.Rate != nil) == (p.Term == SideTermPrefRate), "rate", check.Required, "a rate belongs to the term pref_rate, and only to it")
	f.Number("rate", p.Rate, 10, 0, 10)
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	v := id.New[PartnerEvent]()
	return store.RunOnce(ctx, db, store.Keyed[PartnerEvent]{Scope: s.scope, Verb: "investments.enter_side_letter", Params: p, Kind: "partner_event", Result: v}, partnerEvents.Get,
		func(tx bun.IDB) (*PartnerEvent, error) { return s.enterSideLetter(ctx, tx, v, p) })
}

func (s *Positions) enterSideLetter(ctx context.Context, tx bun.IDB, v id.Of[PartnerEvent], p EnterSideLetterParams) (*PartnerEvent, error) {
	o, pos, err := s.lockPartner(ctx, tx, VerbEnterSideLetter, p.PositionID, p.ActorID)
	if err != nil {
		return nil, err
	}
	if err := p.Term.agrees(ctx, tx, pos); err != nil {
		return nil, err
	}
	e := s.newPartnerEvent(v, o.ID, PartnerEventSideLetter, p.Date, p.ActorID)
	name := string(p.Term)
	e.Name, e.PositionID, e.Rate = &name, &p.PositionID, p.Rate
	if err := partnerEvents.Insert(ctx, tx, e); err != nil {
		return nil, err
	}
	if err := takes(ctx, tx, o, p.Date); err != nil {
		return nil, err
	}
	if err := transfersFit(ctx, tx, o.ID); err != nil {
		return nil, err
	}
	return e, s.hooks.Emit(ctx, tx, e.CreatedAt, store.Event(aggregateOffering, o.ID, SideLetterEntered{e.ID, p.PositionID, p.Term, p.Date, p.Rate}))
}

// agrees reports a loan that would be spared promote twice. The caller holds the
// offering's lock.
func (s SideTerm) agrees(ctx context.Context, tx bun.IDB, pos *Position) error {
	if s == SideTermPrefRate {
		return nil
	}
	other, sponsor := SideTermLoan, false
	if s == SideTermLoan {
		other = SideTermPromoteWaived
		if pos.AccountID != nil {
			a, err := accounts.Get(ctx, tx, *pos.AccountID)
			if err != nil {
				return err
			}
			sponsor = a.IsSponsor
		}
	}
	has, err := store.Exists(ctx, tx, tx.NewSelect().Model((*PartnerEvent)(nil)).Where("position_id = ?", pos.ID).Where("kind = ?", PartnerEventSideLetter).
		Where("name = ?", other).Where("withdrawn_at IS NULL"))
	if err != nil {
		return store.Err(err, constraints)
	}
	if has || sponsor {
		return ErrSideLetterLoan
	}
	return nil
}

// side gives the parties what side letters say of them.
func (h *past) side() {
	for i := range h.events {
		e := &h.events[i]
		if e.Kind != PartnerEventSideLetter {
			continue
		}
		p := h.find(e.PositionID.String())
		if p == nil { // all of its money went back
			continue
		}
		switch SideTerm(or(e.Name)) {
		case SideTermPromoteWaived:
			p.waived = true
		case SideTermLoan:
			p.loan = true
		case SideTermPrefRate:
			p.rate = e.Rate
		}
	}
}

// partner is the party under a name as the engine takes it.
func (p *party) partner(name string) waterfall.Partner {
	out := waterfall.Partner{ID: name, Class: p.class, Sponsor: p.sponsor, PromoteWaived: p.waived, PrefRate: p.rate}
	if p.loan {
		out.Kind = waterfall.KindLoan
	}
	return out
}
