package investments

import (
	"cmp"
	"context"

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

// LendToPartnerParams is money that one partner lent another.
type LendToPartnerParams struct {
	IdempotencyKey string
	LenderID       id.Of[Position]
	DebtorID       id.Of[Position]
	Date           date.Date
	Amount         money.Amount
	Rate           decimal.Decimal       // a year, a fraction
	Compounding    waterfall.Compounding // none if empty
	DayCount       date.DayCount         // ACT/365F if empty
	ActorID        id.Of[auth.User]
}

// LendToPartner records a loan between two partners, such as for a call that one of
// them did not fund. The money passes outside of the offering, whose book notes the
// claim; what the debtor puts in with it is received as any contribution. What
// distributions by terms give the debtor from the loan's date on is paid to the
// lender until it is repaid, the interest of the running period first, then
// capitalized interest, then principal. It counts as received by the debtor: in the
// tiers, in the returns, in the capital account and for tax. A position that passes
// to somebody else leaves its loans behind.
//
// It locks the offering. It returns [ErrPartners], [ErrNoTerms], [ErrNoBook],
// [ledger.ErrPeriodClosed], or what the history says that cannot take the loan. The
// same key and request again return the first event.
func (s *Positions) LendToPartner(ctx context.Context, db bun.IDB, p LendToPartnerParams) (*PartnerEvent, error) {
	p.Compounding, p.DayCount = cmp.Or(p.Compounding, waterfall.CompoundNone), cmp.Or(p.DayCount, date.Act365F)
	var f check.Fields
	f.Given("lender_id", p.LenderID)
	f.Given("debtor_id", p.DebtorID)
	f.GivenHappened("date", p.Date, check.NewDays(s.now(), 0))
	f.Above("amount", p.Amount)
	f.Number("rate", &p.Rate, 10, 0, 10)
	check.One(&f, "compounding", p.Compounding)
	check.One(&f, "day_count", p.DayCount)
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	v := id.New[PartnerEvent]()
	return store.RunOnce(ctx, db, store.Keyed[PartnerEvent]{Scope: s.scope, Verb: "investments.lend_to_partner", Params: p, Kind: "partner_event", Result: v}, partnerEvents.Get,
		func(tx bun.IDB) (*PartnerEvent, error) { return s.lend(ctx, tx, v, p) })
}

func (s *Positions) lend(ctx context.Context, tx bun.IDB, v id.Of[PartnerEvent], p LendToPartnerParams) (*PartnerEvent, error) {
	o, err := lockOfferingOf(ctx, tx, p.LenderID)
	if err != nil {
		return nil, err
	}
	if err := s.acts(ctx, tx, VerbLendToPartner, p.ActorID, of("investments.property_investments", p.LenderID, p.DebtorID)); err != nil {
		return nil, err
	}
	debtor, err := positions.Get(ctx, tx, p.DebtorID)
	if err != nil {
		return nil, err
	}
	lender, err := positions.Get(ctx, tx, p.LenderID)
	if err != nil {
		return nil, err
	}
	if p.LenderID == p.DebtorID || or(debtor.OfferingID) != o.ID || !debtor.takesPart() || !lender.takesPart() {
		return nil, ErrPartners
	}
	b, err := s.bookOf(ctx, tx, o)
	if err != nil {
		return nil, err
	}
	e := s.newPartnerEvent(v, o.ID, PartnerEventLoan, p.Date, p.ActorID)
	e.LenderID, e.PositionID, e.Amount, e.Rate, e.Compounding, e.DayCount = &p.LenderID, &p.DebtorID, &p.Amount, &p.Rate, &p.Compounding, &p.DayCount
	moves := []Movement{{PositionID: p.LenderID, Kind: history.Lent}, {PositionID: p.DebtorID, Kind: history.Borrowed}}
	if err := s.bookEvent(ctx, tx, b, e, "loan between partners", b.claim(p.LenderID, p.DebtorID, p.Amount), moves); err != nil {
		return nil, err
	}
	if err := takes(ctx, tx, o, p.Date); err != nil {
		return nil, err
	}
	return e, s.hooks.Emit(ctx, tx, e.CreatedAt, store.Event(aggregateOffering, o.ID,
		MemberLoanMade{e.ID, p.LenderID, p.DebtorID, p.Date, p.Amount, p.Rate, *e.JournalID}))
}

// lockPartner locks the offering of a position that an event between partners is about, and
// checks the actor and that distributions know the position.
func (s *Positions) lockPartner(ctx context.Context, tx bun.IDB, verb Verb, v id.Of[Position], actor id.Of[auth.User]) (*Offering, *Position, error) {
	o, err := lockOfferingOf(ctx, tx, v)
	if err != nil {
		return nil, nil, err
	}
	if err := s.acts(ctx, tx, verb, actor, of("investments.property_investments", v)); err != nil {
		return nil, nil, err
	}
	pos, err := positions.Get(ctx, tx, v)
	if err == nil && !pos.takesPart() {
		err = ErrPartners.On("position_id")
	}
	return o, pos, err
}

// takesPart reports whether a position is one that distributions know.
func (p *Position) takesPart() bool { return p.DeletedAt == nil && p.Status.Counts() }

// lockOfferingOf locks the offering of a position.
func lockOfferingOf(ctx context.Context, tx bun.IDB, v id.Of[Position]) (*Offering, error) {
	pos, err := positions.Get(ctx, tx, v)
	if err != nil {
		return nil, err
	}
	if pos.OfferingID == nil {
		return nil, ErrNoBook
	}
	return lockOffering(ctx, tx, *pos.OfferingID)
}

// claim posts a claim of one position on another. It is no money of the offering's.
func (b book) claim(creditor, debtor id.Of[Position], x money.Amount) []ledger.Entry {
	loans, memo := b.account(AccountPartnerLoans), b.account(AccountMemorandum)
	return []ledger.Entry{{Debit: loans, Credit: memo, Amount: x, Subledger: id.Cast[ledger.Subledger](creditor)},
		{Debit: memo, Credit: loans, Amount: x, Subledger: id.Cast[ledger.Subledger](debtor)}}
}

// bookEvent posts an event, writes it, and what the history has of it: for each move
// its position and kind.
func (s *Positions) bookEvent(ctx context.Context, tx bun.IDB, b book, e *PartnerEvent, what string, entries []ledger.Entry, moves []Movement) error {
	j, err := s.ledger.Post(ctx, tx, ledger.PostParams{BookID: b.id, EffectiveDate: e.EffectiveDate, Description: what, SourceType: "partner_event",
		SourceID: id.Cast[ledger.Source](e.ID), CommandID: id.New[ledger.Command](), Actor: actor(e.CreatedBy), Entries: entries})
	if err != nil {
		return err
	}
	e.BookID, e.JournalID = &b.id, &j.ID
	if err := partnerEvents.Insert(ctx, tx, e); err != nil {
		return err
	}
	at := s.booked(e.OfferingID, b, j.ID, e.EffectiveDate)
	rows := make([]Movement, len(moves))
	for i, m := range moves {
		rows[i] = at.movement(m.PositionID, m.Kind, *e.Amount)
		rows[i].PartnerEventID = &e.ID
	}
	return movements.InsertAll(ctx, tx, rows)
}
