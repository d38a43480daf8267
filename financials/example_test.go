package financials_test

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// withBuilding runs fn with a building of two units, in a transaction
// that is rolled back.
func withBuilding(fn func(ctx context.Context, tx bun.IDB, svc *financials.Service, building *properties.Property)) {
	ctx, tx, done := pgtest.ExampleTx()
	defer done()
	market := money.MustParse("1800")
	p := properties.RegisterPropertyParams{Name: "Elm Court " + id.New[properties.Property]().String(), AddressLine1: "1 Elm St", City: "Columbus", State: "OH", ZipCode: "43004",
		Units: []properties.UnitParams{
			{Number: "1", UnitDetails: properties.UnitDetails{MarketRent: &market}},
			{Number: "2", UnitDetails: properties.UnitDetails{MarketRent: &market}},
		}}
	price := money.MustParse("400000")
	p.PurchasePrice = &price
	building, err := properties.NewService(properties.Config{}).RegisterProperty(ctx, tx, p)
	if err != nil {
		fmt.Println(err)
		return
	}
	today := func() time.Time { return time.Date(2026, 12, 31, 9, 0, 0, 0, time.UTC) }
	fn(ctx, tx, financials.NewService(financials.Config{Now: today}), building)
}

// planner is a user who plans.
func planner(ctx context.Context, tx bun.IDB) id.Of[auth.User] {
	u, err := auth.New(auth.Config{}).Users.Register(ctx, tx, auth.RegisterParams{Email: id.New[auth.User]().String() + "@example.com"})
	if err != nil {
		fmt.Println(err)
		return id.Of[auth.User]{}
	}
	return u.ID
}

func ExampleService_PostStatement() {
	withBuilding(func(ctx context.Context, tx bun.IDB, svc *financials.Service, building *properties.Property) {
		p := financials.PostStatementParams{
			PropertyID: building.ID, PeriodStart: date.MustParse("2026-01-01"), PeriodEnd: date.MustParse("2026-01-31"),
			Income:   financials.IncomeLines{GrossRentalIncome: money.MustParse("3600"), VacancyLoss: money.MustParse("1800"), LossToLease: money.MustParse("300")},
			Expenses: financials.ExpenseLines{PropertyTaxes: money.MustParse("400"), Insurance: money.MustParse("100")},
		}
		posted, err := svc.PostStatement(ctx, tx, p)
		if err != nil {
			fmt.Println(err)
			return
		}
		again, err := svc.PostStatement(ctx, tx, p) // a retry
		fmt.Println(posted.Income.TotalIncome, posted.Expenses.TotalOperatingExpenses, again.Unchanged, err)

		p.Income.LateFees = money.MustParse("25") // somebody forgot it
		corrected, err := svc.CorrectStatement(ctx, tx, financials.CorrectStatementParams(p))
		if err != nil {
			fmt.Println(err)
			return
		}
		history, err := svc.IncomeHistory(ctx, tx, building.ID, page.Request{})
		fmt.Println("version", corrected.Income.Version, "of", len(history.Items), err)
	})
	// Output:
	// 1500.00 500.00 true <nil>
	// version 2 of 2 <nil>
}

// A year's budget is adopted, January is stated, and the rest of the year is planned anew.
func ExampleService_BudgetVariance() {
	withBuilding(func(ctx context.Context, tx bun.IDB, svc *financials.Service, building *properties.Property) {
		var year []financials.BudgetMonth
		for m := range 12 {
			year = append(year, financials.BudgetMonth{Month: date.Must(2026, time.Month(m+1), 1), Income: financials.IncomeLines{GrossRentalIncome: money.MustParse("3600")},
				Expenses: financials.ExpenseLines{PropertyTaxes: money.MustParse("400")}})
		}
		budget, err := svc.AdoptBudget(ctx, tx, financials.AdoptBudgetParams{PropertyID: building.ID, Months: year, ActorID: planner(ctx, tx)})
		if err != nil {
			fmt.Println(err)
			return
		}
		january := financials.PostStatementParams{PropertyID: building.ID, PeriodStart: date.MustParse("2026-01-01"), PeriodEnd: date.MustParse("2026-01-31"),
			Income: financials.IncomeLines{GrossRentalIncome: money.MustParse("3500")}, Expenses: financials.ExpenseLines{PropertyTaxes: money.MustParse("350")}}
		if _, err := svc.PostStatement(ctx, tx, january); err != nil {
			fmt.Println(err)
			return
		}
		v, err := svc.BudgetVariance(ctx, tx, financials.BudgetVarianceParams{PropertyID: building.ID, First: date.MustParse("2026-01-01"), Last: date.MustParse("2026-01-01")})
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, line := range v.Total.Lines {
			fmt.Println(line.Line, line.Difference, line.Direction)
		}
		next, err := svc.ReforecastBudget(ctx, tx, financials.ReforecastBudgetParams{BudgetID: budget.Budget.ID, Months: year[1:], ActorID: planner(ctx, tx)})
		if err != nil {
			fmt.Println(err)
			return
		}
		total, err := next.Total()
		fmt.Println("version", next.Budget.Version, "plans", total.Income.GrossRentalIncome, err)
	})
	// Output:
	// gross_rental_income -100.00 unfavorable
	// property_taxes -50.00 favorable
	// version 2 plans 43100.00 <nil>
}

