package model

import "sort"

// entry is one movement of a capital account.
type entry struct {
	position  string
	day       Day
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
	for _, r := range o.receipts {
		out = append(out, entry{o.position(r.commitment.holder, r.commitment.class), r.day, "contribution", "", r.amount})
	}
	for _, f := range o.refunds {
		out = append(out, entry{o.position(f.commitment.holder, f.commitment.class), f.day, "refund", "", -f.amount})
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
				out = append(out, entry{p, d.day, "distribution", d.characterOf(kind), -c})
				if d.reversed != 0 {
					out = append(out, entry{p, d.reversed, "reversal", d.characterOf(kind), c})
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
			out = append(out, entry{p, a.to, kinds[a.kind], "", c})
			if a.reversed != 0 {
				out = append(out, entry{p, a.reversed, kinds[a.kind], "", -c})
			}
		}
	}
	return out
}

func isPosition(payee string) bool { return classOf(payee) != payee }

// account is every movement of every capital account. A transfer moves its
// fraction of what the transferor's account closes by before it, and of the
// unrealized part of it.
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
		balance := Cents(0)
		for _, e := range all {
			if e.position == t.from && o.counts(e, t.day, before) {
				balance += e.amount
			}
		}
		moved := round(mul(t.fraction, rat(balance)))
		if o.w.Broken == "capital account: moves with the transfer" {
			moved = round(mul(t.fraction, rat(o.holdings(t.day - 1)[t.from].contributed)))
		}
		all = append(all, entry{t.from, t.day, "out", "", -moved}, entry{t.to, t.day, "in", "", moved})
	}
	return append(all, o.realized(all)...)
}

// counts reports whether an entry lies before a transfer on a day. A transfer
// goes before what else happens on its day, but for distributions whose record
// date it follows.
func (o *offering) counts(e entry, day Day, before map[*dist]bool) bool {
	if e.kind == "distribution" && e.day >= day {
		for d := range before {
			if d.day == e.day && d.lines[e.position] != nil {
				return true
			}
		}
	}
	return e.day < day || e.day == day && (e.kind == "in" || e.kind == "out")
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

// realized is what the exit books: the gains, and what was unrealized until then.
func (o *offering) realized([]entry) (out []entry) {
	if o.exit == nil {
		return nil
	}
	for p, c := range o.gains() {
		out = append(out, entry{p, o.exit.day, "realized", "", c})
	}
	for p, c := range o.unrealized(o.exit.day) {
		out = append(out, entry{p, o.exit.day, "unrealized", "", -c})
	}
	return out
}
