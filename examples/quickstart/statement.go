package main

import (
	"bytes"
	"fmt"

	"github.com/freehold-go/freehold/examples/quickstart/internal/screen"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/id"
)

// transactionWords say what moved an investor's money.
var transactionWords = map[investments.TransactionType]string{
	investments.TransactionInvestment: "Contribution", investments.TransactionDistribution: "Distribution",
	investments.TransactionWithholding: "Tax withheld", investments.TransactionFee: "Fee",
}

// statement writes what an investor is told.
func (r *results) statement(h *holder) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Investor statement\n\n%s\n\n%s, %s, %s\n\nAs of %s\n\n", h.name(), r.Offering.Name, r.Property.City, r.Property.State, r.AsOf)
	fmt.Fprint(&b, "## Summary\n\n")
	p := h.Portfolio
	summary := &screen.Table{Head: []string{"", ">"}}
	summary.Add("Invested", screen.Dollars(p.TotalInvested))
	summary.Add("Distributed", screen.Dollars(p.TotalDistributions))
	summary.Add("Current value (capital still invested)", screen.Dollars(p.CurrentValue))
	summary.Add("Cash-on-cash, last twelve months", screen.Percent(p.CashOnCash))
	summary.Add("Internal rate of return", screen.Percent(p.IRR))
	summary.Add("Equity multiple", screen.Times(p.EquityMultiple))
	if err := summary.Markdown(&b); err != nil {
		return nil, err
	}
	fmt.Fprint(&b, "\n## Holdings\n\n")
	if err := r.holdingTable(h).Markdown(&b); err != nil {
		return nil, err
	}
	fmt.Fprint(&b, "\n## Distributions\n\n")
	if err := r.shareTable(h).Markdown(&b); err != nil {
		return nil, err
	}
	fmt.Fprint(&b, "\nA distribution is split by units. The cents that the split leaves over go, one each, to\nthe largest fractions of a cent, so that the parts add up to the whole.\n")
	fmt.Fprint(&b, "\n## Transactions\n\n")
	if err := r.transactionTable(h).Markdown(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (r *results) holdingTable(h *holder) *screen.Table {
	t := &screen.Table{Head: []string{"Account", "Type", "Class", "Status", ">Units", ">Invested", ">Distributed"}}
	for _, p := range h.Positions {
		t.Add(p.Account.Name, string(p.Account.Type), r.className(p.ShareClass), string(p.Status),
			screen.Units(p.Units), screen.Dollars(p.InvestmentAmount), screen.Dollars(p.TotalDistributions))
	}
	return t
}

// shareTable shows how much of each distribution the investor got, and by what
// part of which whole: the weights that were frozen when it was declared.
func (r *results) shareTable(h *holder) *screen.Table {
	t := &screen.Table{Head: []string{"Date", "Account", ">Your part", ">Of", ">Distribution", ">Your share"}}
	for i := range r.Distributions {
		d := &r.Distributions[i]
		for _, p := range h.Positions {
			if l := d.line(p.ID); l != nil {
				t.Add(d.DistributionDate.String(), p.Account.Name, d.weight(d.Weights[p.ID]), d.weight(d.Whole),
					screen.Dollars(d.TotalAmount), screen.Dollars(l.DistributionAmount))
			}
		}
	}
	return t
}

func (r *results) transactionTable(h *holder) *screen.Table {
	accounts := map[id.Of[investments.Account]]string{}
	for _, p := range h.Positions {
		accounts[p.Account.ID] = p.Account.Name
	}
	t := &screen.Table{Head: []string{"Date", "Account", "What", ">Amount", "Status"}}
	for i := range h.Transactions {
		x := &h.Transactions[i]
		account := ""
		if x.AccountID != nil {
			account = accounts[*x.AccountID]
		}
		what, known := transactionWords[x.Type]
		if !known {
			what = string(x.Type)
		}
		t.Add(x.EffectiveDate.String(), account, what, screen.Dollars(x.Amount), string(x.Status))
	}
	return t
}
