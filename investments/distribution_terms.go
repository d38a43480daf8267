package investments

import (
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
)

// inForce returns the version of the terms that governs a distribution dated
// on a day: the latest of those in force by then.
func (h *past) inForce(day date.Date) (*TermsVersion, error) {
	var found *TermsVersion
	for i := range h.versions {
		if !h.versions[i].EffectiveDate.After(day) {
			found = &h.versions[i]
		}
	}
	if found == nil {
		return nil, ErrNoTerms
	}
	return found, nil
}

// termsOn returns the terms in force on a day; before there were any they are
// the first ones.
func (h *past) termsOn(day date.Date) (*waterfall.Terms, error) {
	if len(h.versions) == 0 {
		return nil, ErrNoTerms
	}
	first := h.versions[0].EffectiveDate
	for i := range h.versions {
		if h.versions[i].EffectiveDate.Before(first) {
			first = h.versions[i].EffectiveDate
		}
	}
	if day.Before(first) {
		day = first
	}
	v, err := h.inForce(day)
	if err != nil {
		return nil, err
	}
	return h.terms[v.ID], nil
}

// governing is the terms a declared distribution was computed by.
func (h *past) governing(d *payout) *waterfall.Terms {
	t := h.terms[d.terms]
	if d.method == MethodPreferred {
		return waterfall.Preferred(t, h.units[d.id] != nil)
	}
	return t
}

// list is the tiers that a distribution was or is split by.
func (h *past) list(d *payout) []waterfall.Tier { return h.governing(d).List(d.kind) }

// event is a declared distribution as the engine takes it on its turn, with the
// adjustments and advances that its trace kept, and what it held back and released,
// which is what it is whatever else comes to be known. What is in kind changes nothing.
func (h *past) event(d *payout, t turn) (waterfall.Event, error) {
	x := h.extras[d.id]
	e := waterfall.Event{Date: d.date, Type: waterfall.EventDistribution, Kind: d.kind, Adjustments: x.Adjustments, Advances: x.Advances, Last: x.Last,
		Record: t.day, First: t.first, Units: h.units[d.id], Releases: x.Releases, Held: append([]waterfall.Holding{}, x.Held...)}
	var err error
	if e.Amount, err = x.cash(d.amount); err != nil {
		return e, err
	}
	e.Reserves, err = h.reserves(d.id, d.date)
	return e, err
}

// partner is the id under which the engine knows who a line is for.
func (l *DistributionLine) partner() string {
	switch {
	case l.PositionID != nil:
		return l.PositionID.String()
	case l.AccountID != nil:
		return l.AccountID.String()
	}
	return l.InvestorID.String()
}
