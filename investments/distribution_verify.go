package investments

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// DistributionFinding is a payee whose lines are not what the distribution's
// frozen inputs come to.
type DistributionFinding struct {
	Payee  string // the id of the position, or of the account that the terms name
	Detail string // what is stored and what it should be; no personal data
}

// Verify computes a distribution again, out of what was frozen with
// it, and compares every tier and adjustment of every line to the cent. It
// returns what differs, nothing when all is as computed. It reads all lines and
// returns [ErrDistributionNotFound] or [ErrUnexplained].
func (s *Distributions) Verify(ctx context.Context, db bun.IDB, v id.Of[Distribution]) ([]DistributionFinding, error) {
	d, err := distributions.Get(ctx, db, v)
	if err != nil {
		return nil, err
	}
	c, err := s.Calculation(ctx, db, v)
	if err != nil {
		return nil, err
	}
	want, err := s.computed(ctx, db, d, c)
	if err != nil {
		return nil, err
	}
	is, err := storedParts(ctx, db, v)
	if err != nil {
		return nil, err
	}
	var out []DistributionFinding
	for key, amount := range want {
		if is[key] != amount {
			out = append(out, key.finding(is[key], amount))
		}
		delete(is, key)
	}
	for key, amount := range is {
		if !amount.IsZero() {
			out = append(out, key.finding(amount, money.Zero))
		}
	}
	return out, nil
}

// partKey is a part of what a payee gets: a tier, or the adjustments.
type partKey struct {
	payee string
	tier  int // adjustments is none
}

const adjustments = -1

func (k partKey) finding(is, want money.Amount) DistributionFinding {
	what := fmt.Sprint("tier ", k.tier)
	if k.tier == adjustments {
		what = "adjustments"
	}
	return DistributionFinding{k.payee, fmt.Sprintf("%s: stored %s, computed %s", what, is, want)}
}

// storedParts reads what each payee got from each tier, all his lines together.
func storedParts(ctx context.Context, db bun.IDB, v id.Of[Distribution]) (map[partKey]money.Amount, error) {
	rows, err := db.QueryContext(ctx, `SELECT COALESCE(l.investment_id, l.account_id, l.investor_id)::text, t.tier, sum(t.amount)
		FROM investments.investor_distributions l JOIN investments.distribution_tiers t ON t.line_id = l.id WHERE l.distribution_id = ?0 GROUP BY 1, 2
		UNION ALL SELECT COALESCE(investment_id, account_id, investor_id)::text, ?1, sum(adjustment)
		FROM investments.investor_distributions WHERE distribution_id = ?0 AND adjustment <> 0 GROUP BY 1`, v, adjustments)
	if err != nil {
		return nil, store.Err(err, constraints)
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	out := map[partKey]money.Amount{}
	for rows.Next() {
		var key partKey
		var amount money.Amount
		if err := rows.Scan(&key.payee, &key.tier, &amount); err != nil {
			return nil, err
		}
		out[key] = amount
	}
	return out, store.Err(rows.Err(), constraints)
}

// computed is what a distribution comes to by its frozen inputs, without zeros.
func (s *Distributions) computed(ctx context.Context, db bun.IDB, d *Distribution, c *Calculation) (map[partKey]money.Amount, error) {
	var in struct {
		TrueUp owed `json:"true_up"`
	}
	if err := json.Unmarshal(c.Inputs, &in); err != nil {
		return nil, ErrUnexplained.Because(err)
	}
	out := map[partKey]money.Amount{}
	add := func(payee string, tier int, amount money.Amount) (err error) {
		if !amount.IsZero() {
			out[partKey{payee, tier}], err = out[partKey{payee, tier}].Add(amount)
		}
		return err
	}
	var f fault.Fields // the sums are within the total
	for payee, delta := range in.TrueUp {
		f.AddErr(payee, add(payee, adjustments, delta))
	}
	if d.TermsID == nil {
		parts, err := proRataParts(c.OpeningState, d.TotalAmount)
		if err != nil {
			return nil, err
		}
		for payee, amount := range parts {
			out[partKey{payee.String(), 0}] = amount // a cent-less share has its tier, too
		}
		return out, f.Err()
	}
	r, err := s.recompute(ctx, db, d, c)
	if err != nil {
		return nil, err
	}
	for i := range r.Len() {
		for t := range r.Tiers {
			f.AddErr(r.ID(i), add(r.ID(i), t, r.Amount(t, i)))
		}
		f.AddErr(r.ID(i), add(r.ID(i), adjustments, r.Adjusted(i)))
	}
	return out, f.Err()
}

// proRataParts divides an amount by frozen weights.
func proRataParts(b []byte, total money.Amount) (map[id.Of[Position]]money.Amount, error) {
	var positions []id.Of[Position]
	var shares []money.Share
	for position, weight := range frozenWeights(b) {
		positions = append(positions, position)
		shares = append(shares, money.Share{ID: string(position[:]), Weight: weight})
	}
	parts, err := money.Allocate(total, shares)
	if err != nil {
		return nil, ErrUnexplained.Because(err)
	}
	out := make(map[id.Of[Position]]money.Amount, len(parts))
	for i, p := range positions {
		out[p] = parts[i]
	}
	return out, nil
}
