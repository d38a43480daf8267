package main

import (
	"fmt"
	"strings"

	"github.com/freehold-go/freehold/examples/quickstart/internal/screen"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// kinds are the kinds of steps that pay, in the order of the table, in words and
// in few letters. Pro rata there are none, and the total says it all.
var kinds = []struct{ kind, word, short string }{
	{string(waterfall.TierFee), "Fees", "Fees"},
	{string(waterfall.TierPref), "Preferred return", "Preferred"},
	{string(waterfall.TierReturnOfCapital), "Capital returned", "Capital"},
	{string(waterfall.TierCatchUp), "Catch-up", "Catch-up"},
	{string(waterfall.TierHurdle), "Hurdle", "Hurdle"},
	{string(waterfall.TierSplit), "Split", "Split"},
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
	gained      *money.Amount // by the sale
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
	for _, sum := range []struct {
		of  **money.Amount
		add *money.Amount
	}{{&x.contributed, o.contributed}, {&x.gained, o.gained}} {
		if sum.add == nil {
			continue
		}
		total := money.Zero
		if *sum.of != nil {
			total = **sum.of
		}
		if total, err = total.Add(*sum.add); err != nil {
			return err
		}
		*sum.of = &total
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
			if p.Status == investments.PositionStatusExited {
				x.gained = &p.RealizedGains
			}
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
// all others; gains are in the long one.
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
	t := &screen.Table{Head: append([]string{"Account", ">Contributed"}, total.heads(short)...)}
	t.Head = append(t.Head, ">Total")
	gains := !short && r.Exit != nil
	if gains {
		t.Head = append(t.Head, ">Realized gain")
	}
	for i, x := range append(rows, total) {
		row := append([]string{x.name, dollarsOr(x.contributed)}, x.cells(total)...)
		if short && i > 0 && i < len(rows) {
			row[0] = below(rows[i-1].name, x.name)
		}
		if gains {
			row = append(row, dollarsOr(x.gained))
		}
		t.Add(row...)
	}
	return t, nil
}

// below shortens "Account, promote" in the row below "Account".
func below(account, name string) string {
	if role, found := strings.CutPrefix(name, account+", "); found {
		return "  its " + role
	}
	return name
}

func dollarsOr(a *money.Amount) string {
	if a == nil {
		return ""
	}
	return screen.Dollars(*a)
}

// heads name a column for each kind that x has.
func (x *receipt) heads(short bool) (list []string) {
	for _, k := range kinds {
		if _, paid := x.byKind[k.kind]; !paid {
			continue
		}
		if short {
			list = append(list, ">"+k.short)
		} else {
			list = append(list, ">"+k.word)
		}
	}
	return list
}

// cells are what a receipt has of each kind that total has, and its total.
func (x *receipt) cells(total *receipt) (row []string) {
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

// reversals say of each distribution that was reversed why it was.
func (r *results) reversals() (list []string) {
	for i := range r.Distributions {
		d := &r.Distributions[i]
		if d.Reversed != nil && d.StatusReason != nil {
			list = append(list, fmt.Sprintf("- The distribution of %s was reversed on %s. %s.", d.DistributionDate, d.Reversed, *d.StatusReason))
		}
	}
	return list
}

// passed says in a sentence what passed on, and why.
func (r *results) passed() (list []string) {
	for _, m := range r.Transfers {
		what := "a part"
		switch {
		case m.Units != nil:
			what = screen.Units(m.Units) + " units"
		case m.Amount != nil:
			what = screen.Dollars(*m.Amount) + " of capital"
		}
		said := fmt.Sprintf("- %s: %s passed %s on to %s.", m.EffectiveDate, m.From.Name, what, m.To.Name)
		if m.Reason != nil {
			said += " " + *m.Reason + "."
		}
		list = append(list, said)
	}
	return list
}

// reasons say of each transfer why it was made.
func (r *results) reasons() (list []string) {
	for _, m := range r.Transfers {
		if m.Reason != nil {
			list = append(list, fmt.Sprintf("- %s to %s. %s.", m.From.Name, m.To.Name, *m.Reason))
		}
	}
	return list
}
