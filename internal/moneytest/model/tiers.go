package model

import (
	"fmt"
	"math/big"
	"sort"
)

// flow is what a class put in (above zero) or its investors got (below zero).
type flow struct {
	class  string
	day    Day
	amount Cents
}

// state is a deal between two events.
type state struct {
	broken   Broken
	terms    func(Day) *Terms // in force on a day
	changes  []Day            // the days that new terms came into force
	day      Day
	accounts map[string]*account
	flows    []flow
	profit   Cents // all payments so far that returned no capital
	promote  Cents // promote paid so far
	ident    func(string) string
	loans    []*memberLoan    // between partners
	advanced map[string]Cents // and not yet given by the tiers
	defaults []*partnerEvent
	of       *dist // on its way, and what the reserves hold by then
	reserves map[string]Cents
}

func newState(b Broken, terms func(Day) *Terms, changes []Day) *state {
	return &state{broken: b, terms: terms, changes: changes, accounts: map[string]*account{}, advanced: map[string]Cents{},
		ident: func(key string) string { return key }}
}

// advance accrues everybody to a day.
func (s *state) advance(day Day) {
	for _, a := range s.accounts {
		s.bring(a, day)
	}
	s.day = max(s.day, day)
}

// bring accrues one account to a day, version by version of the terms.
func (s *state) bring(a *account, day Day) {
	for _, c := range s.changes {
		if c > a.through && c <= day {
			old := s.terms(c - 1)
			if old == nil {
				old = s.terms(c)
			}
			a.accrue(s.broken, old, c)
			a.fold(s.broken, old, s.terms(c))
		}
	}
	if t := s.terms(day); t != nil {
		a.accrue(s.broken, t, day)
	}
	a.through = max(a.through, day)
}

func (s *state) account(id, class string) *account {
	a := s.accounts[id]
	if a == nil {
		a = newAccount(id, class)
		a.through, a.defaults = s.day, s.defaults
		s.accounts[id] = a
	}
	return a
}

// contributed is all that came in.
func (s *state) contributed() (sum Cents) {
	for _, a := range s.accounts {
		sum += a.contributed
	}
	return sum
}

// contribute puts money in that counts from a day, which may lie before the
// state's where a record date kept the money out of a distribution: what it
// earned since is added.
func (s *state) contribute(id, class string, amount Cents, from Day) {
	a := s.account(id, class)
	if !a.anchored {
		a.anchor, a.anchored = from, true
	}
	late := newAccount(id, class)
	late.anchor, late.anchored, late.through, late.unreturned, late.defaults = a.anchor, true, from, amount, s.defaults
	s.bring(late, s.day)
	a.contributed += amount
	a.unreturned += amount
	a.capitalized, a.accrued = add(a.capitalized, late.capitalized), add(a.accrued, late.accrued)
	s.flows = append(s.flows, flow{class, from, amount})
}

// transfer moves a fraction of every balance.
func (s *state) transfer(from, to, class string, f *big.Rat) {
	a, z := s.account(from, class), s.account(to, class)
	if !z.anchored {
		z.anchor, z.anchored = a.anchor, a.anchored
	}
	contributed, unreturned := round(mul(f, rat(a.contributed))), round(mul(f, rat(a.unreturned)))
	c, p := mul(f, a.capitalized), mul(f, a.accrued)
	if s.broken == "transfer: accrued preference moves" {
		c, p = new(big.Rat), new(big.Rat)
	}
	if s.broken == "transfer: unreturned capital moves" {
		unreturned = min(contributed, a.unreturned)
	}
	points := round(mul(f, rat(a.points)))
	a.points, z.points = a.points-points, z.points+points
	a.contributed, z.contributed = a.contributed-contributed, z.contributed+contributed
	a.unreturned, z.unreturned = a.unreturned-unreturned, z.unreturned+unreturned
	a.capitalized, z.capitalized = sub(a.capitalized, c), add(z.capitalized, c)
	a.accrued, z.accrued = sub(a.accrued, p), add(z.accrued, p)
}

// split is what a distribution gives to whom: by payee and by kind of tier, and
// by tier for the vectors.
type split struct {
	by    map[string]map[string]Cents
	tiers []map[string]Cents
	held  []heldBack
	left  Cents
}

func (s *split) give(payee, kind string, c Cents) {
	if c == 0 {
		return
	}
	if s.by[payee] == nil {
		s.by[payee] = map[string]Cents{}
	}
	s.by[payee][kind] += c
}

// members are the accounts of a tier, by id.
func (s *state) members(t *Tier) (out []*account) {
	for _, a := range s.accounts {
		if t.takes(a.class) {
			out = append(out, a)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].id < out[j].id })
	return out
}

func (s *state) weights(members []*account, of func(*account) *big.Rat) (out []share) {
	for _, a := range members {
		out = append(out, share{a.id, s.ident(a.id), of(a)})
	}
	return out
}

func (s *state) byContributed(a *account) *big.Rat { return rat(s.shares(a)) }

