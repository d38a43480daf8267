package investments

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// onRecord is what a fingerprint is the hash of.
type onRecord struct {
	Cash     digest         `json:"cash"`
	Moved    []history.Move `json:"moved"`
	Took     digest         `json:"took"`
	Classes  string         `json:"classes"`
	Sponsors []string       `json:"sponsors"`
	besides
}

// besides is what is on record besides capital and who has it.
type besides struct {
	Terms    []termsOnRecord `json:"terms"`
	Events   []partnerMark   `json:"events,omitempty"`
	Declared string          `json:"declared"` // the last link of their chain
}

type termsOnRecord struct {
	ID   id.Of[TermsVersion] `json:"id"`
	From date.Date           `json:"from"`
	Hash string              `json:"hash"` // of what they say
}

// fingerprint is the hash of everything on record that distributions rest on, of
// which the last is the one that is asked about: the cash and the transfers, with what
// they took along, through their record dates, the classes, who is a sponsor, the
// terms and rates to the date of the last, the events between partners, and the
// distributions themselves.
func (h *past) fingerprint(ctx context.Context, tx bun.IDB, declared []payout) ([]byte, error) {
	var all onRecord
	var err error
	last, day := &declared[len(declared)-1], h.through(declared)
	if err := h.loadRecord(ctx, tx, day); err != nil {
		return nil, err
	}
	all.Cash, all.Took = h.digests[day], h.taken[day]
	for _, m := range h.done {
		if !m.Day.After(day) {
			all.Moved = append(all.Moved, m)
		}
	}
	if !last.terms.IsZero() {
		all.Classes = h.classesHash(day)
		for i := range h.parties {
			if h.parties[i].sponsor && !h.parties[i].funded.After(day) {
				all.Sponsors = append(all.Sponsors, h.parties[i].key)
			}
		}
	}
	all.besides, err = h.besides(declared, func(v id.Of[Position]) bool {
		p := h.find(v.String())
		return p != nil && !p.funded.After(day)
	})
	if err != nil {
		return nil, err
	}
	return hashJSON(&all)
}

// termsHash is the hash of what distributions by terms rest on besides capital: the part of
// their fingerprint that takes no look at positions. Side letters are counted as capital
// that comes late is.
func (h *past) termsHash(declared []payout) ([]byte, error) {
	all, err := h.besides(declared, func(id.Of[Position]) bool { return false })
	if err != nil {
		return nil, err
	}
	return hashJSON(&all)
}

// besides are the terms and the events that the last of distributions rests on, if it is by
// terms, with the side letters of who counts, and the distributions themselves.
func (h *past) besides(declared []payout, counts func(id.Of[Position]) bool) (out besides, err error) {
	if last := &declared[len(declared)-1]; !last.terms.IsZero() {
		for _, v := range h.versions {
			if v.EffectiveDate.After(last.date) {
				continue
			}
			says, err := h.terms[v.ID].Hash()
			if err != nil {
				return out, err
			}
			out.Terms = append(out.Terms, termsOnRecord{v.ID, v.EffectiveDate, says})
		}
		out.Events = h.marks(h.through(declared), last.date, counts)
	}
	out.Declared, err = h.linked(declared)
	return out, err
}

func hashJSON(v any) ([]byte, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	return sum[:], nil
}

// link is what distributions up to one are on record with: the hash of it and of the link
// before it.
type link struct {
	of   id.Of[Distribution]
	hash [sha256.Size]byte
}

// linked is the last link of the chain of distributions. Those that were linked before are
// not linked again.
func (h *past) linked(declared []payout) (string, error) {
	var body []byte
	var err error
	for i := range declared {
		d := &declared[i]
		if i < len(h.chain) && h.chain[i].of == d.id {
			continue
		}
		body = append(body[:0], d.id[:]...)
		for _, n := range []int64{int64(d.date.Days()), int64(d.record.Days()), d.amount.Cents()} {
			body = binary.AppendVarint(body, n)
		}
		body = append(append(body, d.kind...), 0)
		body = append(append(body, d.method...), 0)
		body = append(body, d.terms[:]...)
		if x := h.extras[d.id]; !x.none() {
			if body, err = appendJSON(body, x); err != nil {
				return "", err
			}
		}
		if h.chain = h.chain[:i]; i > 0 {
			body = append(body, h.chain[i-1].hash[:]...)
		}
		h.chain = append(h.chain, link{d.id, sha256.Sum256(body)})
	}
	return hex.EncodeToString(h.chain[len(declared)-1].hash[:]), nil
}

func appendJSON(to []byte, v any) ([]byte, error) {
	b, err := json.Marshal(v)
	return append(to, b...), err
}

// ErrDistributionStale: what a distribution was computed from has changed since.
var ErrDistributionStale = fault.New(fault.Conflict, "distribution_stale",
	"what is on record has changed since it was declared, so that others would get the money; cancel or reverse it and declare it anew")

