package model

// lot is a kind of tier, of the proceeds of a sale or not: what makes a sale good is
// the sale's, and nothing else is.
type lot struct {
	kind string
	sale bool
}

// lots is amounts by payee and lot.
type lots map[string]map[lot]Cents

func (l lots) put(payee string, of lot, c Cents) {
	if l[payee] == nil {
		l[payee] = map[lot]Cents{}
	}
	l[payee][of] += c
}

// less takes others away, and more adds them.
func (l lots) less(others lots) { l.plus(others, -1) }
func (l lots) more(others lots) { l.plus(others, 1) }

func (l lots) plus(others lots, sign Cents) {
	for payee, all := range others {
		for of, c := range all {
			l.put(payee, of, sign*c)
		}
	}
}

func (l lots) sum(payee string) (t Cents) {
	for _, c := range l[payee] {
		t += c
	}
	return t
}

func (l lots) empty() bool {
	for _, all := range l {
		for _, c := range all {
			if c != 0 {
				return false
			}
		}
	}
	return true
}

// settle is what of the debts this distribution makes good: all of them where it
// bills, or where everybody gets at least what they owe. Otherwise who got too much gets nothing,
// and what that frees goes in proportion to those who got too little. Of a debt that is
// made good in part, what goes the other way goes whole, and the rest in the order
// of the tiers, what is of no sale first.
func (d *dist) settle(b Broken, owed lots, bill bool) lots {
	enough := true
	for payee := range owed {
		enough = enough && (bill || d.own.sum(payee)+owed.sum(payee) >= 0)
	}
	if enough {
		return owed
	}
	out, freed := lots{}, Cents(0)
	var short []share
	for payee, kinds := range owed {
		switch total := owed.sum(payee); {
		case total < 0:
			part := min(-total, max(0, d.own.sum(payee)))
			out[payee] = inPart(kinds, -part)
			freed += part
		case total > 0:
			short = append(short, share{payee, payee, rat(total)})
		default:
			out[payee] = kinds
		}
	}
	got, err := b.allocate(freed, short)
	if err != nil {
		panic(err) // debts sum to zero
	}
	for payee, c := range got {
		out[payee] = inPart(owed[payee], c)
	}
	for _, s := range short {
		if got[s.key] == 0 {
			out[s.key] = inPart(owed[s.key], 0)
		}
	}
	return out
}

var inOrder = []string{"fee", "pref", "return_of_capital", "catch_up", "hurdle", "split", "pro_rata", "adjustment", "advance", "loan"}

// inPart is the part of a debt that comes to an amount, of the debt's sign and no larger.
func inPart(debt map[lot]Cents, amount Cents) map[lot]Cents {
	out, total := map[lot]Cents{}, Cents(0)
	for _, c := range debt {
		total += c
	}
	sign := pick(total < 0, Cents(-1), 1)
	left := sign * amount
	for of, c := range debt {
		if sign*c < 0 {
			out[of] = c
			left -= sign * c
		}
	}
	for _, kind := range inOrder {
		for _, sale := range []bool{false, true} {
			of := lot{kind, sale}
			if c := sign * debt[of]; c > 0 {
				part := min(c, left)
				out[of] = sign * part
				left -= part
			}
		}
	}
	return out
}
