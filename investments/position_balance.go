package investments

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// PositionBalance is what a position has in and is owed on a day, by the events
// dated on or before it. The preferred return is accrued to the day, which itself
// is left out, as a distribution dated on it would find it.
//
// Under terms it is the state of their accounts, brought to the day: declared
// distributions count from their date, whether paid or not, and one that was
// reversed never was. Without terms there is no preferred return and nothing
// returns capital; distributions count from the day they were paid.
type PositionBalance struct {
	PositionID  id.Of[Position] `bun:"id" json:"position_id"`
	AsOf        date.Date       `bun:"-" json:"as_of"`
	Contributed money.Amount    `bun:"contributed" json:"contributed"` // so far, moved by transfers
	Unreturned  money.Amount    `bun:"unreturned" json:"unreturned"`   // of it
	Distributed money.Amount    `bun:"distributed" json:"distributed"` // everything, gross

	// The preferred return that is due: capitalized, and accrued since.
	CapitalizedPref waterfall.Exact `bun:"-" json:"capitalized_pref"`
	AccruedPref     waterfall.Exact `bun:"-" json:"accrued_pref"`
	UnpaidPref      money.Amount    `bun:"-" json:"unpaid_pref"` // both, to the cent; never below zero

	// What was advanced and the tiers have not made up for.
	Advanced money.Amount `bun:"-" json:"advanced"`
}

