package waterfall

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/freehold-go/freehold/realestate/date"
)

// Describe writes the terms as plain English clauses, for people to hold
// against the signed agreement. It returns what Validate returns.
func (t *Terms) Describe() (string, error) {
	if err := t.Validate(); err != nil {
		return "", err
	}
	d := describer{t: t.normal()}
	d.preferred()
	d.promote()
	d.profit()
	d.rates()
	if t.Run == RunPartner {
		d.say("The cash of a distribution is first apportioned to the investors by contributed capital, after fees and money held back. " +
			"The steps then run on each investor's part alone, by its own capital, return, profit and promote; who bears no promote keeps their part.")
	}
	if len(t.Tiers.Operating) == 0 {
		d.list("Every distribution is made in this order, each step with the cash that the steps before it left", d.t.Tiers.Capital)
	} else {
		d.list("A distribution of operating cash is made in this order, each step with the cash that the steps before it left", d.t.Tiers.Operating)
		d.list("A distribution of refinancing or sale proceeds is made in this order", d.t.Tiers.Capital)
	}
	d.say("Cash left after the last step is not distributed.")
	d.losses()
	d.findings(t)
	return d.b.String(), nil
}

// findings says what is unusual in the terms.
func (d *describer) findings(t *Terms) {
	for _, f := range t.Findings() {
		if f.Severity != SeverityWarning {
			continue
		}
		where, cost := f.Field, ""
		if f.Tier != "" {
			where = "tier " + f.Tier
		}
		if f.Cost != "" {
			cost = "; " + f.Cost
		}
		fmt.Fprintf(&d.b, "%s (%s): %s%s.\n", strings.ToUpper(string(f.Severity[:1]))+string(f.Severity[1:]), where, f.Reason, cost)
	}
}

// describer numbers clauses.
type describer struct {
	t *Terms
	b strings.Builder
	n int
}

func (d *describer) say(format string, args ...any) {
	d.n++
	fmt.Fprintf(&d.b, "%d. %s\n", d.n, fmt.Sprintf(format, args...))
}

func (d *describer) preferred() {
	if len(d.t.Prefs) == 0 {
		d.say("No class earns a preferred return.")
		return
	}
	for _, class := range slices.Sorted(maps.Keys(d.t.Prefs)) {
		p := d.t.Prefs[class]
		if p.Rate.IsZero() && len(p.Rates) == 0 && p.Index == nil && p.DefaultRate == nil {
			d.say("Class %s earns no preferred return.", class)
			continue
		}
		d.say("%s", d.prefText(class, &p))
	}
}

func compoundingText(c Compounding) string {
	switch c {
	case CompoundAnnual:
		return "compounded on the first day of each calendar year (1 January)"
	case CompoundQuarterly:
		return "compounded on the first day of each calendar quarter (1 January, 1 April, 1 July and 1 October)"
	case CompoundMonthly:
		return "compounded on the first day of each calendar month"
	case CompoundDaily:
		return "compounded every day"
	}
	return "not compounded"
}

func dayCountText(c date.DayCount) string {
	switch c {
	case date.Act360:
		return "actual days over a year of 360 (ACT/360)"
	case date.Thirty360US:
		return "months of 30 days over a year of 360, by the US rule (30/360US)"
	case date.Thirty360E:
		return "months of 30 days over a year of 360, by the European rule (30E/360)"
	case date.ActActISDA:
		return "actual days over the actual days of each year (ACT/ACT-ISDA)"
	}
	return "actual days over a year of 365 (ACT/365F)"
}

func (d *describer) promote() {
	t := d.t
	switch {
	case len(t.PromoteSplit) > 0:
		d.say("Promote is shared: %s.", splitText(t.PromoteSplit))
	case t.PromoteRecipient != "":
		d.say("Promote goes to %s.", t.PromoteRecipient)
	default:
		d.say("Promote goes to the partner of class %s.", classPromote)
	}
	if t.PromoteBase == PromoteOnOutside {
		d.say("The sponsor's own investment bears no promote; neither do accounts for which promote is waived.")
	} else {
		d.say("Every investor bears promote, the sponsor's own investment included, but for accounts for which it is waived.")
	}
}

func splitText(split []Share) string {
	var parts []string
	for _, s := range split {
		text := percent(rateOf(&s.Share)) + " to " + s.Recipient
		for k, v := range s.Vesting {
			if k == 0 {
				text += ", vested"
			}
			text += fmt.Sprintf(" %s from %s", percent(rateOf(&v.Part)), v.From)
		}
		parts = append(parts, text)
	}
	return and(parts)
}

// and joins words as English does.
func and(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

func (d *describer) list(head string, tiers []Tier) {
	d.n++
	fmt.Fprintf(&d.b, "%d. %s:\n", d.n, head)
	for i := range tiers {
		fmt.Fprintf(&d.b, "   %s %s: %s\n", letters(i), tiers[i].Name, tierText(&tiers[i]))
	}
}

// letters numbers the steps (a), (b) to (z), (aa).
func letters(i int) string {
	s := string(rune('a' + i%26))
	if i >= 26 {
		s = string(rune('a'+i/26-1)) + s
	}
	return "(" + s + ")"
}

// tierText is one tier in words.
func tierText(t *Tier) string {
	who := "all investors"
	if t.Pref != "" {
		who = "those who earn " + t.Pref
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
		text = fmt.Sprintf("unpaid preferred return to %s, in proportion to what each is due", who) + besideWords(p)
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
	if t.Order == Sequential && len(t.To) > 1 {
		text += "; the classes are served one after the other, in this order"
	}
	if len(t.PromoteSplit) > 0 {
		text += "; promote is shared " + splitText(t.PromoteSplit)
	}
	switch t.PromoteBase {
	case PromoteOnOutside:
		text += "; the sponsor's own investment bears none of it"
	case PromoteOnAll:
		text += "; the sponsor's own investment bears it too"
	}
	return text + "."
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
	have := tested + " together have had "
	if len(t.Of) == 1 {
		have = tested + " alone has had "
	}
	switch t.By {
	case ByInvestor:
		have = "each of them, by its own need, has had "
	case ByEach:
		have = "the last of " + strings.Replace(tested, "they", "them", 1) + ", each on its own flows, has had "
	}
	rate := percent(rateOf(t.IRR)) + " a year on their contributions"
	if l, ok := levelOfTier(t); ok {
		rate = returnText(l)
	}
	multiple := rateText(rateOf(t.Multiple)) + " times their contributions"
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
	return fmt.Sprintf(", with %s of the cash to promote beside it until they have had it all", percent(p))
}

// levelOfTier is the return of a tier for words: a day count that it leaves to the
// deal stays empty.
func levelOfTier(t *Tier) (returnLevel, bool) { return (&Terms{}).level(t) }

// returnText is a yearly return in words.
func returnText(l returnLevel) string {
	text := fmt.Sprintf("a return of %s a year, %s", percent(l.rate), compoundingText(l.compound))
	if l.dayCount != "" {
		text += ", with " + dayCountText(l.dayCount)
	}
	if l.capital {
		return text + ", and their capital itself, every payment counting first against the return"
	}
	return text + " on unreturned capital, every payment that is no return of capital counting against it"
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
