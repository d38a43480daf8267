package model

// posting is an amount that an offering's book has on a day, by the accounts' codes.
type posting struct {
	day           Day
	debit, credit string
	amount        Cents
}

// postings are all that the book has. What only moves between positions is left out:
// it changes no account. What it returns is shared and not changed.
func (o *offering) postings() []posting {
	if o.posted == nil {
		o.posted = o.post()
	}
	return o.posted
}

func (o *offering) post() (out []posting) {
	post := func(day Day, debit, credit string, c Cents) {
		out = append(out, posting{day, debit, credit, c})
	}
	for _, r := range o.receipts {
		post(r.day, "1000", "3000", r.amount)
	}
	for _, r := range o.refunds {
		post(r.day, "3000", "1000", r.amount)
	}
	for _, d := range o.dists {
		if d.booked() {
			d.book(post)
			d.bookReserves(post)
		}
	}
	for _, x := range o.settled {
		switch {
		case x.kind == "recovery":
			post(x.day, "1000", "1200", x.amount)
		case x.kind == "write-off" && o.w.Broken == "write-off: an expense of the book":
			post(x.day, "3000", "1200", x.amount)
		case x.kind == "write-off":
			post(x.day, "5900", "1200", x.amount)
		}
	}
	codes := map[string]string{"income": "3300", "unrealized": "3310", "realized": "3320", "fees": "3330"}
	for _, e := range o.account() {
		if code := codes[e.kind]; code != "" {
			post(e.day, "3800", code, e.amount)
		}
	}
	o.bookEvents(post)
	for _, c := range o.cashes {
		c.book(o.w.Broken, post)
	}
	return out
}

// book is what a distribution gives to whom against what is payable to them, the
// tax withheld of it, and debts of theirs; a line below zero is a debt itself.
// Payments are of cash. Undone, it is mirrored, and what had been paid is owed.
func (d *dist) book(post func(day Day, debit, credit string, c Cents)) {
	for p, l := range d.lines {
		from := pick(isPosition(p), "3100", "3200")
		declare := func(day Day, sign Cents) {
			post(day, from, "2200", sign*l.withheld)
			post(day, from, "1200", sign*l.setOff)
			post(day, from, pick(l.net() < 0, "1200", "2100"), sign*(l.net()-l.redirected))
			post(day, "3900", "2100", sign*l.redirected) // from who borrowed to who lent
		}
		declare(d.day, 1)
		paid := Cents(0)
		for _, m := range l.moved {
			post(m.day, "2100", "1000", m.net-m.kind)
			post(m.day, "2100", "1510", m.kind)
			paid += m.net
		}
		if d.reversed != 0 {
			declare(d.reversed, -1)
			post(d.reversed, "1200", "2100", paid)
		}
	}
}

// balances are debits less credits by account at the end of a day.
func balances(of []posting, asOf Day) map[string]Cents {
	out := map[string]Cents{}
	for _, p := range of {
		if p.day <= asOf {
			out[p.debit] += p.amount
			out[p.credit] -= p.amount
		}
	}
	return out
}

// bookFacts is the trial balance of everything, and the balance sheets of days.
func (o *offering) bookFacts(f Facts, days []Day) {
	all := o.postings()
	for code, c := range balances(all, forever) {
		f.money(c, "book", o.name, code)
	}
	for _, day := range days {
		o.sheetFacts(f, day, balances(all, day))
	}
}

// sheetFacts is the balance sheet of the entity at the end of a day: what it owns,
// what it owes, what is its investors', and what it earned since the start.
func (o *offering) sheetFacts(f Facts, day Day, by map[string]Cents) {
	sums := map[string]Cents{}
	for code, c := range by {
		f.money(c, "sheet", o.name, day.String(), code)
		switch code[0] {
		case '1':
			sums["assets"] += c
		case '2':
			sums["liabilities"] -= c
		case '3':
			sums["equity"] -= c
		default:
			sums["net_income"] -= c
		}
		if code == "1000" || code == "1100" && o.w.Broken == "cash: reserves are beside it" {
			sums["cash"] += c
		}
	}
	for what, c := range sums {
		f.money(c, "sheet", o.name, day.String(), what)
	}
}
