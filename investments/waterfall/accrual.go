package waterfall

import (
	"time"

	"github.com/freehold-go/freehold/investments/waterfall/internal/wide"
	"github.com/freehold-go/freehold/realestate/date"
)

// segment is a stretch of time within which a balance accrues in one step.
type segment struct {
	from, to date.Date
	num      int64 // year fraction over the day count's denominator
	boundary bool  // the segment ends where unpaid pref is capitalised
}

// segments cuts the time between two dates at the compounding boundaries.
func segments(c date.DayCount, k Compounding, from, to date.Date) []segment {
	var out []segment
	months := map[Compounding]int{CompoundAnnual: 12, CompoundQuarterly: 3, CompoundMonthly: 1}[k]
	for from.Before(to) {
		end, boundary := to, false
		if months > 0 {
			if next := nextBoundary(from, months); !next.After(to) {
				end, boundary = next, true
			}
		}
		num, _, _ := c.Fraction(from, end)
		out = append(out, segment{from, end, num, boundary})
		from = end
	}
	return out
}

// nextBoundary returns the first day of the next year, quarter or month.
func nextBoundary(d date.Date, months int) date.Date {
	y, m, _ := d.Civil()
	first, _ := date.New(y, time.Month((int(m)-1)/months*months+1), 1)
	return first.AddMonths(months)
}

// accruer brings the balances of one class and rate from one date to another.
type accruer struct {
	rate     int64
	compound Compounding
	segs     []segment
	simple   wide.Int    // rate * num in parts of a cent, for simple accrual
	over     bool        // simple does not fit
	growth   wide.Factor // of daily compounding
	den      *wide.Divisor
	limitC   uint64 // most significant limbs of balances that are too large
	limitA   uint64
}

// limits of exact balances: 9,999,999,999,999.99 dollars in parts.
func limitLimb(den int64) uint64 {
	m, _ := wide.Pow10(partDecimals + 15).MulU64(uint64(den))
	return m.Top() + 1
}

func (e *engine) accruer(p *prefPlan, rate int64, from, to date.Date) accruer {
	a := accruer{rate: rate, compound: p.compound, den: &e.p.divDen, limitC: limitLimb(1), limitA: limitLimb(e.p.den)}
	switch p.compound {
	case CompoundNone:
		a.segs = segments(e.p.dayCount, CompoundNone, from, to)
		for _, s := range a.segs {
			m, over := wide.Pow10(partDecimals - rateDecimals).MulU64(uint64(rate))
			m, over2 := m.MulU64(uint64(s.num))
			a.simple, a.over = m, over|over2 != 0 || m.IsNeg()
		}
	case CompoundDaily:
		a.segs = segments(e.p.dayCount, CompoundNone, from, to)
		for _, s := range a.segs {
			a.growth, a.over = e.powers.daily(rate, e.p.den, int(s.num))
		}
	default:
		a.segs = segments(e.p.dayCount, p.compound, from, to)
	}
	return a
}

// accrue brings every account to a date. Accounts with nothing to earn on cost
// next to nothing.
func (e *engine) accrue(to date.Date) error {
	s := e.s
	if s.asOf.IsZero() || !s.asOf.Before(to) {
		s.asOf = to
		return nil
	}
	if e.first.IsZero() {
		e.first = s.firstDay()
	}
	if !e.first.IsZero() && to.Sub(e.first) > maxDays {
		return ErrTooLong
	}
	byClass := make([]accruer, len(e.p.prefs))
	for k := range e.p.prefs {
		byClass[k] = e.accruer(&e.p.prefs[k], e.p.prefs[k].rate, s.asOf, to)
	}
	own := map[accruerKey]*accruer{}
	class, rates := s.roster.class, s.roster.rate
	for i := range class {
		u := s.acc.unreturned[i]
		if u == 0 && s.acc.c[i].IsZero() && s.acc.a[i].IsZero() {
			continue
		}
		ac := &byClass[class[i]]
		if rates != nil && rates[i] != noRate {
			key := accruerKey{class[i], rates[i]}
			if own[key] == nil {
				made := e.accruer(&e.p.prefs[class[i]], rates[i], s.asOf, to)
				own[key] = &made
			}
			ac = own[key]
		}
		ok := false
		if e.watch != nil && e.watch.at == i {
			ok = e.watch.accrue(e, ac, u, &s.acc.c[i], &s.acc.a[i])
		} else {
			ok = ac.run(u, &s.acc.c[i], &s.acc.a[i])
		}
		if !ok {
			return ErrTooLarge
		}
	}
	s.asOf = to
	return nil
}

type accruerKey struct {
	class uint16
	rate  int64
}

// maxDays is how long a deal can last.
const maxDays = 200*366 + 1

// run accrues one account's capital u and balances c and a over all segments.
// It reports false when a balance grows beyond money.
func (ac *accruer) run(u int64, c, a *wide.Int) bool {
	switch ac.compound {
	case CompoundNone:
		add, over := ac.simple.MulU64(uint64(u))
		if over != 0 || add.IsNeg() || ac.over {
			return u == 0 || ac.rate == 0
		}
		*a = a.Add(add)
		return fits(*a, ac.limitA)
	case CompoundDaily:
		if ac.over {
			return false
		}
		var ok bool
		*c, ok = wide.AccrueFactor(*c, base(u, *c), &ac.growth)
		return ok && fits(*c, ac.limitC)
	}
	for i := range ac.segs {
		if !ac.segment(&ac.segs[i], u, c, a) {
			return false
		}
	}
	return true
}

// segment accrues one segment with compounding at its end.
func (ac *accruer) segment(s *segment, u int64, c, a *wide.Int) bool {
	var ok bool
	*a, ok = wide.Accrue(*a, base(u, *c), uint64(ac.rate)*uint64(s.num), &perUnit)
	if !ok || !fits(*a, ac.limitA) {
		return false
	}
	if s.boundary {
		*c, ok = wide.Compound(*c, *a, ac.den)
		*a = wide.Int{}
		return ok && fits(*c, ac.limitC)
	}
	return true
}

// perUnit divides by 1 as a rate.
var perUnit = wide.NewDivisor(uint64(unit))

// base is what earns: unreturned capital and capitalised pref, in parts.
func base(u int64, c wide.Int) wide.Int {
	p, _ := partsPerCent.MulU64(uint64(u))
	return p.Add(c)
}

// fits reports whether a balance is within the range of money.
func fits(x wide.Int, limit uint64) bool {
	m, _ := x.Abs()
	return m.Top() < limit
}

// firstDay returns the date of the deal's first flow, "no date" without one.
func (s *State) firstDay() date.Date {
	var first int32
	for _, f := range s.flows {
		if len(f) > 0 && (first == 0 || f[0].day < first) {
			first = f[0].day
		}
	}
	return dayOf(first)
}
