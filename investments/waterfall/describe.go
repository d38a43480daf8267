package waterfall

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/freehold-go/freehold/realestate/date"
)

// Describe writes the terms as plain English clauses, for people to hold
// against the signed agreement, and below them what [Terms.Findings] warns of and
// notes. It returns what Validate returns.
func (t *Terms) Describe() (string, error) {
	if err := t.Validate(); err != nil {
		return "", err
	}
	d := describer{t: t.normal()}
	d.preferred()
	d.promote()
	d.profit()
	d.tested()
	d.percentages()
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
	if d.leaves() {
		d.say("Cash left after the last step is not distributed.")
	}
	d.methodPreferred()
	d.losses()
	d.findings(t)
	return d.b.String(), nil
}

// leaves reports whether cash may be left after the last step of a list.
func (d *describer) leaves() bool {
	all := func(x Tier) bool { return x.takesAll() }
	return !slices.ContainsFunc(d.t.Tiers.Capital, all) || len(d.t.Tiers.Operating) > 0 && !slices.ContainsFunc(d.t.Tiers.Operating, all)
}

// methodPreferred says what a distribution by that method pays instead.
func (d *describer) methodPreferred() {
	if len(d.t.Prefs) == 0 {
		return
	}
	but := ""
	if names := d.t.apartNames(); len(names) > 0 {
		but = ", " + and(names) + " excepted"
	}
	d.say("A distribution declared by the method preferred leaves these steps aside. It pays unpaid preferred return%s, then, of refinancing or "+
		"sale proceeds, unreturned capital, and shares the rest by units where every position has units and by contributed capital otherwise. "+
		"It pays no promote and no fee, and holds nothing back.", but)
}

// findings says what is unusual in the terms, and what is worth knowing.
func (d *describer) findings(t *Terms) {
	for _, f := range t.Findings() {
		if f.Severity == SeverityError {
			continue // what new terms have to say, and stored ones need not
		}
		cost := ""
		if f.Cost != "" {
			cost = "; " + f.Cost
		}
		weight := strings.ToUpper(string(f.Severity[:1])) + string(f.Severity[1:])
		fmt.Fprintf(&d.b, "%s (%s): %s%s.\n", weight, d.place(&f), f.Reason, cost)
	}
}

// place says in words where a finding is.
func (d *describer) place(f *Finding) string {
	list := ""
	if len(d.t.Tiers.Operating) > 0 {
		list = "refinancings and sales"
		if strings.HasPrefix(f.Field, pathOperating) {
			list = "operating cash"
		}
	}
	switch {
	case f.Tier != "" && list != "":
		return "tier " + f.Tier + " of " + list
	case f.Tier != "":
		return "tier " + f.Tier
	case strings.HasPrefix(f.Field, "prefs["):
		name, _, _ := strings.Cut(strings.TrimPrefix(f.Field, `prefs["`), `"]`)
		return "preferred return " + name
	case strings.Contains(f.Field, "promote_split"):
		return "shares of promote"
	case strings.HasPrefix(f.Field, "tiers.") && list != "":
		return list
	case strings.HasPrefix(f.Field, "tiers"):
		return "the steps"
	}
	return "losses"
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
	d.accrues()
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
	if !t.paysPromote() {
		d.say("No step pays promote.")
		return
	}
	switch {
	case len(t.PromoteSplit) > 0:
		d.say("Promote is shared: %s.%s", splitText(t.PromoteSplit), vestingText(t.PromoteSplit))
	case t.PromoteRecipient != "":
		d.say("Promote goes to %s.", t.PromoteRecipient)
	default:
		d.say("Promote goes to the partner of class %s.", classPromote)
	}
	const beside = "pays them beside the others, in proportion to what it shares by, and takes no promote from them."
	if t.PromoteBase == PromoteOnOutside {
		d.say("The sponsor's own investment bears no promote; neither do accounts for which promote is waived. A step with promote %s", beside)
	} else {
		d.say("Every investor bears promote, the sponsor's own investment included, but for accounts for which it is waived: a step with promote %s", beside)
	}
}

// paysPromote reports whether some tier pays promote.
func (t *Terms) paysPromote() bool {
	pays := false
	t.every(func(_ string, _ int, x *Tier) bool {
		p := t.Prefs[x.Pref]
		pays = pays || rateOf(x.Promote) > 0 || x.Type == TierCatchUp || x.Pref != "" && p.classOf(x.Pref) == classPromote
		return !pays
	})
	return pays
}

// splitText is who shares promote.
func splitText(split []Share) string {
	var parts []string
	for _, s := range split {
		text := percent(rateOf(&s.Share)) + " to " + s.Recipient
		var steps []string
		for _, v := range s.Vesting {
			steps = append(steps, fmt.Sprintf("%s from %s", percent(rateOf(&v.Part)), v.From))
		}
		if len(steps) > 0 {
			text += " (of which it has nothing at first, " + and(steps) + ")"
		}
		parts = append(parts, text)
	}
	return and(parts)
}

// vestingText says who gets what has not vested, where something vests.
func vestingText(split []Share) string {
	if slices.ContainsFunc(split, func(s Share) bool { return len(s.Vesting) > 0 }) {
		return " What a recipient does not have yet goes to those who have all of theirs, in proportion to their shares."
	}
	return ""
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
		fmt.Fprintf(&d.b, "   %s %s: %s\n", letters(i), tiers[i].Name, d.tierText(&tiers[i]))
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