// PositionBalance reads the balances of one position on a day; see
// [Positions.PositionBalances]. It reads what is the position's alone, and costs the same in
// an offering of any size, unless the others matter: it gave or got capital by a transfer
// since the last distribution by the day, capital of before that or a side letter came
// after it, positions lent to each other or were diluted, or the terms name some of them
// or compound daily; then it costs what those of all do. Before its first contribution they are zero. It
// returns [ErrPositionNotFound], or [ErrNoBook] for a position of no offering.
func (s *Positions) PositionBalance(ctx context.Context, db bun.IDB, v id.Of[Position], asOf date.Date) (*PositionBalance, error) {
	out := &PositionBalance{PositionID: v, AsOf: asOf}
	err := store.Snapshot(ctx, db, func(tx bun.IDB) error {
		pos, err := positions.Get(ctx, tx, v)
		switch {
		case err != nil:
			return err
		case pos.OfferingID == nil:
			return ErrNoBook
		case asOf.IsZero():
			return errNoDay
		}
		all, alone, err := balancesAlone(ctx, tx, pos, asOf)
		if err == nil && !alone {
			all, err = s.PositionBalances(ctx, tx, *pos.OfferingID, asOf)
		}
		if err != nil {
			return err
		}
		if i, ok := slices.BinarySearchFunc(all, v, func(b PositionBalance, v id.Of[Position]) int { return b.PositionID.Compare(v) }); ok {
			out = &all[i]
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

var errNoDay = fault.New(fault.Invalid, check.Required, "a day is needed").On("as_of")

// PositionBalances reads the balances of all positions of an offering that had
// capital in by a day, by id. Where the offering has terms it goes on from the state after
// the last distribution by the day, if nothing of what that one rested
// on has changed since, and else runs the history to the day; then it accrues.
//
// It locks nothing, and given the pool it sees one moment. It returns
// [ErrOfferingNotFound].
func (s *Positions) PositionBalances(ctx context.Context, db bun.IDB, v id.Of[Offering], asOf date.Date) ([]PositionBalance, error) {
	if asOf.IsZero() {
		return nil, errNoDay
	}
	out := []PositionBalance{}
	err := store.Snapshot(ctx, db, func(tx bun.IDB) error {
		o, err := seeOffering(ctx, tx, v)
		if err != nil {
			return err
		}
		versions, err := store.Exists(ctx, tx, tx.NewSelect().Model((*TermsVersion)(nil)).Where("ot.opportunity_id = ?", v))
		if err != nil {
			return store.Err(err, constraints)
		}
		if !versions {
			out, err = balancesByHistory(ctx, tx, "cm.opportunity_id = ?", v, asOf)
			return err
		}
		out, err = balancesByTerms(ctx, tx, o, asOf)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// stateOn runs the history of an offering with terms to the end of a day.
func stateOn(ctx context.Context, tx bun.IDB, o *Offering, asOf date.Date) (*waterfall.State, *past, error) {
	h, err := openPast(ctx, tx, o)
	if err != nil {
		return nil, nil, err
	}
	h.declared = slices.DeleteFunc(h.declared, func(d payout) bool { return d.date.After(asOf) })
	state, err := h.stateOn(ctx, tx, asOf)
	return state, h, err
}

// stateOn runs the history, with what was declared of it, to the end of a day. Where
// there are no terms, or nobody has capital, the state has no accounts.
func (h *past) stateOn(ctx context.Context, tx bun.IDB, asOf date.Date) (*waterfall.State, error) {
	if len(h.versions) == 0 || len(h.parties) == 0 {
		return new(waterfall.State), nil
	}
	state, err := h.resumed(ctx, tx, asOf)
	if err != nil {
		return nil, err
	}
	if state == nil {
		return h.wholeOn(ctx, tx, asOf)
	}
	return h.accrued(state, asOf)
}

// wholeOn runs the whole history to the end of a day.
func (h *past) wholeOn(ctx context.Context, tx bun.IDB, asOf date.Date) (*waterfall.State, error) {
	if err := h.loadMoves(ctx, tx, date.Date{}); err != nil {
		return nil, err
	}
	state, _, err := h.until(asOf)
	if err != nil {
		return nil, err
	}
	return h.accrued(state, asOf)
}

// accrued brings a state to a day.
func (h *past) accrued(state *waterfall.State, asOf date.Date) (*waterfall.State, error) {
	if at := state.AsOf(); !at.IsZero() && at.Before(asOf) {
		terms, err := h.termsOn(asOf)
		if err != nil {
			return nil, err
		}
		return waterfall.Accrue(terms, state, asOf)
	}
	return state, nil
}

// balancesByTerms are those of the history to the end of a day.
func balancesByTerms(ctx context.Context, tx bun.IDB, o *Offering, asOf date.Date) ([]PositionBalance, error) {
	state, h, err := stateOn(ctx, tx, o, asOf)
	if err != nil {
		return nil, err
	}
	return h.balances(state, asOf), nil
}

// balances are those of a state.
func (h *past) balances(state *waterfall.State, asOf date.Date) []PositionBalance {
	out := make([]PositionBalance, 0, state.Len())
	for i := range state.Len() {
		who := h.find(state.ID(i))
		if who == nil || who.position.IsZero() {
			continue // a recipient of promote or fees
		}
		a := state.Account(i)
		b := PositionBalance{PositionID: who.position, AsOf: asOf, Contributed: a.Contributed, Unreturned: a.Unreturned, Distributed: a.Distributed,
			CapitalizedPref: a.Capitalized, AccruedPref: a.Accrued, UnpaidPref: a.UnpaidPref(), Advanced: state.Advanced(i)}
		if !b.Contributed.IsZero() || !b.Distributed.IsZero() || !b.UnpaidPref.IsZero() {
			out = append(out, b)
		}
	}
	slices.SortFunc(out, func(a, b PositionBalance) int { return a.PositionID.Compare(b.PositionID) })
	return out
}

// balancesByHistory adds up the history of an offering or a position to the end of a day.
func balancesByHistory(ctx context.Context, tx bun.IDB, whose string, v any, asOf date.Date) ([]PositionBalance, error) {
	ms, err := loadHistory(ctx, tx, `WHERE `+whose+` AND (cm.counts_on <= ? OR cm.kind IN ('contribution', 'refund'))
		ORDER BY cm.number`, v, asOf)
	if err != nil {
		return nil, err
	}
	net, err := history.Net(ms)
	if err != nil {
		return nil, err
	}
	sums := map[id.Of[Position]]history.Effect{}
	add := func(m *history.Movement) (err error) {
		pos := id.Cast[Position](m.Position)
		sums[pos], err = sums[pos].Add(m.Effect())
		return err
	}
	for i := range net {
		if m := &net[i]; m.Kind != history.Payment && !m.CountsOn.After(asOf) {
			if err := add(m); err != nil {
				return nil, err
			}
		}
	}
	for i := range ms { // cash counts from its day until the day it came back
		if m := &ms[i]; m.Kind == history.Payment && !m.Date.After(asOf) {
			if err := add(m); err != nil {
				return nil, err
			}
		}
	}
	out := make([]PositionBalance, 0, len(sums))
	for pos, e := range sums {
		if !e.Contributed.IsZero() || !e.Distributed.IsZero() {
			out = append(out, PositionBalance{PositionID: pos, AsOf: asOf, Contributed: e.Contributed, Unreturned: e.Unreturned, Distributed: e.Distributed})
		}
	}
	slices.SortFunc(out, func(a, b PositionBalance) int { return a.PositionID.Compare(b.PositionID) })
	return out, nil
}
