package investments

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"slices"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// opening returns the state before a distribution dated on day, and what past
// distributions owe to whom ([owed]). While nothing of what the last one was
// computed from has changed, it goes on from that one's stored state, and the
// cost does not grow with the number of distributions. Otherwise the whole
// history runs again.
func (h *past) opening(ctx context.Context, tx bun.IDB, day date.Date) (*waterfall.State, owed, error) {
	if n := len(h.declared); n > 0 && h.declared[n-1].TermsID != nil {
		state, err := h.resume(ctx, tx, &h.declared[n-1], day)
		switch {
		case errors.Is(err, waterfall.ErrStateTerms):
			h.moves = nil // terms have come that ask for more of the past than the state kept
		case err != nil || state != nil:
			return state, nil, err
		}
	}
	if err := h.loadMoves(ctx, tx, date.Date{}); err != nil {
		return nil, nil, err
	}
	state, results, err := h.until(day)
	if err != nil {
		return nil, nil, err
	}
	h.moves = nil // a long history is let go
	due, err := h.owed(ctx, tx, results)
	return state, due, err
}

// resume goes on from the last distribution's stored state. It returns nil when
// what that one rested on has changed since.
func (h *past) resume(ctx context.Context, tx bun.IDB, last *Distribution, day date.Date) (*waterfall.State, error) {
	var opening, was []byte
	err := tx.QueryRowContext(ctx, `SELECT opening_state, history_hash FROM investments.distribution_calculations WHERE distribution_id = ?`, last.ID).Scan(&opening, &was)
	if err != nil {
		return nil, store.Err(err, constraints)
	}
	if was == nil {
		return nil, nil
	}
	if err := h.digestBoth(ctx, tx, last.DistributionDate, day); err != nil {
		return nil, err
	}
	is, err := h.fingerprint(ctx, tx, last.DistributionDate, h.declared)
	if err != nil || !bytes.Equal(is, was) {
		return nil, err
	}
	r := replay{past: h, state: new(waterfall.State)}
	if err := r.state.UnmarshalBinary(opening); err != nil {
		return nil, err
	}
	if r.state, err = r.state.With(h.newcomers(r.state)...); err != nil {
		return nil, err
	}
	if err := h.loadMoves(ctx, tx, last.DistributionDate); err != nil {
		return nil, err
	}
	if r.terms, err = h.termsOn(last.DistributionDate); err != nil {
		return nil, err
	}
	r.moves = h.moves
	for i, v := range h.versions {
		if v.EffectiveDate.After(last.DistributionDate) && !replaced(h.versions, i) {
			r.changes = append(r.changes, v.EffectiveDate)
		}
	}
	slices.SortFunc(r.changes, date.Date.Compare)
	if _, err := r.apply(h.governing(last), []waterfall.Event{h.event(last)}); err != nil {
		return nil, err
	}
	if err := r.finish(day); err != nil {
		return nil, err
	}
	return r.state, nil
}

// newcomers are the parties that a state does not know yet.
func (h *past) newcomers(s *waterfall.State) []waterfall.Partner {
	var out []waterfall.Partner
	at := 0 // both ascend
	for i := range h.parties {
		p := &h.parties[i]
		for at < s.Len() && s.ID(at) < p.key {
			at++
		}
		if at == s.Len() || s.ID(at) != p.key {
			out = append(out, waterfall.Partner{ID: p.key, Class: p.class, Sponsor: p.sponsor})
		}
	}
	return out
}

// fingerprint is the hash of what is on record for the distributions through a
// day, of which the last is the last of declared.
func (h *past) fingerprint(ctx context.Context, tx bun.IDB, day date.Date, declared []Distribution) ([]byte, error) {
	type terms struct {
		ID   id.Of[TermsVersion] `json:"id"`
		From date.Date           `json:"from"`
	}
	type payout struct {
		ID          id.Of[Distribution]    `json:"id"`
		Date        date.Date              `json:"date"`
		Record      *date.Date             `json:"record"`
		Amount      money.Amount           `json:"amount"`
		Kind        waterfall.Kind         `json:"kind"`
		Method      *Method                `json:"method"`
		Terms       *id.Of[TermsVersion]   `json:"terms"`
		Adjustments []waterfall.Adjustment `json:"adjustments"`
	}
	var all struct {
		Cash     digest        `json:"cash"`
		Moved    []moveBetween `json:"moved"`
		Sponsors []string      `json:"sponsors"`
		Terms    []terms       `json:"terms"`
		Declared []payout      `json:"declared"`
	}
	var err error
	if all.Cash, err = h.digest(ctx, tx, day); err != nil {
		return nil, err
	}
	moved, err := movesBetween(ctx, tx, h.offering.ID, date.Date{})
	if err != nil {
		return nil, err
	}
	for _, m := range moved {
		if !m.Day.After(day) {
			all.Moved = append(all.Moved, m)
		}
	}
	for i := range h.parties {
		if h.parties[i].sponsor {
			all.Sponsors = append(all.Sponsors, h.parties[i].key)
		}
	}
	for _, v := range h.versions {
		if !v.EffectiveDate.After(day) {
			all.Terms = append(all.Terms, terms{v.ID, v.EffectiveDate})
		}
	}
	for i := range declared {
		d := &declared[i]
		all.Declared = append(all.Declared, payout{d.ID, d.DistributionDate, d.RecordDate, d.TotalAmount, d.kind(), d.CalculationMethod, d.TermsID, h.adjusted[d.ID]})
	}
	body, err := json.Marshal(&all)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	return sum[:], nil
}

// digest is how many receipts and refunds there are, and two sums of their
// hashes, which do not depend on the order of rows.
type digest [3]decimal.Decimal

// digest reads the digest of the contributions dated on or before a day, and of
// all refunds.
func (h *past) digest(ctx context.Context, tx bun.IDB, day date.Date) (digest, error) {
	if found, ok := h.digests[day]; ok {
		return found, nil
	}
	err := h.digestBoth(ctx, tx, day, day)
	return h.digests[day], err
}

// digestBoth reads the digests of two days, the earlier one first, in one pass.
func (h *past) digestBoth(ctx context.Context, tx bun.IDB, first, second date.Date) error {
	var rows []struct {
		Later       bool
		Count, A, B decimal.Decimal
	}
	err := tx.NewRaw(`SELECT later, count(*) AS count, sum(uuid_hash_extended(investment_id, amount)) AS a, sum(uuid_hash_extended(investment_id, ~amount)) AS b
		FROM (SELECT t.investment_id, t.type <> 'refund' AND t.effective_date > ?1 AS later,
				hash_numeric_extended(t.amount, hashint4extended(t.effective_date - '2000-01-01'::date, length(t.type))) AS amount
			FROM investments.property_investments p JOIN investments.transactions t ON t.investment_id = p.id
			WHERE p.opportunity_id = ?0 AND t.status = 'completed' AND (t.type = 'investment' AND t.effective_date <= ?2 OR t.type = 'refund')) t
		GROUP BY 1`, h.offering.ID, first, second).Scan(ctx, &rows)
	if err != nil {
		return store.Err(err, constraints)
	}
	var early, all digest
	for _, r := range rows {
		for i, v := range [...]decimal.Decimal{r.Count, r.A, r.B} {
			all[i] = all[i].Add(v)
			if !r.Later {
				early[i] = v
			}
		}
	}
	if h.digests == nil {
		h.digests = map[date.Date]digest{}
	}
	h.digests[second], h.digests[first] = all, early
	return nil
}
