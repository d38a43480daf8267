package financials_test

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/financials/ledger"
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

// Fourteen months are stated; each of the last two has its trailing twelve, and the last
// quarter is a year at its pace.
func ExampleService_TrailingStatements() {
	withBuilding(func(ctx context.Context, tx bun.IDB, svc *financials.Service, building *properties.Property) {
		for m := range 14 {
			first := date.Must(2025, time.January, 1).AddMonths(m)
			_, err := svc.PostStatement(ctx, tx, financials.PostStatementParams{PropertyID: building.ID, PeriodStart: first, PeriodEnd: first.EndOfMonth(),
				Income: financials.IncomeLines{GrossRentalIncome: money.MustParse("3600")}, Expenses: financials.ExpenseLines{PropertyTaxes: money.MustParse("400")}})
			if err != nil {
				fmt.Println(err)
				return
			}
		}
		p := financials.TrailingStatementsParams{PropertyIDs: []id.Of[properties.Property]{building.ID}, Month: date.MustParse("2026-02-28"), Series: 2}
		list, err := svc.TrailingStatements(ctx, tx, p)
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, t := range list {
			totals, err := t.Statement.Totals()
			fmt.Println(t.First, t.Last, totals.NOI, err)
		}
		p.Stretch, p.Series = financials.StretchT3, 1
		list, err = svc.TrailingStatements(ctx, tx, p)
		if err != nil {
			fmt.Println(err)
			return
		}
		year, err := list[0].Statement.Annualized()
		fmt.Println(list[0].Statement.Income.GrossRentalIncome, year.Income.GrossRentalIncome, err)
	})
	// Output:
	// 2025-02-01 2026-01-31 38400.00 <nil>
	// 2025-03-01 2026-02-28 38400.00 <nil>
	// 10800.00 43200.00 <nil>
}

// The book of a property makes its statement, once it is closed through the month.
func ExampleService_DeriveStatement() {
	withBuilding(func(ctx context.Context, tx bun.IDB, svc *financials.Service, building *properties.Property) {
		books := ledger.NewService(ledger.Config{})
		book, err := books.OpenBook(ctx, tx, ledger.OpenBookParams{Code: "elm-" + building.ID.String(), Name: "Elm Court", PropertyID: &building.ID, Accounts: []ledger.AccountParams{
			{Code: "1010", Name: "Cash", Type: ledger.Asset}, {Code: "4100", Name: "Rent", Type: ledger.Income}, {Code: "5300", Name: "Utilities", Type: ledger.Expense}}})
		if err != nil {
			fmt.Println(err)
			return
		}
		chart, err := books.Chart(ctx, tx, book.ID)
		if err != nil {
			fmt.Println(err)
			return
		}
		_, err = books.Post(ctx, tx, ledger.PostParams{BookID: book.ID, IdempotencyKey: "january", EffectiveDate: date.MustParse("2026-01-05"), Description: "January", Actor: "manager",
			Entries: []ledger.Entry{{Debit: chart["1010"].ID, Credit: chart["4100"].ID, Amount: money.MustParse("3600")},
				{Debit: chart["5300"].ID, Credit: chart["1010"].ID, Amount: money.MustParse("250")}}})
		fmt.Println(err)
		p := financials.DeriveStatementParams{PropertyID: building.ID, Month: date.MustParse("2026-01-01")}
		_, err = svc.DeriveStatement(ctx, tx, p)
		fmt.Println(err)
		_, err = books.ClosePeriod(ctx, tx, ledger.ClosePeriodParams{BookID: book.ID, Through: date.MustParse("2026-01-31")})
		fmt.Println(err)
		st, err := svc.DeriveStatement(ctx, tx, p)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(st.Income.TotalIncome, st.Expenses.Utilities, st.Income.Source)
	})
	// Output:
	// <nil>
	// month: the property's book is not closed through the month (statement_book_open)
	// <nil>
	// 3600.00 250.00 book
}

