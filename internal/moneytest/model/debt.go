package model

import (
	"slices"
	"sort"
)

// debt is what the payee of a line owes back: of a reversed distribution what they
// were paid, of a line that was billed what it is below zero.
type debt struct {
	dist   *dist
	payee  string
	since  Day
	amount Cents
	billed bool
	gone   bool // with the distribution that billed it
}

// settlement is a part of a debt that is owed no more, unless it is undone.
type settlement struct {
	debt   *debt
	kind   string // recovery, set-off, write-off
	day    Day
	amount Cents
	by     string // the holder whose transaction tells of it
	dist   *dist  // that set it off
	undone Day    // with that
}

// debtorOf is who owes: the investor in person or their account, whatever the
// position.
func debtorOf(payee string) string {
	if isPosition(payee) {
		return holderOf(payee)
	}
	return payee
}

func (o *offering) owe(x *debt) {
	if x.amount > 0 {
		o.owing = append(o.owing, x)
	}
}

// left is what of a debt is still owed.
func (o *offering) left(x *debt) Cents {
	if x.gone {
		return 0
	}
	left := x.amount
	for _, p := range o.settled {
		if p.debt == x && p.undone == 0 {
			left -= p.amount
		}
	}
	return left
}

// lastSettled is the last day on which a debt was settled, or owed again.
func (o *offering) lastSettled(x *debt) (last Day) {
	for _, p := range o.settled {
		if p.debt == x {
			last = max(last, p.day, p.undone)
		}
	}
	return last
}

// queue is what is still owed of the debts that match, in the order in which it is
// settled: the earliest first, of one day that of the earlier distribution, and of
// one distribution by ascending id of who owes.
func (o *offering) queue(of func(*debt) bool) (out []*debt) {
	for _, x := range o.owing {
		if o.left(x) > 0 && of(x) {
			out = append(out, x)
		}
	}
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i], out[j]
		switch {
		case a.since != b.since:
			return (a.since < b.since) != (o.w.Broken == "debt: the earliest first")
		case a.dist != b.dist:
			return a.dist.seq < b.dist.seq
		}
		return o.w.id(a.payee) < o.w.id(b.payee)
	})
	return out
}

// settle takes an amount off debts in their order. It returns what is left of it.
func (o *offering) settle(queue []*debt, amount Cents, as settlement) Cents {
	for _, x := range queue {
		part := min(amount, o.left(x))
		if amount -= part; part > 0 {
			p := as
			p.debt, p.amount = x, part
			if p.by == "" {
				p.by = debtorOf(x.payee)
			}
			o.settled = append(o.settled, &p)
		}
	}
	return amount
}

// settles reports whether an amount of what a payee owes can be settled on a day:
// no more than is owed, and nothing before it was.
func (o *offering) settles(payee string, amount Cents, day Day) bool {
	if amount <= 0 {
		return false
	}
	for _, x := range o.queue(ofPayee(payee)) {
		if amount > 0 && x.since > day {
			return false
		}
		amount -= min(amount, o.left(x))
	}
	return amount == 0
}

func ofPayee(payee string) func(*debt) bool { return func(x *debt) bool { return x.payee == payee } }

func (o *offering) everOwed(payee string) bool { return slices.ContainsFunc(o.owing, ofPayee(payee)) }

// debts are what payees owe.
func (o *offering) debts() map[string]Cents {
	out := map[string]Cents{}
	for _, x := range o.owing {
		out[x.payee] += o.left(x)
	}
	return out
}

func judgeRecover(_ *World, o *offering, s *Step) Verdict {
	switch {
	case !o.everOwed(s.Payee):
		return Skip
	case s.By != "" && !sponsors[s.By], !o.settles(s.Payee, s.Amount, s.Day):
		return Refuse
	}
	return Accept
}

// sponsors are the holders that are accounts of the sponsor.
var sponsors = map[string]bool{"gp": true}

func doRecover(_ *World, o *offering, s *Step) {
	by := s.By
	if o.w.Broken == "recovery: the sponsor's transaction where they bear it" {
		by = ""
	}
	o.settle(o.queue(ofPayee(s.Payee)), s.Amount, settlement{kind: "recovery", day: s.Day, by: by})
}

