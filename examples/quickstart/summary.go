package main

import (
	"fmt"
	"io"

	"github.com/freehold-go/freehold/examples/quickstart/internal/screen"
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
		t.Add(name, screen.Count(s.positions), price, screen.Units(&s.units), screen.Dollars(s.invested), screen.Dollars(s.distributed))
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
	t.Add("Total", screen.Count(s.positions), "", screen.Units(&s.units), screen.Dollars(s.invested), screen.Dollars(s.distributed))
	return t, nil
}

// payoutTable lists the distributions, and proves that the lines of each sum to
// it.
func (r *results) payoutTable() (*screen.Table, error) {
	t := &screen.Table{Head: []string{"Date", ">Amount", ">Payees", ">Smallest", ">Largest", ">Sum of lines", "Status"}}
	for i := range r.Distributions {
		d := &r.Distributions[i]
		least, most, sum := money.Zero, money.Zero, money.Zero
		for j := range d.Lines {
			a := d.Lines[j].DistributionAmount
			if j == 0 || a.Less(least) {
				least = a
			}
			most = money.Max(most, a)
			var err error
			if sum, err = sum.Add(a); err != nil {
				return nil, err
			}
		}
		t.Add(d.DistributionDate.String(), screen.Dollars(d.TotalAmount), screen.Count(len(d.Lines)),
			screen.Dollars(least), screen.Dollars(most), screen.Dollars(sum), string(d.Status))
	}
	return t, nil
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
	reversals, transfers := r.remarks()
	fmt.Fprint(w, "\nDistributions\n\n")
	if err := payouts.Text(w); err != nil {
		return err
	}
	points(w, reversals)
	if len(r.Transfers) > 0 {
		fmt.Fprint(w, "\nTransfers\n\n")
		if err := r.transferTable().Text(w); err != nil {
			return err
		}
		points(w, transfers)
	}
	return r.summarizeReceipts(w)
}

// summarizeReceipts prints who got what, and why one of them got what he got.
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
		r.Why.explain(w, r, r.Why.line())
	}
	_, err = fmt.Fprintf(w, "\nThe books hold: %d invariants, and a hash chain over %d journals.\n", r.Verified, r.Sealed)
	return err
}