// A lender and a clerk: the principal is drawn, two payments are booked, and the rest is
// paid off.
func ExampleLoans_PayLoan() {
	withBuilding(func(ctx context.Context, tx bun.IDB, svc *financials.Service, building *properties.Property) {
		loans, clerk, l, err := mortgage(ctx, tx, svc, building)
		if err != nil {
			fmt.Println(err)
			return
		}
		for i, principal := range []string{"99.55", "100.05"} {
			_, err = loans.PayLoan(ctx, tx, financials.PayLoanParams{IdempotencyKey: "payment-" + principal, LoanID: l.ID, Date: l.StartDate.AddMonths(i + 1), Interest: money.MustParse("500"),
				Principal: money.MustParse(principal), Escrow: money.MustParse("120"), ActorID: clerk})
			if err != nil {
				fmt.Println(err)
				return
			}
		}
		b, err := loans.LoanBalance(ctx, tx, financials.LoanBalanceParams{LoanID: l.ID, On: date.MustParse("2025-03-01")})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("owed", b.Balance, "escrow", b.Escrow)
		_, err = loans.DisburseEscrow(ctx, tx, financials.DisburseEscrowParams{IdempotencyKey: "taxes", LoanID: l.ID, Amount: money.MustParse("300"), Purpose: financials.EscrowTaxes,
			Date: date.MustParse("2025-03-10"), ActorID: clerk})
		fmt.Println(err)
		off, err := loans.PayOffLoan(ctx, tx, financials.PayOffLoanParams{IdempotencyKey: "payoff", LoanID: l.ID, Date: date.MustParse("2025-04-01"), Interest: money.MustParse("499.00"), ActorID: clerk})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("paid off with", off.Amount)
	})
	// Output:
	// owed 99800.40 escrow 240.00
	// amount: more is taken out of escrow than is in it (escrow_short)
	// paid off with 100299.40
}

// mortgage is a loan of 100,000.00 that is drawn, and who books it.
func mortgage(ctx context.Context, tx bun.IDB, svc *financials.Service, building *properties.Property) (*financials.Loans, id.Of[auth.User], *financials.Loan, error) {
	loans := financials.NewLoans(financials.Config{})
	clerk, err := auth.New(auth.Config{}).Users.Register(ctx, tx, auth.RegisterParams{Email: building.ID.String() + "@example.com"})
	if err != nil {
		return nil, id.Of[auth.User]{}, nil, err
	}
	l, err := svc.AddLoan(ctx, tx, financials.AddLoanParams{PropertyID: building.ID, Lender: "First Bank", Principal: money.MustParse("100000"), AnnualRate: decimal.RequireFromString("0.06"),
		TermMonths: 120, AmortizationMonths: 360, StartDate: date.MustParse("2025-01-01"),
		Floating: &financials.FloatingParams{RateIndex: "SOFR " + building.ID.String(), Margin: decimal.RequireFromString("0.0175"), ResetMonths: 12}})
	if err != nil {
		return nil, id.Of[auth.User]{}, nil, err
	}
	_, err = loans.DrawLoan(ctx, tx, financials.DrawLoanParams{IdempotencyKey: "closing", LoanID: l.ID, Amount: l.Principal, Date: l.StartDate, ActorID: clerk.ID})
	return loans, clerk.ID, l, err
}

