package waterfall

import (
	"github.com/freehold-go/freehold/investments/waterfall/internal/wide"
	"github.com/freehold-go/freehold/realestate/date"
)

// segment is a stretch of time within which a balance accrues in one step.
type segment struct {
	from, to date.Date
	num      int64 // year fraction over the day count's denominator
	boundary bool  // the segment ends where unpaid pref is capitalized
	// What follows is for preferences that vary.
	rate   int64
	lapse  bool // unpaid pref lapses where the segment begins
	growth wide.Factor
	over   bool
}

// months returns the months between two boundaries, 0 where there are none.
func (c Compounding) months() int {
	switch c {
	case CompoundAnnual:
		return 12
	case CompoundQuarterly:
		return 3
	case CompoundMonthly:
		return 1
	}
	return 0
}

// segments cuts the time between two dates at the compounding boundaries. The
// year fraction of a segment is counted from the anchor: the day the account
// first had capital, or the last boundary where that is later. Only 30/360US is
// not additive, and only there it makes a difference; elsewhere the anchor may
// be "no date".
func segments(p *prefPlan, anchor, from, to date.Date) []segment {
	var out []segment
	months := p.compound.months()
	if months > 0 && p.anchored {
		if b := lastBoundary(from, months); b.After(anchor) {
			anchor = b
		}
	}
	for from.Before(to) {
		end, boundary := to, false
		if months > 0 {
			if next := nextBoundary(from, months); !next.After(to) {
				end, boundary = next, true
			}
		}
		out = append(out, segment{from: from, to: end, num: p.fraction(anchor, from, end), boundary: boundary})
		if from = end; boundary {
			anchor = end
		}
	}
	return out
}

// fraction returns the year fraction of a segment over the day count's
// denominator.
func (p *prefPlan) fraction(anchor, from, to date.Date) int64 {
	if !p.anchored || anchor.IsZero() || !anchor.Before(from) {
		num, _, _ := p.dayCount.Fraction(from, to)
		return num
	}
	before, _, _ := p.dayCount.Fraction(anchor, from)
	through, _, _ := p.dayCount.Fraction(anchor, to)
	return through - before
}

// accruer brings the balances of one class and rate from one date to another.
type accruer struct {
	rate     int64
	compound Compounding
	segs     []segment
	simple   wide.Int    // rate * num in parts of a cent, for simple accrual
	over     bool        // simple does not fit
	growth   wide.Factor // of daily compounding
	varied   bool        // the segments have their own rates
	den      *wide.Divisor
	per      int64  // the day count's denominator
	limitC   uint64 // most significant limbs of balances that are too large
	limitA   uint64
}

// limits of exact balances: 9,999,999,999,999.99 dollars in parts.
func limitLimb(den int64) uint64 {
	m, _ := wide.Pow10(partDecimals + 15).MulU64(uint64(den))
	return m.Top() + 1
}

