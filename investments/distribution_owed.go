package investments

import (
	"context"
	"encoding/json"
	"maps"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

// ErrTrueUpNothing: a true-up was asked for, and nobody is owed anything.
var ErrTrueUpNothing = fault.New(fault.Illegal, "true_up_of_nothing", "past distributions come out as they were paid").On("true_up")

// owed is what past distributions should have paid, by what is on record today,
// less what they did: by party, without zeros. It sums to zero. Nil is nothing.
type owed map[string]money.Amount

// owed compares what the declared distributions come to today with what they
// paid, all together: what one paid too much and a later one made good is even.
func (h *past) owed(ctx context.Context, tx bun.IDB, results []*waterfall.Result) (owed, error) {
	if len(h.declared) == 0 {
		return nil, nil
	}
	out, err := sums(ctx, tx, `SELECT COALESCE(l.investment_id, l.account_id, l.investor_id)::text, -sum(l.distribution_amount)
		FROM investments.investor_distributions l JOIN investments.distributions d ON d.id = l.distribution_id
		WHERE d.opportunity_id = ? AND d.status NOT IN ('cancelled', 'reversed') GROUP BY 1`, h.offering.ID)
	if err != nil {
		return nil, err
	}
	for _, r := range results {
		for key, due := range r.Totals() {
			if out[key], err = out[key].Add(due); err != nil {
				return nil, err
			}
		}
	}
	return out.trim(), nil
}

// trim drops zeros.
func (o owed) trim() owed {
	maps.DeleteFunc(o, func(_ string, a money.Amount) bool { return a.IsZero() })
	if len(o) == 0 {
		return nil
	}
	return o
}

// total is what is owed to those who got too little.
func (o owed) total() (sum money.Amount, err error) {
	for _, a := range o {
		if a.Sign() > 0 {
			if sum, err = sum.Add(a); err != nil {
				return sum, err
			}
		}
	}
	return sum, nil
}

// settle makes good what it can out of a distribution that gives each party its
// share: who got too much gets that much less now, and what this frees goes to
// those who got too little, in proportion. It returns by how much each share
// changes, and what stays owed. It touches no database.
func (o owed) settle(share func(key string) money.Amount) (deltas, rest owed, err error) {
	deltas, rest = owed{}, owed{}
	freed := money.Zero
	var due []money.Share
	for _, key := range sortedKeys(o) {
		a := o[key]
		if a.Sign() > 0 {
			due = append(due, money.Share{ID: key, Weight: a.Decimal()})
			continue
		}
		take := money.Min(a.Neg(), share(key))
		if freed, err = freed.Add(take); err != nil {
			return nil, nil, err
		}
		deltas[key] = take.Neg()
	}
	parts, err := money.Allocate(freed, due)
	if err != nil {
		return nil, nil, err
	}
	for i := range due {
		deltas[due[i].ID] = parts[i]
	}
	for key, a := range o {
		if rest[key], err = a.Sub(deltas[key]); err != nil {
			return nil, nil, err
		}
	}
	return deltas.trim(), rest.trim(), nil
}

// parseOwed reads what a calculation's inputs keep.
func parseOwed(text string) (o owed, err error) {
	return o, json.Unmarshal([]byte(text), &o)
}

// sums reads amounts by party.
func sums(ctx context.Context, tx bun.IDB, query string, args ...any) (owed, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, store.Err(err, constraints)
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	out := owed{}
	for rows.Next() {
		var key string
		var amount money.Amount
		if err := rows.Scan(&key, &amount); err != nil {
			return nil, err
		}
		out[key] = amount
	}
	return out, store.Err(rows.Err(), constraints)
}
