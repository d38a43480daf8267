package waterfall

import (
	"cmp"
	"time"

	"github.com/freehold-go/freehold/investments/waterfall/internal/wide"
	"github.com/freehold-go/freehold/realestate/date"
)

// prefPlan is how one preferred return accrues.
type prefPlan struct {
	name     string
	rate     int64
	compound Compounding
	dayCount date.DayCount
	den      int64
	divDen   wide.Divisor
	anchored bool // accrual depends on the day the account first had capital
	varied   bool // more than one rate and day count: it accrues segment by segment

	base        PrefBase
	from        *Start
	steps       []stepRate
	dflt        int64 // the rate in default, or -1
	index       *indexRate
	anniversary bool
	lapse       int // months, 0 where it is cumulative
}

type stepRate struct {
	from date.Date
	rate int64
}

type indexRate struct {
	name               string
	spread, floor, cap int64
}

// newPrefPlan resolves a preferred return, which may be none.
func newPrefPlan(t *Terms, name string, pref Pref) prefPlan {
	p := prefPlan{name: name, rate: rateOf(&pref.Rate), compound: cmp.Or(pref.Compounding, CompoundNone), dayCount: cmp.Or(pref.DayCount, t.DayCount),
		base: pref.Base, from: pref.From, dflt: -1, anniversary: pref.Boundaries == BoundariesAnniversary, lapse: pref.Lapse.months()}
	p.den = denominator(p.dayCount)
	p.divDen = wide.NewDivisor(uint64(p.den))
	p.anniversary = p.anniversary && (p.lapse > 0 || p.compound.months() > 0)
	p.anchored = p.dayCount == date.Thirty360US || p.anniversary
	for _, s := range pref.Rates {
		p.steps = append(p.steps, stepRate{s.From, rateOf(&s.Rate)})
	}
	if pref.DefaultRate != nil {
		p.dflt = rateOf(pref.DefaultRate)
	}
	if x := pref.Index; x != nil {
		p.index = &indexRate{x.Name, rateOf(&x.Spread), 0, maxRate}
		if x.Floor != nil {
			p.index.floor = rateOf(x.Floor)
		}
		if x.Cap != nil {
			p.index.cap = rateOf(x.Cap)
		}
	}
	p.varied = p.from != nil || len(p.steps) > 0 || p.dflt >= 0 || p.index != nil || p.anniversary || p.lapse > 0
	return p
}

// none reports whether the plan is that of a class without a preference.
func (p *prefPlan) none() bool { return p.rate == 0 && !p.varied }

// rateOn returns the rate on a day of an account whose own rate is given, or else
// is the preference's.
func (e *engine) rateOn(p *prefPlan, rate int64, day date.Date) int64 {
	if p.dflt >= 0 {
		if on, _ := e.s.defaults.on(p.name, day); on == 1 {
			return p.dflt
		}
	}
	switch {
	case rate != p.rate:
		return rate // the account's own
	case p.index != nil:
		if fixing, ok := e.s.fixings.on(p.index.name, day); ok {
			return min(max(fixing+p.index.spread, p.index.floor), p.index.cap)
		}
	}
	for _, s := range p.steps {
		if !s.from.After(day) {
			rate = s.rate
		}
	}
	return rate
}

// start is the day a preference begins, "no date" where it begins with the capital.
func (e *engine) start(p *prefPlan) date.Date {
	switch {
	case p.from == nil:
		return date.Date{}
	case !p.from.Date.IsZero():
		return p.from.Date
	}
	first := e.s.firstDay()
	if first.IsZero() {
		return first
	}
	return first.AddDays(p.from.Days)
}

// boundary returns the first boundary after a day, and whether the day itself is one.
func (p *prefPlan) boundary(months int, anchor, d date.Date) (next date.Date, at bool) {
	if !p.anniversary {
		last := lastBoundary(d, months)
		return last.AddMonths(months), last == d
	}
	if anchor.IsZero() || anchor.After(d) {
		anchor = d
	}
	y, m, _ := anchor.Civil()
	y2, m2, _ := d.Civil()
	k := ((y2-y)*12 + int(m2) - int(m)) / months * months
	for ; anchor.AddMonths(k).After(d); k -= months {
	}
	at = k > 0 && anchor.AddMonths(k) == d
	return anchor.AddMonths(k + months), at
}

// varying cuts the time between two dates wherever something changes: at compounding
// boundaries, lapses, steps of the rate, fixings, defaults, and where the preference
// begins.
func (e *engine) varying(p *prefPlan, rate int64, anchor, from, to date.Date) (out []segment) {
	start, since := e.start(p), anchor
	if start.After(anchor) {
		anchor = start
	}
	months := p.compound.months()
	for from.Before(to) {
		s := segment{from: from, to: to, rate: e.rateOn(p, rate, from)}
		if p.lapse > 0 {
			next, at := p.boundary(p.lapse, since, from)
			s.lapse = at
			s.to = earlier(s.to, next)
		}
		compounds := date.Date{}
		if months > 0 {
			compounds, _ = p.boundary(months, since, from)
			s.to = earlier(s.to, compounds)
		}
		for _, x := range p.steps {
			if x.from.After(from) {
				s.to = earlier(s.to, x.from)
			}
		}
		if p.dflt >= 0 {
			s.to = e.s.defaults.next(p.name, from, s.to)
		}
		if p.index != nil {
			s.to = e.s.fixings.next(p.index.name, from, s.to)
		}
		if start.After(from) {
			s.to, s.rate = earlier(s.to, start), 0
		}
		s.boundary = s.to == compounds
		at := anchor
		if months > 0 && p.anchored {
			if last := p.lastBefore(months, since, from); last.After(at) {
				at = last
			}
		}
		s.num = p.fraction(at, from, s.to)
		if p.compound == CompoundDaily {
			s.growth, s.over = e.powers.daily(s.rate, p.den, int(s.num))
		}
		out = append(out, s)
		from = s.to
	}
	return out
}

// lastBefore returns the last boundary at or before a day, "no date" without one.
func (p *prefPlan) lastBefore(months int, anchor, d date.Date) date.Date {
	if !p.anniversary {
		return lastBoundary(d, months)
	}
	next, at := p.boundary(months, anchor, d)
	if at {
		return d
	}
	if anchor.IsZero() {
		return anchor
	}
	y, m, _ := anchor.Civil()
	y2, m2, _ := next.Civil()
	k := (y2-y)*12 + int(m2) - int(m) - months
	return anchor.AddMonths(max(k, 0))
}

func earlier(a, b date.Date) date.Date {
	if b.Before(a) {
		return b
	}
	return a
}

// nextBoundary returns the first day of the next year, quarter or month.
func nextBoundary(d date.Date, months int) date.Date {
	return lastBoundary(d, months).AddMonths(months)
}

// lastBoundary returns the first day of the year, quarter or month of d.
func lastBoundary(d date.Date, months int) date.Date {
	y, m, _ := d.Civil()
	first, _ := date.New(y, time.Month((int(m)-1)/months*months+1), 1)
	return first
}
