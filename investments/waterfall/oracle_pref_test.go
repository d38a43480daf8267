package waterfall_test

import (
	"math/big"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
)

// baseOf is what a preference is earned on.
func (o *oracle) baseOf(p waterfall.Pref, a *oracleAccount) *big.Rat {
	switch p.Base {
	case waterfall.BaseContributed:
		return a.contributed
	case waterfall.BaseInitial:
		return a.initial
	}
	return a.unreturned
}

// startOf is when a preference begins.
func (o *oracle) startOf(p waterfall.Pref) date.Date {
	if p.From == nil || !p.From.Date.IsZero() {
		if p.From != nil {
			return p.From.Date
		}
		return date.Date{}
	}
	first := date.Date{}
	for _, f := range o.flows {
		if f.in.Sign() > 0 && (first.IsZero() || f.at.Before(first)) {
			first = f.at
		}
	}
	if first.IsZero() {
		return first
	}
	return first.AddDays(p.From.Days)
}

// lastOf is the last fixing or default of a name that holds on a day; of one day
// the one given last.
func (o *oracle) lastOf(typ waterfall.EventType, name string, day date.Date) (found *waterfall.Event) {
	for i := range o.rates {
		ev := &o.rates[i]
		if ev.Type == typ && ev.Name == name && !ev.Date.After(day) && (found == nil || !ev.Date.Before(found.Date)) {
			found = ev
		}
	}
	return found
}

// rateAt is a preference's rate on a day.
func (o *oracle) rateAt(name string, p waterfall.Pref, own *decimal.Decimal, day date.Date) *big.Rat {
	if p.DefaultRate != nil {
		if begun := o.lastOf(waterfall.EventDefault, name, day); begun != nil && !begun.Ends {
			return ratOf(p.DefaultRate)
		}
	}
	var fixing *waterfall.Event
	if p.Index != nil {
		fixing = o.lastOf(waterfall.EventRate, p.Index.Name, day)
	}
	switch {
	case own != nil && !own.Equal(p.Rate):
		return ratOf(own)
	case fixing != nil:
		r := add(rat(*fixing.Rate), rat(p.Index.Spread))
		r = larger(r, ratOf(p.Index.Floor))
		if p.Index.Cap != nil {
			r = lesser(r, ratOf(p.Index.Cap))
		}
		return r
	}
	r := rat(p.Rate)
	for _, s := range p.Rates {
		if !s.From.After(day) {
			r = rat(s.Rate)
		}
	}
	return r
}

// onBoundary reports whether a day is a boundary of a period.
func onBoundary(p waterfall.Pref, every waterfall.Compounding, since, day date.Date) bool {
	if p.Boundaries != waterfall.BoundariesAnniversary {
		return isBoundary(every, day)
	}
	months := map[waterfall.Compounding]int{waterfall.CompoundAnnual: 12, waterfall.CompoundQuarterly: 3, waterfall.CompoundMonthly: 1}[every]
	if months == 0 || since.IsZero() {
		return false
	}
	for k := months; !since.AddMonths(k).After(day); k += months {
		if since.AddMonths(k) == day {
			return true
		}
	}
	return false
}

// prefer accrues a preference day by day, and returns capitalized and current return.
func (o *oracle) prefer(name string, p waterfall.Pref, own *decimal.Decimal, on, c, a *big.Rat, since, from, to date.Date) (*big.Rat, *big.Rat) {
	dc := p.DayCount
	if dc == "" {
		dc = o.t.DayCount
	}
	if dc == "" {
		dc = date.Act365F
	}
	start := o.startOf(p)
	anchor := since
	if start.After(anchor) {
		anchor = start
	}
	if since.IsZero() {
		return c, a
	}
	for back := from; back.After(anchor); back = back.AddDays(-1) {
		if onBoundary(p, p.Compounding, since, back) {
			anchor = back
			break
		}
	}
	simple := p.Compounding == "" || p.Compounding == waterfall.CompoundNone
	years := new(big.Rat) // rate times year fraction, not yet accrued
	flush := func() {
		base := add(on, c)
		if simple {
			base = on
		}
		a = add(a, mul(base, years))
		years = new(big.Rat)
	}
	run, runRate := int64(0), new(big.Rat) // days of one rate, for daily compounding
	grow := func() {
		if run > 0 {
			basis := int64(365)
			if dc == date.Act360 {
				basis = 360
			}
			c = sub(mul(add(on, c), power(add(one, quo(runRate, big.NewRat(basis, 1))), run, 1)), on)
		}
		run = 0
	}
	plain := p.Index == nil && p.DefaultRate == nil && p.Lapse == "" && len(p.Rates) == 0 && start.IsZero() && p.Compounding != waterfall.CompoundDaily
	for day := from; day.Before(to); day = day.AddDays(1) {
		if end := day; plain { // nothing changes before the next boundary: no need to look at each day
			for end = end.AddDays(1); end.Before(to) && !onBoundary(p, p.Compounding, since, end); end = end.AddDays(1) {
			}
			years = add(years, mul(o.rateAt(name, p, own, day), sub(yearFraction(dc, anchor, end), yearFraction(dc, anchor, day))))
			if onBoundary(p, p.Compounding, since, end) {
				flush()
				c, a, anchor = add(c, a), new(big.Rat), end
			}
			day = end.AddDays(-1)
			continue
		}
		if p.Lapse != "" && onBoundary(p, p.Lapse, since, day) {
			flush()
			if add(c, a).Sign() > 0 {
				c, a = new(big.Rat), new(big.Rat)
			}
		}
		rate := o.rateAt(name, p, own, day)
		if start.After(day) {
			rate = new(big.Rat)
		}
		if p.Compounding == waterfall.CompoundDaily {
			if rate.Cmp(runRate) != 0 {
				grow()
				runRate = rate
			}
			run++
			continue
		}
		at := anchor
		if at.After(day) {
			at = day
		}
		years = add(years, mul(rate, sub(yearFraction(dc, at, day.AddDays(1)), yearFraction(dc, at, day))))
		if onBoundary(p, p.Compounding, since, day.AddDays(1)) {
			flush()
			c, a = add(c, a), new(big.Rat)
			if day.AddDays(1).After(anchor) {
				anchor = day.AddDays(1)
			}
		}
	}
	grow()
	flush()
	return c, a
}

