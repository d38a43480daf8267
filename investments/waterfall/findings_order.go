package waterfall

import (
	"fmt"
	"slices"
)

// order looks at what of a list is reached, and whom it pays.
func (f *finder) order(l tierList) {
	f.unreached(l)
	last := len(l.tiers) - 1
	if !slices.ContainsFunc(l.tiers, func(x Tier) bool { return x.takesAll() }) {
		reason := "no split takes what is left after it; cash may stay undistributed"
		if x := &l.tiers[last]; x.Type == TierSplit && x.LookBack {
			reason = "it waits for the last sale; what other distributions leave stays undistributed"
		}
		f.at(SeverityWarning, findUndistributed, l, last, "type", reason,
			f.costLeft(func(t *Terms) { t.insert(l.path, last+1, Tier{Type: TierSplit}) }))
	}
	for _, class := range f.t.classNames() {
		if slices.ContainsFunc(l.tiers, func(x Tier) bool { return f.t.serves(&x, class) || f.t.namesAccounts(&x) }) {
			continue
		}
		k := slices.IndexFunc(l.tiers, func(x Tier) bool { return x.Type == TierSplit && x.Percentages == nil })
		f.on(SeverityWarning, findClassUnpaid, l.path,
			"no tier pays class "+class, f.cost(sampleUsual, func(t *Terms) {
				if k >= 0 {
					t.tier(l.path, k).To = nil
					return
				}
				t.insert(l.path, l.front(), Tier{Type: TierReturnOfCapital, To: []string{class}})
			}))
	}
	for i := 1; i < len(l.tiers); i++ {
		f.falls(l, i)
	}
}

// namesAccounts reports whether percentages name accounts, which may be of any class.
func (t *Terms) namesAccounts(x *Tier) bool {
	names := t.accountNames()
	for name := range x.Percentages {
		if slices.Contains(names, name) {
			return true
		}
	}
	return false
}

// takesAll reports whether nothing is left behind a tier, of whatever distribution.
func (t *Tier) takesAll() bool {
	return t.Type == TierSplit && !t.LookBack || (t.Type == TierFee && t.coversItself() || t.Type == TierHoldback) && rateOf(t.Rate) == unit
}

// unreached looks for tiers behind one that takes all cash.
func (f *finder) unreached(l tierList) {
	k := slices.IndexFunc(l.tiers, func(x Tier) bool { return x.takesAll() })
	if k < 0 || k == len(l.tiers)-1 {
		return
	}
	who := l.tiers[k].Name
	f.at(SeverityWarning, findNeverReached, l, k+1, "type",
		"tier "+who+" before it takes all cash", f.cost(sampleUsual, func(t *Terms) {
			if t.tier(l.path, k).Type == TierSplit {
				t.move(l.path, k, len(l.tiers)-1)
				return
			}
			t.remove(l.path, k)
		}))
}

// sharesPromote reports whether a tier shares profit with promote, or could.
func (t *Tier) sharesPromote() bool { return t.Type == TierHurdle || t.Type == TierSplit }

// alike reports whether two tiers pay the same investors out of the same distributions.
func (t *Tier) alike(o *Tier) bool { return slices.Equal(t.To, o.To) && t.LookBack == o.LookBack }

// falls looks for promote that is less than that of a tier before.
func (f *finder) falls(l tierList, i int) {
	x := &l.tiers[i]
	if !x.sharesPromote() || slices.ContainsFunc(l.tiers[:i], func(y Tier) bool { return y.takesAll() }) {
		return
	}
	for k := i - 1; k >= 0; k-- {
		y := &l.tiers[k]
		if !y.sharesPromote() || !y.alike(x) {
			continue
		}
		if p, q := rateOf(y.Promote), rateOf(x.Promote); q < p {
			f.at(SeverityWarning, findPromoteFalls, l, i, "promote",
				fmt.Sprintf("promote falls from %s in tier %s to %s, though the investors have had more",
					percent(p), y.Name, percent(q)), f.cost(sampleUsual, func(t *Terms) { t.tier(l.path, i).Promote = y.Promote }))
		}
		return
	}
}

// capital looks at where a list returns capital, and what it does before.
func (f *finder) capital(l tierList) {
	if l.path == pathCapital {
		f.neverReturned(l)
		f.promoteOnAll(l)
	}
	for i := range l.tiers {
		x := &l.tiers[i]
		back := l.returnOf(x)
		elsewhere := l.path == pathOperating && back < 0 && tierList{tiers: f.t.Tiers.Capital}.returnOf(x) >= 0
		switch {
		case x.Type == TierHurdle && (back > i || elsewhere):
			f.levelBeforeCapital(l, i, back)
		case x.Type == TierCatchUp && back > i && l.path == pathCapital:
			f.at(SeverityWarning, findCatchUpCapital, l, i, "type",
				"promote catches up before capital has been returned",
				f.cost(sampleUsual, func(t *Terms) { t.move(l.path, i, back) }))
		}
		if x.Type == TierReturnOfCapital && rateOf(x.Promote) > 0 {
			f.at(SeverityNote, findPromoteBeside, l, i, "promote",
				percent(rateOf(x.Promote))+" of the cash that returns capital is promote",
				f.cost(sampleUsual, func(t *Terms) { t.tier(l.path, i).Promote = nil }))
		}
	}
}

