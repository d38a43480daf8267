package main

import (
	"fmt"

	"github.com/freehold-go/freehold/examples/quickstart/internal/screen"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// kinds are the kinds of steps that pay, in the order of the table, in words.
var kinds = []struct{ kind, word string }{
	{string(investments.MethodProRata), "Pro rata"},
	{string(waterfall.TierFee), "Fees"},
	{string(waterfall.TierPref), "Preferred return"},
	{string(waterfall.TierReturnOfCapital), "Capital returned"},
	{string(waterfall.TierCatchUp), "Catch-up"},
	{string(waterfall.TierHurdle), "Hurdle"},
	{string(waterfall.TierSplit), "Split"},
}

// roleWords are said behind the name of an account that is paid for something
// else than its capital.
var roleWords = map[investments.Role]string{investments.RolePromote: ", promote", investments.RoleFee: ", fees"}

// payee names who a line is for.
func (r *results) payee(l *payoutLine) string {
	if l.AccountID == nil {
		return ""
	}
	return r.Accounts[*l.AccountID].Name + roleWords[l.Role]
}

// receipt is what somebody put in and got out.
type receipt struct {
	name        string
	named       bool // has a row of its own in the summary
	contributed *money.Amount
	byKind      map[string]money.Amount
	total       money.Amount
}

func (x *receipt) add(l *payoutLine) (err error) {
	for _, t := range l.Tiers {
		if x.byKind[t.Kind], err = x.byKind[t.Kind].Add(t.Amount); err != nil {
			return err
		}
	}
	x.total, err = x.total.Add(l.DistributionAmount)
	return err
}

// merge adds up rows into one.
func (x *receipt) merge(o *receipt) (err error) {
	if o.contributed != nil {
		sum := money.Zero
		if x.contributed != nil {
			sum = *x.contributed
		}
		if sum, err = sum.Add(*o.contributed); err != nil {
			return err
		}
		x.contributed = &sum
	}
	for kind, amount := range o.byKind {
		if x.byKind[kind], err = x.byKind[kind].Add(amount); err != nil {
			return err
		}
	}
	x.total, err = x.total.Add(o.total)
	return err
}

// receipts says who got what of the distributions that were paid: each position
// by name, and behind its owner's positions what an account got besides.
func (r *results) receipts() ([]*receipt, error) {
	var list []*receipt
	moved := map[id.Of[investments.Account]]bool{}
	for _, t := range r.Transfers {
		moved[t.From.ID], moved[t.To.ID] = true, true
	}
	for i := range r.Holders {
		h := &r.Holders[i]
		for _, p := range h.Positions {
			if !p.Status.Counts() {
				continue
			}
			x := &receipt{name: p.Account.Name, named: p.Account.IsSponsor || moved[p.Account.ID], contributed: &p.InvestmentAmount, byKind: map[string]money.Amount{}}
			if err := r.collect(x, func(l *payoutLine) bool { return l.PositionID != nil && *l.PositionID == p.ID }); err != nil {
				return nil, err
			}
			list = append(list, x)
		}
		further := map[string]*receipt{}
		for j := range r.Distributions {
			for k := range r.Distributions[j].Lines {
				l := &r.Distributions[j].Lines[k]
				name := r.payee(l)
				if l.InvestorID != h.ID || l.PositionID != nil || further[name] != nil {
					continue
				}
				further[name] = &receipt{name: name, named: true, byKind: map[string]money.Amount{}}
				if err := r.collect(further[name], func(o *payoutLine) bool { return o.PositionID == nil && r.payee(o) == name }); err != nil {
					return nil, err
				}
				list = append(list, further[name])
			}
		}
	}
	return list, nil
}

// collect adds to x the lines that were paid and are its.
func (r *results) collect(x *receipt, its func(*payoutLine) bool) error {
	for i := range r.Distributions {
		d := &r.Distributions[i]
		if !d.paid() {
			continue
		}
		for j := range d.Lines {
			if l := &d.Lines[j]; its(l) {
				if err := x.add(l); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// receiptTable shows who got what. The short one has rows of their own for the
// sponsor, for promote and fees and for those who passed units on, and one for
// all others.
func (r *results) receiptTable(short bool) (*screen.Table, error) {
	list, err := r.receipts()
	if err != nil {
		return nil, err
	}
	total := &receipt{name: "Total", byKind: map[string]money.Amount{}}
	others, n := &receipt{byKind: map[string]money.Amount{}}, 0
	var rows []*receipt
	for _, x := range list {
		if err := total.merge(x); err != nil {
			return nil, err
		}
		if !short || x.named {
			rows = append(rows, x)
			continue
		}
		n++
		if err := others.merge(x); err != nil {
			return nil, err
		}
	}
	if n > 0 {
		others.name = fmt.Sprintf("%d other accounts", n)
		rows = append(rows, others)
	}
	t := &screen.Table{Head: []string{"Account", ">Contributed"}}
	for _, k := range kinds {
		if _, paid := total.byKind[k.kind]; paid {
			t.Head = append(t.Head, ">"+k.word)
		}
	}
	t.Head = append(t.Head, ">Total")
	for _, x := range append(rows, total) {
		t.Add(x.cells(total)...)
	}
	return t, nil
}

// cells are a receipt's row, with a cell for each kind that total has.
func (x *receipt) cells(total *receipt) []string {
	row := []string{x.name, ""}
	if x.contributed != nil {
		row[1] = screen.Dollars(*x.contributed)
	}
	for _, k := range kinds {
		if _, paid := total.byKind[k.kind]; !paid {
			continue
		}
		cell := ""
		if a := x.byKind[k.kind]; !a.IsZero() {
			cell = screen.Dollars(a)
		}
		row = append(row, cell)
	}
	return append(row, screen.Dollars(x.total))
}

// transferTable lists what passed on.
func (r *results) transferTable() *screen.Table {
	t := &screen.Table{Head: []string{"Date", "From", "To", "Class", ">Part", ">Units", ">Capital"}}
	for _, m := range r.Transfers {
		class := ""
		if m.ToShareClass != nil {
			class = r.className(*m.ToShareClass)
		}
		capital := ""
		if m.Amount != nil {
			capital = screen.Dollars(*m.Amount)
		}
		part := m.Fraction
		t.Add(m.EffectiveDate.String(), m.From.Name, m.To.Name, class, screen.Percent(&part), screen.Units(m.Units), capital)
	}
	return t
}

// remarks say of each reversal and each transfer why it was made.
func (r *results) remarks() (reversals, transfers []string) {
	for i := range r.Distributions {
		d := &r.Distributions[i]
		if d.Reversed != nil && d.StatusReason != nil {
			reversals = append(reversals, fmt.Sprintf("- The distribution of %s was reversed on %s. %s.", d.DistributionDate, d.Reversed, *d.StatusReason))
		}
	}
	for _, m := range r.Transfers {
		if m.Reason != nil {
			transfers = append(transfers, fmt.Sprintf("- %s to %s. %s.", m.From.Name, m.To.Name, *m.Reason))
		}
	}
	return reversals, transfers
}
