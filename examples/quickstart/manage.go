package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/examples/quickstart/internal/deal"
	"github.com/freehold-go/freehold/examples/quickstart/internal/screen"
	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/properties"
)

// signLeases turns the rent roll into leases with their tenants, deposits and opening
// balances, from which the rent roll of any later day follows.
func (q *quickstart) signLeases(ctx context.Context) (string, error) {
	p := leases.ImportRentRollParams{IdempotencyKey: keyOf(q.deal.Property.Slug, "leases"), PropertyID: q.property, AsOf: q.deal.Property.RentRollDate,
		Tenancies: q.tenancies(), ActorID: q.user(q.deal.Offering.Manager)}
	var signed *leases.Imported
	err := q.do(ctx, func(tx bun.IDB) (err error) {
		signed, err = q.Leases.ImportRentRoll(ctx, tx, p)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("%s: %w", deal.RentRollFile, err)
	}
	made := len(signed.Leases) > 0 && q.fresh(&signed.Leases[0].CreatedAt)
	return q.said(made, fmt.Sprintf("%d signed, each with its tenant", len(signed.Leases))), nil
}

// adoptBudget puts the year's budget in force.
func (q *quickstart) adoptBudget(ctx context.Context) (string, error) {
	if len(q.deal.Budget) == 0 {
		q.steps.Advance()
		return "none", nil
	}
	p := financials.AdoptBudgetParams{PropertyID: q.property, ActorID: q.user(q.deal.Offering.Manager)}
	for _, m := range q.deal.Budget {
		p.Months = append(p.Months, financials.BudgetMonth{Month: m.First, Income: m.Income, Expenses: m.Expenses, ReplacementReserves: m.ReplacementReserves})
	}
	var plan *financials.BudgetPlan
	err := q.do(ctx, func(tx bun.IDB) (err error) {
		plan, err = q.Financials.AdoptBudget(ctx, tx, p)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("%s: %w", deal.BudgetFile, err)
	}
	year, err := plan.Total()
	if err != nil {
		return "", err
	}
	totals, err := year.Totals()
	return q.said(!plan.Unchanged, fmt.Sprintf("NOI %s planned", screen.Dollars(totals.NOI))), err
}

// testCovenant agrees to what the lender asks for, and tests it as of the last day of the
// statements.
func (q *quickstart) testCovenant(ctx context.Context) (string, error) {
	if q.deal.Loan == nil || q.deal.Loan.MinimumDSCR == nil {
		q.steps.Advance()
		return "none", nil
	}
	l, err := q.findLoan(ctx)
	if err != nil {
		return "", err
	}
	_, last := q.year()
	by, least := q.user(q.deal.Offering.Manager), *q.deal.Loan.MinimumDSCR
	var tests []financials.CovenantTest
	err = q.do(ctx, func(tx bun.IDB) error {
		_, err := q.Loans.AgreeCovenant(ctx, tx, financials.AgreeCovenantParams{ID: idOf[financials.Covenant]("covenant", q.deal.Property.Slug, q.deal.Loan.Number), LoanID: l.ID,
			Kind: financials.CovenantDSCR, Threshold: least, CureDays: 30, StartsOn: l.StartDate, ActorID: by})
		if err != nil {
			return err
		}
		tests, err = q.Loans.TestCovenants(ctx, tx, financials.TestCovenantsParams{LoanID: l.ID, AsOf: last, ActorID: by})
		return err
	})
	if err != nil {
		return "", fmt.Errorf("%s: %w", deal.PropertyFile, err)
	}
	return q.said(q.fresh(&tests[0].CreatedAt), fmt.Sprintf("DSCR %s, at least %s asked for: %s", screen.Times(tests[0].Ratio), screen.Times(&least), tests[0].Status)), nil
}

// tenancies are the lines of the rent roll.
func (q *quickstart) tenancies() (list []financials.Tenancy) {
	for i := range q.deal.Units {
		u := &q.deal.Units[i]
		list = append(list, financials.Tenancy{
			UnitID: q.unitID(u), Status: u.Status, TenantName: u.Tenant, MonthlyRent: u.Rent, LeaseStart: u.LeaseStart, LeaseEnd: u.LeaseEnd,
			MoveIn: u.MoveIn, SecurityDeposit: u.Deposit, CurrentBalance: u.Balance,
			DaysDelinquent: u.DaysDelinquent, Billed: u.Billed, Collected: u.Collected,
		})
	}
	return list
}

// readManaged reads how the year came out beside its budget, and how far the property is
// let by the leases that are signed.
func (q *quickstart) readManaged(ctx context.Context, r *results) (err error) {
	r.Variance, err = q.Financials.BudgetVariance(ctx, q.db, financials.BudgetVarianceParams{PropertyID: q.property, First: r.First, Last: r.Last})
	if err != nil && !errors.Is(err, financials.ErrBudgetNotFound) {
		return err
	}
	for day := r.RollDate; !day.After(r.RollDate.AddMonths(12)); day = day.StartOfMonth().AddMonths(1).EndOfMonth() {
		roll, err := q.RentRolls.RentRoll(ctx, q.db, leases.RentRollParams{PropertyID: q.property, Day: day, RentsOnly: true})
		if err != nil {
			return err
		}
		if roll.Basis == properties.BasisLeases {
			r.Let = append(r.Let, let{day, *roll.Metrics.PhysicalOccupancy})
		}
	}
	return nil
}
