package model

import "sort"

// heldBack is what one tier of a distribution kept in a reserve.
type heldBack struct {
	tier, reserve string
	amount        Cents
}

// reserveMove is what came into a reserve on a day or, below zero, went out of it.
type reserveMove struct {
	reserve string
	day     Day
	amount  Cents
	dist    *dist       // that held back or released; nil of
	cash    *cashRecord // a record of cash
}

// moves are what a distribution holds back and releases.
func (d *dist) moves() (out []reserveMove) {
	for _, h := range d.held {
		out = append(out, reserveMove{reserve: h.reserve, day: d.day, amount: h.amount, dist: d})
	}
	for name, c := range d.releases {
		out = append(out, reserveMove{reserve: name, day: d.day, amount: -c, dist: d})
	}
	return out
}

// reserveMoves are those that count: what was reversed or cancelled never did.
func (o *offering) reserveMoves() (out []reserveMove) {
	for _, d := range o.dists {
		if d.live() {
			out = append(out, d.moves()...)
		}
	}
	for _, c := range o.cashes {
		switch {
		case c.reversed != 0:
		case c.kind == "reserve_funding":
			out = append(out, reserveMove{reserve: c.reserve, day: c.day, amount: c.amount, cash: c})
		case c.kind == "reserve_release":
			out = append(out, reserveMove{reserve: c.reserve, day: c.day, amount: -c.amount, cash: c})
		}
	}
	return out
}

// reservesBefore are what the reserves hold when a distribution comes to its tiers: all
// that counts by its day but its own.
func (o *offering) reservesBefore(d *dist) map[string]Cents {
	out := map[string]Cents{}
	for _, m := range o.reserveMoves() {
		if (m.dist == nil || m.dist.name != d.name) && m.day <= d.day {
			out[m.reserve] += m.amount
		}
	}
	for name, c := range out {
		out[name] = max(0, c)
	}
	return out
}

// lasts reports whether no day leaves a reserve below zero, by what counts and is
// chosen; within a day what comes in comes first.
func (o *offering) lasts(chosen func(reserveMove) bool, more ...reserveMove) bool {
	all := more
	for _, m := range o.reserveMoves() {
		if chosen(m) {
			all = append(all, m)
		}
	}
	sort.SliceStable(all, func(i, j int) bool {
		if all[i].day != all[j].day {
			return all[i].day < all[j].day
		}
		return all[i].amount > all[j].amount
	})
	left := map[string]Cents{}
	for _, m := range all {
		if left[m.reserve] += m.amount; left[m.reserve] < 0 {
			return false
		}
	}
	return true
}

func everyMove(reserveMove) bool { return true }

// booked chooses what is in the book, and what is about to be.
func bookedWith(d *dist) func(reserveMove) bool {
	return func(m reserveMove) bool { return m.dist == nil || m.dist.booked() || m.dist == d }
}

// covers reports whether both what is in the book and all that is declared besides
// leave the reserves at zero or above, without some of it and with more.
func (o *offering) covers(without func(reserveMove) bool, d *dist, more ...reserveMove) bool {
	if o.w.Broken == "reserve: no more is released than it holds" {
		return true
	}
	in := bookedWith(d)
	return o.lasts(func(m reserveMove) bool { return !without(m) && in(m) }, more...) &&
		o.lasts(func(m reserveMove) bool { return !without(m) }, more...)
}

func nothing(reserveMove) bool { return false }

// holdBack keeps cash in a reserve: up to an amount or at a rate, and nothing where the
// distribution releases some of it. Of one that was declared it is what it was.
func (s *state) holdBack(t *Tier, cash Cents) Cents {
	need := Cents(0)
	switch {
	case s.of.held != nil:
		need = s.keeps(t)
		if s.broken == "holdback: no more than was held" {
			need = max(need, s.wants(t, cash))
		}
	case s.of.releases[t.Reserve] == 0 || s.broken == "holdback: nothing for what is released":
		need = s.wants(t, cash)
	}
	kept := min(cash, need)
	s.reserves[t.Reserve] += kept
	return kept
}

// wants is what a tier would hold back.
func (s *state) wants(t *Tier, cash Cents) Cents {
	switch {
	case t.Amount == "":
		return round(mul(R(t.Rate), rat(cash)))
	case s.broken == "holdback: fills the reserve up":
		return C(t.Amount)
	}
	return max(0, C(t.Amount)-s.reserves[t.Reserve])
}

// keeps is what a tier of a declared distribution held back.
func (s *state) keeps(t *Tier) (sum Cents) {
	for _, h := range s.of.held {
		sum += pick(h.tier == t.Name, h.amount, 0)
	}
	return sum
}

// promised is the cash that the tiers of a list from one on held back when the
// distribution was declared: it is theirs, and the others share what is beside it.
func (s *state) promised(tiers []Tier) (sum Cents) {
	if s.of == nil || s.broken == "holdback: what was held is set apart first" {
		return 0
	}
	for i := range tiers {
		sum += pick(tiers[i].Type == "holdback", s.keeps(&tiers[i]), 0)
	}
	return sum
}

// openReserves brings a deal to what the reserves hold before d, and takes out of them
// what it releases, which it returns.
func (o *offering) openReserves(s *state, d *dist) (sum Cents, err error) {
	s.of, s.reserves = d, o.reservesBefore(d)
	for name, c := range d.releases {
		if c > s.reserves[name] {
			return 0, modelError("model: more is released than the reserve holds")
		}
		s.reserves[name] -= c
		sum += c
	}
	return sum, nil
}

// reserveFacts are what the reserves hold at the end of a day by what is in the book.
func (o *offering) reserveFacts(f Facts, day Day) {
	left, in := map[string]Cents{}, bookedWith(nil)
	for _, m := range o.reserveMoves() {
		if m.day <= day && in(m) {
			left[m.reserve] += m.amount
		}
	}
	for name, c := range left {
		f.money(c, "reserve", o.name, day.String(), name)
	}
}

// bookReserves posts what a distribution sets aside and takes out again, and its mirror.
func (d *dist) bookReserves(post func(day Day, debit, credit string, c Cents)) {
	for _, m := range d.moves() {
		post(d.day, "1100", "1000", m.amount)
		if d.reversed != 0 {
			post(d.reversed, "1000", "1100", m.amount)
		}
	}
}
