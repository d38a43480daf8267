package main

import (
	"bytes"
	"fmt"
	"io"

	"github.com/freehold-go/freehold/examples/quickstart/internal/screen"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/money"
)

// transactionWords say what moved an investor's money.
var transactionWords = map[investments.TransactionType]string{
	investments.TransactionInvestment: "Contribution", investments.TransactionDistribution: "Distribution",
	investments.TransactionWithholding: "Tax withheld", investments.TransactionFee: "Fee", investments.TransactionReturnOfCapital: "Return of capital",
	investments.TransactionTransferIn: "Units received", investments.TransactionTransferOut: "Units passed on",
}

// statement writes the statement of an investor.
func (r *results) statement(h *holder) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Investor statement\n\n%s\n\n%s, %s, %s\n\nAs of %s\n\n", h.name(), r.Offering.Name, r.Property.City, r.Property.State, r.AsOf)
	fmt.Fprint(&b, "## Summary\n\n")
	p := h.Portfolio
	summary := &screen.Table{Head: []string{"", ">"}}
	summary.Add("Invested", screen.Dollars(p.TotalInvested))
	summary.Add("Distributed", screen.Dollars(p.TotalDistributions))
	if gained, err := h.gained(); err != nil {
		return nil, err
	} else if r.Exit != nil {
		summary.Add("Realized gain of the sale", screen.Dollars(gained))
	}
	summary.Add("Current value (capital still invested)", screen.Dollars(p.CurrentValue))
	summary.Add("Cash-on-cash, last twelve months", screen.Percent(p.CashOnCash))
	summary.Add("Internal rate of return", screen.Percent(p.IRR))
	summary.Add("Equity multiple", screen.Times(p.EquityMultiple))
	if err := summary.Markdown(&b); err != nil {
		return nil, err
	}
	fmt.Fprint(&b, "\n## Holdings\n\n")
	if err := r.holdingTable(*h).Markdown(&b); err != nil {
		return nil, err
	}
	fmt.Fprint(&b, "\n## Distributions\n\n")
	shares, err := r.shareTable(h)
	if err != nil {
		return nil, err
	}
	if err := shares.Markdown(&b); err != nil {
		return nil, err
	}
	if r.Why != nil {
		fmt.Fprint(&b, "\n## Why: the last distribution\n")
		if err := r.Why.explainTo(&b, r, h); err != nil {
			return nil, err
		}
	}
	if err := r.stateCapital(&b, h); err != nil {
		return nil, err
	}
	fmt.Fprint(&b, "\n## Transactions\n\n")
	if err := r.transactionTable(h).Markdown(&b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// stateCapital writes how the investor's capital accounts rolled forward.
func (r *results) stateCapital(w io.Writer, h *holder) error {
	t, err := r.capitalTable(h.Positions)
	if err != nil || t == nil {
		return err
	}
	fmt.Fprintf(w, "\n## Capital account, %s to %s\n\n", r.First, r.Last)
	return t.Markdown(w)
}

// holdingTable lists positions, one that was passed on or sold as exited.
func (r *results) holdingTable(list ...holder) *screen.Table {
	t := &screen.Table{Head: []string{"Account", "Type", "Class", "Status", ">Units", ">Invested", ">Distributed"}}
	if r.Exit != nil {
		t.Head = append(t.Head, ">Realized gain")
	}
	for i := range list {
		for _, p := range list[i].Positions {
			t.Add(p.Account.Name, string(p.Account.Type), r.className(p.ShareClass), string(p.Status), screen.Units(p.Units),
				screen.Dollars(p.InvestmentAmount), screen.Dollars(p.TotalDistributions), screen.Dollars(p.RealizedGains))
		}
	}
	return t
}

// gained adds up what the sale gained the investor.
func (h *holder) gained() (sum money.Amount, err error) {
	for i := range h.Positions {
		if sum, err = sum.Add(h.Positions[i].RealizedGains); err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// shareTable shows how much of each distribution the investor got, under terms
// from which kinds of steps.
func (r *results) shareTable(h *holder) (*screen.Table, error) {
	total, rows := &receipt{byKind: map[string]money.Amount{}}, []*receipt{}
	var heads [][]string
	for i := range r.Distributions {
		d := &r.Distributions[i]
		for j := range d.Lines {
			l := &d.Lines[j]
			if l.InvestorID != h.ID || !d.paid() {
				continue
			}
			x := &receipt{byKind: map[string]money.Amount{}}
			if err := x.add(l); err != nil {
				return nil, err
			}
			if err := total.merge(x); err != nil {
				return nil, err
			}
			rows, heads = append(rows, x), append(heads, []string{d.DistributionDate.String(), r.payee(l), screen.Dollars(d.TotalAmount)})
		}
	}
	t := &screen.Table{Head: append([]string{"Date", "Account", ">Distribution"}, total.heads(false)...)}
	t.Head = append(t.Head, ">Your share")
	for i, x := range rows {
		t.Add(append(heads[i], x.cells(total)...)...)
	}
	return t, nil
}

func (r *results) transactionTable(h *holder) *screen.Table {
	t := &screen.Table{Head: []string{"Date", "Account", "What", ">Amount", "Status"}}
	for i := range h.Transactions {
		x := &h.Transactions[i]
		account := ""
		if x.AccountID != nil {
			account = r.Accounts[*x.AccountID].Name
		}
		what, known := transactionWords[x.Type]
		if !known {
			what = string(x.Type)
		}
		t.Add(x.EffectiveDate.String(), account, what, screen.Dollars(x.Amount), string(x.Status))
	}
	return t
}