// A rate follows its index, and the schedule follows the rate.
func ExampleLoans_ResetRate() {
	withBuilding(func(ctx context.Context, tx bun.IDB, svc *financials.Service, building *properties.Property) {
		loans, clerk, l, err := mortgage(ctx, tx, svc, building)
		if err != nil {
			fmt.Println(err)
			return
		}
		_, err = loans.RecordIndexValues(ctx, tx, financials.RecordIndexValuesParams{RateIndex: *l.RateIndex, ActorID: clerk,
			Values: []financials.DatedValue{{Date: date.MustParse("2025-12-30"), Value: decimal.RequireFromString("0.0368")}}})
		if err != nil {
			fmt.Println(err)
			return
		}
		r, err := loans.ResetRate(ctx, tx, financials.ResetRateParams{LoanID: l.ID, On: date.MustParse("2026-01-01"), ActorID: clerk})
		if err != nil {
			fmt.Println(err)
			return
		}
		s, err := loans.Schedule(ctx, tx, l.ID)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(r.AnnualRate, s.Rows[11].Payment, s.Rows[12].Payment)
	})
	// Output: 0.0543 599.55 564.18
}

// A covenant is tested as of the end of a year, and what the lender waives is on record.
func ExampleLoans_TestCovenants() {
	withBuilding(func(ctx context.Context, tx bun.IDB, svc *financials.Service, building *properties.Property) {
		loans, clerk, l, err := mortgage(ctx, tx, svc, building)
		if err != nil {
			fmt.Println(err)
			return
		}
		_, err = loans.AgreeCovenant(ctx, tx, financials.AgreeCovenantParams{LoanID: l.ID, Kind: financials.CovenantDSCR, Threshold: decimal.RequireFromString("1.25"), CureDays: 30,
			StartsOn: date.MustParse("2025-01-01"), ActorID: clerk})
		if err != nil {
			fmt.Println(err)
			return
		}
		_, err = svc.PostStatement(ctx, tx, financials.PostStatementParams{PropertyID: building.ID, PeriodStart: date.MustParse("2025-01-01"), PeriodEnd: date.MustParse("2025-12-31"),
			Income:   financials.IncomeLines{GrossRentalIncome: money.MustParse("14000")},
			Expenses: financials.ExpenseLines{Payroll: money.MustParse("5600"), MortgageInterest: money.MustParse("6000"), MortgagePrincipal: money.MustParse("1000")}})
		if err != nil {
			fmt.Println(err)
			return
		}
		tests, err := loans.TestCovenants(ctx, tx, financials.TestCovenantsParams{LoanID: l.ID, AsOf: date.MustParse("2025-12-31"), ActorID: clerk})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(tests[0].Status, tests[0].Ratio, "to cure by", tests[0].CureBy)
		waived, err := loans.WaiveBreach(ctx, tx, financials.WaiveBreachParams{TestID: tests[0].ID, Date: date.MustParse("2026-01-15"), Reason: "a new roof", ActorID: clerk})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(waived.Status)
	})
	// Output:
	// breached 1.2 to cure by 2026-01-30
	// waived
}

// A reserve is set aside, and what is left of the cash after the next payment of the loan
// may be distributed.
func ExampleCash_PrepareWorksheet() {
	withBuilding(func(ctx context.Context, tx bun.IDB, svc *financials.Service, building *properties.Property) {
		_, clerk, _, err := mortgage(ctx, tx, svc, building) // its principal came into the cash
		if err != nil {
			fmt.Println(err)
			return
		}
		cash := financials.NewCash(financials.Config{})
		_, err = cash.SetAsideReserve(ctx, tx, financials.SetAsideReserveParams{IdempotencyKey: "roof", PropertyID: building.ID, Purpose: "roof", Amount: money.MustParse("20000"),
			Date: date.MustParse("2025-01-15"), ActorID: clerk})
		if err != nil {
			fmt.Println(err)
			return
		}
		w, err := cash.PrepareWorksheet(ctx, tx, financials.PrepareWorksheetParams{PropertyID: building.ID, AsOf: date.MustParse("2025-01-31"), DebtDays: 28, ReservesRequired: money.MustParse("25000"),
			MinimumCash: money.MustParse("10000"), ActorID: clerk})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(w.Cash, w.Reserves, w.DebtServiceDue, w.Distributable)
	})
	// Output: 80000.00 20000.00 599.55 64400.45
}
