package investments

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// alone is one position's part in the past of its offering.
type alone struct {
	*past
	position *Position
	asOf     date.Date
	moved    date.Date // the day of its last transfer; zero is none
	reserved bool      // the offering has had reserves
	last     closed
}

// closed is what the last distribution by terms left that can be read account by account.
type closed struct {
	distribution id.Of[Distribution]
	index        []byte
	termsHash    []byte
	late         int64
}

// balancesAlone are those of one position, from what is its own: its movements, where no
// terms govern or nothing has been distributed by the day, and else its account in the
// state after the last distribution, with what came to it since. False is that the
// others matter.
func balancesAlone(ctx context.Context, tx bun.IDB, pos *Position, asOf date.Date) ([]PositionBalance, bool, error) {
	h := &alone{past: &past{offering: &Offering{ID: *pos.OfferingID}, only: &pos.ID}, position: pos, asOf: asOf}
	if err := h.read(ctx, tx); err != nil {
		return nil, false, err
	}
	if len(h.versions) == 0 {
		out, err := balancesByHistory(ctx, tx, "cm.position_id = ?", pos.ID, asOf)
		return out, true, err
	}
	if h.together() {
		return nil, false, nil
	}
	if h.find(pos.ID.String()) == nil {
		return nil, true, nil // without capital
	}
	h.declared = slices.DeleteFunc(h.declared, func(d payout) bool { return d.date.After(asOf) })
	state, err := h.state(ctx, tx)
	if err != nil || state == nil {
		return nil, false, err
	}
	if state, err = h.accrued(state, asOf); err != nil {
		return nil, false, err
	}
	return h.balances(state, asOf), true, nil
}

// read reads all that is the position's own or the same for all, in one round trip, and
// asks whether there is what most have not.
func (h *alone) read(ctx context.Context, tx bun.IDB) error {
	o := h.offering
	err := store.Together(ctx, tx,
		store.Into(&o, func(tx bun.IDB) (*Offering, error) { return seeOffering(ctx, tx, *h.position.OfferingID) }),
		func(tx bun.IDB) error { return h.open(ctx, tx) },
		func(tx bun.IDB) error {
			var day *date.Date
			var refunded bool
			err := store.Scan(ctx, tx, []any{&day, &refunded, &h.reserved}, `SELECT GREATEST(
					(SELECT max(effective_date) FROM investments.transfers WHERE from_investment_id = $1 AND status = 'completed'),
					(SELECT max(effective_date) FROM investments.transfers WHERE to_investment_id = $1 AND status = 'completed')),
				EXISTS (SELECT 1 FROM investments.capital_movements WHERE position_id = $1 AND kind = 'refund'),
				EXISTS (SELECT 1 FROM investments.reserve_movements WHERE opportunity_id = $2)`, h.position.ID.String(), h.position.OfferingID.String())
			h.moved, h.netted = or(day), err == nil && !refunded
			return store.Err(err, constraints)
		},
		func(tx bun.IDB) error {
			return store.NewQuery(tx, constraints, `SELECT d.id, c.closing_index, c.terms_hash, c.late_changes
				FROM investments.distributions d JOIN investments.distribution_calculations c ON c.distribution_id = d.id
				WHERE d.opportunity_id = ? AND d.status NOT IN ('cancelled', 'reversed') AND d.distribution_date <= ? AND c.closing_index IS NOT NULL
				ORDER BY d.distribution_date DESC, d.created_at DESC, d.id DESC LIMIT 1`, o.ID, h.asOf).Each(ctx, func(row store.Row) error {
				return row.Scan(&h.last.distribution, &h.last.index, &h.last.termsHash, &h.last.late)
			})
		})
	h.offering = o
	if err != nil || !h.reserved {
		return err
	}
	if err := h.loadReserves(ctx, tx); err != nil {
		return err
	}
	h.placeReserves()
	return nil
}

// state is that of the position, with the accounts that the terms name, on the day; nil is
// that the others matter.
func (h *alone) state(ctx context.Context, tx bun.IDB) (*waterfall.State, error) {
	n := len(h.declared)
	if n == 0 {
		if !h.moved.IsZero() {
			return nil, nil
		}
		return h.stateOn(ctx, tx, h.asOf)
	}
	last := &h.declared[n-1]
	if last.id != h.last.distribution || h.last.late != h.offering.LateChanges || h.moved.After(h.after(last)) {
		return nil, nil
	}
	is, err := h.termsHash(h.declared)
	if err != nil || !bytes.Equal(is, h.last.termsHash) {
		return nil, err
	}
	state, err := h.goneOn(ctx, tx, last)
	if errors.Is(err, waterfall.ErrStateTerms) || errors.Is(err, waterfall.ErrStateMalformed) {
		return nil, nil // the whole past has what newer terms ask for, and what cannot be read
	}
	return state, err
}

// goneOn goes on from the accounts in the state after the last distribution.
func (h *alone) goneOn(ctx context.Context, tx bun.IDB, last *payout) (*waterfall.State, error) {
	x, err := waterfall.ReadStateIndex(h.last.index)
	if err != nil {
		return nil, err
	}
	var parts [][]byte
	err = store.Together(ctx, tx,
		store.Into(&parts, func(tx bun.IDB) ([][]byte, error) { return h.parts(ctx, tx, x) }),
		func(tx bun.IDB) error { return h.loadMoves(ctx, tx, h.after(last)) })
	if err != nil {
		return nil, err
	}
	state, err := x.State(h.keys(), parts)
	if err != nil {
		return nil, err
	}
	return h.goOn(state, last, h.asOf)
}

// keys are the accounts that are read.
func (h *alone) keys() []string {
	out := make([]string, len(h.parties))
	for i := range h.parties {
		out[i] = h.parties[i].key
	}
	return out
}

// parts reads the parts of the state after the last distribution that have the accounts.
func (h *alone) parts(ctx context.Context, tx bun.IDB, x *waterfall.StateIndex) ([][]byte, error) {
	out := make([][]byte, len(h.parties))
	columns, to, args := make([]string, len(out)), make([]any, len(out)), []any{h.last.distribution.String()}
	for i := range h.parties {
		from, before := x.Part(h.parties[i].key)
		columns[i], to[i] = fmt.Sprintf("substring(closing_state FROM $%d::int FOR $%d::int)", 2*i+2, 2*i+3), &out[i]
		args = append(args, from+1, before-from)
	}
	err := store.Scan(ctx, tx, to, "SELECT "+strings.Join(columns, ", ")+" FROM investments.distribution_calculations WHERE distribution_id = $1", args...)
	return out, store.Err(err, constraints)
}

// together reports what does not run without the other positions: terms that name some
// of them, or a preferred return that begins some days after the first capital of all, or
// compounds daily, which is rounded on each day that anybody's capital came; loans and
// dilutions.
func (h *alone) together() bool {
	for _, t := range h.terms {
		if _, named := namesOf(t); len(named) > 0 {
			return true
		}
		for _, p := range t.Prefs {
			if p.From != nil && p.From.Date.IsZero() || p.Compounding == waterfall.CompoundDaily {
				return true
			}
		}
	}
	return slices.ContainsFunc(h.events, func(e PartnerEvent) bool { return !e.dates() && e.Kind != PartnerEventSideLetter })
}
