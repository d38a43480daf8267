package main

import (
	"fmt"
	"io"

	"github.com/freehold-go/freehold/examples/quickstart/internal/screen"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/money"
)

// figure is a line of the summary.
type figure struct{ name, value string }

// figures are what the deal comes to.
func (r *results) figures() []figure {
	o, roll := r.Operating, r.Roll
	list := []figure{
		{"Occupancy", fmt.Sprintf("%s, %d of %d units, %s", screen.Percent(roll.PhysicalOccupancy), roll.OccupiedUnits, roll.TotalUnits, r.RollDate)},
		{"Net operating income", screen.Dollars(o.NOI)},
		{"Cap rate on purchase price", screen.Percent(o.CapRate)},
		{"Debt service coverage", screen.Times(o.DSCR)},
		{"Cash flow after debt service", screen.Dollars(o.CashFlowAfterDebtService)},
		{"Cash-on-cash return", screen.Percent(o.CashOnCash)},
	}
	if r.Loan != nil {
		list = append(list, figure{"Loan balance", fmt.Sprintf("%s on %s", screen.Dollars(r.LoanBalance), r.Last)})
	}
	return list
}

// classTable sums the offering up by share class.
func (r *results) classTable() (*screen.Table, error) {
	t := &screen.Table{Head: []string{"Class", ">Positions", ">Unit price", ">Units", ">Invested", ">Distributed"}}
	if r.Exit != nil {
		t.Head = append(t.Head, ">Realized gain")
	}
	for i := range r.Classes {
		c := &r.Classes[i]
		s, err := r.sum(c.Code)
		if err != nil {
			return nil, err
		}
		if s.positions == 0 {
			continue // the class that every offering has, unused here
		}
		name, price := c.Code, ""
		if c.Name != nil {
			name = *c.Name
		}
		if c.UnitPrice != nil {
			price = screen.Price(*c.UnitPrice)
		}
		t.Add(name, screen.Count(s.positions), price, screen.Units(&s.units), screen.Dollars(s.invested), screen.Dollars(s.distributed), screen.Dollars(s.gained))
	}
	s, err := r.sum("")
	if err != nil {
		return nil, err
	}
	besides, err := r.besides()
	if err != nil {
		return nil, err
	}
	if !besides.IsZero() {
		t.Add("Promote and fees", "", "", "", "", screen.Dollars(besides))
	}
	if s.distributed, err = s.distributed.Add(besides); err != nil {
		return nil, err
	}
	t.Add("Total", screen.Count(s.positions), "", screen.Units(&s.units), screen.Dollars(s.invested), screen.Dollars(s.distributed), screen.Dollars(s.gained))
	return t, nil
}

// typeWords say what a distribution pays out.
var typeWords = map[investments.DistributionType]string{
	investments.DistributionMonthlyIncome: "month's income", investments.DistributionQuarterly: "quarter's income",
	investments.DistributionRefinance: "refinancing", investments.DistributionSaleProceeds: "sale",
}

// payoutTable lists the distributions. It fails unless the lines of each sum to
// it.
func (r *results) payoutTable() (*screen.Table, error) {
	t := &screen.Table{Head: []string{"Date", "What", ">Amount", ">Payees", "Status"}}
	for i := range r.Distributions {
		d := &r.Distributions[i]
		sum := money.Zero
		for j := range d.Lines {
			var err error
			if sum, err = sum.Add(d.Lines[j].DistributionAmount); err != nil {
				return nil, err
			}
		}
		if sum != d.TotalAmount {
			return nil, fmt.Errorf("the lines of the distribution of %s sum to %s", d.DistributionDate, screen.Dollars(sum))
		}
		what := ""
		if d.DistributionType != nil {
			what = typeWords[*d.DistributionType]
		}
		t.Add(d.DistributionDate.String(), what, screen.Dollars(d.TotalAmount), screen.Count(len(d.Lines)), string(d.Status))
	}
	return t, nil
}

// exited says what the sale came to, or nothing while the positions are held.
func (r *results) exited() []string {
	x := r.Exit
	if x == nil {
		return nil
	}
	return []string{fmt.Sprintf("- Sold: %d positions exited on %s. The sale paid them %s, a realized gain of %s.",
		x.Positions, x.Date, screen.Dollars(x.Proceeds), screen.Dollars(x.RealizedGains))}
}

// summarize prints what the deal comes to.
func (r *results) summarize(w io.Writer) error {
	fmt.Fprintf(w, "\n%s, %s to %s\n\n", r.Property.Name, r.First, r.Last)
	for _, f := range r.figures() {
		fmt.Fprintf(w, "  %-30s %s\n", f.name, f.value)
	}
	classes, err := r.classTable()
	if err != nil {
		return err
	}
	payouts, err := r.payoutTable()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "\n%s\n\n", r.Offering.Name)
	if err := classes.Text(w); err != nil {
		return err
	}
	if err := points(w, r.exited()); err != nil {
		return err
	}
	fmt.Fprint(w, "\nDistributions, each the sum of its lines to the cent\n\n")
	if err := payouts.Text(w); err != nil {
		return err
	}
	if err := points(w, append(r.reversals(), r.passed()...)); err != nil {
		return err
	}
	return r.summarizeReceipts(w)
}

// summarizeReceipts prints who got what, and of one of them why, and what came
// of their capital.
func (r *results) summarizeReceipts(w io.Writer) error {
	receipts, err := r.receiptTable(true)
	if err != nil {
		return err
	}
	fmt.Fprint(w, "\nWho got what\n\n")
	if err := receipts.Text(w); err != nil {
		return err
	}
	if r.Why != nil {
		fmt.Fprint(w, "\nWhy ")
		if err := r.Why.explain(w, r, r.Why.line()); err != nil {
			return err
		}
		if err := r.summarizeCapital(w); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(w, "\nThe books hold: %d invariants, and a hash chain over %d journals.\n", r.Verified, r.Sealed)
	return err
}

// summarizeCapital prints the capital account of the position that the summary
// explains, and what it gained in the end.
func (r *results) summarizeCapital(w io.Writer) error {
	h := r.shown()
	if h == nil {
		return nil
	}
	if h.Status == investments.PositionStatusExited {
		fmt.Fprintf(w, "- The position is exited, with a realized gain of %s.\n", screen.Dollars(h.RealizedGains))
	}
	t, err := r.capitalTable([]holding{*h})
	if err != nil || t == nil {
		return err
	}
	fmt.Fprintf(w, "\nCapital account, %s to %s\n\n", r.First, r.Last)
	return t.Text(w)
}

// shown is the position that the summary explains, or nil.
func (r *results) shown() *holding {
	want := r.Why.line().PositionID
	for i := range r.Holders {
		for j := range r.Holders[i].Positions {
			if h := &r.Holders[i].Positions[j]; want != nil && h.ID == *want {
				return h
			}
		}
	}
	return nil
}
