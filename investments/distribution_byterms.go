package investments

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/money"
)

// byTerms works a distribution out by the offering's terms.
func (d *Draft) byTerms(ctx context.Context, tx bun.IDB, h *past, p DeclareParams) error {
	dist := &d.Distribution
	version, err := h.inForce(dist.DistributionDate)
	if err != nil {
		return err
	}
	if n := len(h.declared); n > 0 && h.declared[n-1].DistributionDate.After(dist.DistributionDate) {
		return ErrDistributionOrder.With("%s", h.declared[n-1].DistributionDate)
	}
	dist.TermsID = &version.ID
	state, due, err := h.opening(ctx, tx, dist.DistributionDate)
	switch {
	case err != nil:
		return err
	case state.Contributed().IsZero():
		return ErrNoPositions
	case due != nil && !p.TrueUp:
		total, err := due.total()
		if err != nil {
			return err
		}
		return ErrHistoryChanged.With("%s would go to others", total)
	}
	r, err := waterfall.Compute(h.governing(dist), state, waterfall.Distribution{
		Date: dist.DistributionDate, Kind: dist.kind(), Cash: dist.TotalAmount, Adjustments: p.Adjustments})
	if err != nil {
		return err
	}
	if !r.Undistributed.IsZero() {
		return ErrUndistributed.With("%s", r.Undistributed)
	}
	if err := d.linesBy(h, r, p.Adjustments); err != nil {
		return err
	}
	inputs := map[string]any{
		"amount": dist.TotalAmount, "date": dist.DistributionDate, "kind": dist.kind(), "method": dist.CalculationMethod,
		"terms_version": version.Version, "terms_hash": hex.EncodeToString(version.TermsHash), "accounts": state.Len()}
	if p.TrueUp {
		if err := d.trueUp(h, due, inputs); err != nil {
			return err
		}
	}
	return d.keep(ctx, tx, h, state, r, p.Adjustments, inputs)
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
	d.Lines, d.Tiers = make([]DistributionLine, 0, r.Len()), make([]LineTier, 0, 2*r.Len())
	for i := range r.Len() {
		who := h.find(r.ID(i))
		if who == nil { // whose money all went back, or whom only earlier terms named
			if !r.Total(i).IsZero() {
				return ErrPositionNotFound
			}
			continue
		}
		roles := investorRoles
		if who.position.IsZero() {
			roles = payeeRoles
		}
		for _, role := range roles {
			if err := d.lineOf(list, r, i, role, who, reasons[who.key]); err != nil {
				return err
			}
		}
	}
	return nil
}

var (
	investorRoles = []Role{RoleInvestor}
	payeeRoles    = []Role{RolePromote, RoleFee}
)

// lineOf adds the line of one party and role, with what it got from each tier.
// An adjustment of a payee is part of his promote.
func (d *Draft) lineOf(list []waterfall.Tier, r *waterfall.Result, i int, role Role, who *party, reason string) error {
	first, gross := len(d.Tiers), money.Zero
	var err error
	for t := range r.Tiers {
		amount := r.Amount(t, i)
		isFee := list[t].Type == waterfall.TierFee
		if amount.IsZero() || role != RoleInvestor && isFee != (role == RoleFee) {
			continue
		}
		if gross, err = gross.Add(amount); err != nil {
			return err
		}
		d.Tiers = append(d.Tiers, LineTier{Tier: t, Kind: string(list[t].Type), Amount: amount})
	}
	adjusted := money.Zero
	if role != RoleFee {
		adjusted = r.Adjusted(i)
	}
	if len(d.Tiers) == first && adjusted.IsZero() {
		return nil
	}
	l := d.line(role, who, gross)
	if !adjusted.IsZero() {
		if err := l.adjust(adjusted, reason); err != nil {
			return err
		}
	}
	for t := range d.Tiers[first:] {
		d.Tiers[first+t].LineID = l.ID
	}
	return nil
}

// keep stores the opening state and the trace beside the frozen inputs.
func (d *Draft) keep(ctx context.Context, tx bun.IDB, h *past, opening *waterfall.State, r *waterfall.Result, adjustments []waterfall.Adjustment, inputs map[string]any) (err error) {
	d.Trace = r.Trace
	if d.Calculation.Trace, err = json.Marshal(r.Trace); err != nil {
		return err
	}
	if _, more := inputs["still_owed"]; !more {
		h.adjusted[d.Distribution.ID] = adjustments
		declared := append(slices.Clone(h.declared), d.Distribution)
		if d.Calculation.HistoryHash, err = h.fingerprint(ctx, tx, d.Distribution.DistributionDate, declared); err != nil {
			return err
		}
	}
	state, err := opening.MarshalBinary()
	if err != nil {
		return err
	}
	return d.freeze("waterfall/2", inputs, state)
}
