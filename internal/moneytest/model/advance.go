package model

import (
	"slices"
	"sort"
)

// clone is a deal to try something out on.
func (s *state) clone() *state {
	c := *s
	c.accounts, c.loans, c.advanced = map[string]*account{}, nil, map[string]Cents{}
	for id, a := range s.accounts {
		b := *a
		c.accounts[id] = &b
	}
	for _, l := range s.loans {
		a := *l.account
		c.loans = append(c.loans, &memberLoan{l.event, &a})
	}
	for id, x := range s.advanced {
		c.advanced[id] = x
	}
	c.flows = slices.Clone(s.flows)
	return &c
}

// advance splits a distribution: what is advanced is paid before the tiers, which run on
// the rest and on the credit used, and the payees are paid less by it. The credit used is
// the largest that, added to the cash, the tiers give those who were advanced; where
// rounding allows several a cent apart, halving the cents between none and all settles
// which; where cash is held back besides, it is the one with what was held back given.
func (o *offering) advance(s *state, d *dist) (*split, error) {
	cash := d.amount
	for _, c := range d.advances {
		cash -= c
	}
	if cash < 0 {
		return nil, modelError("model: the advances are more than the cash")
	}
	all := Cents(0)
	for _, c := range s.advanced {
		all += c
	}
	given := func(out *split) (sum Cents) {
		for payee, c := range s.advanced {
			got := Cents(0)
			for _, x := range out.by[payee] {
				got += x
			}
			sum += min(c, got)
		}
		return sum
	}
	enough := func(credit Cents) (bool, error) {
		out, err := o.tiers(s.clone(), d, cash+credit)
		return err == nil && given(out) >= credit, err
	}
	largest := func() (Cents, error) {
		lo, hi := Cents(0), all+1 // enough at lo
		for try := all; hi-lo > 1; try = lo + (hi-lo)/2 {
			ok, err := enough(try)
			switch {
			case err != nil:
				return 0, err
			case ok:
				lo = try
			default:
				hi = try
			}
		}
		return lo, nil
	}
	credit, err := largest()
	if err != nil {
		return nil, err
	}
	if all > 0 && d.held == nil { // what is held back is given from now on, and so is this the last word
		out, err := o.tiers(s.clone(), d, cash+credit)
		if err != nil {
			return nil, err
		}
		if len(out.held) > 0 {
			d.held = out.held
			more, err := largest()
			if err != nil {
				return nil, err
			}
			if more == credit {
				d.held = nil
			}
			credit = more
		}
	}
	if o.w.Broken == "advance: later tiers run on the credit too" {
		credit = 0
	}
	out, err := o.tiers(s, d, cash+credit)
	if err != nil {
		return nil, err
	}
	o.settleAdvances(s, d, out, credit)
	return out, nil
}

func (o *offering) settleAdvances(s *state, d *dist, out *split, credit Cents) {
	payees := make([]string, 0, len(out.by))
	for payee := range out.by {
		payees = append(payees, payee)
	}
	sort.Slice(payees, func(i, j int) bool { return s.ident(payees[i]) < s.ident(payees[j]) })
	moved := map[string]Cents{}
	for _, payee := range payees {
		got := Cents(0)
		for _, c := range out.by[payee] {
			got += c
		}
		used := max(0, min(credit, got, s.advanced[payee]))
		credit -= used
		moved[payee] -= used
	}
	for payee, c := range d.advances {
		moved[payee] += c
	}
	for payee, c := range moved {
		out.give(payee, "advance", c)
		s.advanced[payee] += c
		if isPosition(payee) {
			s.account(payee, classOf(payee)).received += c
		}
	}
}

// shareInKind gives every line its part of what is distributed in kind, by what it is
// paid.
func (d *dist) shareInKind(o *offering, x Cents) error {
	if x == 0 {
		return nil
	}
	var over []share
	for payee, l := range d.lines {
		over = append(over, share{payee, o.w.id(payee), rat(max(0, l.gross+l.redirected))})
	}
	got, err := o.w.Broken.allocate(x, over)
	for payee, c := range got {
		d.lines[payee].inKind = c
	}
	return err
}
