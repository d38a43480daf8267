package recipes

import (
	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

var firstPage = page.Request{}

// planVerbs are those of statements, budgets, covenants, rates, the terms of leases and the
// proofs of books.
var planVerbs = []Recipe{
	{"Financials.DeriveStatement", func(w *World) Call {
		property := realestatetest.Property(w.T, w.DB).ID
		book := w.book(&property)
		must(w.P.Ledger.ClosePeriod(w.T.Context(), w.DB, ledger.ClosePeriodParams{BookID: book.ID, Through: date.MustParse("2026-01-31")}))(w)
		return Do(w.P.Financials.DeriveStatement, financials.DeriveStatementParams{PropertyID: property, Month: date.MustParse("2026-01-20")})
	}},
	{"Financials.ReforecastBudget", func(w *World) Call {
		property, plan := w.stated(), planned()
		b := must(w.P.Financials.AdoptBudget(w.T.Context(), w.DB, financials.AdoptBudgetParams{PropertyID: property, Months: plan, ActorID: Staff}))(w)
		return Do(w.P.Financials.ReforecastBudget, financials.ReforecastBudgetParams{BudgetID: b.Budget.ID, Months: plan[1:], ActorID: Staff})
	}},
	{"Financials.RentRollOn", func(w *World) Call {
		property := w.rolled()
		return Calls(w.P.Financials.RentRollOn, property, date.MustParse("2026-01-31"))
	}},
	{"Financials.RestateRentRoll", func(w *World) Call {
		return Do(w.P.Financials.RestateRentRoll, financials.RestateRentRollParams{PropertyID: w.rolled(), AsOf: date.MustParse("2026-01-31"), Version: 1})
	}},
	{"Financials.SameStore", func(w *World) Call {
		return Do(w.P.Financials.SameStore, financials.SameStoreParams{PropertyIDs: []id.Of[properties.Property]{w.stated()}, Month: date.MustParse("2026-01-31"), Stretch: financials.StretchMonth, Back: 1})
	}},
	{"Loans.AgreeCovenant", func(w *World) Call { return Do(w.P.Loans.AgreeCovenant, w.covenant(w.floating())) }},
	{"Loans.TestCovenants", func(w *World) Call { return Do(w.P.Loans.TestCovenants, w.testing()) }},
	{"Loans.CureBreach", func(w *World) Call {
		return Do(w.P.Loans.CureBreach, financials.CureBreachParams{TestID: w.breached(), Date: date.MustParse("2026-01-20"), Reason: "paid down", ActorID: Staff})
	}},
	{"Loans.WaiveBreach", func(w *World) Call {
		return Do(w.P.Loans.WaiveBreach, financials.WaiveBreachParams{TestID: w.breached(), Date: date.MustParse("2026-01-20"), Reason: "agreed", ActorID: Staff})
	}},
	{"Loans.ForecastCovenants", func(w *World) Call {
		l := w.floating()
		must(w.P.Loans.AgreeCovenant(w.T.Context(), w.DB, w.covenant(l)))(w)
		w.state(l.PropertyID)
		must(w.P.Financials.AdoptBudget(w.T.Context(), w.DB, financials.AdoptBudgetParams{PropertyID: l.PropertyID, Months: planned()[1:], ActorID: Staff}))(w)
		return Do(w.P.Loans.ForecastCovenants, financials.ForecastCovenantsParams{LoanID: l.ID, First: date.MustParse("2026-02-01"), Last: date.MustParse("2026-02-01"), Value: cents("120000")})
	}},
	{"Loans.ResetRate", func(w *World) Call {
		l := w.floating()
		return Do(w.P.Loans.ResetRate, financials.ResetRateParams{LoanID: l.ID, On: MovedOn, ActorID: Staff})
	}},
	{"Leases.CancelLease", func(w *World) Call {
		p := w.letting()
		p.StartsOn = date.MustParse("2027-03-01")
		p.Rent[0].From = p.StartsOn
		l := must(w.P.Leases.SignLease(w.T.Context(), w.DB, p))(w)
		return Do(w.P.Leases.CancelLease, leases.CancelLeaseParams{LeaseID: l.ID, ActorID: Staff})
	}},
	{"Leases.CorrectTerm", func(w *World) Call {
		ends := date.MustParse("2026-12-31")
		return Do(w.P.Leases.CorrectTerm, leases.CorrectTermParams{LeaseID: w.let().ID, Number: 1, EndsOn: &ends, ActorID: Staff})
	}},
	{"Leases.RenewLease", func(w *World) Call {
		p, ends := w.letting(), date.MustParse("2026-12-31")
		p.EndsOn = &ends
		l := must(w.P.Leases.SignLease(w.T.Context(), w.DB, p))(w)
		from := date.MustParse("2027-01-01")
		return Do(w.P.Leases.RenewLease, leases.RenewLeaseParams{LeaseID: l.ID, StartsOn: from, Rent: []leases.RentStep{{From: from, Amount: money.MustParse("1100")}}, MonthToMonth: true, ActorID: Staff})
	}},
	{"Leases.StepByIndex", func(w *World) Call {
		p := w.letting()
		p.Kind = leases.Commercial
		p.Conditions.Index = &leases.Index{Name: "CPI-U", BaseMonth: date.MustParse("2025-01-01"), BaseRent: money.MustParse("1000")}
		l := must(w.P.Leases.SignLease(w.T.Context(), w.DB, p))(w)
		return Do(w.P.Leases.StepByIndex, leases.StepByIndexParams{LeaseID: l.ID, From: MovedOn, Month: date.MustParse("2025-12-01"), Value: decimal.NewFromInt(309), BaseValue: decimal.NewFromInt(300), ActorID: Staff})
	}},
	{"Leases.GiveNotice", func(w *World) Call {
		return Do(w.P.Leases.GiveNotice, leases.GiveNoticeParams{LeaseID: w.let().ID, Date: MovedOn, LeavesOn: Quarter1, ActorID: Staff})
	}},
	{"Leases.WithdrawNotice", func(w *World) Call {
		l := w.let()
		must(w.P.Leases.GiveNotice(w.T.Context(), w.DB, leases.GiveNoticeParams{LeaseID: l.ID, Date: MovedOn, LeavesOn: Quarter1, ActorID: Staff}))(w)
		return Do(w.P.Leases.WithdrawNotice, leases.WithdrawNoticeParams{LeaseID: l.ID, ActorID: Staff})
	}},
	{"Ledger.OpenBook", func(w *World) Call {
		return Do(w.P.Ledger.OpenBook, ledger.OpenBookParams{Code: Key(), Name: "Elm", Accounts: []ledger.AccountParams{{Code: "1", Name: "Cash", Type: ledger.Asset}}})
	}},
	{"Ledger.SealAt", func(w *World) Call {
		b := w.sealed()
		return Calls(w.P.Ledger.SealAt, b.ID, int64(1))
	}},
	{"Proofs.KeepMark", func(w *World) Call {
		r := must(w.P.Ledger.Verify(w.T.Context(), w.DB, w.sealed().ID))(w)
		return Do(w.P.Proofs.KeepMark, ledger.KeepMarkParams{Mark: *r.Mark})
	}},
}

// book is one of two accounts, with a journal of January.
func (w *World) book(property *id.Of[properties.Property]) *ledger.Book {
	w.T.Helper()
	b := must(w.P.Ledger.OpenBook(w.T.Context(), w.DB, ledger.OpenBookParams{Code: Key(), Name: "Elm", PropertyID: property, Accounts: []ledger.AccountParams{
		{Code: "1010", Name: "Cash", Type: ledger.Asset}, {Code: "4100", Name: "Rent", Type: ledger.Income}}}))(w)
	chart := must(w.P.Ledger.Chart(w.T.Context(), w.DB, b.ID))(w)
	must(w.P.Ledger.Post(w.T.Context(), w.DB, ledger.PostParams{Actor: "clerk", IdempotencyKey: Key(), BookID: b.ID, EffectiveDate: date.MustParse("2026-01-05"),
		Entries: []ledger.Entry{{Debit: chart["1010"].ID, Credit: chart["4100"].ID, Amount: money.MustParse("1000")}}}))(w)
	return b
}

// sealed is a book whose journals are under a seal.
func (w *World) sealed() *ledger.Book {
	w.T.Helper()
	b := w.book(nil)
	must(w.P.Ledger.Seal(w.T.Context(), w.DB, ledger.SealParams{BookID: b.ID}))(w)
	return b
}

// state puts a statement of each month of 2025 on record, and of January 2026.
func (w *World) state(property id.Of[properties.Property]) {
	w.T.Helper()
	for m := range 13 {
		first := date.MustParse("2025-01-01").AddMonths(m)
		must(w.P.Financials.PostStatement(w.T.Context(), w.DB, financials.PostStatementParams{PropertyID: property, PeriodStart: first, PeriodEnd: first.EndOfMonth(),
			Income: financials.IncomeLines{GrossRentalIncome: money.MustParse("1000")}}))(w)
	}
}

// stated is a property with statements.
func (w *World) stated() id.Of[properties.Property] {
	w.T.Helper()
	p := realestatetest.Property(w.T, w.DB).ID
	w.state(p)
	return p
}

// planned is a budget of January, which is stated, and February.
func planned() []financials.BudgetMonth {
	return []financials.BudgetMonth{{Month: date.MustParse("2026-01-01")}, {Month: date.MustParse("2026-02-01"), Income: financials.IncomeLines{GrossRentalIncome: money.MustParse("9000")}}}
}

// rolled is a property with the rent roll of a day.
func (w *World) rolled() id.Of[properties.Property] {
	w.T.Helper()
	p := realestatetest.Property(w.T, w.DB).ID
	must(w.P.Properties.AddUnits(w.T.Context(), w.DB, properties.AddUnitsParams{PropertyID: p, Units: []properties.UnitParams{{Number: "1"}}}))(w)
	must(w.P.Financials.CloseRentRoll(w.T.Context(), w.DB, financials.CloseRentRollParams{PropertyID: p, AsOf: date.MustParse("2026-01-31")}))(w)
	return p
}

// floating is a drawn loan of a property of its own, whose rate follows an index that is known.
func (w *World) floating() *financials.Loan {
	w.T.Helper()
	l := must(w.P.Financials.AddLoan(w.T.Context(), w.DB, financials.AddLoanParams{PropertyID: realestatetest.Property(w.T, w.DB).ID, Lender: "First Bank", Principal: money.MustParse("100000"),
		TermMonths: 360, AmortizationMonths: 360, StartDate: date.MustParse("2026-01-01"), Floating: &financials.FloatingParams{RateIndex: Key(), Margin: *Rate("0.02"), ResetMonths: 1}}))(w)
	must(w.P.Loans.DrawLoan(w.T.Context(), w.DB, financials.DrawLoanParams{IdempotencyKey: Key(), LoanID: l.ID, Amount: l.Principal, Date: l.StartDate, ActorID: Staff}))(w)
	must(w.P.Loans.RecordIndexValues(w.T.Context(), w.DB, financials.RecordIndexValuesParams{RateIndex: *l.RateIndex,
		Values: []financials.DatedValue{{Date: date.MustParse("2026-01-15"), Value: *Rate("0.04")}}, ActorID: Staff}))(w)
	return l
}

func (w *World) covenant(l *financials.Loan) financials.AgreeCovenantParams {
	return financials.AgreeCovenantParams{LoanID: l.ID, Kind: financials.CovenantLTV, Threshold: *Rate("0.5"), StartsOn: l.StartDate, CureDays: 30, ActorID: Staff}
}

// testing is a loan with a covenant that it breaches.
func (w *World) testing() financials.TestCovenantsParams {
	w.T.Helper()
	l := w.floating()
	must(w.P.Loans.AgreeCovenant(w.T.Context(), w.DB, w.covenant(l)))(w)
	w.state(l.PropertyID)
	return financials.TestCovenantsParams{LoanID: l.ID, AsOf: date.MustParse("2026-01-15"), Value: cents("120000"), ActorID: Staff}
}

func (w *World) breached() id.Of[financials.CovenantTest] {
	w.T.Helper()
	return must(w.P.Loans.TestCovenants(w.T.Context(), w.DB, w.testing()))(w)[0].ID
}
