package investments

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
)

// opening returns the state before a distribution, and what past distributions
// owe to whom. While nothing of what the last one was computed from has changed, it
// goes on from the state after it, and the cost does not grow with the number
// of distributions. Otherwise the whole history runs again.
func (h *past) opening(ctx context.Context, tx bun.IDB, draft *Distribution) (*waterfall.State, []history.Owed, error) {
	h.draft, h.all = ptr(draft.payout()), nil
	if err := h.inTurn(ctx, tx); err != nil {
		return nil, nil, err
	}
	place := h.lastTurn(h.withDraft()).day
	if state, err := h.resumed(ctx, tx, place); err != nil || state != nil {
		return state, nil, err
	}
	if err := h.loadMoves(ctx, tx, date.Date{}); err != nil {
		return nil, nil, err
	}
	if err := h.placed(); err != nil {
		return nil, nil, err
	}
	state, results, err := h.until(place)
	if err != nil {
		return nil, nil, err
	}
	h.moves = nil // a long history is let go
	if h.repaid, err = loansPaid(results); err != nil {
		return nil, nil, err
	}
	due, err := h.owed(ctx, tx, results)
	return state, due, err
}

// inTurn reports a transfer or a receipt that comes after the draft, because of its
// record date, and before another distribution that lies between: [history.ErrBetween].
func (h *past) inTurn(ctx context.Context, tx bun.IDB) error {
	if h.draft.record == h.draft.date {
		return nil
	}
	moved, err := h.transfers(ctx, tx)
	if err != nil {
		return err
	}
	days := make([]date.Date, len(moved))
	for i := range moved {
		days[i] = moved[i].Day
	}
	received, err := h.receivedBetween(ctx, tx)
	if err != nil {
		return err
	}
	return between(append(days, received...), h.withDraft())
}

