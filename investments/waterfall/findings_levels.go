package waterfall

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"
)

// tier looks at one tier by itself and among its neighbors.
func (f *finder) tier(l tierList, i int) {
	x := &l.tiers[i]
	switch x.Type {
	case TierPref, TierReturnOfCapital:
		f.due(l, i, x)
	case TierHurdle:
		f.level(l, i, x)
		f.tested(l, i, x)
		f.shared(l, i, x)
	case TierCatchUp:
		f.catchUp(l, i, x)
		f.catchUpAfter(l, i, x)
	case TierSplit:
		f.shared(l, i, x)
	case TierFee:
		f.fee(l, i, x)
	case TierHoldback:
		if x.Amount == nil && rateOf(x.Rate) < unit {
			f.at(SeverityNote, findHoldbackOpen, l, i, "amount",
				"the reserve is filled by every distribution, without an end",
				f.cost(sampleUsual, func(t *Terms) { t.remove(l.path, i) }))
		}
	}
	if looks := func(y Tier) bool { return y.LookBack }; x.LookBack && !slices.ContainsFunc(l.tiers[:i], looks) {
		f.looksBack(l, i)
	}
	f.promoteOf(l, i, x)
}

// looksBack says once a list what the first of its tiers that look back stands for.
func (f *finder) looksBack(l tierList, i int) {
	reason := "it is computed once, after the last sale"
	if slices.ContainsFunc(l.tiers[i+1:], func(y Tier) bool { return y.LookBack }) {
		reason = "it and later tiers are computed once, after the last sale"
	}
	before := false // promote that does not wait
	f.t.every(func(_ string, _ int, y *Tier) bool {
		before = before || !y.LookBack && (rateOf(y.Promote) > 0 || y.Type == TierCatchUp)
		return !before
	})
	if before {
		reason += "; promote that other tiers have paid too much by then does not come back by itself"
	}
	f.at(SeverityNote, findLookBack, l, i, "look_back", reason, f.cost(sampleUsual, func(t *Terms) {
		for k := range l.tiers {
			t.tier(l.path, k).LookBack = false
		}
	}))
}

// due looks at a tier that pays preferred returns or capital.
func (f *finder) due(l tierList, i int, x *Tier) {
	none := func() bool {
		for name, p := range f.t.Prefs {
			if p.earns() && p.paidBy(name, x) {
				return false
			}
		}
		return true
	}
	switch {
	case x.Type == TierPref && none():
		f.at(SeverityWarning, findPrefNone, l, i, "type", "none of those whom it pays earns a preferred return", "")
	case x.WithPref && none():
		f.at(SeverityWarning, findWithPrefWithoutPref, l, i, "with_pref",
			"the contributions that it returns earn no preferred return", "")
	}
}

// level looks at what a hurdle has to reach.
func (f *finder) level(l tierList, i int, x *Tier) {
	irr, m := rateOf(x.IRR), rateOf(x.Multiple)
	if irr >= extreme || rateOf(x.Return) >= extreme {
		f.at(SeverityWarning, findRateExtreme, l, i, map[bool]string{true: "irr", false: "return"}[x.IRR != nil],
			"it has a rate of 50 % a year or more; rates are fractions, 8 % is 0.08", f.cost(sampleUsual, func(t *Terms) {
				for _, d := range []*decimal.Decimal{t.tier(l.path, i).IRR, t.tier(l.path, i).Return} {
					if d != nil {
						*d = d.Shift(-2)
					}
				}
			}))
	}
	rated := x.IRR != nil || x.Return != nil
	nothing := x.Return != nil && x.countsCapital() == "" && x.Return.IsZero()
	switch {
	case x.Multiple != nil && m == 0 && (!rated || x.Test == TestEither), nothing && (x.Multiple == nil || x.Test == TestEither):
		f.at(SeverityWarning, findHurdleNothing, l, i, map[bool]string{true: "return", false: "multiple"}[nothing],
			"its level is met before anything is paid, so that the tier never pays", "")
	case x.Multiple != nil && m < unit:
		f.at(SeverityWarning, findMultipleBelow, l, i, "multiple",
			fmt.Sprintf("a multiple counts the capital itself: %s times is less than the capital, and 30 %% on top of it is 1.3", rateText(m)),
			f.cost(sampleUsual, func(t *Terms) { t.tier(l.path, i).Multiple = ptr(x.Multiple.Add(decimal.NewFromInt(1))) }))
	}
	if m >= 10*unit {
		f.at(SeverityWarning, findMultipleExtreme, l, i, "multiple",
			"it is "+rateText(m)+" times the capital; a multiple is no percentage",
			f.cost(sampleUsual, func(t *Terms) { t.tier(l.path, i).Multiple = ptr(x.Multiple.Shift(-2)) }))
	}
	if x.Multiple != nil && rated && x.Test == TestEither {
		f.at(SeverityNote, findEither, l, i, "test", "the lower of the two levels is enough",
			f.cost(sampleUsual, func(t *Terms) { t.tier(l.path, i).Test = TestBoth }))
	}
	f.met(l, i, x)
	if i+1 < len(l.tiers) {
		f.same(l, i, x, &l.tiers[i+1])
	}
}

