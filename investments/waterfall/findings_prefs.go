package waterfall

import (
	"fmt"
	"maps"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/date"
)

// extreme is a yearly rate that nobody is promised: where one is that high, a
// percentage was written for a fraction.
const extreme = unit / 2

// prefs looks at the preferred returns.
func (f *finder) prefs() {
	for _, name := range slices.Sorted(maps.Keys(f.t.Prefs)) {
		p := f.t.Prefs[name]
		field := fmt.Sprintf("prefs[%q]", name)
		f.prefPaid(name, field, &p)
		f.prefRates(name, field, &p)
		f.prefBase(name, field, &p)
		f.prefTime(name, field, &p)
	}
	f.dayCounts()
}

// change applies a change to a preference of terms.
func (t *Terms) change(name string, by func(*Pref)) {
	p := t.Prefs[name]
	by(&p)
	t.Prefs[name] = p
}

// earns reports whether anything can be earned by a preference.
func (p *Pref) earns() bool {
	any := !p.Rate.IsZero() || p.Index != nil || p.DefaultRate != nil && !p.DefaultRate.IsZero()
	for _, s := range p.Rates {
		any = any || !s.Rate.IsZero()
	}
	return any
}

// pays reports whether a tier pays a preference.
func (p *Pref) paidBy(name string, x *Tier) bool {
	if x.Pref != "" {
		return x.Type == TierPref && x.Pref == name
	}
	return (x.Type == TierPref || x.WithPref) && !p.apart(name) && (len(x.To) == 0 || slices.Contains(x.To, name))
}

// prefPaid looks at which lists pay a preference.
func (f *finder) prefPaid(name, field string, p *Pref) {
	if !p.earns() {
		return
	}
	own := Tier{Type: TierPref, To: []string{name}}
	if p.apart(name) {
		own = Tier{Type: TierPref, Pref: name}
	}
	var lacking []tierList
	all := f.lists()
	for _, l := range all {
		if !slices.ContainsFunc(l.tiers, func(x Tier) bool { return p.paidBy(name, &x) }) {
			lacking = append(lacking, l)
		}
	}
	if len(lacking) == 0 {
		return
	}
	cost := f.cost(sampleUsual, func(t *Terms) {
		for _, l := range lacking {
			t.insert(l.path, l.front(), own)
		}
	})
	if len(lacking) == len(all) {
		f.on(SeverityWarning, findPrefUnpaid, field, "no tier pays the preferred return "+name, cost)
		return
	}
	what := map[string]string{pathCapital: "refinancings and sales", pathOperating: "operating cash"}[lacking[0].path]
	f.on(SeverityNote, findPrefElsewhere, lacking[0].path,
		"the preferred return "+name+" is not paid out of "+what+"; what the other list does not pay of it stays owed", cost)
}

// extremes looks for percentages that were written for fractions, each at its place.
func (f *finder) extremes(name, field string, p *Pref) {
	judge := func(at string, d *decimal.Decimal, v variant, of func(*Pref) *decimal.Decimal) {
		if d == nil || rateOf(d) < extreme {
			return
		}
		f.on(SeverityWarning, findRateExtreme, field+at,
			"it has a rate of 50 % a year or more; rates are fractions, 8 % is 0.08",
			f.cost(v, func(t *Terms) {
				t.change(name, func(p *Pref) { *of(p) = of(p).Shift(-2) })
			}))
	}
	judge(".rate", &p.Rate, sampleUsual, func(p *Pref) *decimal.Decimal { return &p.Rate })
	for k := range p.Rates {
		judge(fmt.Sprintf(".rates[%d].rate", k), &p.Rates[k].Rate, around(p.Rates[k].From), func(p *Pref) *decimal.Decimal { return &p.Rates[k].Rate })
	}
	judge(".default_rate", p.DefaultRate, defaulted(name), func(p *Pref) *decimal.Decimal { return p.DefaultRate })
	if x := p.Index; x != nil { // what it costs depends on fixings to come
		judge(".index.spread", &x.Spread, sampleUsual, func(p *Pref) *decimal.Decimal { return &p.Index.Spread })
		judge(".index.floor", x.Floor, sampleUsual, func(p *Pref) *decimal.Decimal { return p.Index.Floor })
		judge(".index.cap", x.Cap, sampleUsual, func(p *Pref) *decimal.Decimal { return p.Index.Cap })
	}
}

