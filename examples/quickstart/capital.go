package main

import (
	"context"
	"slices"

	"github.com/freehold-go/freehold/examples/quickstart/internal/screen"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// readCapital reads how the capital account of each position rolled forward
// over the year of the statements.
func (q *quickstart) readCapital(ctx context.Context, r *results) error {
	for c, err := range page.All(ctx, func(ctx context.Context, p page.Request) (page.Page[investments.CapitalAccount], error) {
		return q.Capital.CapitalAccounts(ctx, q.db, investments.CapitalAccountsParams{OfferingID: q.offering, From: r.First, To: r.Last}, p)
	}) {
		if err != nil {
			return err
		}
		for i := range r.Holders {
			for j := range r.Holders[i].Positions {
				if h := &r.Holders[i].Positions[j]; h.ID == c.PositionID {
					h.Capital = c
				}
			}
		}
	}
	return nil
}

// capitalLines are the movements of a capital account, what lessens it below
// zero.
var capitalLines = []struct {
	word string
	of   func(*investments.CapitalAccount) money.Amount
}{
	{"Contributed", func(c *investments.CapitalAccount) money.Amount { return c.Contributions }},
	{"Refunded", func(c *investments.CapitalAccount) money.Amount { return c.Refunds.Neg() }},
	{"Units received", func(c *investments.CapitalAccount) money.Amount { return c.TransfersIn }},
	{"Units passed on", func(c *investments.CapitalAccount) money.Amount { return c.TransfersOut.Neg() }},
	{"Net income", func(c *investments.CapitalAccount) money.Amount { return c.Income }},
	{"Fees", func(c *investments.CapitalAccount) money.Amount { return c.Fees.Neg() }},
	{"Change in value", func(c *investments.CapitalAccount) money.Amount { return c.UnrealizedChange }},
	{"Realized gain", func(c *investments.CapitalAccount) money.Amount { return c.RealizedGains }},
	{"Distributed", func(c *investments.CapitalAccount) money.Amount { return c.Distributions.Unclassified.Neg() }},
	{"Distributed: return of capital", func(c *investments.CapitalAccount) money.Amount { return c.Distributions.ReturnOfCapital.Neg() }},
	{"Distributed: dividends", func(c *investments.CapitalAccount) money.Amount { return c.Distributions.Dividend.Neg() }},
	{"Distributed: interest", func(c *investments.CapitalAccount) money.Amount { return c.Distributions.Interest.Neg() }},
	{"Distributed: capital gains", func(c *investments.CapitalAccount) money.Amount { return c.Distributions.CapitalGain.Neg() }},
}

// capitalTable rolls capital accounts forward, a column each. Movements that
// none of them had are left out. It is nil when none had anything.
func (r *results) capitalTable(list []holding) (*screen.Table, error) {
	t := &screen.Table{Head: []string{""}}
	some := false
	row := func(word string, always bool, of func(*investments.CapitalAccount) (money.Amount, error)) error {
		cells, moved := []string{word}, false
		for i := range list {
			a, err := of(&list[i].Capital)
			if err != nil {
				return err
			}
			moved = moved || !a.IsZero()
			cells = append(cells, screen.Dollars(a))
		}
		if some = some || moved; moved || always {
			t.Add(cells...)
		}
		return nil
	}
	for i := range list {
		name := list[i].Account.Name
		if slices.ContainsFunc(list, func(h holding) bool { return h.Account == list[i].Account && h.ID != list[i].ID }) {
			name += ", " + r.className(list[i].ShareClass)
		}
		t.Head = append(t.Head, ">"+name)
	}
	if err := row("Opening", true, func(c *investments.CapitalAccount) (money.Amount, error) { return c.Opening, nil }); err != nil {
		return nil, err
	}
	for _, l := range capitalLines {
		if err := row(l.word, false, func(c *investments.CapitalAccount) (money.Amount, error) { return l.of(c), nil }); err != nil {
			return nil, err
		}
	}
	if err := row("Distribution reversed", false, func(c *investments.CapitalAccount) (money.Amount, error) { return c.Reversed.Total() }); err != nil {
		return nil, err
	}
	if err := row("Closing", true, func(c *investments.CapitalAccount) (money.Amount, error) { return c.Closing, nil }); err != nil || !some {
		return nil, err
	}
	return t, nil
}