// writeOff is what is given up of what a payee owes, once somebody else agrees.
type writeOff struct {
	name, payee, status string // pending, approved, rejected
	amount              Cents
	day                 Day
}

func (o *offering) writeOff(name string) *writeOff {
	for _, x := range o.writeOffs {
		if x.name == name {
			return x
		}
	}
	return nil
}

func judgeWriteOff(_ *World, o *offering, s *Step) Verdict {
	if o.writeOff(s.Name) != nil || !o.everOwed(s.Payee) {
		return Skip
	}
	return pick(o.settles(s.Payee, s.Amount, s.Day), Accept, Refuse)
}

func doWriteOff(_ *World, o *offering, s *Step) {
	x := &writeOff{name: s.Name, payee: s.Payee, status: "pending", amount: s.Amount, day: s.Day}
	o.writeOffs = append(o.writeOffs, x)
	if o.w.Broken == "write-off: nothing before it is agreed to" {
		o.giveUp(x)
	}
}

func (o *offering) giveUp(x *writeOff) {
	o.settle(o.queue(ofPayee(x.payee)), x.amount, settlement{kind: "write-off", day: x.day})
}

func judgeAgree(_ *World, o *offering, s *Step) Verdict {
	x := o.writeOff(s.Of)
	switch {
	case x == nil || x.status == "approved":
		return Skip
	case x.status == "rejected" || !o.settles(x.payee, x.amount, x.day):
		return Refuse
	}
	return Accept
}

func doAgree(_ *World, o *offering, s *Step) {
	x := o.writeOff(s.Of)
	x.status = "approved"
	o.giveUp(x)
}

func judgeDisagree(_ *World, o *offering, s *Step) Verdict {
	x := o.writeOff(s.Of)
	switch {
	case x == nil || x.status == "rejected":
		return Skip
	case x.status == "approved":
		return Refuse
	}
	return Accept
}

func doDisagree(_ *World, o *offering, s *Step) { o.writeOff(s.Of).status = "rejected" }

// debtFacts are what is owed, line by line, what was told of it, and what is to be
// given up.
func (o *offering) debtFacts(f Facts) {
	for _, x := range o.owing {
		if left := o.left(x); left > 0 {
			at := []string{"debt", o.name, x.dist.name, x.payee}
			f.money(left, at...)
			f["debt/"+o.name+"/"+x.dist.name+"/"+x.payee+"/since"] = x.since.String() + pick(x.billed, " billed", "")
		}
	}
	for _, x := range o.writeOffs {
		f["writeoff/"+x.name] = x.status
	}
	told := map[string]Cents{}
	for _, p := range o.settled {
		told[p.by+"/"+p.day.String()] += p.amount
		if p.undone != 0 {
			told[p.by+"/"+p.undone.String()] -= p.amount
		}
	}
	for key, c := range told {
		f.money(c, "told", o.name, key)
	}
}

// paidFacts is what stands beside a capital account over a period: what was paid of
// the distributions, what was declared and is not paid, and what of debts came back
// or was set off, or was given up. None of it changes the account.
func (o *offering) paidFacts(f Facts, from, to Day) {
	period, sums := from.String()+".."+to.String(), map[string]map[string]Cents{}
	put := func(p, what string, day Day, c Cents) {
		if day <= to && isPosition(p) {
			if sums[p] == nil {
				sums[p] = map[string]Cents{}
			}
			sums[p][what] += c
		}
	}
	for _, e := range o.entries() {
		if e.kind == "distribution" || e.kind == "reversal" {
			put(e.position, "declared_not_paid", e.day, -e.amount)
		}
	}
	for _, d := range o.dists {
		for p, l := range d.lines {
			for _, m := range l.moved {
				put(p, "declared_not_paid", m.day, -m.amount)
				if m.day >= from {
					put(p, "paid", m.day, m.amount)
				}
			}
		}
	}
	for _, x := range o.settled {
		what := pick(x.kind == "write-off", "written_off", "recovered")
		if x.day >= from {
			put(x.debt.payee, what, x.day, x.amount)
		}
		if x.undone >= from {
			put(x.debt.payee, what, x.undone, -x.amount)
		}
	}
	for p, kinds := range sums {
		for kind, c := range kinds {
			f.money(c, "capital", p, period, kind)
		}
	}
}