// receivedBetween are the days after the draft's record date, and not after its date,
// on which money came in that was not refunded; with those of commitments with
// refunds, whatever their days.
func (h *past) receivedBetween(ctx context.Context, tx bun.IDB) ([]date.Date, error) {
	var out []date.Date
	err := store.NewQuery(tx, constraints, `SELECT DISTINCT counts_on FROM investments.capital_movements cm
		WHERE opportunity_id = ? AND kind = 'contribution' AND counts_on > ? AND counts_on <= ?
			AND NOT EXISTS (SELECT 1 FROM investments.capital_movements r WHERE r.opportunity_id = cm.opportunity_id AND r.kind = 'refund' AND r.subscription_id = cm.subscription_id)`,
		h.offering.ID, h.draft.record, h.draft.date).Each(ctx, func(row store.Row) error {
		var day date.Date
		if err := row.Scan(&day); err != nil {
			return err
		}
		out = append(out, day)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := h.loadRefunded(ctx, tx); err != nil {
		return nil, err
	}
	for i := range h.refunded {
		out = append(out, h.refunded[i].Date)
	}
	return out, nil
}

// placed reports a transfer or a receipt, among those that have been read, that comes
// after one distribution, because of its record date, and not after another that lies
// between: what was recorded late may.
func (h *past) placed() error {
	days := make([]date.Date, len(h.moves))
	for i := range h.moves {
		days[i] = h.moves[i].Date
	}
	return between(days, h.declared)
}

// between looks at the days that lie after the record date of a distribution and not
// after its date.
func between(days []date.Date, declared []payout) error {
	var open []payout
	for i := range declared {
		if declared[i].record != declared[i].date {
			open = append(open, declared[i])
		}
	}
	if len(open) == 0 {
		return nil
	}
	turns := payouts(declared)
	for _, day := range days {
		for i := range open {
			if day.After(open[i].record) && !day.After(open[i].date) {
				if _, err := history.Place(day, turns); err != nil {
					return err
				}
				break
			}
		}
	}
	return nil
}

// resumed goes on from the state after the last distribution to a day. It returns nil where
// the whole history has to run.
func (h *past) resumed(ctx context.Context, tx bun.IDB, day date.Date) (*waterfall.State, error) {
	n := len(h.declared)
	if n == 0 || h.declared[n-1].terms.IsZero() {
		return nil, nil
	}
	state, err := h.resume(ctx, tx, &h.declared[n-1], day)
	// Terms may have come that ask for more of the past than the state kept, and a
	// distribution that came by another way may have left none that can be read.
	if errors.Is(err, waterfall.ErrStateTerms) || errors.Is(err, waterfall.ErrStateMalformed) || errors.Is(err, sql.ErrNoRows) {
		state, err = nil, nil
	}
	if state == nil {
		h.moves = nil
	}
	return state, err
}

// resume goes on from the state after the last distribution. It returns nil when
// what that one rested on has changed since, or it left something to be made good.
func (h *past) resume(ctx context.Context, tx bun.IDB, last *payout, day date.Date) (*waterfall.State, error) {
	var closing, was, hash []byte
	err := store.Scan(ctx, tx, []any{&closing, &was, &hash}, `SELECT closing_state, history_hash, decode(inputs->>'closing_hash', 'hex')
		FROM investments.distribution_calculations WHERE distribution_id = $1`, last.id.String())
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		err = store.Err(err, constraints)
	}
	if err != nil || closing == nil || was == nil {
		return nil, err
	}
	if sum := sha256.Sum256(closing); !bytes.Equal(sum[:], hash) {
		return nil, nil
	}
	if err := h.digestBoth(ctx, tx, h.through(h.declared), h.through(h.withDraft())); err != nil {
		return nil, err
	}
	is, err := h.fingerprint(ctx, tx, h.declared)
	if err != nil || !bytes.Equal(is, was) {
		return nil, err
	}
	state := new(waterfall.State)
	if err := state.UnmarshalBinary(closing); err != nil {
		return nil, err
	}
	if err := h.loadMoves(ctx, tx, h.after(last)); err != nil {
		return nil, err
	}
	return h.goOn(state, last, day)
}

// after is the day behind whose capital and transfers the state after the last distribution
// stands: what is dated later comes to it.
func (h *past) after(last *payout) date.Date {
	place := h.lastTurn(h.declared)
	if place.first {
		return last.record // what lies between comes after it
	}
	return place.day
}

// goOn brings the state after the last distribution to a day, with the moves that have been
// read. It returns nil where somebody is another by now.
func (h *past) goOn(state *waterfall.State, last *payout, day date.Date) (*waterfall.State, error) {
	newcomers, same := h.newcomers(state)
	if !same {
		return nil, nil
	}
	r := replay{past: h, moves: h.moves}
	var err error
	if r.state, err = state.With(newcomers...); err != nil {
		return nil, err
	}
	if r.terms, err = h.termsOn(last.date); err != nil {
		return nil, err
	}
	for i, v := range h.versions {
		if v.EffectiveDate.After(last.date) && !replaced(h.versions, i) {
			r.changes = append(r.changes, v.EffectiveDate)
		}
	}
	slices.SortFunc(r.changes, date.Date.Compare)
	if err := r.fix(h.rates(last.date, h.end(day))); err != nil {
		return nil, err
	}
	if err := r.finish(day); err != nil {
		return nil, err
	}
	return r.state, nil
}

// through is the last day whose capital and transfers have had a part in distributions:
// that of the last of their turns, unless it came before what else the day brought.
func (h *past) through(declared []payout) date.Date {
	t := h.lastTurn(declared)
	if t.first {
		return t.day.AddDays(-1)
	}
	return t.day
}

// newcomers are the parties that a state does not know yet. False is that one it knows is
// another today: a state has all who were on record, also those whose capital came after
// the distribution, which they had no part in, so that its fingerprint leaves them out.
func (h *past) newcomers(s *waterfall.State) (out []waterfall.Partner, same bool) {
	at := 0 // both ascend
	for i := range h.parties {
		p := &h.parties[i]
		for at < s.Len() && s.ID(at) < p.key {
			at++
		}
		switch partner := p.partner(p.key); {
		case at == s.Len() || s.ID(at) != p.key:
			out = append(out, partner)
		case !s.Same(at, partner):
			return nil, false
		}
	}
	return out, true
}
