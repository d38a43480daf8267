package investments

import (
	"context"
	"encoding/hex"
	"encoding/json"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// ErrNotByTerms: the line belongs to a distribution without terms; its share is
// its weight in the frozen inputs.
var ErrNotByTerms = fault.New(fault.Illegal, "distribution_without_terms", "the distribution was not computed by terms")

// byTerms works a distribution out by the offering's terms.
func (d *Draft) byTerms(ctx context.Context, tx bun.IDB, h *past, adjustments []waterfall.Adjustment) error {
	dist := &d.Distribution
	version, err := h.inForce(dist.DistributionDate)
	if err != nil {
		return err
	}
	if n := len(h.declared); n > 0 && h.declared[n-1].DistributionDate.After(dist.DistributionDate) {
		return ErrDistributionOrder.With("%s", h.declared[n-1].DistributionDate)
	}
	dist.TermsID = &version.ID
	state, results, err := h.until(dist.DistributionDate)
	if err != nil {
		return err
	}
	if state.Contributed().IsZero() {
		return ErrNoPositions
	}
	if err := h.unchanged(ctx, tx, results); err != nil {
		return err
	}
	r, err := waterfall.Compute(h.governing(dist), state, waterfall.Distribution{
		Date: dist.DistributionDate, Kind: dist.kind(), Cash: dist.TotalAmount, Adjustments: adjustments})
	if err != nil {
		return err
	}
	if !r.Undistributed.IsZero() {
		return ErrUndistributed.With("%s", r.Undistributed)
	}
	if err := d.linesBy(h, r, adjustments); err != nil {
		return err
	}
	return d.keep(version, state, r)
}

// linesBy turns the result into lines: one per position, and for the accounts
// that the terms name one for promote and one for fees. Who gets nothing has no
// line.
func (d *Draft) linesBy(h *past, r *waterfall.Result, adjustments []waterfall.Adjustment) error {
	reasons := map[string]string{}
	for _, a := range adjustments {
		reasons[a.Account] = a.Reason
	}
	list := h.governing(&d.Distribution).List(d.Distribution.kind())
	for i := range r.Len() {
		partner := r.ID(i)
		if pos := h.holders[partner]; pos != nil {
			if err := d.lineOf(list, r, i, RoleInvestor, pos, nil, reasons[partner]); err != nil {
				return err
			}
			continue
		}
		for _, role := range []Role{RolePromote, RoleFee} {
			if err := d.lineOf(list, r, i, role, nil, h.payees[partner], reasons[partner]); err != nil {
				return err
			}
		}
	}
	return nil
}

// lineOf adds the line of one partner and role, with what it got from each
// tier. An adjustment of a payee is part of his promote.
func (d *Draft) lineOf(list []waterfall.Tier, r *waterfall.Result, i int, role Role, pos *Position, payee *Account, reason string) error {
	var tiers []LineTier
	gross := money.Zero
	var err error
	for t := range r.Tiers {
		isFee := list[t].Type == waterfall.TierFee
		amount := r.Amount(t, i)
		if amount.IsZero() || pos == nil && isFee != (role == RoleFee) {
			continue
		}
		if gross, err = gross.Add(amount); err != nil {
			return err
		}
		tiers = append(tiers, LineTier{Tier: t, Kind: string(list[t].Type), Amount: amount})
	}
	adjusted := money.Zero
	if role != RoleFee {
		adjusted = r.Adjusted(i)
	}
	if gross, err = gross.Add(adjusted); err != nil {
		return err
	}
	if len(tiers) == 0 && adjusted.IsZero() {
		return nil
	}
	var l *DistributionLine
	if pos != nil {
		l = d.line(role, pos.InvestorID, pos.AccountID, &pos.ID, gross)
	} else {
		l = d.line(role, payee.InvestorID, &payee.ID, nil, gross)
	}
	if !adjusted.IsZero() {
		l.Adjustment, l.AdjustmentReason = adjusted, optional(reason)
	}
	for n := range tiers {
		tiers[n].LineID = l.ID
	}
	d.Tiers = append(d.Tiers, tiers...)
	return nil
}

// keep stores the trace and the closing state beside the frozen inputs.
func (d *Draft) keep(version *TermsVersion, opening *waterfall.State, r *waterfall.Result) error {
	start, err := json.Marshal(opening)
	if err != nil {
		return err
	}
	err = d.freeze("waterfall/1", map[string]any{
		"amount": d.Distribution.TotalAmount, "date": d.Distribution.DistributionDate, "kind": d.Distribution.kind(),
		"method": d.Distribution.CalculationMethod, "terms_version": version.Version,
		"terms_hash": hex.EncodeToString(version.TermsHash), "opening_state": json.RawMessage(start)})
	if err != nil {
		return err
	}
	d.Trace = r.Trace
	if d.Calculation.Trace, err = json.Marshal(r.Trace); err != nil {
		return err
	}
	d.Calculation.ClosingState, err = json.Marshal(r.Closing)
	return err
}

// ExplainLine says where each cent of a line comes from: tier by tier the
// account's part, the rule in words and the figures behind it. It computes the
// distribution again from its frozen opening state and the terms it was
// declared under. It returns [ErrNotByTerms] or [ErrLineNotFound].
func (s *Service) ExplainLine(ctx context.Context, db bun.IDB, v id.Of[DistributionLine]) (*waterfall.Explanation, error) {
	l, err := distributionLines.Get(ctx, db, v)
	if err != nil {
		return nil, err
	}
	r, err := s.recompute(ctx, db, l.DistributionID)
	if err != nil {
		return nil, err
	}
	return r.Explain(l.partner())
}

// recompute runs a stored distribution again out of what was frozen with it.
func (s *Service) recompute(ctx context.Context, db bun.IDB, v id.Of[Distribution]) (*waterfall.Result, error) {
	d, err := distributions.Get(ctx, db, v)
	if err != nil {
		return nil, err
	}
	if d.TermsID == nil {
		return nil, ErrNotByTerms
	}
	version, err := termsVersions.Get(ctx, db, *d.TermsID)
	if err != nil {
		return nil, err
	}
	terms, err := waterfall.ParseTerms(version.Terms)
	if err != nil {
		return nil, err
	}
	calc, err := s.Calculation(ctx, db, v)
	if err != nil {
		return nil, err
	}
	var frozen struct {
		Opening *waterfall.State `json:"opening_state"`
	}
	if err := json.Unmarshal(calc.Inputs, &frozen); err != nil {
		return nil, err
	}
	var trace waterfall.Trace
	if err := json.Unmarshal(calc.Trace, &trace); err != nil {
		return nil, err
	}
	h := &past{terms: map[id.Of[TermsVersion]]*waterfall.Terms{version.ID: terms}}
	return waterfall.Compute(h.governing(d), frozen.Opening, waterfall.Distribution{
		Date: d.DistributionDate, Kind: d.kind(), Cash: d.TotalAmount, Adjustments: trace.Adjustments})
}
