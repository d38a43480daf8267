package investments

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments/history"
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
	if n := len(h.declared); n > 0 && h.declared[n-1].date.After(dist.DistributionDate) {
		return ErrDistributionOrder.With("%s", h.declared[n-1].date)
	}
	dist.TermsID = &version.ID
	if err := classesServed(ctx, tx, h.offering.ID, h.terms[version.ID]); err != nil {
		return err
	}
	state, due, err := h.opening(ctx, tx, dist)
	switch {
	case err != nil:
		return err
	case state.Contributed().IsZero():
		return ErrNoPositions
	case due != nil && !p.TrueUp:
		total, err := owedTotal(due)
		if err != nil {
			return err
		}
		return ErrHistoryChanged.With("%s would go to others", total)
	}
	turn := h.lastTurn(h.withDraft())
	reserves, err := h.reserves(dist.ID, dist.DistributionDate)
	if err != nil {
		return err
	}
	r, err := waterfall.Compute(h.governing(h.draft), state, waterfall.Distribution{Date: dist.DistributionDate, Kind: dist.kind(),
		Cash: dist.TotalAmount, Adjustments: p.Adjustments, Record: turn.day, First: turn.first, Units: h.units[dist.ID], Advances: p.Advances, InKind: p.InKind, Last: p.Last,
		Releases: p.Releases, Reserves: reserves})
	if errors.Is(err, waterfall.ErrInKind) {
		return ErrInKind.Because(err)
	}
	if err != nil {
		return err
	}
	if !r.Undistributed.IsZero() {
		return ErrUndistributed.With("%s", r.Undistributed)
	}
	in := dist.inputs() // of the cash that is declared
	x, err := d.hold(h, r, p.Releases)
	if err != nil {
		return err
	}
	if err := d.linesBy(h, r, p.Adjustments); err != nil {
		return err
	}
	if err := d.loansBy(r); err != nil {
		return err
	}
	in.InKind, in.Releases, in.Reserves, in.Last = p.InKind, p.Releases, reserves, p.Last
	in.Place, in.First, in.Units = turn.day, turn.first, h.units[dist.ID]
	in.Kind, in.TermsVersion, in.TermsHash, in.Accounts = dist.kind(), version.Version, hex.EncodeToString(version.TermsHash), state.Len()
	if p.TrueUp {
		if err := d.trueUp(h, due, p.Bill, &in); err != nil {
			return err
		}
		if err := d.trueUpLoans(ctx, tx, h); err != nil {
			return err
		}
	}
	x.Adjustments, x.Advances, x.Last = p.Adjustments, p.Advances, p.Last
	return d.keep(ctx, tx, h, state, r, x, in)
}

// linesBy turns the result into lines: one per position, and for the accounts
// that the terms name one for promote and one for fees. Who gets nothing has no
// line.
func (d *Draft) linesBy(h *past, r *waterfall.Result, adjustments []waterfall.Adjustment) error {
	by := map[string][]waterfall.Adjustment{}
	for _, a := range adjustments {
		by[a.Account] = append(by[a.Account], a)
	}
	list := h.list(h.draft)
	d.tiers = len(list)
	d.Lines, d.Tiers = make([]DistributionLine, 0, r.Len()), make([]LineTier, 0, 2*r.Len())
	for i := range r.Len() {
		who := h.find(r.ID(i))
		if who == nil { // whose money all went back, or whom only earlier terms named
			if !r.Total(i).IsZero() || !r.Paid(i).IsZero() {
				return ErrPositionNotFound
			}
			continue
		}
		roles := investorRoles
		if who.position.IsZero() {
			roles = payeeRoles
		}
		for _, role := range roles {
			if err := d.lineOf(list, r, i, role, who, by[who.key]); err != nil {
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
// An adjustment is of the tier whose balance it changes; that of a payee is part
// of their promote, and so is an advance.
func (d *Draft) lineOf(list []waterfall.Tier, r *waterfall.Result, i int, role Role, who *party, adjusted []waterfall.Adjustment) error {
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
		d.Tiers = append(d.Tiers, d.tier(t, string(list[t].Type), amount))
	}
	var redirected money.Amount
	if role == RoleFee {
		adjusted = nil
	} else {
		if a := r.Advanced(i); !a.IsZero() {
			if gross, err = gross.Add(a); err != nil {
				return err
			}
			d.Tiers = append(d.Tiers, d.tier(d.tiers, kindAdvance, a))
		}
		redirected = r.Redirected(i)
	}
	if len(d.Tiers) == first && len(adjusted) == 0 && redirected.IsZero() {
		return nil
	}
	l := d.line(role, who, gross)
	if err := l.redirect(redirected); err != nil {
		return err
	}
	for t := range d.Tiers[first:] {
		d.Tiers[first+t].LineID = l.ID
	}
	if len(adjusted) == 0 {
		return nil
	}
	at := tierIndex{}
	for t := first; t < len(d.Tiers); t++ {
		at[l.ID] = append(at[l.ID], t)
	}
	for _, a := range adjusted {
		if err := l.adjust(a.Delta, a.Reason); err != nil {
			return err
		}
		if err := d.addPart(at, l.ID, history.Part{Kind: adjustmentKind(a.Against), Sale: d.Distribution.sale(), Amount: a.Delta}); err != nil {
			return err
		}
	}
	return nil
}

// keep stores the opening state and the trace beside the frozen inputs.
func (d *Draft) keep(ctx context.Context, tx bun.IDB, h *past, opening *waterfall.State, r *waterfall.Result, x extras, in Inputs) (err error) {
	d.Trace = r.Trace
	if d.Calculation.Trace, err = json.Marshal(r.Trace); err != nil {
		return err
	}
	if kept := (extras{Adjustments: x.Adjustments, Advances: x.Advances, Last: x.Last}); !kept.none() { // reserves have movements of their own
		if d.Calculation.Extras, err = json.Marshal(kept); err != nil {
			return err
		}
	}
	h.extras[d.Distribution.ID] = x
	declared := append(slices.Clone(h.declared), d.Distribution.payout())
	if d.Calculation.HistoryHash, err = h.fingerprint(ctx, tx, declared); err != nil {
		return err
	}
	d.through = h.through(declared)
	if in.StillOwed == nil { // else the next one looks at the whole past
		if err := d.close(h, r.Closing, declared); err != nil {
			return err
		}
	}
	state, err := opening.MarshalBinary()
	if err != nil {
		return err
	}
	return d.freeze("waterfall/4", in, state)
}

// close keeps the state after the distribution, which the next one goes on from, and by
// what one account of it can tell that it still holds.
func (d *Draft) close(h *past, closing *waterfall.State, declared []payout) (err error) {
	c := &d.Calculation
	if c.ClosingState, c.ClosingIndex, err = closing.MarshalIndexed(); err != nil {
		return err
	}
	c.LateChanges = &h.offering.LateChanges
	c.TermsHash, err = h.termsHash(declared)
	return err
}