// run gives cash to the tiers of a list in order and takes what they paid off
// the balances.
func (s *state) run(terms *Terms, tiers []Tier, cash Cents) (*split, error) {
	out := &split{by: map[string]map[string]Cents{}, left: cash}
	for i := range tiers {
		t := &tiers[i]
		if t.Type == "holdback" {
			kept := s.holdBack(t, out.left)
			out.left -= kept
			if kept > 0 {
				out.held = append(out.held, heldBack{t.Name, t.Reserve, kept})
			}
			out.tiers = append(out.tiers, map[string]Cents{})
			continue
		}
		paid, promote, err := s.tier(t, out.left-min(out.left, s.promised(tiers[i+1:])))
		if err != nil {
			return nil, fmt.Errorf("tier %s: %w", t.Name, err)
		}
		amounts := map[string]Cents{}
		for id, c := range paid {
			out.left -= c
			out.give(id, t.Type, c)
			s.paid(t.Type, id, c)
			if c != 0 {
				amounts[id] = c
			}
		}
		if promote != 0 {
			out.left -= promote
			out.give(terms.Promote, t.Type, promote)
			s.profit += promote
			s.promote += promote
			amounts[terms.Promote] += promote
		}
		out.tiers = append(out.tiers, amounts)
	}
	return out, nil
}

// paid takes what an account got off its balances.
func (s *state) paid(kind, id string, c Cents) {
	a := s.accounts[id]
	a.received += c
	s.flows = append(s.flows, flow{a.class, s.day, -c})
	switch kind {
	case "pref":
		a.pay(s.broken, c)
	case "return_of_capital":
		if s.broken != "capital: returns lessen what earns" {
			a.unreturned -= c
		}
		return
	}
	s.profit += c
}

// tier is what one tier pays out of the cash that reaches it.
func (s *state) tier(t *Tier, cash Cents) (paid map[string]Cents, promote Cents, err error) {
	members := s.members(t)
	investors := Cents(0)
	weight := s.byContributed
	switch t.Type {
	case "pref":
		weight = func(a *account) *big.Rat { return positive(a.due()) }
		sum := new(big.Rat)
		for _, a := range members {
			if s.broken == "pref: a negative due counts as nothing" {
				sum = add(sum, a.due())
				continue
			}
			sum = add(sum, weight(a))
		}
		investors = min(cash, max(0, round(sum)))
	case "return_of_capital":
		weight = func(a *account) *big.Rat { return rat(a.unreturned) }
		need := Cents(0)
		for _, a := range members {
			need += a.unreturned
		}
		investors = min(cash, need)
	case "catch_up":
		investors, promote = s.catchUp(t, cash)
	case "hurdle":
		investors, promote = s.hurdle(t, cash)
	case "split":
		investors = round(mul(sub(rat(1), fraction(t.Promote)), rat(cash)))
		promote = cash - investors
		if s.broken == "split: investors are rounded, promote is the rest" {
			promote = floor(mul(fraction(t.Promote), rat(cash)))
			investors = cash - promote
		}
	default:
		return nil, 0, fmt.Errorf("model: tier type %q", t.Type)
	}
	paid, err = s.broken.allocate(investors, s.weights(members, weight))
	return paid, promote, err
}

func (s *state) catchUp(t *Tier, cash Cents) (investors, promote Cents) {
	g, target := R(t.GPShare), R(t.Target)
	need := round(positive(quo(sub(mul(target, rat(s.profit)), rat(s.promote)), sub(g, target))))
	if s.broken == "catch-up: of all profit so far" {
		need = round(positive(quo(mul(target, rat(s.profit)), sub(g, target))))
	}
	x := min(cash, need)
	promote = round(mul(g, rat(x)))
	return x - promote, promote
}

func (s *state) hurdle(t *Tier, cash Cents) (investors, promote Cents) {
	one := rat(1)
	irr, multiple := new(big.Rat), new(big.Rat)
	for _, f := range s.flows {
		if !t.takes(f.class) {
			continue
		}
		if t.IRR != "" {
			growth := dailyPower(add(one, R(t.IRR)), int64(s.day-f.day))
			if s.broken == "hurdle: compounds by days" {
				growth = add(one, mul(R(t.IRR), frac(int64(s.day-f.day), 365)))
			}
			irr = add(irr, mul(growth, rat(f.amount)))
		}
		if t.Multiple != "" {
			multiple = add(multiple, pick(f.amount > 0, mul(R(t.Multiple), rat(f.amount)), rat(f.amount)))
		}
	}
	a, b := max(0, round(irr)), max(0, round(multiple))
	need := max(a, b)
	if t.IRR != "" && t.Multiple != "" && (t.Test == "either") != (s.broken == "hurdle: both or either") {
		need = min(a, b)
	}
	p := fraction(t.Promote)
	full := round(quo(mul(rat(need), p), sub(one, p)))
	if cash >= need+full {
		return need, full
	}
	investors = min(need, round(mul(sub(one, p), rat(cash))))
	return investors, cash - investors
}
