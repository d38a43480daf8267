package model

import "math/big"

// account is what sections 5 and 6 keep of a partner.
type account struct {
	id, class   string
	contributed Cents
	unreturned  Cents
	capitalized *big.Rat // C
	accrued     *big.Rat // A
	anchor      Day      // the day it first had capital
	anchored    bool
	through     Day // accrued to this day, which is left out
	received    Cents
	points      Cents // of capital, that dilutions took or gave
	defaults    []*partnerEvent
}

func newAccount(id, class string) *account {
	return &account{id: id, class: class, capitalized: new(big.Rat), accrued: new(big.Rat)}
}

func (a *account) due() *big.Rat { return add(a.capitalized, a.accrued) }

// accrue brings a from the day it stands at to another, under one version of
// the terms, default by default.
func (a *account) accrue(b Broken, t *Terms, to Day) {
	for _, e := range a.defaults {
		if day := e.day + pick(b == "default: from its own day", Day(1), 0); day > a.through && day < to {
			a.stretch(b, t, day)
		}
	}
	a.stretch(b, t, to)
}

// stretch accrues at one rate.
func (a *account) stretch(b Broken, t *Terms, to Day) {
	from := a.through
	a.through = to
	if !a.anchored || to <= from {
		return
	}
	_, compounding := t.pref(a.class)
	rate := a.rate(b, t, from)
	switch compounding {
	case "none":
		a.segment(b, t, rate, a.anchor, from, to, rat(a.unreturned))
	case "daily":
		per := int64(365)
		if t.DayCount == "ACT/360" {
			per = 360
		}
		growth := wholePower(add(rat(1), quo(rate, rat(per))), int64(to-from))
		base := add(rat(a.unreturned), a.capitalized)
		a.capitalized = sub(mul(base, growth), rat(a.unreturned))
	default:
		a.compound(b, t, rate, compounding, from, to)
	}
}

func (a *account) compound(b Broken, t *Terms, rate *big.Rat, compounding string, from, to Day) {
	next := func(d Day) Day {
		if b != "accrual: boundaries are calendar days" {
			return boundary(compounding, d)
		}
		for n := a.anchor; ; n = boundary(compounding, n) + (a.anchor - lastBoundary(compounding, a.anchor)) {
			if n > d {
				return n
			}
		}
	}
	for from < to {
		end := min(next(from), to)
		anchor := max(a.anchor, lastBoundary(compounding, from))
		base := rat(a.unreturned)
		if b != "accrual: what is capitalized earns" {
			base = add(base, a.capitalized)
		}
		a.segment(b, t, rate, anchor, from, end, base)
		if end == next(from) {
			a.capitalized, a.accrued = add(a.capitalized, a.accrued), new(big.Rat)
		}
		from = end
	}
}

// segment is simple accrual between two days, counted from the anchor.
func (a *account) segment(b Broken, t *Terms, rate *big.Rat, anchor, from, to Day, base *big.Rat) {
	count := t.DayCount
	if b == "accrual: the deal's day count" {
		count = pick(count == "ACT/360", "ACT/365F", "ACT/360")
	}
	y := sub(yearFraction(count, anchor, to), yearFraction(count, anchor, from))
	if b == "accrual: counted from the anchor" {
		y = yearFraction(count, from, to)
	}
	a.accrued = add(a.accrued, mul(mul(base, rate), y))
}

// pay takes preferred return that was paid off the balances: first what is
// capitalized, then what has accrued, which may fall below zero by a fraction.
func (a *account) pay(b Broken, paid Cents) {
	left := rat(paid)
	if b == "pref: payment meets the capitalized first" {
		part := larger(new(big.Rat), pick(left.Cmp(a.accrued) < 0, left, a.accrued))
		a.accrued = sub(a.accrued, part)
		a.capitalized = sub(a.capitalized, sub(left, part))
		return
	}
	fromC := positive(pick(left.Cmp(a.capitalized) < 0, left, a.capitalized))
	a.capitalized = sub(a.capitalized, fromC)
	a.accrued = sub(a.accrued, sub(left, fromC))
	if b == "pref: an overpaid fraction carries forward" && a.accrued.Sign() < 0 {
		a.accrued = new(big.Rat)
	}
}

// fold is what new terms do to what was unpaid: simple return becomes
// capitalized where the new terms compound it.
func (a *account) fold(b Broken, old, new_ *Terms) {
	_, was := old.pref(a.class)
	_, is := new_.pref(a.class)
	simple := was == "none" && is != "none"
	if b == "terms: simple return is capitalized when they compound" {
		simple = false
	}
	// Under daily compounding every day is a boundary, and everything unpaid is
	// capitalized. A fraction that was overpaid stays where it is.
	if (simple || is == "daily" && was != "daily" && was != "none") && a.accrued.Sign() > 0 {
		a.capitalized, a.accrued = add(a.capitalized, a.accrued), new(big.Rat)
	}
}
