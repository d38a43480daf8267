package model

// cashRecord is cash of the entity itself that moved.
type cashRecord struct {
	name, kind string
	reserve    string
	amount     Cents
	cost       Cents // that a sale relieves
	day        Day
	reversed   Day
}

// The other side of each kind of cash, and whether it comes in.
var cashKinds = map[string]struct {
	code string
	in   bool
}{
	"operating_income": {"4000", true}, "operating_expense": {"5000", false}, "purchase": {"1500", false}, "sale_proceeds": {"1500", true},
	"loan_proceeds": {"2500", true}, "loan_payment": {"2500", false}, "reserve_funding": {"1100", false}, "reserve_release": {"1100", true},
}

// book posts a record, and its mirror. A sale relieves the property's cost; what it
// brings beyond is a gain, and what it falls short a loss.
func (c *cashRecord) book(b Broken, post func(day Day, debit, credit string, a Cents)) {
	mirrored := func(debit, credit string, a Cents) {
		post(c.day, debit, credit, a)
		if c.reversed != 0 {
			post(c.reversed, credit, debit, a)
		}
	}
	switch k := cashKinds[c.kind]; {
	case c.kind == "sale_proceeds" && b != "cash: a sale beyond its cost is a gain":
		mirrored("1000", k.code, c.cost)
		mirrored("1000", "4900", c.amount-c.cost)
	case k.in:
		mirrored("1000", k.code, c.amount)
	default:
		mirrored(k.code, "1000", c.amount)
	}
}

func (o *offering) cash(name string) *cashRecord {
	for _, c := range o.cashes {
		if c.name == name {
			return c
		}
	}
	return nil
}

// cited is what distributions that stand are paid out of a record.
func (o *offering) cited(name string) (sum Cents) {
	for _, d := range o.dists {
		if d.live() {
			sum += d.sources[name]
		}
	}
	return sum
}

// covered reports whether an account of what is set aside or was bought holds so
// much on a day and every one since.
func (o *offering) covered(code string, need Cents, day Day) bool {
	all := o.postings()
	for _, p := range all {
		if p.day > day && balances(all, p.day)[code] < need {
			return false
		}
	}
	return balances(all, day)[code] >= need
}

func judgeCash(_ *World, o *offering, s *Step) Verdict {
	kind, ok := cashKinds[s.Type]
	switch {
	case o.cash(s.Name) != nil:
		return Skip
	case !ok || s.Amount <= 0 || s.Cost < 0 || s.Cost > 0 && s.Type != "sale_proceeds":
		return Refuse
	case s.Type == "reserve_release" && !o.covers(nothing, nil, reserveMove{reserve: s.Reserve, day: s.Day, amount: -s.Amount}):
		return Refuse
	case s.Cost > 0 && !o.covered(kind.code, s.Cost, s.Day) && o.w.Broken != "cash: no more is sold than was bought":
		return Refuse
	}
	return Accept
}

func doCash(_ *World, o *offering, s *Step) {
	o.cashes = append(o.cashes, &cashRecord{name: s.Name, kind: s.Type, reserve: s.Reserve, amount: s.Amount, cost: s.Cost, day: s.Day})
}

func judgeUncash(_ *World, o *offering, s *Step) Verdict {
	c := o.cash(s.Of)
	switch {
	case c == nil:
		return Skip
	case c.reversed != 0 || o.cited(c.name) > 0 || s.Day < c.day:
		return Refuse
	case c.kind == "reserve_funding" && !o.covers(func(m reserveMove) bool { return m.cash == c }, nil):
		return Refuse // it was released
	case c.kind == "purchase" && !o.covered(cashKinds[c.kind].code, c.amount, s.Day):
		return Refuse // it was sold
	}
	return Accept
}

func doUncash(_ *World, o *offering, s *Step) { o.cash(s.Of).reversed = s.Day }

func (o *offering) knows(sources map[string]Cents) bool {
	for name := range sources {
		if o.cash(name) == nil {
			return false
		}
	}
	return true
}

// cites reports whether the cash that a distribution cites came in by its day, is
// free, and is its amount.
func (o *offering) cites(s *Step) bool {
	sum := Cents(0)
	for name, part := range s.Sources {
		c := o.cash(name)
		free := c.amount - o.cited(name)
		if o.w.Broken == "cash: is cited once" {
			free = c.amount
		}
		if part <= 0 || part > free || !cashKinds[c.kind].in || c.reversed != 0 || c.day > s.Day {
			return false
		}
		sum += part
	}
	return len(s.Sources) == 0 || sum == s.Amount
}

func (o *offering) cashFacts(f Facts) {
	for _, c := range o.cashes {
		f.money(c.amount, "cash", c.name)
		f.money(o.cited(c.name), "cash", c.name, "cited")
		if c.reversed != 0 {
			f["cash/"+c.name+"/reversed"] = "yes"
		}
	}
}
