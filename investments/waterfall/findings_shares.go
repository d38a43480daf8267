package waterfall

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"
)

// shared looks at whom the investors' part of a split or hurdle goes to.
func (f *finder) shared(l tierList, i int, x *Tier) {
	if x.Type == TierSplit && rateOf(x.Promote) == unit {
		f.at(SeverityWarning, findInvestorsCap, l, i, "promote",
			"all that is left is promote; investors get no part of it",
			f.cost(sampleUsual, func(t *Terms) { t.tier(l.path, i).Promote = &decimal.Decimal{} }))
	}
	if p := rateOf(x.Promote); p > unit/2 && p < unit {
		f.at(SeverityWarning, findPromoteMost, l, i, "promote",
			"promote is "+percent(p)+" and the investors' part "+percent(unit-p)+"; promote is the recipient's part",
			f.cost(sampleUsual, func(t *Terms) { t.tier(l.path, i).Promote = ptr(decimal.NewFromInt(1).Sub(*x.Promote)) }))
	}
	if x.Percentages == nil || f.t.namesAccounts(x) {
		return
	}
	for _, class := range f.t.classNames() {
		if x.Percentages[class] == "" {
			f.at(SeverityNote, findSkipsClass, l, i, "percentages", "class "+class+" has no part of it",
				f.cost(sampleUsual, func(t *Terms) { t.tier(l.path, i).Percentages = nil }))
		}
	}
}

// fee looks at one fee.
func (f *finder) fee(l tierList, i int, x *Tier) {
	without := func(t *Terms) { t.remove(l.path, i) }
	each := x.Amount != nil && x.Amount.Sign() > 0 || x.Base == FeeOnContributed && rateOf(x.Rate) > 0
	if each {
		f.at(SeverityNote, findFeeEach, l, i, map[bool]string{true: "amount", false: "base"}[x.Amount != nil],
			"it is due at every distribution: the more often cash is distributed, the more it is", "")
	}
	if r := rateOf(x.Rate); r > unit/10 && r < unit {
		f.at(SeverityWarning, findFeeLarge, l, i, "rate",
			"a fee of "+percent(r)+" is more than a tenth", f.cost(sampleUsual, without))
	}
}

// promoteOf looks at who gets the promote of a tier, and who bears it.
func (f *finder) promoteOf(l tierList, i int, x *Tier) {
	pays := rateOf(x.Promote) > 0 || x.Type == TierCatchUp || f.t.Prefs[x.Pref].Class == classPromote
	if len(x.PromoteSplit) > 0 && !pays {
		f.at(SeverityNote, findUnusedSplit, l, i, "promote_split",
			"the tier pays no promote that could be shared", "")
	}
	if x.PromoteBase != "" && x.PromoteBase != f.t.PromoteBase && (pays || x.Type == TierHurdle) {
		f.at(SeverityNote, findBaseDiffers, l, i, "promote_base", map[PromoteBase]string{
			PromoteOnAll:     "the sponsor's own investment bears promote here, and none elsewhere",
			PromoteOnOutside: "the sponsor's own investment bears no promote here, and does elsewhere"}[x.PromoteBase],
			f.cost(sampleSponsor, func(t *Terms) { t.tier(l.path, i).PromoteBase = "" }))
	}
	f.vesting(fmt.Sprintf("%s[%d].promote_split", l.path, i), x.PromoteSplit, func(t *Terms) []Share { return t.tier(l.path, i).PromoteSplit })
}

// vesting looks at how shares of promote vest.
func (f *finder) vesting(field string, split []Share, of func(*Terms) []Share) {
	for k := range split {
		v := split[k].Vesting
		at := fmt.Sprintf("%s[%d].vesting", field, slices.IndexFunc(of(f.given), func(s Share) bool { return s.Recipient == split[k].Recipient }))
		for n := 1; n < len(v); n++ {
			if before := v[n-1].Part; v[n].Part.LessThan(before) {
				f.on(SeverityWarning, findVestingFalls, fmt.Sprintf("%s[%d].part", at, n),
					fmt.Sprintf("what %s has vested falls from %s to %s on %s", split[k].Recipient, percent(rateOf(&before)), percent(rateOf(&v[n].Part)), v[n].From),
					f.cost(around(v[n].From), func(t *Terms) {
						for m := n; m < len(v); m++ {
							of(t)[k].Vesting[m].Part = decimal.Max(before, v[m].Part)
						}
					}))
			}
		}
		if n := len(v); n > 0 && rateOf(&v[n-1].Part) < unit {
			last := v[n-1]
			f.on(SeverityNote, findVestingPartial, fmt.Sprintf("%s[%d].part", at, n-1),
				fmt.Sprintf("%s never has all of its share: the last part is %s", split[k].Recipient, percent(rateOf(&last.Part))),
				f.cost(around(last.From), func(t *Terms) { of(t)[k].Vesting[n-1].Part = *normalRate(ptr(decimal.NewFromInt(1))) }))
		}
	}
}
