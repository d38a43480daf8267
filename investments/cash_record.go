package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// RecordCashParams is cash of an offering's entity that moved.
type RecordCashParams struct {
	IdempotencyKey string
	OfferingID     id.Of[Offering]
	Kind           CashKind
	Amount         money.Amount // above zero, whichever way it moved
	// Cost is what the property sold was carried at, of a sale; the difference to the
	// proceeds is a gain or a loss. It is there on the day, and not taken by a later sale.
	Cost money.Amount
	// Reserve names what is set aside for or taken out of, as the terms' holdback tiers
	// do; "" is the reserve that has no name.
	Reserve     string
	Date        date.Date // the day it moved
	Description string
	ActorID     id.Of[auth.User]
}

// RecordCash records cash of the entity that is neither put in by investors nor
// distributed to them: income, expenses, the purchase and the sale of the property,
// loans, and what is set aside or released. It is one journal of the offering's book.
//
// It locks the offering. It returns [ErrCashCost], [ErrReserveShort], [ErrOfferingState]
// for a cancelled one, [ledger.ErrPeriodClosed] or [ErrOfferingNotFound]. The same key
// and request again return the first record.
func (s *Capital) RecordCash(ctx context.Context, db bun.IDB, p RecordCashParams) (*CashRecord, error) {
	var f check.Fields
	f.Given("offering_id", p.OfferingID)
	check.One(&f, "kind", p.Kind)
	f.Above("amount", p.Amount)
	f.NotNegative("cost", p.Cost)
	f.GivenWithin("date", p.Date, s.days())
	f.Given("actor_id", p.ActorID)
	f.Check(waterfall.ValidReserve(p.Reserve), "reserve", check.BadName, waterfall.NameRule)
	f.Check(p.Reserve == "" || p.Kind.account() == AccountReserves, "reserve", check.NotAllowed, "only what is set aside or taken out of it names a reserve")
	if !p.Cost.IsZero() && p.Kind != CashSale {
		f.AddErr("", ErrCashCost)
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	v := id.New[CashRecord]()
	return store.RunOnce(ctx, db, store.Keyed[CashRecord]{Scope: s.scope, Verb: "investments.record_cash", Params: p, Kind: "cash", Result: v},
		s.CashRecord, func(tx bun.IDB) (*CashRecord, error) {
			if err := s.recordCash(ctx, tx, v, p); err != nil {
				return nil, err
			}
			return s.CashRecord(ctx, tx, v)
		})
}

func (s *Capital) recordCash(ctx context.Context, tx bun.IDB, v id.Of[CashRecord], p RecordCashParams) error {
	o, err := lockOffering(ctx, tx, p.OfferingID)
	if err != nil {
		return err
	}
	if err := s.acts(ctx, tx, VerbRecordCash, p.ActorID, about(o.ID)); err != nil {
		return err
	}
	if o.Status == OfferingStatusCancelled {
		return ErrOfferingState.With("it is %s", o.Status)
	}
	b, err := s.bookOf(ctx, tx, o)
	if err != nil {
		return err
	}
	if err := p.covered(ctx, tx, b); err != nil {
		return err
	}
	entries, err := p.entries(b)
	if err != nil {
		return err
	}
	_, err = s.ledger.Post(ctx, tx, ledger.PostParams{ID: id.Cast[ledger.Journal](v), BookID: b.id, EffectiveDate: p.Date, Description: p.Description,
		SourceType: sourceCash + string(p.Kind), SourceID: id.Cast[ledger.Source](o.ID), Actor: actor(p.ActorID), Entries: entries})
	if err != nil {
		return err
	}
	if err := s.moveReserve(ctx, tx, v, b, &p); err != nil {
		return err
	}
	return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateOffering, o.ID, CashRecorded{CashID: v, OfferingID: o.ID, Kind: p.Kind, Amount: p.Amount, Date: p.Date}))
}

// covered reports a reserve or a cost that there is not on the day, or that is taken
// since: what is recorded late leaves nothing below zero on a day behind it either.
func (p *RecordCashParams) covered(ctx context.Context, tx bun.IDB, b book) error {
	switch p.Kind {
	case CashReserveRelease:
		return reserveLasts(ctx, tx, p.OfferingID, reserveChange{more: []ReserveMovement{{Reserve: p.Reserve, Amount: p.Amount.Neg(), Date: p.Date}}})
	case CashSale:
	default:
		return nil
	}
	has, err := b.lowest(ctx, tx, AccountProperty, p.Date)
	if err != nil || !has.Less(p.Cost) {
		return err
	}
	return ErrCashCost.With("it is carried at %s", has)
}

