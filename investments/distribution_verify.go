package investments

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// DistributionFinding is a payee whose lines are not what the distribution's
// frozen inputs come to.
type DistributionFinding struct {
	Payee  string `json:"payee"`  // the id of the position, or of the account that the terms name; "" is all of it
	Detail string `json:"detail"` // what is stored and what it should be; no personal data
}

// Verify computes a distribution again, out of what was frozen with
// it, and compares every tier and adjustment of every line to the cent, and the state
// that it left, which the next one goes on from. It
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
	want, closing, err := s.computed(ctx, db, d, c)
	if err != nil {
		return nil, err
	}
	is, err := partsOf(ctx, db, "d.id = ?", v)
	if err != nil {
		return nil, err
	}
	if err := want.less(is); err != nil {
		return nil, err
	}
	out := []DistributionFinding{}
	if c.ClosingState != nil && closing != nil {
		form, index, err := closing.MarshalIndexed()
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(form, c.ClosingState) || !bytes.Equal(index, c.ClosingIndex) {
			out = append(out, DistributionFinding{Detail: "the state after it is not the one that it comes to"})
		}
	}
	for key, amount := range want {
		if !amount.IsZero() {
			out = append(out, DistributionFinding{key.payee, fmt.Sprintf("%s: computed %s more than stored", key.kind, amount)})
		}
	}
	slices.SortFunc(out, func(a, b DistributionFinding) int {
		return cmp.Or(strings.Compare(a.Payee, b.Payee), strings.Compare(a.Detail, b.Detail))
	})
	return out, nil
}

// computed is what a distribution comes to by its frozen inputs, by payee and
// kind of tier, and the state after it, nil pro rata.
func (s *Distributions) computed(ctx context.Context, db bun.IDB, d *Distribution, c *Calculation) (parts, *waterfall.State, error) {
	in, err := c.Frozen()
	if err != nil {
		return nil, nil, err
	}
	out := parts{}
	for _, o := range in.TrueUp {
		for _, p := range o.Parts {
			if err := out.add(part{o.Payee, p.Kind, p.Sale}, p.Amount); err != nil {
				return nil, nil, err
			}
		}
	}
	if d.TermsID == nil {
		frozen, err := proRataParts(c.OpeningState, d.TotalAmount)
		if err != nil {
			return nil, nil, err
		}
		for payee, amount := range frozen {
			if err := out.add(part{payee.String(), string(MethodProRata), d.sale()}, amount); err != nil {
				return nil, nil, err
			}
		}
		return out, nil, nil
	}
	r, list, err := s.recompute(ctx, db, d, c)
	if err != nil {
		return nil, nil, err
	}
	return out, r.Closing, out.addResult(r, list, d.sale())
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
