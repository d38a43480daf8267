package investments

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// opening returns the state before a distribution, and what past distributions
// owe to whom. While nothing of what the last one was computed from has changed, it
// goes on from that one's stored state, and the cost does not grow with the number
// of distributions. Otherwise the whole history runs again.
func (h *past) opening(ctx context.Context, tx bun.IDB, draft *Distribution) (*waterfall.State, []history.Owed, error) {
	h.draft = draft
	if err := h.inTurn(ctx, tx); err != nil {
		return nil, nil, err
	}
	places := h.places(h.withDraft())
	place := places[len(places)-1]
	if n := len(h.declared); n > 0 && h.declared[n-1].TermsID != nil {
		state, err := h.resume(ctx, tx, &h.declared[n-1], place)
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
	if h.draft.record() == h.draft.DistributionDate {
		return nil
	}
	moved, err := completedMoves(ctx, tx, h.offering.ID)
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
	rows, err := tx.QueryContext(ctx, `SELECT DISTINCT counts_on FROM investments.capital_movements cm
		WHERE opportunity_id = ? AND kind = 'contribution' AND counts_on > ? AND counts_on <= ?
			AND NOT EXISTS (SELECT FROM investments.capital_movements r WHERE r.opportunity_id = cm.opportunity_id AND r.kind = 'refund' AND r.subscription_id = cm.subscription_id)`,
		h.offering.ID, h.draft.record(), h.draft.DistributionDate)
	if err != nil {
		return nil, store.Err(err, constraints)
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	var out []date.Date
	for rows.Next() {
		var day date.Date
		if err := rows.Scan(&day); err != nil {
			return nil, err
		}
		out = append(out, day)
	}
	if err := rows.Err(); err != nil {
		return nil, store.Err(err, constraints)
	}
	_ = rows.Close() // one statement at a time
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
func between(days []date.Date, declared []Distribution) error {
	var open []Distribution
	for i := range declared {
		if declared[i].record() != declared[i].DistributionDate {
			open = append(open, declared[i])
		}
	}
	if len(open) == 0 {
		return nil
	}
	turns := payouts(declared)
	for _, day := range days {
		for i := range open {
			if day.After(open[i].record()) && !day.After(open[i].DistributionDate) {
				if _, err := history.Place(day, turns); err != nil {
					return err
				}
				break
			}
		}
	}
	return nil
}

// resume goes on from the last distribution's stored state. It returns nil when
// what that one rested on has changed since, or it left something to be made good.
func (h *past) resume(ctx context.Context, tx bun.IDB, last *Distribution, day date.Date) (*waterfall.State, error) {
	var c Calculation
	err := tx.QueryRowContext(ctx, `SELECT opening_state, history_hash, inputs FROM investments.distribution_calculations WHERE distribution_id = ?`, last.ID).
		Scan(&c.OpeningState, &c.HistoryHash, &c.Inputs)
	if err != nil {
		return nil, store.Err(err, constraints)
	}
	in, err := c.Frozen()
	if err != nil || in.StillOwed != nil || c.HistoryHash == nil {
		return nil, err
	}
	if err := h.digestBoth(ctx, tx, h.through(h.declared), day); err != nil {
		return nil, err
	}
	is, err := h.fingerprint(ctx, tx, h.declared)
	if err != nil || !bytes.Equal(is, c.HistoryHash) {
		return nil, err
	}
	r := replay{past: h, state: new(waterfall.State)}
	if err := r.state.UnmarshalBinary(c.OpeningState); err != nil {
		return nil, err
	}
	if r.state, err = r.state.With(h.newcomers(r.state)...); err != nil {
		return nil, err
	}
	places := h.places(h.declared)
	place := places[len(places)-1]
	if err := h.loadMoves(ctx, tx, place); err != nil {
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
	if err := r.fix(h.rates(last.DistributionDate, h.end(day))); err != nil {
		return nil, err
	}
	if _, err := r.apply(h.governing(last), []waterfall.Event{h.event(last, place)}); err != nil {
		return nil, err
	}
	if err := r.finish(day); err != nil {
		return nil, err
	}
	return r.state, nil
}

// through is the last of the places of distributions: capital that came later, and
// transfers, have had no part in them.
func (h *past) through(declared []Distribution) date.Date {
	places := h.places(declared)
	return places[len(places)-1]
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

// fingerprint is the hash of everything on record that distributions rest on, of
// which the last is the one that is asked about: the cash and the transfers, with what
// they took along, through their record dates, the classes, who is a sponsor, the
// terms and rates to the date of the last, the events between partners, and the
// distributions themselves.
func (h *past) fingerprint(ctx context.Context, tx bun.IDB, declared []Distribution) ([]byte, error) {
	type terms struct {
		ID   id.Of[TermsVersion] `json:"id"`
		From date.Date           `json:"from"`
	}
	type payout struct {
		ID          id.Of[Distribution]    `json:"id"`
		Date        date.Date              `json:"date"`
		Record      date.Date              `json:"record"`
		Amount      money.Amount           `json:"amount"`
		Kind        waterfall.Kind         `json:"kind"`
		Method      *Method                `json:"method"`
		Terms       *id.Of[TermsVersion]   `json:"terms"`
		Adjustments []waterfall.Adjustment `json:"adjustments"`
		Advances    []waterfall.Advance    `json:"advances,omitempty"`
	}
	var all struct {
		Cash     digest         `json:"cash"`
		Moved    []history.Move `json:"moved"`
		Took     digest         `json:"took"`
		Classes  string         `json:"classes"`
		Sponsors []string       `json:"sponsors"`
		Terms    []terms        `json:"terms"`
		Events   []partnerMark  `json:"events,omitempty"`
		Declared []payout       `json:"declared"`
	}
	var err error
	last, day := &declared[len(declared)-1], h.through(declared)
	if all.Cash, err = h.digest(ctx, tx, day); err != nil {
		return nil, err
	}
	moved, err := completedMoves(ctx, tx, h.offering.ID)
	if err != nil {
		return nil, err
	}
	for _, m := range moved {
		if !m.Day.After(day) {
			all.Moved = append(all.Moved, m)
		}
	}
	if all.Took, err = h.took(ctx, tx, day); err != nil {
		return nil, err
	}
	if last.TermsID != nil {
		all.Classes = h.classesHash(day)
		for i := range h.parties {
			if h.parties[i].sponsor && !h.parties[i].funded.After(day) {
				all.Sponsors = append(all.Sponsors, h.parties[i].key)
			}
		}
		for _, v := range h.versions {
			if !v.EffectiveDate.After(last.DistributionDate) {
				all.Terms = append(all.Terms, terms{v.ID, v.EffectiveDate})
			}
		}
		all.Events = h.marks(day, last.DistributionDate)
	}
	for i := range declared {
		d := &declared[i]
		all.Declared = append(all.Declared, payout{d.ID, d.DistributionDate, d.record(), d.TotalAmount, d.kind(), d.CalculationMethod, d.TermsID, h.extras[d.ID].Adjustments, h.extras[d.ID].Advances})
	}
	body, err := json.Marshal(&all)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	return sum[:], nil
}

// ErrDistributionStale: what a distribution was computed from has changed since.
var ErrDistributionStale = fault.New(fault.Conflict, "distribution_stale",
	"what is on record has changed since it was declared, so that others would get the money; cancel or reverse it and declare it anew")

// fresh reports a distribution whose history is no longer the one that it was
// computed from. The caller holds the offering's lock.
func (c *core) fresh(ctx context.Context, tx bun.IDB, d *Distribution) error {
	var was []byte
	err := tx.QueryRowContext(ctx, `SELECT history_hash FROM investments.distribution_calculations WHERE distribution_id = ?`, d.ID).Scan(&was)
	if err != nil || was == nil {
		return store.Err(err, constraints)
	}
	o, err := offerings.Get(ctx, tx, *d.OfferingID)
	if err != nil {
		return err
	}
	h, err := openPast(ctx, tx, o)
	if err != nil {
		return err
	}
	declared := []Distribution{*d}
	if d.TermsID != nil {
		at := slices.IndexFunc(h.declared, func(x Distribution) bool { return x.ID == d.ID })
		if at < 0 {
			return ErrDistributionState.With("it is %s", d.Status)
		}
		declared = h.declared[:at+1]
	}
	is, err := h.fingerprint(ctx, tx, declared)
	if err != nil {
		return err
	}
	if !bytes.Equal(is, was) {
		return ErrDistributionStale
	}
	return nil
}

// took is the digest of what transfers that count on or before a day took along of
// capital and units.
func (h *past) took(ctx context.Context, tx bun.IDB, day date.Date) (d digest, err error) {
	err = tx.QueryRowContext(ctx, `SELECT count(*), COALESCE(sum(uuid_hash_extended(position_id, seed)), 0), COALESCE(sum(uuid_hash_extended(position_id, ~seed)), 0)
		FROM (SELECT position_id, hash_numeric_extended(amount, hash_numeric_extended(COALESCE(units, 0), hashtextextended(kind, (counts_on - '2000-01-01'::date)::bigint))) AS seed
			FROM investments.capital_movements
			WHERE opportunity_id = ? AND kind IN ('transfer_in', 'transfer_out', 'conversion') AND counts_on <= ?::date AND amount <> 0) t`,
		h.offering.ID, day).Scan(&d[0], &d[1], &d[2])
	return d, store.Err(err, constraints)
}

// classesHash is the hash of the classes of the positions that had capital by a day.
func (h *past) classesHash(day date.Date) string {
	sum := sha256.New()
	for i := range h.parties {
		if p := &h.parties[i]; !p.position.IsZero() && !p.funded.After(day) {
			sum.Write(p.position[:])
			sum.Write([]byte(p.class))
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// digest is how many receipts there are, net of refunds, and two sums of their
// hashes, which do not depend on the order of rows.
type digest [3]decimal.Decimal

// digest reads the digest of the contributions that count on or before a day.
func (h *past) digest(ctx context.Context, tx bun.IDB, day date.Date) (digest, error) {
	if found, ok := h.digests[day]; ok {
		return found, nil
	}
	err := h.digestBoth(ctx, tx, day, day)
	return h.digests[day], err
}

// digestBoth reads the digests of two days, the earlier one first, in one pass.
func (h *past) digestBoth(ctx context.Context, tx bun.IDB, first, second date.Date) error {
	if err := h.loadRefunded(ctx, tx); err != nil {
		return err
	}
	column := func(of func(*history.Movement) string) string { return store.TextArray(h.refunded, of) }
	rows, err := tx.QueryContext(ctx, `SELECT later, count(*), sum(uuid_hash_extended(position_id, seed)), sum(uuid_hash_extended(position_id, ~seed))
		FROM (SELECT position_id, counts_on > ?1::date AS later,
				hash_numeric_extended(amount, hash_numeric_extended(COALESCE(units, 0), (counts_on - '2000-01-01'::date)::bigint)) AS seed
			FROM (SELECT cm.position_id, cm.counts_on, cm.amount, cm.units FROM investments.capital_movements cm
					WHERE cm.opportunity_id = ?0 AND cm.kind = 'contribution' AND cm.counts_on <= ?2::date
						AND NOT EXISTS (SELECT FROM investments.capital_movements r WHERE r.opportunity_id = cm.opportunity_id AND r.kind = 'refund' AND r.subscription_id = cm.subscription_id)
				UNION ALL SELECT * FROM unnest(?3::uuid[], ?4::date[], ?5::numeric[], ?6::numeric[]) AS n (position_id, counts_on, amount, units)
					WHERE n.counts_on <= ?2::date) net) t
		GROUP BY 1`, h.offering.ID, first, second,
		column(func(m *history.Movement) string { return m.Position.String() }), column(func(m *history.Movement) string { return m.Date.String() }),
		column(func(m *history.Movement) string { return m.Amount.String() }), column(func(m *history.Movement) string {
			if m.Units == nil {
				return ""
			}
			return m.Units.String()
		}))
	if err != nil {
		return store.Err(err, constraints)
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	var early, all digest
	for rows.Next() {
		var later bool
		var d digest
		if err := rows.Scan(&later, &d[0], &d[1], &d[2]); err != nil {
			return err
		}
		for i := range d {
			all[i] = all[i].Add(d[i])
			if !later {
				early[i] = d[i]
			}
		}
	}
	if h.digests == nil {
		h.digests = map[date.Date]digest{}
	}
	h.digests[second], h.digests[first] = all, early
	return store.Err(rows.Err(), constraints)
}
