package main

import (
	"context"
	"fmt"
	"io"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/financials/payables"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/page"
)

// report writes what a manager looks at after the month, and the proof that all of it fits
// together.
func (m *month) report(ctx context.Context, db *bun.DB, w io.Writer) {
	march := day("2026-03-31")
	for _, part := range []func(context.Context, bun.IDB, io.Writer, date.Date){m.roll, m.delinquency, m.turn, m.budget, m.debt, m.payable} {
		part(ctx, db, w, march)
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w, "Every invariant holds:", must(m.Verify(ctx, db)).OK())
}

// roll is the closed rent roll, and what the units of each type offer.
func (m *month) roll(ctx context.Context, db bun.IDB, w io.Writer, on date.Date) {
	r := must(m.RentRolls.RentRoll(ctx, db, leases.RentRollParams{PropertyID: m.property, Day: on}))
	c := must(m.Financials.RentRollOn(ctx, db, m.property, on)).Metrics
	fmt.Fprintf(w, "RENT ROLL, %s\n", on)
	fmt.Fprintf(w, "%-10s %6s %9s %7s %7s %10s %10s %10s\n", "Type", "Units", "Occupied", "Notice", "Vacant", "Available", "Market", "Rent")
	for _, a := range r.Availability() {
		fmt.Fprintf(w, "%-10s %6d %9d %7d %7d %10d %10s %10s\n", a.Type, a.Units, a.Occupied, a.Notice, a.Vacant, a.Available, a.MarketRent.StringFixed(2), a.Rent.StringFixed(2))
	}
	fmt.Fprintf(w, "Occupied %d of %d (%s %%), leased %d, rent in place %s, loss to lease %s\n", c.OccupiedUnits, c.TotalUnits, c.PhysicalOccupancy.Shift(2).StringFixed(1),
		r.Leasing.LeasedUnits, c.InPlaceMonthlyRent, c.LossToLease)
	fmt.Fprintf(w, "Billed %s, collected %s\n", c.Billed, c.Collected)
	for _, e := range must(m.RentRolls.Expirations(ctx, db, leases.ExpirationsParams{PropertyID: m.property, Day: on, Months: 4})) {
		fmt.Fprintf(w, "Leases that end in %s: %d, with a rent of %s\n", e.Month.String()[:7], e.Leases, e.Rent)
	}
}

// delinquency is who owes, and how long.
func (m *month) delinquency(ctx context.Context, db bun.IDB, w io.Writer, on date.Date) {
	fmt.Fprintf(w, "DELINQUENCY, %s\n%-6s %10s %10s %10s %6s\n", on, "Unit", "Owed", "0-30", "31-60", "Days")
	owed := map[string]leases.Balance{}
	for _, b := range must(m.TenantAccounts.Balances(ctx, db, leases.BalancesParams{PropertyID: &m.property, Day: on})) {
		owed[b.LeaseID.String()] = b
	}
	for i, u := range m.units {
		if b := owed[u.lease.String()]; b.Owed.Sign() > 0 {
			fmt.Fprintf(w, "%-6s %10s %10s %10s %6d\n", number(i), b.Owed, b.Days0to30, b.Days31to60, b.DaysDelinquent)
		}
	}
}

// turn is the move-out, and what the unit cost and brings since.
func (m *month) turn(ctx context.Context, db bun.IDB, w io.Writer, _ date.Date) {
	s, work := m.settled, m.work(ctx, db)
	fmt.Fprintf(w, "UNIT %s\nMoved out %s: deposit %s, owed %s, damages %s, refunded %s, still owed %s\n", number(leaves), s.Date, s.DepositHeld, s.Owed, s.Damages, s.Refunded, s.StillOwed)
	fmt.Fprintf(w, "Renovated %s to %s: cost %s of %s, rent %s more, return on cost %s\n", work.Start, work.End, work.ActualCost, work.BudgetedCost, work.RentIncrease(), work.ReturnOnCost())
	next := must(m.Leases.Agreement(ctx, db, m.units[leaves].lease, nil))
	fmt.Fprintf(w, "Let again from %s at %s\n", next.Terms[0].StartsOn, next.RentOn(next.Terms[0].StartsOn))
}

// budget is the month's statement beside its budget.
func (m *month) budget(ctx context.Context, db bun.IDB, w io.Writer, on date.Date) {
	v := must(m.Financials.BudgetVariance(ctx, db, financials.BudgetVarianceParams{PropertyID: m.property, First: on, Last: on})).Total
	fmt.Fprintf(w, "STATEMENT, March 2026\n%-28s %12s %12s %12s\n", "", "Actual", "Budget", "Difference")
	for _, l := range append(v.Lines, v.Totals...) {
		fmt.Fprintf(w, "%-28s %12s %12s %12s  %s\n", l.Line, l.Actual, l.Budget, l.Difference, l.Direction)
	}
}

// debt is the mortgage and its covenant.
func (m *month) debt(ctx context.Context, db bun.IDB, w io.Writer, on date.Date) {
	b := must(m.Loans.LoanBalance(ctx, db, financials.LoanBalanceParams{LoanID: m.loan, On: on}))
	t := must(m.Loans.CovenantTests(ctx, db, m.loan, page.Request{})).Items[0]
	fmt.Fprintf(w, "MORTGAGE\nOwed %s, paid in March: interest %s, principal %s\n", b.Balance, b.Interest, b.Repaid)
	fmt.Fprintf(w, "Debt service coverage, twelve months: %s / %s = %s, %s\n", t.Income, t.DebtService, t.Ratio.StringFixed(2), t.Status)
}

// payable is what is still to be paid, and what form 1099 will tell.
func (m *month) payable(ctx context.Context, db bun.IDB, w io.Writer, on date.Date) {
	fmt.Fprintf(w, "PAYABLES, %s\n%-20s %10s %10s\n", on, "Vendor", "Not due", "Due")
	for _, a := range must(m.Payables.Aging(ctx, db, payables.AgingParams{PropertyID: &m.property, AsOf: on})) {
		fmt.Fprintf(w, "%-20s %10s %10s\n", a.Name, a.NotDue, must(a.Open.Sub(a.NotDue)))
	}
	fmt.Fprintln(w, "Form 1099, 2026 so far, from 2,000.00 on:")
	for _, t := range must(m.Payables.VendorTotals(ctx, db, payables.VendorTotalsParams{Year: 2026, AtLeast: usd("2000")})) {
		fmt.Fprintf(w, "%-20s %10s\n", t.Name, t.Paid)
	}
}