// entries are the postings. It touches no database.
func (p *RecordCashParams) entries(b book) ([]ledger.Entry, error) {
	cash, other := b.account(AccountCash), b.account(p.Kind.account())
	switch {
	case p.Kind != CashSale && p.Kind.in():
		return []ledger.Entry{{Debit: cash, Credit: other, Amount: p.Amount}}, nil
	case p.Kind != CashSale:
		return []ledger.Entry{{Debit: other, Credit: cash, Amount: p.Amount}}, nil
	}
	gain, err := p.Amount.Sub(p.Cost)
	if err != nil {
		return nil, err
	}
	var out []ledger.Entry
	for _, e := range []ledger.Entry{
		{Debit: cash, Credit: other, Amount: money.Min(p.Amount, p.Cost)},
		{Debit: cash, Credit: b.account(AccountSaleGain), Amount: gain},
		{Debit: b.account(AccountSaleGain), Credit: other, Amount: gain.Neg()},
	} {
		if e.Amount.Sign() > 0 {
			out = append(out, e)
		}
	}
	return out, nil
}

// ReverseCashParams is a record of cash to undo.
type ReverseCashParams struct {
	IdempotencyKey string
	CashID         id.Of[CashRecord]
	Date           date.Date // the day the reversal counts from, not before the record
	Reason         string
	ActorID        id.Of[auth.User]
}

// ReverseCash undoes a record of cash, once, by a mirror journal that names it. What
// was bought and sold since, or set aside and used, is undone from its end.
//
// It locks the offering. It returns [ErrCashReversed], [ErrCashCited], [ErrCashRelied],
// [ErrReserveShort] where the reserve has been used since, [ErrReversalDate],
// [ledger.ErrPeriodClosed] or [ErrCashNotFound]. The same key and
// request again return the record.
func (s *Capital) ReverseCash(ctx context.Context, db bun.IDB, p ReverseCashParams) (*CashRecord, error) {
	if err := s.reversalFields("cash_id", p.CashID, p.Date, p.Reason, p.ActorID); err != nil {
		return nil, err
	}
	return store.RunOnce(ctx, db, store.Keyed[CashRecord]{Scope: s.scope, Verb: "investments.reverse_cash", Params: p, Kind: "cash", Result: p.CashID},
		s.CashRecord, func(tx bun.IDB) (*CashRecord, error) {
			if err := s.reverseCash(ctx, tx, p); err != nil {
				return nil, err
			}
			return s.CashRecord(ctx, tx, p.CashID)
		})
}

func (s *Capital) reverseCash(ctx context.Context, tx bun.IDB, p ReverseCashParams) error {
	o, r, err := lockOfJournal(ctx, tx, p.CashID, s.CashRecord, func(r *CashRecord) id.Of[Offering] { return r.OfferingID })
	if err != nil {
		return err
	}
	if err := s.acts(ctx, tx, VerbReverseCash, p.ActorID, about(o.ID)); err != nil {
		return err
	}
	switch {
	case r.ReversedBy != nil:
		return ErrCashReversed
	case r.Cited.Sign() > 0:
		return ErrCashCited.With("%s of it", r.Cited)
	case p.Date.Before(r.Date):
		return ErrReversalDate
	case r.Kind == CashReserve:
		if err := reserveLasts(ctx, tx, r.OfferingID, reserveChange{without: id.Cast[ReserveMovement](r.ID)}); err != nil {
			return err
		}
	}
	if err := s.reliedOn(ctx, tx, o, r, p.Date); err != nil {
		return err
	}
	_, err = s.ledger.Reverse(ctx, tx, ledger.ReverseParams{JournalID: id.Cast[ledger.Journal](r.ID), EffectiveDate: p.Date, Description: p.Reason,
		SourceType: sourceCashReversal, SourceID: id.Cast[ledger.Source](r.OfferingID), Actor: actor(p.ActorID)})
	if err != nil {
		return err
	}
	return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateOffering, r.OfferingID,
		CashReversed{CashID: r.ID, OfferingID: r.OfferingID, Kind: r.Kind, Amount: r.Amount, Date: p.Date}))
}

// reliedOn reports that what a record bought is there no more on a day or one since.
func (s *Capital) reliedOn(ctx context.Context, tx bun.IDB, o *Offering, r *CashRecord, on date.Date) error {
	if r.Kind != CashPurchase {
		return nil
	}
	b, err := s.bookOf(ctx, tx, o)
	if err != nil {
		return err
	}
	has, err := b.lowest(ctx, tx, r.Kind.account(), on)
	if err == nil && has.Less(r.Amount) {
		return ErrCashRelied.With("%s is left", has)
	}
	return err
}

// CashRecorded is the event of [Capital.RecordCash].
type CashRecorded struct {
	CashID     id.Of[CashRecord] `json:"cash_id"`
	OfferingID id.Of[Offering]   `json:"offering_id"`
	Kind       CashKind          `json:"kind"`
	Amount     money.Amount      `json:"amount"`
	Date       date.Date         `json:"date"`
}

// EventType names the event.
func (CashRecorded) EventType() (string, int) { return "investments.cash_recorded", 1 }

// CashReversed is the event of [Capital.ReverseCash].
type CashReversed struct {
	CashID     id.Of[CashRecord] `json:"cash_id"`
	OfferingID id.Of[Offering]   `json:"offering_id"`
	Kind       CashKind          `json:"kind"`
	Amount     money.Amount      `json:"amount"` // that was recorded
	Date       date.Date         `json:"date"`   // of the reversal
}

// EventType names the event.
func (CashReversed) EventType() (string, int) { return "investments.cash_reversed", 1 }