// returnOf is the place of the first tier that returns capital of investors whom x
// pays, -1 where there is none.
func (l tierList) returnOf(x *Tier) int {
	return slices.IndexFunc(l.tiers, func(y Tier) bool {
		shared := len(x.To) == 0 || len(y.To) == 0 || slices.ContainsFunc(y.To, func(c string) bool { return slices.Contains(x.To, c) })
		return y.Type == TierReturnOfCapital && shared
	})
}

// neverReturned looks for capital that earns a preferred return and never comes back.
func (f *finder) neverReturned(l tierList) {
	lost := map[string]bool{}
	for name, p := range f.t.Prefs {
		class := p.classOf(name)
		if p.On != "" {
			class = p.On
		}
		if p.earns() {
			lost[class] = true
		}
	}
	for _, class := range f.t.classNames() {
		if !lost[class] || slices.ContainsFunc(l.tiers, func(x Tier) bool { return x.Type == TierReturnOfCapital && f.t.serves(&x, class) }) {
			continue
		}
		k := slices.IndexFunc(l.tiers, func(x Tier) bool { return x.sharesPromote() || x.Type == TierCatchUp })
		if k < 0 {
			k = len(l.tiers)
		}
		f.at(SeverityWarning, findCapitalNever, l, len(l.tiers)-1, "type",
			"no tier returns the capital of class "+class+", so that the preferred return accrues on all of it for ever",
			f.cost(sampleUsual, func(t *Terms) { t.insert(l.path, k, Tier{Type: TierReturnOfCapital, To: []string{class}}) }))
	}
}

// promoteOnAll looks for a split with promote that nothing before it has kept to
// profit.
func (f *finder) promoteOnAll(l tierList) {
	counted := false // by a tier that looks back
	for i := range l.tiers {
		x := &l.tiers[i]
		if x.Type == TierReturnOfCapital || x.Type == TierHurdle && x.countsCapital() != "" {
			if counted = true; !x.LookBack {
				return
			}
		}
		if counted && x.LookBack {
			continue // so is it, when it looks back
		}
		if p := rateOf(x.Promote); x.Type == TierSplit && p > 0 {
			f.at(SeverityWarning, findPromoteOnAll, l, i, "promote",
				"no tier before it returns or counts capital, so that promote is a part of all cash, capital included",
				f.cost(sampleUsual, func(t *Terms) { t.insert(l.path, i, Tier{Type: TierReturnOfCapital, To: x.To}) }))
			return
		}
	}
}

// levelBeforeCapital looks at a hurdle before the return of capital, at back, or in a
// list of operating cash that returns none.
func (f *finder) levelBeforeCapital(l tierList, i, back int) {
	x := &l.tiers[i]
	what, p := x.countsCapital(), rateOf(x.Promote)
	later := "the later return of capital pays it a second time"
	if back < 0 {
		later = "refinancings and sales return all of it a second time"
	}
	first := func(t *Terms) {
		if back > i {
			t.move(l.path, back, i)
			return
		}
		t.insert(l.path, l.front(), Tier{Type: TierReturnOfCapital})
	}
	switch {
	case what == "" && p > 0 && l.path == pathCapital:
		f.at(SeverityNote, findPromoteAhead, l, i, "return",
			"promote is paid on a yearly return while capital is still out",
			f.cost(sampleUsual, first))
	case what != "" && p > 0:
		f.at(SeverityWarning, findPromoteCapital, l, i, what,
			"this level counts capital that comes back, so that the tier pays promote beside capital, and "+
				later+"; say return with capital false if a yearly return on capital is meant, or return capital first",
			f.cost(sampleUsual, func(t *Terms) {
				y := t.tier(l.path, i)
				if y.IRR != nil {
					y.Return, y.IRR = y.IRR, nil
				}
				if y.Return == nil {
					first(t)
					return
				}
				y.Capital = ptr(false)
			}))
	case what != "":
		f.at(SeverityWarning, findCapitalTwice, l, i, what,
			"this level counts capital that comes back, and "+later+", before promote has anything", f.cost(sampleUsual, first))
	}
}

// countsCapital is the field of a hurdle by which capital that comes back counts toward
// its level, "" where none does.
func (x *Tier) countsCapital() string {
	switch {
	case x.IRR != nil:
		return "irr"
	case x.Multiple != nil:
		return "multiple"
	case x.Return != nil && (x.Capital == nil || *x.Capital):
		return "return"
	}
	return ""
}
