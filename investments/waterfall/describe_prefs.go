package waterfall

import (
	"fmt"
	"strings"

	"github.com/freehold-go/freehold/realestate/date"
)

// prefText is a preferred return in words.
func (d *describer) prefText(name string, p *Pref) string {
	class, kind := p.classOf(name), "cumulative preferred return"
	if p.Lapse != "" {
		kind = "preferred return that is not cumulative"
	}
	called := ""
	if p.apart(name) {
		called = ", called " + name + ","
	}
	on := baseText(p)
	if p.On != "" {
		on += " of class " + p.On
	}
	text := fmt.Sprintf("Class %s earns a %s%s of %s on %s, %s, with %s", class, kind, called, rateWords(p), on,
		d.compounding(p), dayCountText(cmpDayCount(p.DayCount, d.t.DayCount)))
	if p.From != nil {
		if p.From.Date.IsZero() {
			text += fmt.Sprintf(", from %d days after the first closing", p.From.Days)
		} else {
			text += ", from " + p.From.Date.String()
		}
	}
	text += "."
	if p.Lapse != "" {
		text += fmt.Sprintf(" What the %s could not pay is not owed later; it lapses on %s, after that day's distributions.", periodText(p.Lapse),
			boundaryText(p.Lapse, p.Boundaries))
	}
	if p.DefaultRate != nil {
		text += fmt.Sprintf(" From the day that a default is entered until it ends the rate is %s a year.", percent(rateOf(p.DefaultRate)))
	}
	return text
}

func cmpDayCount(own, deal date.DayCount) date.DayCount {
	if own != "" {
		return own
	}
	return deal
}

func baseText(p *Pref) string {
	switch p.Base {
	case BaseContributed:
		return "contributed capital, whatever has been returned,"
	case BaseInitial:
		return "the capital contributed on the first day"
	}
	return "unreturned capital"
}

// rateWords is the rate of a preference in words.
func rateWords(p *Pref) string {
	text := percent(rateOf(&p.Rate)) + " a year"
	var steps []string
	for _, s := range p.Rates {
		steps = append(steps, fmt.Sprintf("%s from %s", percent(rateOf(&s.Rate)), s.From))
	}
	if len(steps) > 0 {
		text += ", " + strings.Join(steps, ", ") + ","
	}
	if x := p.Index; x != nil {
		text = fmt.Sprintf("%s plus %s a year", x.Name, percent(rateOf(&x.Spread)))
		if x.Floor != nil {
			text += ", at least " + percent(rateOf(x.Floor))
		}
		if x.Cap != nil {
			text += ", at most " + percent(rateOf(x.Cap))
		}
		text += fmt.Sprintf(" (%s before the first fixing),", percent(rateOf(&p.Rate)))
	}
	return text
}

// compounding says when a preference compounds.
func (d *describer) compounding(p *Pref) string {
	if p.Boundaries != BoundariesAnniversary || p.Compounding.months() == 0 {
		return compoundingText(p.Compounding)
	}
	return "compounded on " + boundaryText(p.Compounding, p.Boundaries)
}

func periodText(c Compounding) string {
	return map[Compounding]string{CompoundAnnual: "year", CompoundQuarterly: "quarter", CompoundMonthly: "month"}[c]
}

// boundaryText names the days of boundaries.
func boundaryText(c Compounding, b Boundaries) string {
	if b == BoundariesAnniversary {
		return "the " + map[Compounding]string{CompoundAnnual: "yearly", CompoundQuarterly: "three-monthly", CompoundMonthly: "monthly"}[c] +
			" anniversaries of the day the account first had capital, or the last day of a month that has no such day"
	}
	return strings.TrimPrefix(compoundingText(c), "compounded on ")
}