// fresh reports a distribution whose history is no longer the one that it was
// computed from. The caller holds the offering's lock.
func (c *core) fresh(ctx context.Context, tx bun.IDB, o *Offering, d *Distribution) error {
	if o == nil {
		return ErrNoBook
	}
	var was []byte
	h, declared := &past{offering: o}, []payout{d.payout()}
	err := store.Together(ctx, tx,
		func(tx bun.IDB) error {
			return store.Err(store.Scan(ctx, tx, []any{&was}, `SELECT history_hash FROM investments.distribution_calculations WHERE distribution_id = $1`, d.ID.String()), constraints)
		},
		func(tx bun.IDB) error { return h.open(ctx, tx) },
		func(tx bun.IDB) error {
			if d.TermsID != nil { // what was declared before it says through which day
				return nil
			}
			return h.loadRecord(ctx, tx, h.through(declared))
		})
	if err != nil || was == nil {
		return err
	}
	if d.TermsID != nil {
		at := slices.IndexFunc(h.declared, func(x payout) bool { return x.id == d.ID })
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

// loadRecord reads what the fingerprint of distributions takes of the movements through a
// day, each once.
func (h *past) loadRecord(ctx context.Context, tx bun.IDB, day date.Date) error {
	return store.Together(ctx, tx,
		func(tx bun.IDB) error {
			if _, ok := h.digests[day]; ok {
				return nil
			}
			return h.digestBoth(ctx, tx, day, day)
		},
		func(tx bun.IDB) error {
			_, err := h.transfers(ctx, tx)
			return err
		},
		func(tx bun.IDB) error { return h.took(ctx, tx, day) })
}

// took reads the digest of what transfers that count on or before a day took along of
// capital and units.
func (h *past) took(ctx context.Context, tx bun.IDB, day date.Date) error {
	if _, ok := h.taken[day]; ok {
		return nil
	}
	var d digest
	err := store.Scan(ctx, tx, []any{&d[0], &d[1], &d[2]}, `SELECT count(*), COALESCE(sum(uuid_hash_extended(position_id, seed)), 0), COALESCE(sum(uuid_hash_extended(position_id, ~seed)), 0)
		FROM (SELECT position_id, hash_numeric_extended(amount, hash_numeric_extended(COALESCE(units, 0), hashtextextended(kind, (counts_on - '2000-01-01'::date)::bigint))) AS seed
			FROM `+ofKinds("opportunity_id = $1 AND counts_on <= $2::date AND amount <> 0", history.TransferIn, history.TransferOut, history.Conversion)+`) t`,
		h.offering.ID.String(), day.String())
	if h.taken == nil {
		h.taken = map[date.Date]digest{}
	}
	h.taken[day] = d
	return store.Err(err, constraints)
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

// digestBoth reads the digests of two days, the earlier one first, in one pass.
func (h *past) digestBoth(ctx context.Context, tx bun.IDB, first, second date.Date) error {
	var early, all digest
	add := func(row store.Row) error {
		var later bool
		var d digest
		if err := row.Scan(&later, &d[0], &d[1], &d[2]); err != nil {
			return err
		}
		for i := range d {
			all[i] = all[i].Add(d[i])
			if !later {
				early[i] = early[i].Add(d[i])
			}
		}
		return nil
	}
	err := store.Together(ctx, tx,
		func(tx bun.IDB) error { return h.loadRefunded(ctx, tx) },
		func(tx bun.IDB) error {
			return store.NewQuery(tx, constraints, digestOf(`SELECT cm.position_id, cm.counts_on, cm.amount, cm.units FROM investments.capital_movements cm
				WHERE cm.opportunity_id = ?2 AND cm.kind = 'contribution' AND cm.counts_on <= ?1::date
					AND NOT EXISTS (SELECT 1 FROM investments.capital_movements r WHERE r.opportunity_id = cm.opportunity_id AND r.kind = 'refund' AND r.subscription_id = cm.subscription_id)`),
				first, second, h.offering.ID).Each(ctx, add)
		})
	if err == nil && len(h.refunded) > 0 {
		column := func(of func(*history.Movement) string) string { return store.TextArray(h.refunded, of) }
		err = store.NewQuery(tx, constraints, digestOf(`SELECT * FROM unnest(?2::uuid[], ?3::date[], ?4::numeric[], ?5::numeric[]) AS n (position_id, counts_on, amount, units)
				WHERE n.counts_on <= ?1::date`), first, second,
			column(func(m *history.Movement) string { return m.Position.String() }), column(func(m *history.Movement) string { return m.Date.String() }),
			column(func(m *history.Movement) string { return m.Amount.String() }), column(func(m *history.Movement) string {
				if m.Units == nil {
					return ""
				}
				return m.Units.String()
			})).Each(ctx, add)
	}
	if h.digests == nil {
		h.digests = map[date.Date]digest{}
	}
	h.digests[second], h.digests[first] = all, early
	return err
}

// digestOf is the digest, in two parts, of rows that count through the second of two days,
// ?0 and ?1: those that count through the first, and the later ones.
func digestOf(rows string) string {
	return `SELECT later, count(*), sum(uuid_hash_extended(position_id, seed)), sum(uuid_hash_extended(position_id, ~seed))
		FROM (SELECT position_id, counts_on > ?0::date AS later,
				hash_numeric_extended(amount, hash_numeric_extended(COALESCE(units, 0), (counts_on - '2000-01-01'::date)::bigint)) AS seed
			FROM (` + rows + `) net) t
		GROUP BY 1`
}
