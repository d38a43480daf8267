package waterfall

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// every yields the tiers of both lists.
func (t *Terms) every(yield func(path string, i int, tier *Tier) bool) {
	for _, l := range []struct {
		path  string
		tiers []Tier
	}{{"tiers.capital", t.Tiers.Capital}, {"tiers.operating", t.Tiers.Operating}} {
		for i := range l.tiers {
			if !yield(l.path, i, &l.tiers[i]) {
				return
			}
		}
	}
}

// has reports whether some tier is of a type.
func (t *Terms) has(typ TierType) bool {
	found := false
	t.every(func(_ string, _ int, x *Tier) bool {
		found = found || x.Type == typ
		return !found
	})
	return found
}

// profit says what a catch-up counts, which documents leave open.
func (d *describer) profit() {
	if !d.t.has(TierCatchUp) {
		return
	}
	d.say("Profit, for a catch-up, is everything paid so far to investors who bear promote, other than returns of capital, " +
		"and promote itself. Fees, money held back, and everything paid on members' loans never count.")
}

// accrues says from when to when return is earned.
func (d *describer) accrues() {
	earned, ends, compounds := false, false, false
	for _, p := range d.t.Prefs {
		earned = earned || p.earns()
		ends = ends || p.earns() && p.Base == ""
		compounds = compounds || p.earns() && p.Compounding != CompoundNone
	}
	if !earned {
		return
	}
	text := "Preferred return is earned from the day on which capital comes in, that day included"
	if ends {
		text += ", to the day on which it goes back, that day not"
	}
	text += "."
	if compounds {
		text += " A payment of it counts first against what has been compounded."
	}
	d.say("%s", text)
}

// tested says whose flows a hurdle looks at, and what counts in it.
func (d *describer) tested() {
	together, of, counts, lapses := false, false, false, false
	d.t.every(func(_ string, _ int, x *Tier) bool {
		if x.Type == TierHurdle {
			counts, lapses = counts || x.Surplus == "", lapses || x.Surplus == SurplusLapses
			of = of || len(x.Of) > 0
			together = together || len(x.Of) == 0 && x.By != ByInvestor
		}
		return true
	})
	if !d.t.has(TierHurdle) {
		return
	}
	text := "A step that runs until investors have had a rate, a return or a multiple looks at what they have paid in and at all that any step of " +
		"this and of every earlier distribution has paid them, preferred return and capital included. Promote, fees, money held back and " +
		"everything paid on members' loans do not count."
	switch {
	case counts && lapses:
		text += " What they have had beyond it counts against what they pay in later, unless the step says otherwise."
	case counts:
		text += " What they have had beyond it counts against what they pay in later."
	}
	if together {
		text += " It looks at those whom it pays and who bear promote; who bears none is not tested."
	}
	if of {
		text += " Where it names whom it looks at, it looks at these alone, whether they bear promote or not; what they lack is raised in the ratio of " +
			"the contributed capital, or percentages, of those whom it pays to theirs."
	}
	d.say("%s", text)
}

// percentages says what a percentage is of.
func (d *describer) percentages() {
	found := false
	d.t.every(func(_ string, _ int, x *Tier) bool {
		found = found || x.Percentages != nil
		return !found
	})
	if found {
		d.say("An account has its percentage whatever it has paid in. A class shares its percentage by contributed capital; that of a class which has " +
			"paid nothing in goes to the others in proportion to theirs.")
	}
}

// rates says what a hurdle's rate means.
func (d *describer) rates() {
	var irrs []int64
	d.t.every(func(_ string, _ int, x *Tier) bool {
		if x.IRR != nil && !slices.Contains(irrs, rateOf(x.IRR)) && rateOf(x.IRR) > 0 {
			irrs = append(irrs, rateOf(x.IRR))
		}
		return true
	})
	if len(irrs) == 0 {
		return
	}
	slices.Sort(irrs)
	var same []string
	for _, r := range irrs {
		same = append(same, fmt.Sprintf("%s is %s a year compounded monthly or %s compounded quarterly", percent(r), nominal(r, 12), nominal(r, 4)))
	}
	d.say("The rate of a hurdle is the effective annual rate of contributions and distributions on their days, by actual days over 365: %s.",
		strings.Join(same, "; "))
}

// nominal is the rate that, compounded n times a year, is the same as an
// effective annual rate, as a percentage with four decimals.
func nominal(irr int64, n int64) string {
	base := new(big.Int).Mul(big.NewInt(unit+irr), workPow[workDigits-rateDecimals])
	x := new(big.Int).Sub(root(base, n), workOne)
	return decimal.NewFromBigInt(x.Mul(x, big.NewInt(100*n)), -workDigits).Round(4).String() + " %"
}