// apartPrefs yields the preferences that are kept apart, with the class on whose
// capital they are earned.
func (o *oracle) apartPrefs(yield func(name string, p waterfall.Pref, on string)) {
	for name, p := range o.t.Prefs {
		class := p.Class
		if class == "" {
			class = name
		}
		if p.On != "" {
			yield(name, p, p.On)
		} else if class != name {
			yield(name, p, class)
		}
	}
}

func (o *oracle) makeApart() {
	o.apart = map[string]map[string]*oracleLevel{}
	o.apartPrefs(func(name string, _ waterfall.Pref, on string) {
		o.apart[name] = map[string]*oracleLevel{}
		for _, id := range o.ids {
			o.apart[name][id] = &oracleLevel{c: new(big.Rat), a: new(big.Rat)}
		}
	})
}

func (o *oracle) earnApart(from, to date.Date) {
	o.apartPrefs(func(name string, p waterfall.Pref, on string) {
		for id, l := range o.apart[name] {
			if a := o.acc[id]; a.Class == on {
				l.c, l.a = o.prefer(name, p, nil, o.baseOf(p, a), l.c, l.a, a.since, from, to)
			}
		}
	})
}

func (o *oracle) lateApart(a, late *oracleAccount, day date.Date) {
	o.apartPrefs(func(name string, p waterfall.Pref, on string) {
		if l := o.apart[name][a.ID]; a.Class == on {
			c, x := o.prefer(name, p, nil, o.baseOf(p, late), new(big.Rat), new(big.Rat), a.since, day, o.last)
			l.c, l.a = add(l.c, c), add(l.a, x)
		}
	})
}

// payApart pays a preference that a tier names.
func (o *oracle) payApart(ev *waterfall.Event, i int, t *waterfall.Tier, cash *big.Rat, charged, spared []string) *big.Rat {
	p := o.t.Prefs[t.Pref]
	balance := o.apart[t.Pref]
	due := func(a *oracleAccount) *big.Rat { return add(balance[a.ID].c, balance[a.ID].a) }
	reduce := func(a *oracleAccount, x *big.Rat) {
		l := balance[a.ID]
		x = takeOff(&l.c, x)
		l.a = sub(l.a, x)
	}
	if p.On == "" {
		return o.beside(ev, i, t, cash, charged, spared, due, reduce, true)
	}
	// Earned on the capital of others: they keep the balance, the class gets the money.
	owners, by, sum := []string{}, map[string]*big.Rat{}, new(big.Rat)
	for _, id := range o.ids {
		if o.acc[id].Class == p.On {
			owners, by[id] = append(owners, id), larger(new(big.Rat), due(o.acc[id]))
			sum.Add(sum, by[id])
		}
	}
	n := rounded(sum)
	q := ratOf(t.Promote)
	x, gp := n, rounded(quo(mul(n, q), sub(one, q)))
	if cash.Cmp(add(n, gp)) < 0 {
		x = lesser(n, rounded(mul(sub(one, q), cash)))
		gp = sub(cash, x)
	}
	for id, part := range hamilton(x, owners, by) {
		reduce(o.acc[id], part)
	}
	class := p.Class
	if class == "" {
		class = t.Pref
	}
	if class == "promote" {
		o.payPromote(ev, i, t, add(x, gp))
		return add(x, gp)
	}
	earners, weight, all := []string{}, map[string]*big.Rat{}, new(big.Rat)
	for _, id := range o.ids {
		if o.acc[id].Class == class {
			earners, weight[id] = append(earners, id), larger(new(big.Rat), add(o.acc[id].contributed, o.now(o.diluted, id)))
			all.Add(all, weight[id])
		}
	}
	if all.Sign() == 0 { // dilutions left nobody anything
		all, weight = o.capital(earners)
	}
	if all.Sign() == 0 {
		for _, id := range earners {
			weight[id] = one
		}
	}
	o.pay(ev, i, earners, weight, x, nil, true)
	o.payPromote(ev, i, t, gp)
	return add(x, gp)
}