// prefRates looks at the rates of a preference.
func (f *finder) prefRates(name, field string, p *Pref) {
	f.extremes(name, field, p)
	last := p.Rate
	for k, s := range p.Rates {
		if s.Rate.LessThan(last) {
			f.on(SeverityNote, findRatesFall, fmt.Sprintf("%s.rates[%d].rate", field, k),
				fmt.Sprintf("the rate falls from %s to %s on %s", percent(rateOf(&last)), percent(rateOf(&s.Rate)), s.From),
				f.cost(around(s.From), func(t *Terms) { t.Prefs[name].Rates[k].Rate = last }))
		}
		last = s.Rate
	}
	top := p.Rate
	for _, s := range p.Rates {
		top = decimal.Max(top, s.Rate)
	}
	if p.DefaultRate != nil && p.DefaultRate.LessThan(top) {
		f.on(SeverityWarning, findDefaultBelow, field+".default_rate",
			fmt.Sprintf("a default lowers the rate from %s to %s",
				percent(rateOf(&top)), percent(rateOf(p.DefaultRate))), f.cost(defaulted(name), func(t *Terms) {
				t.change(name, func(p *Pref) { p.DefaultRate = &top })
			}))
	}
	if p.Index != nil && p.Index.Cap == nil {
		f.on(SeverityNote, findIndexUncapped, field+".index.cap", "the rate floats without an upper end", "")
	}
}

// around is the usual example with its first anniversary on a day.
func around(day date.Date) variant {
	return variant{words: fmt.Sprintf(" that begins a year before %s", day), start: day.AddMonths(-12)}
}

func ptr[T any](v T) *T { return &v }

// prefBase looks at what a preference is earned on.
func (f *finder) prefBase(name, field string, p *Pref) {
	if p.Base == "" {
		return
	}
	onUnreturned := func(t *Terms) { t.change(name, func(p *Pref) { p.Base = "" }) }
	s, code, text := SeverityNote, findReturnedEarns, "it is earned on capital that has been returned, too"
	if p.Compounding != CompoundNone {
		s, code, text = SeverityWarning, findReturnedCompounds, text+", and compounds: it grows for ever"
	}
	f.on(s, code, field+".base", text, f.cost(sampleRefinanced, onUnreturned))
	if p.Base == BaseInitial {
		f.on(SeverityNote, findCapitalInitial, field+".base",
			"capital that is called later earns nothing", f.cost(sampleCalled, onUnreturned))
	}
}

// prefTime looks at when a preference is earned, compounds and lapses.
func (f *finder) prefTime(name, field string, p *Pref) {
	if p.From != nil && (p.From.Days > 0 || !p.From.Date.IsZero()) {
		v := sampleUsual
		if !p.From.Date.IsZero() {
			v = around(p.From.Date)
		}
		f.on(SeverityNote, findPrefLate, field+".from",
			"capital that is in before it begins earns nothing until then",
			f.cost(v, func(t *Terms) { t.change(name, func(p *Pref) { p.From = nil }) }))
	}
	if p.Lapse != "" {
		f.on(SeverityNote, findPrefLapses, field+".lapse",
			"it is not cumulative: what a "+periodText(p.Lapse)+" could not pay is never owed",
			f.cost(sampleUsual, func(t *Terms) { t.change(name, func(p *Pref) { p.Lapse = "" }) }))
	}
	if p.Boundaries == BoundariesAnniversary && p.Lapse == "" && p.Compounding.months() == 0 {
		f.on(SeverityNote, findBoundariesUnused, field+".boundaries",
			"it neither compounds by periods nor lapses, so that its boundaries change nothing", "")
	}
}

// dayCounts looks for returns that count days otherwise than the deal does.
func (f *finder) dayCounts() {
	for _, name := range slices.Sorted(maps.Keys(f.t.Prefs)) {
		p := f.t.Prefs[name]
		if p.DayCount == "" {
			continue
		}
		f.on(SeverityNote, findDayCounts, fmt.Sprintf("prefs[%q].day_count",
			name), dayCountsText(p.DayCount, f.t.DayCount),
			f.cost(sampleUsual, func(t *Terms) { t.change(name, func(p *Pref) { p.DayCount = "" }) }))
	}
	for _, l := range f.lists() {
		for i := range l.tiers {
			if x := &l.tiers[i]; x.DayCount != "" && x.DayCount != f.t.DayCount {
				f.at(SeverityNote, findDayCounts, l, i, "day_count", dayCountsText(x.DayCount, f.t.DayCount),
					f.cost(sampleUsual, func(t *Terms) { t.tier(l.path, i).DayCount = "" }))
			}
		}
	}
}

func dayCountsText(own, deal date.DayCount) string {
	return fmt.Sprintf("it counts days by %s, where the deal counts them by %s", own, deal)
}
