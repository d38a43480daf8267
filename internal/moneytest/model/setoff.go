package model

import (
	"maps"
	"slices"
)

// setOff takes what holders owe by the day off the net of their lines, in the order
// of the payees' ids, as far as it goes: whatever the position that owes it, and
// less what other pending distributions set off.
func (o *offering) setOff(d *dist) {
	left := map[string]Cents{}
	key := func(payee string) string {
		if o.w.Broken == "set-off: whatever the position of the holder" {
			return payee
		}
		return debtorOf(payee)
	}
	for _, x := range o.owing {
		if x.since <= d.day || o.w.Broken == "set-off: only what is owed by the day" {
			left[key(x.payee)] += o.left(x)
		}
	}
	for _, e := range o.dists {
		if e.status == "pending" && o.w.Broken != "set-off: after what pending distributions set off" {
			for payee, l := range e.lines {
				left[key(payee)] -= l.setOff
			}
		}
	}
	payees := slices.SortedFunc(maps.Keys(d.lines), func(a, b string) int {
		return pick(o.w.id(a) < o.w.id(b), -1, 1)
	})
	for _, payee := range payees {
		l := d.lines[payee]
		free := l.net() - l.inKind - max(0, l.redirected) // the cash of it that no partner who borrowed pays
		if o.w.Broken == "set-off: of the net" {
			free = l.gross + min(0, l.redirected) - l.inKind
		}
		l.setOff = max(0, min(left[key(payee)], free))
		left[key(payee)] -= l.setOff
	}
}

// owedBy are the debts that a distribution can set off against the lines of a holder.
func (o *offering) owedBy(holder string, d *dist) []*debt {
	return o.queue(func(x *debt) bool { return debtorOf(x.payee) == holder && x.since <= d.day })
}

func (d *dist) setOffs() map[string]Cents {
	out := map[string]Cents{}
	for payee, l := range d.lines {
		out[debtorOf(payee)] += l.setOff
	}
	return out
}

// stillOwed reports whether what a distribution sets off is owed still.
func (o *offering) stillOwed(d *dist) bool {
	for holder, c := range d.setOffs() {
		for _, x := range o.owedBy(holder, d) {
			c -= min(c, o.left(x))
		}
		if c > 0 {
			return false
		}
	}
	return true
}

// settleSetOffs settles what the lines set off, as the distribution is booked.
func (o *offering) settleSetOffs(d *dist) {
	sums := d.setOffs()
	for _, holder := range slices.Sorted(maps.Keys(sums)) {
		o.settle(o.owedBy(holder, d), sums[holder], settlement{kind: "set-off", day: d.day, dist: d})
	}
}

// owedAgain undoes what a distribution set off, from the day of its reversal.
func (o *offering) owedAgain(d *dist, day Day) {
	for _, p := range o.settled {
		if p.dist == d && o.w.Broken != "set-off: owed again when undone" {
			p.undone = day
		}
	}
}

// bill lets lines below zero be owed, as the distribution is booked: there is nothing
// to be paid, and what they take back counts from its day.
func (o *offering) bill(d *dist) {
	for payee, l := range d.lines {
		if l.gross >= 0 {
			continue
		}
		l.state = billed
		if o.w.Broken != "bill: counts from the distribution's day" {
			l.moved = append(l.moved, cash{day: d.day, amount: l.gross})
		}
		if o.w.Broken != "bill: what is below zero is owed" {
			o.owe(&debt{dist: d, payee: payee, since: d.day, amount: -l.gross, billed: true})
		}
	}
}
