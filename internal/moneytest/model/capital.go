package model

import (
	"maps"
	"slices"
	"sort"
)

// entry is one movement of a capital account.
type entry struct {
	position  string
	day       Day    // of the books
	counts    Day    // from which it counts as capital, as what it undoes did
	kind      string // contribution, refund, income, unrealized, fees, realized, distribution, reversal, in, out
	character string // of a distribution or its reversal
	amount    Cents  // as it changes the account
	seq       int    // when it was recorded
	returned  bool   // capital, by its tier
	dist      *dist  // of a distribution or its reversal
}

// The tax character of what a tier gave: a return of capital is one whatever
// the label, and a label is nothing more.
func (d *dist) characterOf(kind string) string {
	if kind == "return_of_capital" {
		return kind
	}
	return d.character
}

// entries are all movements of capital accounts but those of transfers.
func (o *offering) entries() (out []entry) {
	put := func(seq int, position string, day, counts Day, kind, character string, c Cents) {
		out = append(out, entry{position: position, day: day, counts: counts, kind: kind, character: character, amount: c, seq: seq})
	}
	for _, r := range o.receipts {
		put(r.seq, o.position(r.commitment.holder, r.commitment.class), r.day, r.day, "contribution", "", r.amount)
	}
	for _, f := range o.refunds {
		put(f.seq, o.position(f.commitment.holder, f.commitment.class), f.day, o.matched(f), "refund", "", -f.amount)
	}
	for _, d := range o.dists {
		if !d.booked() {
			continue
		}
		for p, l := range d.lines {
			if !isPosition(p) {
				continue
			}
			counts := o.before(p, d)
			for kind, c := range l.kinds() {
				at := len(out)
				put(d.approved, p, d.day, counts, "distribution", d.characterOf(kind), -c)
				if d.reversed != 0 {
					put(d.undone, p, d.reversed, counts, "reversal", d.characterOf(kind), c)
				}
				for i := range out[at:] {
					out[at+i].returned, out[at+i].dist = kind == "return_of_capital", d
				}
			}
		}
	}
	kinds := map[string]string{"net_income": "income", "unrealized_change": "unrealized", "fees": "fees"}
	for _, a := range o.allocations {
		for p, c := range a.parts {
			if a.kind == "fees" {
				c = -c
			}
			put(a.seq, p, a.to, a.to, kinds[a.kind], "", c)
			if a.reversed != 0 {
				put(a.undone, p, a.reversed, a.to, kinds[a.kind], "", -c)
			}
		}
	}
	return out
}

// before is the day that a line counts on: the distribution's, but for what a true-up
// gives to who had passed everything on by the record date, which goes before that.
func (o *offering) before(p string, d *dist) Day {
	last := Day(0)
	for _, t := range o.transfers {
		if t.from == p && t.seq < d.approved {
			last = max(last, t.day)
		}
	}
	if h := o.holdingsAt(forever, d.approved)[p]; last == 0 || last > d.record || h != nil && h.contributed != 0 {
		return d.day
	}
	return last - 1
}

func isPosition(payee string) bool { return classOf(payee) != payee }

// account is every movement of every capital account.
func (o *offering) account() []entry {
	if o.known.account == nil {
		all, _ := o.carry(o.entries())
		o.known.account = append(all, o.exits...)
	}
	return o.known.account
}

// carry adds what transfers move: their fraction of what the transferor has
// before them. What was recorded before the transfer moves on its day, whatever
// its own; what comes later and yet goes before it moves when it comes. Fractions of
// a cent add up in the order of recording.
func (o *offering) carry(all []entry) ([]entry, map[*transfer][]entry) {
	ms, _ := o.movements(forever)
	of := map[*transfer][]entry{}
	for _, m := range ms {
		t := m.transfer
		if t == nil {
			continue
		}
		balances, days := map[int]Cents{t.seq: 0}, map[int]Day{t.seq: t.day}
		for _, e := range all {
			if e.position == t.from && o.counts(e, t.day) {
				seq := max(e.seq, t.seq)
				balances[seq] += e.amount
				if e.seq >= t.seq {
					days[seq] = max(days[seq], e.day, t.day)
				}
			}
		}
		sum, moved := Cents(0), Cents(0)
		for _, seq := range slices.Sorted(maps.Keys(balances)) {
			day := days[seq]
			sum += balances[seq]
			part := round(mul(t.fraction, rat(sum))) - moved
			if o.w.Broken == "capital account: moves with the transfer" {
				part = round(mul(t.fraction, rat(o.holdings(t.day - 1)[t.from].contributed))) - moved
			}
			moved += part
			all = append(all, moveEntry(t, day, seq, t.from, "out", -part), moveEntry(t, day, seq, t.to, "in", part))
			of[t] = append(of[t], all[len(all)-1])
		}
	}
	return all, of
}

