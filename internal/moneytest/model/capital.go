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
	put := func(position string, day, counts Day, kind, character string, c Cents) {
		out = append(out, entry{position, day, counts, kind, character, c})
	}
	for _, r := range o.receipts {
		put(o.position(r.commitment.holder, r.commitment.class), r.day, r.day, "contribution", "", r.amount)
	}
	for _, f := range o.refunds {
		put(o.position(f.commitment.holder, f.commitment.class), f.day, f.day, "refund", "", -f.amount)
	}
	for _, d := range o.dists {
		if !d.booked() {
			continue
		}
		for p, l := range d.lines {
			if !isPosition(p) {
				continue
			}
			for kind, c := range l.tiers {
				put(p, d.day, d.day, "distribution", d.characterOf(kind), -c)
				if d.reversed != 0 {
					put(p, d.reversed, d.day, "reversal", d.characterOf(kind), c)
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
			put(p, a.to, a.to, kinds[a.kind], "", c)
			if a.reversed != 0 {
				put(p, a.reversed, a.to, kinds[a.kind], "", -c)
			}
		}
	}
	return out
}

func isPosition(payee string) bool { return classOf(payee) != payee }

// account is every movement of every capital account. A transfer moves its
// fraction of what the transferor's account closes by before it. What is undone
// later, or is dated later and yet goes before the transfer, moves when it comes.
func (o *offering) account() []entry {
	all := o.entries()
	ms, _ := o.movements(forever)
	before := map[*dist]bool{}
	for _, m := range ms {
		if m.dist != nil {
			before[m.dist] = true
		}
		t := m.transfer
		if t == nil {
			continue
		}
		balances := map[Day]Cents{t.day: 0}
		for _, e := range all {
			if e.position == t.from && o.counts(e, t.day, before) {
				balances[max(e.day, t.day)] += e.amount
			}
		}
		days := slices.Sorted(maps.Keys(balances))
		sum, moved := Cents(0), Cents(0)
		for _, day := range days {
			sum += balances[day]
			part := round(mul(t.fraction, rat(sum))) - moved
			if o.w.Broken == "capital account: moves with the transfer" {
				part = round(mul(t.fraction, rat(o.holdings(t.day - 1)[t.from].contributed))) - moved
			}
			moved += part
			all = append(all, entry{t.from, day, t.day, "out", "", -part}, entry{t.to, day, t.day, "in", "", part})
		}
	}
	if o.exit != nil {
		all = append(all, o.exit.entries...)
	}
	return all
}

// counts reports whether an entry goes before a transfer on a day. A transfer
// goes before what else happens on its day, but for distributions whose record
// date it follows.
func (o *offering) counts(e entry, day Day, before map[*dist]bool) bool {
	if (e.kind == "distribution" || e.kind == "reversal") && e.counts >= day {
		for d := range before {
			if d.day == e.counts && d.lines[e.position] != nil {
				return true
			}
		}
	}
	return e.counts < day || e.counts == day && (e.kind == "in" || e.kind == "out")
}

// unrealized is the value above capital of each position on a day, which
// transfers take along and an exit releases.
func (o *offering) unrealized(asOf Day) map[string]Cents {
	out := map[string]Cents{}
	type change struct {
		day   Day
		alloc *allocation
		sign  Cents
		t     *transfer
	}
	var changes []change
	for _, a := range o.allocations {
		if a.kind == "unrealized_change" {
			changes = append(changes, change{day: a.to, alloc: a, sign: 1})
			if a.reversed != 0 {
				changes = append(changes, change{day: a.reversed, alloc: a, sign: -1})
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
			moved := round(mul(c.t.fraction, rat(out[c.t.from])))
			out[c.t.from], out[c.t.to] = out[c.t.from]-moved, out[c.t.to]+moved
		default:
			for p, part := range c.alloc.parts {
				out[p] += c.sign * part
			}
		}
	}
	return out
}

// gains are what the sale paid a position beyond the capital that was
// unreturned before it.
func (o *offering) gains() map[string]Cents {
	out := map[string]Cents{}
	r := o.replay(forever, nil)
	for p, a := range r.state.accounts {
		out[p] = -a.unreturned
	}
	for _, d := range o.dists {
		if !d.live() || d.kind != "sale_proceeds" {
			continue
		}
		for p, kinds := range r.splits[d].by {
			for kind, c := range kinds {
				if isPosition(p) && (kind != "return_of_capital" || o.w.Broken == "exit: gain is beyond the capital") {
					out[p] += c
				}
			}
		}
	}
	return out
}

// leave is the exit of a day: it books the gains as they are then, and releases
// what was unrealized.
func (o *offering) leave(day Day, writeOff bool) *exit {
	e := &exit{day: day, writeOff: writeOff, gains: o.gains()}
	for p, c := range e.gains {
		e.entries = append(e.entries, entry{p, day, day, "realized", "", c})
	}
	for p, c := range o.unrealized(day) {
		e.entries = append(e.entries, entry{p, day, day, "unrealized", "", -c})
	}
	return e
}
