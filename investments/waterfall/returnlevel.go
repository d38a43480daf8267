package waterfall

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/investments/waterfall/internal/wide"
	"github.com/freehold-go/freehold/realestate/date"
)

// returnLevel is a yearly return that a hurdle tests, other than an effective
// rate: it accrues on an account's capital as a preferred return does, and every
// payment that is no return of capital lowers it. With capital it has to be
// reached on top of the capital itself.
type returnLevel struct {
	rate     int64
	compound Compounding
	dayCount date.DayCount
	capital  bool
	lapses   bool // what is paid beyond it is forgotten
}

// name is the name of its columns, less what says which of them.
func (l returnLevel) name() string {
	what, beyond := "income", "counts"
	if l.capital {
		what = "capital"
	}
	if l.lapses {
		beyond = "lapses"
	}
	return fmt.Sprintf("return %s %s %s %s %s ", rateText(l.rate), l.compound, l.dayCount, what, beyond)
}

// levelOf reads the name of a column, and reports whether it is one of a level.
func levelOf(column string) (returnLevel, bool) {
	w := strings.Fields(column)
	if len(w) != 7 || w[0] != "return" || len(w[1]) > 20 {
		return returnLevel{}, false
	}
	d, err := decimal.NewFromString(w[1])
	if err != nil {
		return returnLevel{}, false
	}
	rate, ok := fixedRate(d)
	l := returnLevel{rate, Compounding(w[2]), date.DayCount(w[3]), w[4] == "capital", w[5] == "lapses"}
	if !ok || rate < 0 || rate > maxRate || !l.compound.Valid() || !l.dayCount.Valid() || l.name()+w[6] != column {
		return returnLevel{}, false
	}
	return l, l.compound != CompoundDaily || l.dayCount == date.Act365F || l.dayCount == date.Act360
}

// level returns the return that a tier of normal terms tests, if it does.
func (t *Terms) level(x *Tier) (returnLevel, bool) {
	if x.Return == nil {
		return returnLevel{}, false
	}
	l := returnLevel{rate: rateOf(x.Return), compound: x.Compounding, dayCount: x.DayCount, capital: x.Capital == nil || *x.Capital,
		lapses: x.Surplus == SurplusLapses}
	if l.compound == "" {
		l.compound = CompoundNone
	}
	if l.dayCount == "" {
		l.dayCount = t.DayCount
	}
	return l, true
}

// needLevel makes room for the balances of a level.
func (s *State) needLevel(l returnLevel) {
	s.need(l.name()+"k", 1)
	s.need(l.name()+"c", 1)
	s.need(l.name()+"a", denominator(l.dayCount))
	if l.dayCount == date.Thirty360US {
		s.need(columnSince, 0)
	}
}

// levelPlan is a level of a state: how it accrues, and where its balances are:
// capital still to be reached, capitalized and current return.
type levelPlan struct {
	returnLevel
	pref    prefPlan
	k, c, a int
}

// levels finds the levels that a state keeps, whichever terms need them.
func levels(s *State) (out []levelPlan, err error) {
	for at := range s.cols {
		l, ok := levelOf(s.cols[at].name)
		if !ok || l.name()+"a" != s.cols[at].name {
			continue
		}
		p := levelPlan{returnLevel: l, k: s.column(l.name() + "k"), c: s.column(l.name() + "c"), a: at}
		p.pref = prefPlan{rate: l.rate, compound: l.compound, dayCount: l.dayCount, den: denominator(l.dayCount)}
		p.pref.divDen = wide.NewDivisor(uint64(p.pref.den))
		p.pref.anchored = l.dayCount == date.Thirty360US
		if p.k < 0 || p.c < 0 || s.cols[at].per != p.pref.den || s.cols[p.c].per != 1 || s.cols[p.k].per != 1 ||
			p.pref.anchored && s.column(columnSince) < 0 {
			return nil, ErrStateTerms.With("the state lacks a balance of a return that a hurdle tests")
		}
		out = append(out, p)
	}
	return out, nil
}

// accrueLevels brings the levels to a date.
func (e *engine) accrueLevels(to date.Date) error {
	for k := range e.p.levels {
		l := &e.p.levels[k]
		made := map[int64]*accruer{}
		for i := range e.s.roster.ids {
			anchor := int64(0)
			if l.pref.anchored {
				anchor = e.s.cols[e.p.since].cents(i)
			}
			ac := made[anchor]
			if ac == nil {
				one := e.accruer(&l.pref, l.rate, dayOf(int32(anchor)), e.s.asOf, to)
				ac, made[anchor] = &one, &one
			}
			if !ac.runOn(e.levelBase(l, i), &e.s.cols[l.c].v[i], &e.s.cols[l.a].v[i]) {
				return ErrTooLarge
			}
		}
	}
	return nil
}

