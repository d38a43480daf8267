package waterfall

import (
	"fmt"
	"strings"
)

// tierText is one tier in words.
func (d *describer) tierText(t *Tier) string {
	who, what := "all investors", "preferred return"
	if t.Pref != "" {
		p := d.t.Prefs[t.Pref]
		who = "class " + p.classOf(t.Pref)
		if p.apart(t.Pref) {
			what = t.Pref
		}
	}
	if len(t.To) > 0 {
		who = "class " + t.To[0]
		if len(t.To) > 1 {
			who = "classes " + and(t.To)
		}
	}
	p := rateOf(t.Promote)
	text := ""
	switch t.Type {
	case TierPref:
		text = fmt.Sprintf("unpaid %s to %s, in proportion to what each is due", what, who) + besideWords(p)
	case TierReturnOfCapital:
		text = fmt.Sprintf("unreturned capital to %s, in proportion to it", who) + besideWords(p)
		if t.Lots != "" {
			text = fmt.Sprintf("contributions back to %s, the latest first", who)
			if t.WithPref {
				text += ", each with its unpaid preferred return before the next older one"
			}
		}
	case TierCatchUp:
		g := rateOf(t.GPShare)
		text = fmt.Sprintf("%s to promote", percent(g))
		if g < unit {
			text += fmt.Sprintf(" and %s to %s by contributed capital", percent(unit-g), who)
		}
		text += fmt.Sprintf(", until promote is %s of everything paid other than returns of capital", percent(rateOf(t.Target)))
	case TierHurdle:
		text = shareText(p, who, t) + ", " + untilText(t)
	case TierSplit:
		text = shareText(p, who, t) + ", without limit"
	case TierFee:
		text = feeText(t)
	case TierHoldback:
		text = "into " + reserveText(t.Reserve)
		if t.Amount != nil {
			text += ", until it holds " + t.Amount.Format()
		} else {
			text += ", " + percent(rateOf(t.Rate)) + " of the cash left"
		}
	}
	return text + afterText(t) + "."
}

// afterText is what holds of a tier besides.
func afterText(t *Tier) (text string) {
	if t.Order == Sequential && len(t.To) > 1 {
		text += "; the classes are served one after the other, in this order"
	}
	if len(t.PromoteSplit) > 0 {
		text += "; promote is shared " + splitText(t.PromoteSplit)
		if rest := vestingText(t.PromoteSplit); rest != "" {
			text += "." + strings.TrimSuffix(rest, ".")
		}
	}
	switch t.PromoteBase {
	case PromoteOnOutside:
		text += "; the sponsor's own investment bears none of it"
	case PromoteOnAll:
		text += "; the sponsor's own investment bears it too"
	}
	return text
}

func shareText(promote int64, who string, t *Tier) string {
	by := "contributed capital"
	switch {
	case t.Share == ShareUnits:
		by = "units"
	case t.Percentages != nil:
		who, by = "the investors", "percentages ("+t.Percentages.text()+")"
	}
	if promote == 0 {
		return "to " + who + " by " + by
	}
	if promote == unit {
		return "all to promote"
	}
	return fmt.Sprintf("%s to %s by %s and %s to promote", percent(unit-promote), who, by, percent(promote))
}

func untilText(t *Tier) string {
	tested := "they"
	if len(t.Of) > 0 {
		tested = and(t.Of)
	}
	have, whose := tested+" together have had ", "their"
	if len(t.Of) == 1 {
		have, whose = tested+" alone has had ", "its"
	}
	switch t.By {
	case ByInvestor:
		have, whose = "each of them, by its own need, has had ", "its"
	case ByEach:
		have, whose = "the last of "+strings.Replace(tested, "they", "them", 1)+", each on its own flows, has had ", "its"
	}
	rate := percent(rateOf(t.IRR)) + " a year on " + whose + " contributions"
	if l, ok := levelOfTier(t); ok {
		rate = returnTextOf(l, whose)
	}
	multiple := rateText(rateOf(t.Multiple)) + " times " + whose + " contributions"
	text := "until " + have + rate + " and " + multiple
	switch {
	case t.IRR == nil && t.Return == nil:
		text = "until " + have + multiple
	case t.Multiple == nil:
		text = "until " + have + rate
	case t.Test == TestEither:
		text = "until " + have + rate + " or " + multiple + ", whichever takes less"
	}
	if t.Surplus == SurplusLapses {
		text += "; what is paid beyond it does not count against later contributions"
	}
	return text
}

// besideWords is the promote beside a preferred return or capital.
func besideWords(p int64) string {
	if p == 0 {
		return ""
	}
	return fmt.Sprintf("; beside it %s of the cash of this step goes to promote", percent(p))
}

// levelOfTier is the return of a tier for words: a day count that it leaves to the
// deal stays empty.
func levelOfTier(t *Tier) (returnLevel, bool) { return (&Terms{}).level(t) }

// returnText is a yearly return of several in words.
func returnText(l returnLevel) string { return returnTextOf(l, "their") }

func returnTextOf(l returnLevel, whose string) string {
	text := fmt.Sprintf("a return of %s a year on %s unreturned capital, %s", percent(l.rate), whose, compoundingText(l.compound))
	if l.capital {
		text = fmt.Sprintf("a return of %s a year on %s capital as far as it has not come back, %s", percent(l.rate), whose, compoundingText(l.compound))
	}
	if l.dayCount != "" {
		text += ", with " + dayCountText(l.dayCount)
	}
	if l.capital {
		return text + ", and that capital itself, every payment counting first against the return"
	}
	return text + ", every payment other than a return of capital counting against it"
}

func feeText(t *Tier) string {
	if t.Amount != nil {
		return fmt.Sprintf("a fee of %s to %s", t.Amount.Format(), t.Payee) + unpaidText(t)
	}
	base := map[FeeBase]string{FeeOnCash: "the cash left", FeeOnDistribution: "the whole distribution", FeeOnContributed: "contributed capital"}[t.Base]
	return fmt.Sprintf("a fee of %s of %s to %s", percent(rateOf(t.Rate)), base, t.Payee) + unpaidText(t)
}

func unpaidText(t *Tier) string {
	if t.Unpaid == UnpaidCarried {
		return "; what the cash does not cover is owed at the next distribution, without interest"
	}
	return "; what the cash does not cover is not owed later"
}
