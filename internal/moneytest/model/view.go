package model

// View is what somebody who makes up commands needs to know of an offering.
type View struct {
	Name        string
	Classes     []string
	Terms       bool
	DayCount    string
	Closed      bool
	Owed        bool                           // past distributions would be split otherwise
	Outstanding map[string]Cents               // of commitments, above zero
	Received    map[string]Cents               // for commitments, above zero
	Held        map[string]Cents               // contributed capital by position, above zero
	Debts       map[string]Cents               // of payees
	WriteOffs   map[string]bool                // that wait
	Reversed    map[string]bool                // distributions
	Cash        map[string]Cents               // that can be cited still
	Came        map[string]Cents               // cash that stands and came in, cited or not
	Recorded    map[string]bool                // cash that stands
	Reserves    map[string]Cents               // what they hold
	HeldBack    bool                           // a distribution that stands keeps some of its cash
	Since       Day                            // the first capital; zero is none
	Property    Cents                          // at cost
	Defaults    []string                       // preferences with a default rate
	Pending     map[string]bool                // distributions
	Booked      map[string]bool                // distributions that stand
	Billed      map[string]string              // who owes what a distribution billed, on which no later one rests
	Settled     map[string]bool                // of these, the distributions whose bill is settled, in part at least
	Allocated   map[string]bool                // allocations that stand
	Events      map[string]bool                // between partners, that stand
	Loans       map[string]Cents               // about what is owed of them today
	Lines       map[string]map[string][]string // payees, by state of the line and distribution
}

// Offerings names the offerings in their order.
func (w *World) Offerings() []string { return w.order }

// HolderOf and ClassOf are parts of a position's name.
func HolderOf(position string) string { return holderOf(position) }

// ClassOf is the class of a position.
func ClassOf(position string) string { return classOf(position) }

// View looks at an offering.
func (w *World) View(name string) *View {
	o := w.offerings[name]
	v := &View{Name: name, Terms: len(o.versions) > 0, Closed: o.closed, Outstanding: map[string]Cents{}, Received: map[string]Cents{},
		Held: map[string]Cents{}, Debts: o.debts(), Pending: map[string]bool{}, Booked: map[string]bool{}, Allocated: map[string]bool{},
		Lines: map[string]map[string][]string{}, WriteOffs: map[string]bool{}, Reversed: map[string]bool{}, Cash: map[string]Cents{}, Came: map[string]Cents{}, Recorded: map[string]bool{}}
	for _, c := range []string{"a", "b", "c"} {
		if _, ok := o.prices[c]; ok {
			v.Classes = append(v.Classes, c)
		}
	}
	if v.Terms {
		v.DayCount = o.versions[0].terms.DayCount
	}
	if owed, err := o.owed(); err == nil {
		v.Owed = !owed.empty()
	}
	for name, c := range o.commitments {
		if left := c.amount - c.received; !c.cancelled && left > 0 {
			v.Outstanding[name] = left
		}
		if c.received > 0 {
			v.Received[name] = c.received
		}
	}
	for p, h := range o.holdings(forever) {
		if h.contributed > 0 {
			v.Held[p] = h.contributed
		}
	}
	for _, d := range o.dists {
		v.distribution(d)
		v.HeldBack = v.HeldBack || d.live() && len(d.held) > 0
	}
	for _, r := range o.receipts {
		v.Since = pick(v.Since == 0, r.day, min(v.Since, r.day))
	}
	v.debts(o)
	v.between(o)
	for _, a := range o.allocations {
		if a.reversed == 0 {
			v.Allocated[a.name] = true
		}
	}
	return v
}

func (v *View) between(o *offering) {
	v.Events, v.Loans = map[string]bool{}, map[string]Cents{}
	r := o.replay(forever, nil)
	for _, e := range o.events {
		if e.withdrawn == 0 {
			v.Events[e.name] = true
		}
	}
	for _, l := range r.state.loans {
		v.Loans[l.event.name] = max(0, round(add(rat(l.account.unreturned), l.account.due())))
	}
}

func (v *View) debts(o *offering) {
	v.Billed, v.Settled = map[string]string{}, map[string]bool{}
	for _, x := range o.owing {
		if x.billed && !x.gone && !o.restedOn(x.dist) {
			v.Billed[x.dist.name] = x.payee
			if o.left(x) != x.amount {
				v.Settled[x.dist.name] = true
			}
		}
	}
	for _, x := range o.writeOffs {
		if x.status == "pending" {
			v.WriteOffs[x.name] = true
		}
	}
	for _, c := range o.cashes {
		if c.reversed == 0 {
			v.Recorded[c.name] = true
			if cashKinds[c.kind].in {
				v.Came[c.name] = c.amount
			}
			if free := c.amount - o.cited(c.name); cashKinds[c.kind].in && free > 0 {
				v.Cash[c.name] = free
			}
		}
	}
	book := balances(o.postings(), forever)
	v.Property, v.Reserves = book["1500"], map[string]Cents{}
	for _, m := range o.reserveMoves() {
		v.Reserves[m.reserve] += m.amount
	}
	for _, class := range v.Classes {
		for _, t := range o.versions {
			if t.terms.Prefs[class].DefaultRate != "" {
				v.Defaults = append(v.Defaults, class)
				break
			}
		}
	}
}

func (v *View) distribution(d *dist) {
	switch d.status {
	case "pending":
		v.Pending[d.name] = true
	case "reversed":
		v.Reversed[d.name] = true
	case "approved":
		v.Booked[d.name] = true
		for payee, l := range d.lines {
			if v.Lines[l.state] == nil {
				v.Lines[l.state] = map[string][]string{}
			}
			v.Lines[l.state][d.name] = append(v.Lines[l.state][d.name], payee)
		}
	}
}
