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
	"github.com/freehold-go/freehold/realestate/money"
)

// ErrOverRemitted: more tax would be remitted than was withheld.
var ErrOverRemitted = fault.New(fault.Conflict, "remittance_exceeds_withheld", "more would be remitted than was withheld").On("amount")

// RemitWithholdingParams is withheld tax that went to whom it is owed.
type RemitWithholdingParams struct {
	IdempotencyKey string
	OfferingID     id.Of[Offering]
	Amount         money.Amount
	Date           date.Date // the day it left
	Reference      string    // of the deposit, at most 255 characters
	ActorID        id.Of[auth.User]
}

// Remittance is withheld tax that was passed on; its id is that of its journal.
type Remittance struct {
	ID         id.Of[ledger.Journal] `json:"id"`
	OfferingID id.Of[Offering]       `json:"offering_id"`
	Date       date.Date             `json:"date"`
	Amount     money.Amount          `json:"amount"`
}

// WithholdingPayable is the tax that an offering's approved distributions withheld
// and that was not remitted yet. It is negative where a distribution was reversed
// whose tax had been remitted. It returns [ErrOfferingNotFound] or [ErrNoBook].
func (s *Distributions) WithholdingPayable(ctx context.Context, db bun.IDB, v id.Of[Offering]) (money.Amount, error) {
	o, err := seeOffering(ctx, db, v)
	if err != nil {
		return money.Zero, err
	}
	b, err := s.bookOf(ctx, db, o)
	if err != nil {
		return money.Zero, err
	}
	held, err := s.ledger.Balance(ctx, db, b.account(AccountWithholdingPayable))
	return held.Balance, err
}

// RemitWithholding records that withheld tax of an offering was passed on to whom
// it is owed: it books what is payable against cash.
//
// It locks the offering. It returns [ErrOverRemitted] for more than is payable,
// [ledger.ErrPeriodClosed] or [ErrOfferingNotFound]. The same key and request
// again return the first remittance.
func (s *Distributions) RemitWithholding(ctx context.Context, db bun.IDB, p RemitWithholdingParams) (*Remittance, error) {
	var f check.Fields
	f.Given("offering_id", p.OfferingID)
	f.Above("amount", p.Amount)
	f.GivenWithin("date", p.Date, s.days())
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	journal := id.New[ledger.Journal]()
	result := func(_ context.Context, _ bun.IDB, first id.Of[ledger.Journal]) (*Remittance, error) {
		return &Remittance{ID: first, OfferingID: p.OfferingID, Date: p.Date, Amount: p.Amount}, nil
	}
	return store.RunOnce(ctx, db, store.Keyed[ledger.Journal]{Scope: s.scope, Verb: "investments.remit_withholding", Params: p, Kind: "remittance", Result: journal},
		result, func(tx bun.IDB) (*Remittance, error) {
			if err := s.remit(ctx, tx, journal, p); err != nil {
				return nil, err
			}
			return result(ctx, tx, journal)
		})
}

func (s *Distributions) remit(ctx context.Context, tx bun.IDB, v id.Of[ledger.Journal], p RemitWithholdingParams) error {
	o, err := lockOffering(ctx, tx, p.OfferingID)
	if err != nil {
		return err
	}
	if err := s.acts(ctx, tx, VerbRemitWithholding, p.ActorID, about(o.ID)); err != nil {
		return err
	}
	b, err := s.bookOf(ctx, tx, o)
	if err != nil {
		return err
	}
	held, err := s.ledger.Balance(ctx, tx, b.account(AccountWithholdingPayable))
	if err != nil {
		return err
	}
	if held.Balance.Less(p.Amount) {
		return ErrOverRemitted.With("%s is payable", held.Balance)
	}
	_, err = s.ledger.Post(ctx, tx, ledger.PostParams{ID: v, BookID: b.id, EffectiveDate: p.Date, Description: "withholding remitted",
		SourceType: "offering", SourceID: id.Cast[ledger.Source](o.ID), Actor: actor(p.ActorID), Entries: []ledger.Entry{{
			Debit: b.account(AccountWithholdingPayable), Credit: b.account(AccountCash), Amount: p.Amount, Memo: p.Reference}}})
	if err != nil {
		return err
	}
	return s.hooks.Emit(ctx, tx, s.now(), store.Event("offering", o.ID, WithholdingRemitted{JournalID: v, Date: p.Date, Amount: p.Amount}))
}