func ExampleService_CloseRentRoll() {
	withBuilding(func(ctx context.Context, tx bun.IDB, svc *financials.Service, building *properties.Property) {
		units, err := properties.NewService(properties.Config{}).Units(ctx, tx, building.ID, properties.UnitFilter{}, page.Request{})
		if err != nil {
			fmt.Println(err)
			return
		}
		rent := money.MustParse("1500")
		roll, err := svc.CloseRentRoll(ctx, tx, financials.CloseRentRollParams{PropertyID: building.ID, AsOf: date.MustParse("2026-12-31"), Tenancies: []financials.Tenancy{
			{UnitID: units.Items[0].ID, Status: properties.OccupancyOccupied, MonthlyRent: &rent},
			{UnitID: units.Items[1].ID, Status: properties.OccupancyVacant}}})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(len(roll.Entries), "units, in place", roll.Metrics.InPlaceMonthlyRent, "of", roll.Metrics.GrossPotentialRentMarket)
		latest, err := svc.LatestRentRoll(ctx, tx, building.ID, date.MustParse("2027-03-31"), nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(latest.AsOf, latest.Basis, "occupied", latest.Metrics.PhysicalOccupancy)
	})
	// Output:
	// 2 units, in place 1500.00 of 3600.00
	// 2026-12-31 reported occupied 0.5
}

func ExampleService_MeasurePerformance() {
	withBuilding(func(ctx context.Context, tx bun.IDB, svc *financials.Service, building *properties.Property) {
		for month := range 12 {
			first := date.MustParse("2026-01-01").AddMonths(month)
			_, err := svc.PostStatement(ctx, tx, financials.PostStatementParams{PropertyID: building.ID, PeriodStart: first, PeriodEnd: first.EndOfMonth(),
				Income:   financials.IncomeLines{GrossRentalIncome: money.MustParse("3600"), VacancyLoss: money.MustParse("600")},
				Expenses: financials.ExpenseLines{PropertyTaxes: money.MustParse("1000")}})
			if err != nil {
				fmt.Println(err)
				return
			}
		}
		year := financials.PerformanceOfParams{PropertyID: building.ID, PeriodType: financials.PeriodAnnual,
			PeriodStart: date.MustParse("2026-01-01"), PeriodEnd: date.MustParse("2026-12-31")}
		_, err := svc.MeasurePerformance(ctx, tx, financials.MeasurePerformanceParams{PropertyID: year.PropertyID, PeriodType: year.PeriodType,
			PeriodStart: year.PeriodStart, PeriodEnd: year.PeriodEnd})
		if err != nil {
			fmt.Println(err)
			return
		}
		stored, err := svc.PerformanceOf(ctx, tx, year)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("NOI", stored.NOI, "cap rate", stored.CapRate, "debt service covered", stored.DebtServiceCoverage)
	})
	// Output:
	// NOI 24000.00 cap rate 0.06 debt service covered <nil>
}

func ExampleService_AddLoan() {
	withBuilding(func(ctx context.Context, tx bun.IDB, svc *financials.Service, building *properties.Property) {
		p := financials.AddLoanParams{ID: id.New[financials.Loan](), PropertyID: building.ID, Lender: "First Bank", Principal: money.MustParse("300000"),
			AnnualRate: decimal.RequireFromString("0.06"), TermMonths: 120, AmortizationMonths: 360, StartDate: date.MustParse("2026-01-01")}
		for range 2 { // the second call finds the first one's loan
			if _, err := svc.AddLoan(ctx, tx, p); err != nil {
				fmt.Println(err)
				return
			}
		}
		loans, err := svc.Loans(ctx, tx, building.ID, page.Request{})
		if err != nil {
			fmt.Println(err)
			return
		}
		payment, err := loans.Items[0].Terms().LevelPayment()
		fmt.Println(len(loans.Items), "loan,", payment, "a month", err)
	})
	// Output:
	// 1 loan, 1798.65 a month <nil>
}
