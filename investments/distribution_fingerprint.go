package investments

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
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

// onRecord is what a fingerprint is the hash of.
type onRecord struct {
	Cash     digest           `json:"cash"`
	Moved    []history.Move   `json:"moved"`
	Took     digest           `json:"took"`
	Classes  string           `json:"classes"`
	Sponsors []string         `json:"sponsors"`
	Terms    []termsOnRecord  `json:"terms"`
	Events   []partnerMark    `json:"events,omitempty"`
	Declared []payoutOnRecord `json:"declared"`
}

type termsOnRecord struct {
	ID   id.Of[TermsVersion] `json:"id"`
	From date.Date           `json:"from"`
	Hash string              `json:"hash"` // of what they say
}

type payoutOnRecord struct {
	ID          id.Of[Distribution]    `json:"id"`
	Date        date.Date              `json:"date"`
	Record      date.Date              `json:"record"`
	Amount      money.Amount           `json:"amount"`
	Kind        waterfall.Kind         `json:"kind"`
	Method      *Method                `json:"method"`
	Terms       *id.Of[TermsVersion]   `json:"terms"`
	Adjustments []waterfall.Adjustment `json:"adjustments"`
	Advances    []waterfall.Advance    `json:"advances,omitempty"`

	Held     []waterfall.Holding       `json:"held,omitempty"`
	Releases []waterfall.ReserveAmount `json:"releases,omitempty"`
	Last     bool                      `json:"last,omitempty"`
}

// fingerprint is the hash of everything on record that distributions rest on, of
// which the last is the one that is asked about: the cash and the transfers, with what
// they took along, through their record dates, the classes, who is a sponsor, the
// terms and rates to the date of the last, the events between partners, and the
// distributions themselves.
func (h *past) fingerprint(ctx context.Context, tx bun.IDB, declared []Distribution) ([]byte, error) {
	var all onRecord
	var err error
	last, day := &declared[len(declared)-1], h.through(declared)
	if all.Cash, err = h.digest(ctx, tx, day); err != nil {
		return nil, err
	}
	moved, err := h.transfers(ctx, tx)
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
			if v.EffectiveDate.After(last.DistributionDate) {
				continue
			}
			says, err := h.terms[v.ID].Hash()
			if err != nil {
				return nil, err
			}
			all.Terms = append(all.Terms, termsOnRecord{v.ID, v.EffectiveDate, says})
		}
		all.Events = h.marks(day, last.DistributionDate)
	}
	for i := range declared {
		d := &declared[i]
		x := h.extras[d.ID]
		all.Declared = append(all.Declared, payoutOnRecord{d.ID, d.DistributionDate, d.record(), d.TotalAmount, d.kind(), d.CalculationMethod, d.TermsID,
			x.Adjustments, x.Advances, x.Held, x.Releases, x.Last})
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
	var early, all digest
	err := store.NewQuery(tx, constraints, `SELECT later, count(*), sum(uuid_hash_extended(position_id, seed)), sum(uuid_hash_extended(position_id, ~seed))
		FROM (SELECT position_id, counts_on > ?1::date AS later,
				hash_numeric_extended(amount, hash_numeric_extended(COALESCE(units, 0), (counts_on - '2000-01-01'::date)::bigint)) AS seed
			FROM (SELECT cm.position_id, cm.counts_on, cm.amount, cm.units FROM investments.capital_movements cm
					WHERE cm.opportunity_id = ?0 AND cm.kind = 'contribution' AND cm.counts_on <= ?2::date
						AND NOT EXISTS (SELECT 1 FROM investments.capital_movements r WHERE r.opportunity_id = cm.opportunity_id AND r.kind = 'refund' AND r.subscription_id = cm.subscription_id)
				UNION ALL SELECT * FROM unnest(?3::uuid[], ?4::date[], ?5::numeric[], ?6::numeric[]) AS n (position_id, counts_on, amount, units)
					WHERE n.counts_on <= ?2::date) net) t
		GROUP BY 1`, h.offering.ID, first, second,
		column(func(m *history.Movement) string { return m.Position.String() }), column(func(m *history.Movement) string { return m.Date.String() }),
		column(func(m *history.Movement) string { return m.Amount.String() }), column(func(m *history.Movement) string {
			if m.Units == nil {
				return ""
			}
			return m.Units.String()
		})).Each(ctx, func(row store.Row) error {
		var later bool
		var d digest
		if err := row.Scan(&later, &d[0], &d[1], &d[2]); err != nil {
			return err
		}
		for i := range d {
			all[i] = all[i].Add(d[i])
			if !later {
				early[i] = d[i]
			}
		}
		return nil
	})
	if h.digests == nil {
		h.digests = map[date.Date]digest{}
	}
	h.digests[second], h.digests[first] = all, early
	return err
}