func (e *engine) accruer(p *prefPlan, rate int64, anchor, from, to date.Date) accruer {
	a := accruer{rate: rate, compound: p.compound, den: &p.divDen, per: p.den, limitC: limitLimb(1), limitA: limitLimb(p.den)}
	if p.varied {
		a.varied, a.segs = true, e.varying(p, rate, anchor, from, to)
		return a
	}
	a.segs = segments(p, anchor, from, to)
	switch p.compound {
	case CompoundNone:
		for _, s := range a.segs {
			m, over := wide.Pow10(partDecimals - rateDecimals).MulU64(uint64(rate))
			m, over2 := m.MulU64(uint64(s.num))
			a.simple, a.over = m, over|over2 != 0 || m.IsNeg()
		}
	case CompoundDaily:
		for _, s := range a.segs {
			a.growth, a.over = e.powers.daily(rate, p.den, int(s.num))
		}
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
	if err := e.accrueLevels(to); err != nil {
		return err
	}
	if err := e.accrueApart(to); err != nil {
		return err
	}
	x := e.accruals(s.asOf, to)
	for i, class := range s.roster.class {
		u := s.acc.unreturned[i]
		if p := &e.p.prefs[class]; p.base != "" {
			u = e.earnsOn(p, i)
		}
		if u == 0 && s.acc.c[i].IsZero() && s.acc.a[i].IsZero() {
			continue
		}
		ac := &x.byClass[class]
		if x.apart[class] || s.roster.rate != nil && s.roster.rate[i] != noRate {
			ac = x.of(i)
		}
		ok := false
		if x.lotted && e.p.lotted[class] {
			ok = e.watchLots(ac, i)
		} else if e.watch != nil && e.watch.at == i {
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

// accruals are the accruers between two dates: one a class, and one for every
// combination of rate and anchor that some account has for itself.
type accruals struct {
	e        *engine
	from, to date.Date
	byClass  []accruer
	lotted   bool
	apart    []bool // by class: accrual depends on the account's anchor
	own      map[accruerKey]*accruer
}

type accruerKey struct {
	class  uint16
	rate   int64
	anchor int64
}

func (e *engine) accruals(from, to date.Date) *accruals {
	x := &accruals{e: e, from: from, to: to, lotted: e.p.lotted != nil, byClass: make([]accruer, len(e.p.prefs)), apart: make([]bool, len(e.p.prefs)),
		own: map[accruerKey]*accruer{}}
	for k := range e.p.prefs {
		p := &e.p.prefs[k]
		if x.apart[k] = p.anchored; !p.anchored {
			x.byClass[k] = e.accruer(p, p.rate, date.Date{}, from, to)
		}
	}
	return x
}

// of returns the accruer of an account with a rate or an anchor of its own.
func (x *accruals) of(i int) *accruer {
	r, p := x.e.s.roster, &x.e.p.prefs[x.e.s.roster.class[i]]
	key := accruerKey{class: r.class[i], rate: p.rate}
	if r.rate != nil && r.rate[i] != noRate {
		key.rate = r.rate[i]
	}
	if p.anchored {
		key.anchor = x.e.s.cols[x.e.p.since].cents(i)
	}
	ac := x.own[key]
	if ac == nil {
		made := x.e.accruer(p, key.rate, dayOf(int32(key.anchor)), x.from, x.to)
		ac = &made
		x.own[key] = ac
	}
	return ac
}

// maxDays is how long a deal can last.
const maxDays = 200*366 + 1

// run accrues one account's capital u and balances c and a over all segments.
// It reports false when a balance grows beyond money.
func (ac *accruer) run(u int64, c, a *wide.Int) bool {
	if ac.varied {
		parts, _ := partsPerCent.MulU64(uint64(u))
		return ac.runOn(parts, c, a)
	}
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

// runOn is run on a base in parts of a cent, which may be below zero.
func (ac *accruer) runOn(b wide.Int, c, a *wide.Int) bool {
	ok := true
	for k := range ac.segs {
		s := &ac.segs[k]
		rate, growth, over := ac.rate, &ac.growth, ac.over
		if ac.varied {
			rate, growth, over = s.rate, &s.growth, s.over
		}
		if s.lapse {
			ac.lapse(c, a)
		}
		switch ac.compound {
		case CompoundNone:
			*a, ok = wide.Accrue(*a, b, uint64(rate)*uint64(s.num), &perUnit)
			ok = ok && fits(*a, ac.limitA)
		case CompoundDaily:
			*c, ok = wide.AccrueFactor(*c, b.Add(*c), growth)
			ok = ok && !over && fits(*c, ac.limitC)
		default:
			ok = ac.compounding(s, b.Add(*c), c, a)
		}
		if !ok {
			return false
		}
	}
	return true
}

// lapse drops what is unpaid. A fraction of a cent that was paid too much stays.
func (ac *accruer) lapse(c, a *wide.Int) {
	sum, _ := c.MulInt64(ac.per)
	if sum.Add(*a).Sign() > 0 {
		*c, *a = wide.Int{}, wide.Int{}
	}
}

// segment accrues one segment with compounding at its end.
func (ac *accruer) segment(s *segment, u int64, c, a *wide.Int) bool {
	return ac.compounding(s, base(u, *c), c, a)
}

// compounding is segment on what earns in it.
func (ac *accruer) compounding(s *segment, earns wide.Int, c, a *wide.Int) bool {
	var ok bool
	rate := ac.rate
	if ac.varied {
		rate = s.rate
	}
	*a, ok = wide.Accrue(*a, earns, uint64(rate)*uint64(s.num), &perUnit)
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

// base is what earns: unreturned capital and capitalized pref, in parts.
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