// met looks for a level that what comes before it has reached already.
func (f *finder) met(l tierList, i int, x *Tier) {
	for k := i - 1; k >= 0; k-- {
		y := &l.tiers[k]
		if !y.alike(x) || len(x.Of) > 0 || y.Type == TierHurdle && (len(y.Of) > 0 || y.By != x.By) || !f.reaches(y, x) {
			continue
		}
		var cost string
		if y.Type == TierHurdle {
			cost = f.cost(sampleUsual, func(t *Terms) { t.move(l.path, i, k) })
		}
		f.at(SeverityWarning, findHurdleMet, l, i, "type",
			"tier "+y.Name+" before it reaches at least the same, so that it never pays", cost)
		return
	}
}

// reaches reports whether a level is met once a tier before it has been paid in full.
func (f *finder) reaches(y, x *Tier) bool {
	irr, multiple := int64(-1), int64(-1)
	switch {
	case y.Type == TierReturnOfCapital:
		irr, multiple = f.earnedBefore(y), unit
	case y.Type != TierHurdle || y.Test == TestEither && y.Multiple != nil && (y.IRR != nil || y.Return != nil):
		return false
	default:
		if y.IRR != nil {
			irr, multiple = rateOf(y.IRR), unit
		}
		if y.Multiple != nil {
			multiple = max(multiple, rateOf(y.Multiple))
		}
	}
	level := func() bool {
		a, ok := f.t.level(y)
		b, also := f.t.level(x)
		return ok && also && a.rate >= b.rate && a.compound == b.compound && a.dayCount == b.dayCount && a.capital == b.capital
	}
	byRate := x.IRR != nil && rateOf(x.IRR) <= irr || x.Return != nil && level()
	byMultiple := x.Multiple != nil && rateOf(x.Multiple) <= multiple
	switch {
	case x.Multiple == nil:
		return byRate
	case x.IRR == nil && x.Return == nil:
		return byMultiple && rateOf(x.Multiple) > 0
	case x.Test == TestEither:
		return byRate || byMultiple
	}
	return byRate && byMultiple
}

// earnedBefore is an effective rate that the investors of a return of capital have had
// once it has been paid: a little less than the compounded preferred return before it,
// or 0.
func (f *finder) earnedBefore(back *Tier) int64 {
	for _, l := range f.lists() {
		k := slices.IndexFunc(l.tiers, func(y Tier) bool { return y.Name == back.Name && y.Type == back.Type })
		if k < 0 || !slices.ContainsFunc(l.tiers[:k], func(y Tier) bool { return y.Type == TierPref && y.Pref == "" && y.alike(back) }) {
			continue
		}
		least := int64(-1)
		for _, class := range f.t.classNames() {
			p := f.t.own(class)
			if !f.t.serves(back, class) {
				continue
			}
			if p.Compounding == CompoundNone || p.varies(class) || rateOf(&p.Rate) == 0 {
				return 0
			}
			if r := rateOf(&p.Rate); least < 0 || r < least {
				least = r
			}
		}
		return max(0, least-1)
	}
	return 0
}

// same looks for a hurdle after which everything is shared as before.
func (f *finder) same(l tierList, i int, x, next *Tier) {
	equal := next.sharesPromote() && next.alike(x) && rateOf(next.Promote) == rateOf(x.Promote) && next.Share == "" &&
		(next.Type == TierSplit || next.By == ByClass) && x.By == ByClass && fmt.Sprint(x.Percentages, x.PromoteSplit, x.PromoteBase) ==
		fmt.Sprint(next.Percentages, next.PromoteSplit, next.PromoteBase)
	if equal {
		f.at(SeverityNote, findHurdleSame, l, i, "type",
			"tier "+next.Name+" after it shares cash in the same way, so that its level changes nothing", "")
	}
}

