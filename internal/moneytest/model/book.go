package model

// bookFacts is the trial balance, debit less credit, by the accounts' codes.
func (o *offering) bookFacts(f Facts) {
	book := map[string]Cents{}
	post := func(debit, credit string, c Cents) {
		book[debit] += c
		book[credit] -= c
	}
	for _, r := range o.receipts {
		post("1000", "3000", r.amount)
	}
	for _, r := range o.refunds {
		post("3000", "1000", r.amount)
	}
	for _, r := range o.recoveries {
		post("1000", "1200", r.amount)
	}
	for _, d := range o.dists {
		if d.booked() {
			o.bookDistribution(d, post)
		}
	}
	for _, e := range o.account() {
		switch e.kind {
		case "income":
			post("3800", "3300", e.amount)
		case "unrealized":
			post("3800", "3310", e.amount)
		case "realized":
			post("3800", "3320", e.amount)
		case "fees":
			post("3800", "3330", e.amount)
		}
	}
	for code, c := range book {
		f.money(c, "book", o.name, code)
	}
}

func (o *offering) bookDistribution(d *dist, post func(debit, credit string, c Cents)) {
	for p, l := range d.lines {
		from := pick(isPosition(p), "3100", "3200")
		if d.reversed == 0 {
			post(from, "2100", l.gross-l.withheld)
			post(from, "2200", l.withheld)
		}
		for _, m := range l.moved {
			if d.reversed == 0 {
				post("2100", "1000", m.amount-m.tax)
			}
		}
		if l.owed != 0 { // reversed after it was paid: the cash is out, and owed back
			post("1200", "1000", l.owed)
		}
	}
}