func moveEntry(t *transfer, day Day, seq int, position, kind string, c Cents) entry {
	return entry{position: position, day: day, counts: t.day, kind: kind, amount: c, seq: seq}
}

// matched is the day from which a refund counts: that of the latest receipt
// that it undoes.
func (o *offering) matched(f *refund) (day Day) {
	for _, r := range o.receipts {
		if r.commitment == f.commitment && r.day <= f.day {
			day = max(day, r.day)
		}
	}
	return day
}

// capital is the movements of unreturned capital: receipts and refunds on their
// days, and what lines returned, true-ups included, on the distribution's date.
func (o *offering) capital() ([]entry, map[*transfer][]entry) {
	if o.known.carried != nil {
		return o.known.capital, o.known.carried
	}
	var all []entry
	for _, e := range o.entries() {
		if e.kind == "contribution" || e.kind == "refund" || e.returned {
			all = append(all, e)
		}
	}
	o.known.capital, o.known.carried = o.carry(all)
	return o.known.capital, o.known.carried
}

// counts reports whether an entry goes before a transfer on a day. A transfer
// goes before what else happens on its day, but for distributions whose record
// date it follows.
func (o *offering) counts(e entry, day Day) bool {
	if (e.kind == "distribution" || e.kind == "reversal") && e.counts >= day {
		return e.dist.record < day && o.w.Broken != "record date: what comes after it applies after"
	}
	return e.counts < day || e.counts == day && (e.kind == "in" || e.kind == "out")
}

// unrealized is the value above capital of each position on a day, which
// transfers take along and an exit releases. An allocation that is reversed was
// not there to be taken along.
func (o *offering) unrealized(asOf Day) map[string]Cents {
	stays, moves := map[string]Cents{}, map[string]Cents{}
	type change struct {
		day   Day
		alloc *allocation
		t     *transfer
	}
	var changes []change
	for _, a := range o.allocations {
		switch {
		case a.kind != "unrealized_change":
		case a.reversed == 0:
			changes = append(changes, change{day: a.to, alloc: a})
		case a.to <= asOf && asOf < a.reversed:
			for p, part := range a.parts {
				stays[p] += part
			}
		}
	}
	for _, t := range o.transfers {
		changes = append(changes, change{day: t.day, t: t})
	}
	sort.SliceStable(changes, func(i, j int) bool {
		a, b := changes[i], changes[j]
		return a.day < b.day || a.day == b.day && a.t != nil && b.t == nil
	})
	for _, c := range changes {
		switch {
		case c.day > asOf:
		case c.t != nil:
			moved := round(mul(c.t.fraction, rat(moves[c.t.from])))
			moves[c.t.from], moves[c.t.to] = moves[c.t.from]-moved, moves[c.t.to]+moved
		default:
			for p, part := range c.alloc.parts {
				moves[p] += part
			}
		}
	}
	for p, c := range stays {
		moves[p] += c
	}
	return moves
}

// gains are what the sale paid a position beyond the capital that was
// unreturned before it: what is left of the capital is lost, and what the sale gave
// besides capital is gained. What of a true-up makes a sale good is the sale's.
func (o *offering) gains() map[string]Cents {
	out := map[string]Cents{}
	all, _ := o.capital()
	for _, e := range all {
		out[e.position] -= e.amount
	}
	for _, d := range o.dists {
		if !d.live() || !d.booked() {
			continue
		}
		for p, l := range d.lines {
			for of, c := range l.tiers {
				if isPosition(p) && of.sale && (of.kind != "return_of_capital" || o.w.Broken == "exit: gain is beyond the capital") {
					out[p] += c
				}
			}
		}
	}
	return out
}

// leave is the exit of a day: it books the gains as they are then, and releases
// what was unrealized.
func (o *offering) leave(day Day, writeOff bool) {
	e := &exit{day: day, writeOff: writeOff, gains: o.gains(), first: len(o.exits)}
	o.exit = e
	for p, c := range e.gains {
		o.exits = append(o.exits, entry{position: p, day: day, counts: day, kind: "realized", amount: c})
	}
	for p, c := range o.unrealized(day) {
		o.exits = append(o.exits, entry{position: p, day: day, counts: day, kind: "unrealized", amount: -c})
	}
}

// stay undoes the exit from a day on: what it booked is mirrored then.
func (o *offering) stay(day Day) {
	for _, e := range o.exits[o.exit.first:] {
		e.day, e.counts, e.amount = day, day, -e.amount
		o.exits = append(o.exits, e)
	}
	o.exit = nil
}