// tested looks at whose flows a hurdle tests, and what it does with what is beyond.
func (f *finder) tested(l tierList, i int, x *Tier) {
	if x.By == ByEach {
		f.at(SeverityNote, findEachBeyond, l, i, "by",
			"accounts that are there earlier go on sharing until the last one is",
			f.cost(sampleUsual, func(t *Terms) {
				y := t.tier(l.path, i)
				if y.By = ByInvestor; len(y.Of) > 0 || y.Percentages != nil {
					y.By = ByClass
				}
			}))
	}
	if why := f.t.expectsLater(); why != "" && len(x.Of) == 0 && f.given.tier(l.path, i).Surplus == "" {
		f.at(SeverityNote, findSurplus, l, i, "surplus",
			"what investors are paid beyond it counts against later contributions, "+why,
			f.cost(sampleCalled, func(t *Terms) { t.tier(l.path, i).Surplus = SurplusLapses }))
	}
	if len(x.To) == 0 && x.Percentages == nil {
		return
	}
	known := f.t.classNames()
	for _, name := range x.Of {
		if slices.Contains(known, name) && !f.t.serves(x, name) && !f.t.namesAccounts(x) {
			f.at(SeverityWarning, findHurdleOthers, l, i, "of",
				"it tests class "+name+", which it does not pay; only other tiers bring it nearer to its level",
				f.cost(sampleUsual, func(t *Terms) {
					y := t.tier(l.path, i)
					y.To, y.Of = slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(y.To), y.Of...)))), nil
				}))
		}
	}
}

// expectsLater says by what terms show that a surplus may matter: nearly all count it,
// and where nothing is paid in after a level has been passed, it makes no difference.
func (t *Terms) expectsLater() string {
	why := ""
	t.every(func(_ string, _ int, x *Tier) bool {
		switch {
		case x.Surplus == SurplusLapses:
			why = "and that of tier " + x.Name + " does not"
		case x.Lots != "" && why == "":
			why = "which tier " + x.Name + " expects"
		}
		return x.Surplus != SurplusLapses
	})
	return why
}

// catchUp looks at what a catch-up catches up on.
func (f *finder) catchUp(l tierList, i int, x *Tier) {
	if pref := l.first(TierPref); pref > i {
		f.at(SeverityWarning, findCatchUpEarly, l, i, "type",
			"promote catches up before the preferred return has been paid",
			f.cost(sampleUsual, func(t *Terms) { t.move(l.path, i, pref) }))
	}
	before := l.tiers[:i]
	profit := func(y Tier) bool { return y.Type == TierPref || y.Type == TierHurdle || y.WithPref }
	elsewhere := slices.ContainsFunc(f.lists(), func(o tierList) bool { return o.path != l.path && slices.ContainsFunc(o.tiers, profit) })
	if !elsewhere && !slices.ContainsFunc(before, profit) {
		f.at(SeverityWarning, findCatchUpNothing, l, i, "type",
			"no preferred return or hurdle is paid before it, so that at first there is nothing to catch up on",
			f.cost(sampleUsual, func(t *Terms) { t.remove(l.path, i) }))
	}
	counts := slices.IndexFunc(before, func(y Tier) bool { return y.Type == TierHurdle && y.countsCapital() != "" })
	if counts >= 0 && (l.returnOf(&l.tiers[counts]) < 0 || l.returnOf(&l.tiers[counts]) > counts) {
		f.at(SeverityWarning, findCatchUpOnCapital, l, i, "target", "tier "+l.tiers[counts].Name+
			" before it pays capital back, which the catch-up takes for profit; return capital first", f.cost(sampleUsual, func(t *Terms) {
			if back := l.returnOf(&l.tiers[counts]); back > counts {
				t.move(l.path, back, counts)
				return
			}
			t.insert(l.path, counts, Tier{Type: TierReturnOfCapital})
		}))
	}
	for _, class := range f.t.classNames() {
		if !f.t.serves(x, class) {
			f.at(SeverityNote, findCatchUpCounts, l, i, "to",
				"it counts the profit of class "+class+", too, which it does not pay; members' loans and accounts whose promote is waived do not count", "")
			return
		}
	}
}

// catchUpAfter compares a catch-up with the tier after it.
func (f *finder) catchUpAfter(l tierList, i int, x *Tier) {
	k := slices.IndexFunc(l.tiers[i+1:], func(y Tier) bool { return y.sharesPromote() })
	if k < 0 {
		return
	}
	y := &l.tiers[i+1+k]
	after, target, share := rateOf(y.Promote), rateOf(x.Target), rateOf(x.GPShare)
	if after < target {
		f.at(SeverityWarning, findCatchUpOpens, l, i, "target", fmt.Sprintf(
			"later tiers pay %s promote, less than the %s that this one aims at; it opens again at every distribution", percent(after), percent(target)),
			f.cost(sampleUsual, func(t *Terms) { t.tier(l.path, i).Target = y.Promote }))
	}
	if share < after {
		f.at(SeverityWarning, findCatchUpSlow, l, i, "gp_share",
			fmt.Sprintf("it pays %s promote, less than the %s of the tiers after it", percent(share), percent(after)),
			f.cost(sampleUsual, func(t *Terms) { t.tier(l.path, i).GPShare = normalRate(ptr(decimal.NewFromInt(1))) }))
	}
}