// levelBase is the capital of an account that a level earns on.
func (e *engine) levelBase(l *levelPlan, i int) wide.Int {
	if l.capital {
		return e.s.cols[l.k].v[i]
	}
	parts, _ := partsPerCent.MulInt64(e.s.acc.unreturned[i])
	return parts
}

// levelIn books a contribution of an earlier or the same day.
func (e *engine) levelIn(i int, x int64, day date.Date) error {
	for k := range e.p.levels {
		l := &e.p.levels[k]
		parts, _ := partsPerCent.MulInt64(x)
		if l.capital {
			e.s.cols[l.k].v[i] = wide.Round40(e.s.cols[l.k].v[i].Add(parts))
		}
		if !day.Before(e.s.asOf) {
			continue
		}
		anchor := date.Date{}
		if l.pref.anchored {
			anchor = dayOf(int32(e.s.cols[e.p.since].cents(i)))
		}
		var c, a wide.Int
		ac := e.accruer(&l.pref, l.rate, anchor, day, e.s.asOf)
		if !ac.runOn(parts, &c, &a) {
			return ErrTooLarge
		}
		e.s.cols[l.c].v[i] = wide.Round40(e.s.cols[l.c].v[i].Add(c))
		e.s.cols[l.a].v[i] = e.s.cols[l.a].v[i].Add(a)
	}
	return nil
}

// levelLack returns what an account lacks to a level, negative beyond it, in parts
// of 1/(den*10^54) cents, with what this distribution has paid so far: in all, and
// as returns of capital.
func (e *engine) levelLack(l *levelPlan, i int, total, capital int64) wide.Int {
	sum := e.s.cols[l.c].v[i]
	paid := total - capital
	if l.capital {
		sum, paid = sum.Add(e.s.cols[l.k].v[i]), total
	}
	parts, _ := partsPerCent.MulInt64(paid)
	sum, _ = sum.Sub(parts).MulInt64(l.pref.den)
	return sum.Add(e.s.cols[l.a].v[i])
}

// settleLevels brings what a distribution paid an account into the levels.
// Capital lowers the capital still to be reached; everything else lowers first
// the capitalized and the current return, then that capital. What is beyond all
// of it stays as a balance below zero, or lapses.
func (e *engine) settleLevels(i int, total, capital int64) {
	for k := range e.p.levels {
		l := &e.p.levels[k]
		c, a, den := &e.s.cols[l.c].v[i], &e.s.cols[l.a].v[i], l.pref.den
		left, _ := partsPerCent.MulInt64(total - capital)
		left = lower(c, left, 1)
		if l.capital {
			at := &e.s.cols[l.k].v[i]
			back, _ := partsPerCent.MulInt64(capital)
			back = lower(at, back, 1)
			left = lower(a, left, den)
			left = lower(at, left.Add(back), 1)
			*at, *c = wide.Round40(*at), wide.Round40(*c)
		}
		left, _ = left.MulInt64(den)
		*a = a.Sub(left)
	}
}

// lapseLevels forgets what an account has been paid beyond the levels whose
// surplus lapses.
func (e *engine) lapseLevels(i int) {
	for k := range e.p.levels {
		l := &e.p.levels[k]
		if !l.lapses {
			continue
		}
		if sum := e.levelLack(l, i, 0, 0); sum.IsNeg() {
			e.s.cols[l.a].v[i] = e.s.cols[l.a].v[i].Sub(sum)
		}
	}
}

// lower takes parts off a balance that is above zero, which is in parts per as
// fine, and returns the parts that are left.
func lower(balance *wide.Int, parts wide.Int, per int64) wide.Int {
	if balance.Sign() <= 0 || parts.Sign() <= 0 {
		return parts
	}
	fine, _ := parts.MulInt64(per)
	if balance.Cmp(fine) >= 0 {
		*balance = balance.Sub(fine)
		return wide.Int{}
	}
	whole := *balance
	if per > 1 { // to whole parts: what is finer than a part of a cent stays
		d := wide.NewDivisor(uint64(per))
		q, _ := balance.DivU64(&d)
		whole, _ = q.MulInt64(per)
		parts = parts.Sub(q)
	} else {
		parts = parts.Sub(whole)
	}
	*balance = balance.Sub(whole)
	return parts
}
