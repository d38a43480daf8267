package investments

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// BalancesWhole are the balances that the whole history gives; resumed says whether
// PositionBalances goes on.
func BalancesWhole(ctx context.Context, tx bun.IDB, v id.Of[Offering], asOf date.Date) (out []PositionBalance, resumed bool, err error) {
	o, err := offerings.Get(ctx, tx, v)
	if err != nil {
		return nil, false, err
	}
	cut := func(d payout) bool { return d.date.After(asOf) }
	h, err := openPast(ctx, tx, o)
	if err != nil {
		return nil, false, err
	}
	h.declared = slices.DeleteFunc(h.declared, cut)
	if st, err := h.resumed(ctx, tx, asOf); err == nil && st != nil {
		resumed = true
	}
	if h, err = openPast(ctx, tx, o); err != nil {
		return nil, false, err
	}
	h.declared = slices.DeleteFunc(h.declared, cut)
	if len(h.versions) == 0 || len(h.parties) == 0 {
		return []PositionBalance{}, resumed, nil
	}
	state, err := h.wholeOn(ctx, tx, asOf)
	if err != nil {
		return nil, resumed, err
	}
	return h.balances(state, asOf), resumed, nil
}

// BalanceAlone is the balance of one position from what is its own; alone says whether that
// was enough, gone whether it went on from the state after a distribution. Nil is none.
func BalanceAlone(ctx context.Context, tx bun.IDB, v id.Of[Position], asOf date.Date) (out *PositionBalance, alone, gone bool, err error) {
	pos, err := positions.Get(ctx, tx, v)
	if err != nil {
		return nil, false, false, err
	}
	all, alone, err := balancesAlone(ctx, tx, pos, asOf)
	if err != nil || !alone {
		return nil, false, false, err
	}
	h, err := openPast(ctx, tx, &Offering{ID: *pos.OfferingID})
	if err != nil {
		return nil, false, false, err
	}
	gone = len(h.versions) > 0 && slices.ContainsFunc(h.declared, func(d payout) bool { return !d.date.After(asOf) })
	for i := range all {
		if all[i].PositionID == v {
			out = &all[i]
		}
	}
	return out, true, gone, nil
}

// RefreshOn goes on from what portfolios keep.
func RefreshOn(ctx context.Context, s *Services, tx bun.IDB, who []id.Of[auth.User], asOf date.Date) error {
	return s.Distributions.refresh(ctx, tx, slices.Clone(who), false, false, asOf, refreshBatch)
}

// SumsBoth are the portfolios of investors as gone on with and as computed anew.
func SumsBoth(ctx context.Context, tx bun.IDB, who []id.Of[auth.User], asOf date.Date) (on, anew string, kept int, err error) {
	who = slices.Clone(who)
	slices.SortFunc(who, id.Of[auth.User].Compare)
	who = slices.Compact(who)
	var out [2]string
	for i, b := range []bool{false, true} {
		sums, err := portfolioSums(ctx, tx, whomOf(who), asOf, b)
		if err != nil {
			return "", "", 0, err
		}
		for j := range sums {
			r := &sums[j]
			numbers := map[string]int64{}
			if err := json.Unmarshal(r.numbers, &numbers); err != nil {
				return "", "", 0, err
			}
			out[i] += fmt.Sprintln(r.InvestorID, r.Currency, r.Properties, r.Invested, r.Value, r.Distributed, r.Movements, r.by, r.irr, r.coc, r.mul, r.unique, fmt.Sprintf("%x", r.folded), numbers)
		}
	}
	if err := tx.NewRaw("SELECT count(*) FROM investments.investor_portfolios f WHERE f.folded IS NOT NULL AND f.as_of <= ?", asOf).Scan(ctx, &kept); err != nil {
		return "", "", 0, err
	}
	return out[0], out[1], kept, nil
}
