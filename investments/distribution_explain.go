package investments

import (
	"context"
	"encoding/json"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
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
		return s.explainProRata(ctx, db, l, d, c)
	}
	r, err := s.recompute(ctx, db, d, c)
	if err != nil {
		return nil, err
	}
	x, err := r.Explain(l.partner())
	if err != nil {
		return nil, err
	}
	return x, addTrueUp(x, l, c)
}

func (s *Distributions) explainProRata(ctx context.Context, db bun.IDB, l *DistributionLine, d *Distribution, c *Calculation) (*waterfall.Explanation, error) {
	var in struct {
		Basis string
		Total decimal.Decimal
	}
	if err := json.Unmarshal(c.Inputs, &in); err != nil {
		return nil, ErrUnexplained.Because(err)
	}
	tiers, err := s.LineTiers(ctx, db, l.ID)
	if err != nil {
		return nil, err
	}
	part, weight := money.Zero, decimal.Zero
	if len(tiers) == 1 { // a line that only a true-up made has none
		part = tiers[0].Amount
		var ok bool
		if weight, ok = frozenWeight(c.OpeningState, *l.PositionID); !ok || in.Total.IsZero() {
			return nil, ErrUnexplained
		}
	}
	if in.Total.IsZero() {
		return nil, ErrUnexplained
	}
	return explainProRata(l, d, in.Basis, in.Total, weight, part), nil
}

// addTrueUp adds what a true-up changed, which the engine knows nothing of.
func addTrueUp(x *waterfall.Explanation, l *DistributionLine, c *Calculation) error {
	var in struct {
		TrueUp owed `json:"true_up"`
	}
	if err := json.Unmarshal(c.Inputs, &in); err != nil {
		return ErrUnexplained.Because(err)
	}
	delta, ok := in.TrueUp[l.partner()]
	if !ok {
		return nil
	}
	x.Lines = append(x.Lines, waterfall.ExplanationLine{Tier: "true-up", Amount: delta, Text: "It is a " + trueUpReason + "."})
	var err error
	x.Total, err = x.Total.Add(delta)
	return err
}

// recompute runs a stored distribution again out of what was frozen with it.
func (s *Distributions) recompute(ctx context.Context, db bun.IDB, d *Distribution, c *Calculation) (*waterfall.Result, error) {
	version, err := termsVersions.Get(ctx, db, *d.TermsID)
	if err != nil {
		return nil, err
	}
	terms, err := waterfall.ParseTerms(version.Terms)
	if err != nil {
		return nil, err
	}
	var opening waterfall.State
	if err := opening.UnmarshalBinary(c.OpeningState); err != nil {
		return nil, err
	}
	var trace waterfall.Trace
	if err := json.Unmarshal(c.Trace, &trace); err != nil {
		return nil, ErrUnexplained.Because(err)
	}
	h := &past{terms: map[id.Of[TermsVersion]]*waterfall.Terms{version.ID: terms}}
	return waterfall.Compute(h.governing(d), &opening, waterfall.Distribution{
		Date: d.DistributionDate, Kind: d.kind(), Cash: d.TotalAmount, Adjustments: trace.Adjustments})
}
