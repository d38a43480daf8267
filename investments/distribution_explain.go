package investments

import (
	"context"
	"encoding/json"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// ErrUnexplained: what was frozen with the distribution does not say how the
// line came about.
var ErrUnexplained = fault.New(fault.Illegal, "distribution_unexplained", "what was frozen with the distribution does not explain the line")

// ExplainLine says where each cent of a line comes from: tier by tier, or pro
// rata, the account's part, the rule in words and the figures behind it, and
// the adjustments with their reasons. By terms it computes the distribution
// again from its frozen opening state and the terms it was declared under. It
// returns [ErrUnexplained] or [ErrLineNotFound].
func (s *Distributions) ExplainLine(ctx context.Context, db bun.IDB, v id.Of[DistributionLine]) (*waterfall.Explanation, error) {
	l, err := distributionLines.Get(ctx, db, v)
	if err != nil {
		return nil, err
	}
	d, err := distributions.Get(ctx, db, l.DistributionID)
	if err != nil {
		return nil, err
	}
	c, err := s.Calculation(ctx, db, l.DistributionID)
	if err != nil {
		return nil, err
	}
	if d.TermsID == nil {
		return s.explainProRata(l, d, c)
	}
	r, _, err := s.recompute(ctx, db, d, c)
	if err != nil {
		return nil, err
	}
	x, err := r.Explain(l.partner())
	if err != nil {
		return nil, err
	}
	return x, addTrueUp(x, l, c)
}

func (s *Distributions) explainProRata(l *DistributionLine, d *Distribution, c *Calculation) (*waterfall.Explanation, error) {
	in, err := c.Frozen()
	if err != nil {
		return nil, err
	}
	if in.Total.IsZero() || l.PositionID == nil {
		return nil, ErrUnexplained
	}
	frozen, err := proRataParts(c.OpeningState, d.TotalAmount)
	if err != nil {
		return nil, err
	}
	weight, _ := frozenWeight(c.OpeningState, *l.PositionID) // a line that only a true-up made has none
	return explainProRata(l, d, in.Basis, in.Total, weight, frozen[*l.PositionID]), nil
}

// addTrueUp adds what a true-up changed, which the engine knows nothing of.
func addTrueUp(x *waterfall.Explanation, l *DistributionLine, c *Calculation) error {
	in, err := c.Frozen()
	if err != nil {
		return err
	}
	for _, o := range in.TrueUp {
		if o.Payee != l.partner() {
			continue
		}
		for _, p := range o.Parts {
			if (p.Kind == string(waterfall.TierFee)) != (l.Role == RoleFee) {
				continue
			}
			x.Lines = append(x.Lines, waterfall.ExplanationLine{Tier: "true-up of " + p.Kind, Amount: p.Amount, Text: "It is a " + trueUpReason + "."})
			if x.Total, err = x.Total.Add(p.Amount); err != nil {
				return err
			}
		}
	}
	return nil
}

// recompute runs a stored distribution again out of what was frozen with it.
func (s *Distributions) recompute(ctx context.Context, db bun.IDB, d *Distribution, c *Calculation) (*waterfall.Result, []waterfall.Tier, error) {
	version, err := termsVersions.Get(ctx, db, *d.TermsID)
	if err != nil {
		return nil, nil, err
	}
	terms, err := waterfall.ParseTerms(version.Terms)
	if err != nil {
		return nil, nil, err
	}
	var opening waterfall.State
	if err := opening.UnmarshalBinary(c.OpeningState); err != nil {
		return nil, nil, err
	}
	var x extras
	if c.Extras != nil {
		if err := json.Unmarshal(c.Extras, &x); err != nil {
			return nil, nil, ErrUnexplained.Because(err)
		}
	}
	in, err := c.Frozen()
	if err != nil {
		return nil, nil, err
	}
	h := &past{terms: map[id.Of[TermsVersion]]*waterfall.Terms{version.ID: terms}, units: map[id.Of[Distribution]][]waterfall.Units{}}
	if in.Units != nil {
		h.units[d.ID] = in.Units
	}
	it := d.payout()
	r, err := waterfall.Compute(h.governing(&it), &opening, waterfall.Distribution{
		Date: d.DistributionDate, Kind: d.kind(), Cash: in.Amount, Adjustments: x.Adjustments, Record: in.Place, First: in.First, Units: in.Units,
		Advances: x.Advances, InKind: in.InKind, Last: in.Last, Releases: in.Releases, Reserves: in.Reserves})
	return r, h.list(&it), err
}
