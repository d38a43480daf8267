package financials_test

import (
	"context"
	"sync"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

func newKey() string { return id.New[string]().String() }

func usd(s string) money.Amount    { return money.MustParse(s) }
func day(s string) date.Date       { return date.MustParse(s) }
func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// lent is a loan of 100,000.00 at 6 % from 2025-01-01, committed to 150,000.00, with the
// principal drawn, and who books it.
func lent(t *testing.T, db bun.IDB, change ...func(*financials.AddLoanParams)) (*financials.Loans, *financials.Loan, id.Of[auth.User]) {
	t.Helper()
	svc, actor, limit := financials.NewLoans(financials.Config{}), realestatetest.User(t, db).ID, usd("150000")
	p := financials.AddLoanParams{PropertyID: realestatetest.Property(t, db).ID, Lender: "First Bank", Principal: usd("100000"), AnnualRate: dec("0.06"), TermMonths: 120, AmortizationMonths: 360,
		StartDate: day("2025-01-01"), Commitment: &limit}
	for _, c := range change {
		c(&p)
	}
	l, err := newService().AddLoan(t.Context(), db, p)
	require.NoError(t, err)
	_, err = svc.DrawLoan(t.Context(), db, financials.DrawLoanParams{IdempotencyKey: newKey(), LoanID: l.ID, Amount: p.Principal, Date: p.StartDate, ActorID: actor})
	require.NoError(t, err)
	return svc, l, actor
}

// Draws, payments, escrow and their reversal are booked once for a key, and the loan never
// owes less than nothing, nor more than was committed.
func TestLoans_money(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Tx(t)
	svc, l, actor := lent(t, db)
	draw := financials.DrawLoanParams{IdempotencyKey: newKey(), LoanID: l.ID, Amount: usd("50000.01"), Date: day("2025-03-01"), ActorID: actor}
	_, err := svc.DrawLoan(ctx, db, draw)
	require.ErrorIs(t, err, financials.ErrOverDrawn)
	draw.Amount = usd("20000")
	_, err = svc.DrawLoan(ctx, db, draw)
	require.NoError(t, err)

	pay := financials.PayLoanParams{IdempotencyKey: newKey(), LoanID: l.ID, Date: day("2025-02-01"), Interest: usd("500"), Principal: usd("99.55"), Escrow: usd("250"), Fees: usd("5"), ActorID: actor}
	e, err := svc.PayLoan(ctx, db, pay)
	require.NoError(t, err)
	require.Equal(t, "854.55", e.Amount.String())
	again, err := svc.PayLoan(ctx, db, pay)
	require.NoError(t, err)
	require.Equal(t, e.ID, again.ID)
	pay.Interest = usd("501")
	_, err = svc.PayLoan(ctx, db, pay)
	require.ErrorIs(t, err, store.ErrKeyReused)
	pay.IdempotencyKey, pay.Principal = newKey(), usd("100000.01")
	_, err = svc.PayLoan(ctx, db, pay)
	require.ErrorIs(t, err, financials.ErrOverPaid, "the later draw does not cover what was owed in February")
	pay.Date = day("2024-12-31")
	_, err = svc.PayLoan(ctx, db, pay)
	require.ErrorIs(t, err, financials.ErrLoanEarly)

	out := financials.DisburseEscrowParams{IdempotencyKey: newKey(), LoanID: l.ID, Amount: usd("250.01"), Purpose: financials.EscrowTaxes, Date: day("2025-04-01"), ActorID: actor}
	_, err = svc.DisburseEscrow(ctx, db, out)
	require.ErrorIs(t, err, financials.ErrEscrowShort)
	out.Amount = usd("200")
	_, err = svc.DisburseEscrow(ctx, db, out)
	require.NoError(t, err)
	for on, want := range map[string]string{"2024-12-31": "0.00 0.00 0.00", "2025-01-31": "100000.00 100000.00 0.00", "2025-02-28": "100000.00 99900.45 250.00", "2025-04-01": "120000.00 119900.45 50.00"} {
		b, err := svc.LoanBalance(ctx, db, financials.LoanBalanceParams{LoanID: l.ID, On: day(on)})
		require.NoError(t, err)
		require.Equal(t, want, b.Drawn.String()+" "+b.Balance.String()+" "+b.Escrow.String(), on)
	}

	undo := financials.ReverseLoanEntryParams{IdempotencyKey: newKey(), EntryID: e.ID, Date: day("2025-02-03"), ActorID: actor}
	_, err = svc.ReverseLoanEntry(ctx, db, undo)
	require.ErrorIs(t, err, financials.ErrEscrowShort, "the taxes were paid out of it")
	more := financials.PayLoanParams{IdempotencyKey: newKey(), LoanID: l.ID, Date: day("2025-02-02"), Escrow: usd("300"), ActorID: actor}
	_, err = svc.PayLoan(ctx, db, more)
	require.NoError(t, err)
	_, err = svc.ReverseLoanEntry(ctx, db, undo)
	require.NoError(t, err)
	undo.IdempotencyKey = newKey()
	_, err = svc.ReverseLoanEntry(ctx, db, undo)
	require.ErrorIs(t, err, financials.ErrLoanEntryReversed)
	b, err := svc.LoanBalance(ctx, db, financials.LoanBalanceParams{LoanID: l.ID, On: day("2025-12-31")})
	require.NoError(t, err)
	require.Equal(t, "120000.00 100.00 0.00", b.Balance.String()+" "+b.Escrow.String()+" "+b.Interest.String())
	holds(t, db)
	_, err = svc.PayLoan(ctx, db, financials.PayLoanParams{LoanID: l.ID, Date: day("2999-01-01"), Interest: usd("-1")})
	require.Len(t, fault.FieldErrors(err), 3)
}

// A loan is paid off with all that is owed, gets its payoff date, and lives again when that
// is reversed; another takes the place of it, and the two are tied.
func TestLoans_end(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Tx(t)
	svc, l, actor := lent(t, db)
	off := financials.PayOffLoanParams{IdempotencyKey: newKey(), LoanID: l.ID, Date: day("2025-06-30"), Interest: usd("410.95"), Fees: usd("1000"), ActorID: actor}
	e, err := svc.PayOffLoan(ctx, db, off)
	require.NoError(t, err)
	require.Equal(t, "101410.95", e.Amount.String())
	read, err := newService().Loan(ctx, db, l.ID)
	require.NoError(t, err)
	require.Equal(t, financials.LoanStatusPaidOff, read.Status)
	require.Equal(t, off.Date, *read.PayoffDate)
	_, err = svc.DrawLoan(ctx, db, financials.DrawLoanParams{IdempotencyKey: newKey(), LoanID: l.ID, Amount: usd("1"), Date: off.Date, ActorID: actor})
	require.ErrorIs(t, err, financials.ErrLoanEnded)
	holds(t, db)
	_, err = svc.ReverseLoanEntry(ctx, db, financials.ReverseLoanEntryParams{IdempotencyKey: newKey(), EntryID: e.ID, Date: off.Date, ActorID: actor})
	require.NoError(t, err)
	read, err = newService().Loan(ctx, db, l.ID)
	require.NoError(t, err)
	require.Equal(t, financials.LoanStatusActive, read.Status)
	require.Nil(t, read.PayoffDate)
	holds(t, db)

	next, err := newService().AddLoan(ctx, db, financials.AddLoanParams{PropertyID: l.PropertyID, Lender: "Second Bank", Principal: usd("130000"), AnnualRate: dec("0.05"), TermMonths: 120,
		AmortizationMonths: 360, StartDate: day("2025-09-01")})
	require.NoError(t, err)
	p := financials.RefinanceLoanParams{IdempotencyKey: newKey(), LoanID: l.ID, NewLoanID: next.ID, Date: day("2025-08-31"), ActorID: actor}
	_, err = svc.RefinanceLoan(ctx, db, p)
	require.ErrorIs(t, err, financials.ErrLoanEarly)
	p.Date = day("2025-09-01")
	_, err = svc.RefinanceLoan(ctx, db, p)
	require.NoError(t, err)
	read, err = newService().Loan(ctx, db, l.ID)
	require.NoError(t, err)
	require.Equal(t, financials.LoanStatusRefinanced, read.Status)
	next, err = newService().Loan(ctx, db, next.ID)
	require.NoError(t, err)
	require.Equal(t, l.ID, *next.RefinancesID)
	b, err := svc.LoanBalance(ctx, db, financials.LoanBalanceParams{LoanID: next.ID, On: p.Date})
	require.NoError(t, err)
	require.Equal(t, "130000.00", b.Balance.String())
	holds(t, db)
	other := lentElsewhere(t, db)
	p.IdempotencyKey, p.LoanID, p.NewLoanID = newKey(), other.ID, next.ID
	_, err = svc.RefinanceLoan(ctx, db, p)
	require.ErrorIs(t, err, financials.ErrRefinance)
}

func lentElsewhere(t *testing.T, db bun.IDB) *financials.Loan {
	t.Helper()
	_, l, _ := lent(t, db)
	return l
}

// Payments at once: what is owed is repaid once.
func TestLoans_race(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	svc, l, actor := lent(t, db)
	var wg sync.WaitGroup
	errs := make(chan error, 6)
	for range 6 {
		wg.Go(func() {
			_, err := svc.PayLoan(ctx, db, financials.PayLoanParams{IdempotencyKey: newKey(), LoanID: l.ID, Date: day("2025-02-01"), Principal: usd("40000"), ActorID: actor})
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	paid := 0
	for err := range errs {
		if err == nil {
			paid++
			continue
		}
		require.ErrorIs(t, err, financials.ErrOverPaid)
	}
	require.Equal(t, 2, paid)
	holds(t, db)
}

// A rate follows its index on the days of reset, within floor and cap, and the schedule
// follows the rate.
func TestLoans_rates(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Tx(t)
	floor, limit := dec("0.055"), dec("0.07")
	svc, l, actor := lent(t, db, func(p *financials.AddLoanParams) {
		p.Floating = &financials.FloatingParams{RateIndex: "SOFR-" + newKey(), Margin: dec("0.02"), Floor: &floor, Cap: &limit, ResetMonths: 6}
	})
	reset := financials.ResetRateParams{LoanID: l.ID, On: day("2025-07-01"), ActorID: actor}
	_, err := svc.ResetRate(ctx, db, reset)
	require.ErrorIs(t, err, financials.ErrIndexValueMissing)
	values := financials.RecordIndexValuesParams{RateIndex: *l.RateIndex, Values: []financials.DatedValue{{day("2025-06-28"), dec("0.043")}, {day("2025-12-31"), dec("0.06")}, {day("2026-06-30"), dec("-0.001")}}, ActorID: actor}
	n, err := svc.RecordIndexValues(ctx, db, values)
	require.NoError(t, err)
	require.Equal(t, 3, n)
	n, err = svc.RecordIndexValues(ctx, db, values)
	require.NoError(t, err)
	require.Zero(t, n)
	values.Values[0].Value = dec("0.044")
	_, err = svc.RecordIndexValues(ctx, db, values)
	require.ErrorIs(t, err, financials.ErrIndexValueExists)
	for on, want := range map[string]string{"2025-07-01": "0.063", "2026-01-01": "0.07", "2026-07-01": "0.055"} {
		reset.On = day(on)
		r, err := svc.ResetRate(ctx, db, reset)
		require.NoError(t, err)
		require.Equal(t, want, r.AnnualRate.String(), on)
		again, err := svc.ResetRate(ctx, db, reset)
		require.NoError(t, err)
		require.Equal(t, r.ID, again.ID)
	}
	reset.On = day("2025-08-01")
	_, err = svc.ResetRate(ctx, db, reset)
	require.ErrorIs(t, err, financials.ErrResetDay)
	s, err := svc.Schedule(ctx, db, l.ID)
	require.NoError(t, err)
	require.Equal(t, "500.00", s.Rows[0].Interest.String())
	require.Equal(t, "521.82", s.Rows[6].Interest.String(), "99,395.18 after six payments, at 6.3 % from July")
	require.NoError(t, s.Check())
	holds(t, db)
	_, fixed, by := lent(t, db)
	_, err = svc.ResetRate(ctx, db, financials.ResetRateParams{LoanID: fixed.ID, On: day("2025-07-01"), ActorID: by})
	require.ErrorIs(t, err, financials.ErrRateFixed)
}

// The schedule stands beside what was paid.
func TestLoans_compare(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Tx(t)
	svc, l, actor := lent(t, db)
	for i, principal := range []string{"99.55", "50.05"} {
		_, err := svc.PayLoan(ctx, db, financials.PayLoanParams{IdempotencyKey: newKey(), LoanID: l.ID, Date: day("2025-02-01").AddMonths(i), Interest: usd("500"), Principal: usd(principal), ActorID: actor})
		require.NoError(t, err)
	}
	c, err := svc.CompareSchedule(ctx, db, financials.CompareScheduleParams{LoanID: l.ID, Through: day("2025-04-15")})
	require.NoError(t, err)
	require.Len(t, c.Periods, 3)
	require.Equal(t, "0.00 49.50 649.05", c.Periods[0].Late.String()+" "+c.Periods[1].Late.String()+" "+c.Periods[2].Late.String())
	require.Equal(t, "99850.40", c.Periods[2].Balance.String())
	holds(t, db)
}

// Only who is active and permitted moves money of a loan.
func TestLoans_actors(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Tx(t)
	_, l, actor := lent(t, db)
	var asked auth.Object
	svc := financials.NewLoans(financials.Config{May: func(_ context.Context, _ bun.IDB, _ id.Of[auth.User], action auth.Action, o auth.Object) error {
		require.Equal(t, auth.ActionPay, action)
		asked = o
		return auth.ErrNotPermitted
	}})
	p := financials.PayLoanParams{IdempotencyKey: newKey(), LoanID: l.ID, Date: day("2025-02-01"), Interest: usd("500"), ActorID: actor}
	_, err := svc.PayLoan(ctx, db, p)
	require.ErrorIs(t, err, auth.ErrNotPermitted)
	require.Equal(t, auth.ObjectOf(auth.KindFinancials, l.PropertyID), asked)
	p.ActorID = id.New[auth.User]()
	_, err = svc.PayLoan(ctx, db, p)
	require.ErrorIs(t, err, auth.ErrActorInactive)
}

// Covenants are tested as of a day out of statements and entries, breached ones are cured in
// time or waived, and a forecast takes what the budget plans.
func TestLoans_covenants(t *testing.T) {
	t.Parallel()
	ctx, db, fin := t.Context(), pgtest.Tx(t), newService()
	svc, l, actor := lent(t, db)
	value := usd("160000")
	agree := func(kind financials.CovenantKind, threshold string, cure int) *financials.Covenant {
		c, err := svc.AgreeCovenant(ctx, db, financials.AgreeCovenantParams{LoanID: l.ID, Kind: kind, Threshold: dec(threshold), CureDays: cure, StartsOn: day("2025-01-01"), ActorID: actor})
		require.NoError(t, err)
		return c
	}
	dscr, ltv, yield := agree(financials.CovenantDSCR, "1.25", 30), agree(financials.CovenantLTV, "0.625", 0), agree(financials.CovenantDebtYield, "0.09", 0)
	p := financials.TestCovenantsParams{LoanID: l.ID, AsOf: day("2025-12-31"), Value: &value, ActorID: actor}
	_, err := svc.TestCovenants(ctx, db, p)
	require.ErrorIs(t, err, financials.ErrCovenantIncome)
	post := func(m int, payroll string) {
		first := day("2025-01-01").AddMonths(m)
		_, err := fin.PostStatement(ctx, db, financials.PostStatementParams{PropertyID: l.PropertyID, PeriodStart: first, PeriodEnd: first.EndOfMonth(),
			Income: financials.IncomeLines{GrossRentalIncome: usd("1000")}, Expenses: financials.ExpenseLines{Payroll: usd(payroll), MortgageInterest: usd("500"), MortgagePrincipal: usd("99.55")}})
		require.NoError(t, err)
	}
	for m := range 12 {
		post(m, "260")
	}
	tests, err := svc.TestCovenants(ctx, db, p)
	require.NoError(t, err)
	got := map[id.Of[financials.Covenant]]financials.CovenantTest{}
	for _, x := range tests {
		got[x.CovenantID] = x
	}
	require.Equal(t, "breached 1.2342590276", string(got[dscr.ID].Status)+" "+got[dscr.ID].Ratio.String(), "8,880 over 7,194.60")
	require.Equal(t, "met 0.625", string(got[ltv.ID].Status)+" "+got[ltv.ID].Ratio.String())
	require.Equal(t, "breached 0.0888", string(got[yield.ID].Status)+" "+got[yield.ID].Ratio.String())
	require.Equal(t, day("2026-01-30"), *got[dscr.ID].CureBy)
	again, err := svc.TestCovenants(ctx, db, p)
	require.NoError(t, err)
	require.Equal(t, tests[0].Version, again[0].Version)

	cure := financials.CureBreachParams{TestID: got[dscr.ID].ID, Date: day("2026-01-31"), Reason: "a deposit", ActorID: actor}
	_, err = svc.CureBreach(ctx, db, cure)
	require.ErrorIs(t, err, financials.ErrCureLate)
	cure.Date = day("2026-01-30")
	cured, err := svc.CureBreach(ctx, db, cure)
	require.NoError(t, err)
	require.Equal(t, financials.CovenantCured, cured.Status)
	_, err = svc.CureBreach(ctx, db, cure)
	require.NoError(t, err, "again")
	_, err = svc.WaiveBreach(ctx, db, financials.WaiveBreachParams(cure))
	require.ErrorIs(t, err, financials.ErrCovenantState)
	_, err = svc.WaiveBreach(ctx, db, financials.WaiveBreachParams{TestID: got[yield.ID].ID, Date: day("2026-03-01"), Reason: "agreed", ActorID: actor})
	require.NoError(t, err)
	holds(t, db)

	var plan []financials.BudgetMonth
	for m := range 2 {
		plan = append(plan, financials.BudgetMonth{Month: day("2026-01-01").AddMonths(m), Income: financials.IncomeLines{GrossRentalIncome: usd("1200")},
			Expenses: financials.ExpenseLines{Payroll: usd("260"), MortgageInterest: usd("500"), MortgagePrincipal: usd("99.55")}})
	}
	_, err = fin.AdoptBudget(ctx, db, financials.AdoptBudgetParams{PropertyID: l.PropertyID, Months: plan, ActorID: actor})
	require.NoError(t, err)
	ahead, err := svc.ForecastCovenants(ctx, db, financials.ForecastCovenantsParams{LoanID: l.ID, First: day("2026-01-01"), Last: day("2026-02-01"), Value: &value})
	require.NoError(t, err)
	require.Len(t, ahead, 6)
	require.Equal(t, 1, ahead[0].Planned)
	for _, a := range ahead {
		if a.CovenantID == dscr.ID {
			require.True(t, a.Met)
			require.Equal(t, map[string]string{"2026-01-01": "9080.00", "2026-02-01": "9280.00"}[a.Month.String()], a.Income.String())
		}
	}
	_, err = svc.ForecastCovenants(ctx, db, financials.ForecastCovenantsParams{LoanID: l.ID, First: day("2026-03-01"), Last: day("2026-03-01"), Value: &value})
	require.ErrorIs(t, err, financials.ErrActualMissing)
	look := financials.ForecastCovenantsParams{LoanID: l.ID, First: day("2026-01-01"), Last: day("2026-02-01"), Value: &value, Growth: dec("0.12")}
	// worth is what the forecast says that the property is worth, and on what it rests.
	worth := func() (out []string) {
		ahead, err := svc.ForecastCovenants(ctx, db, look)
		require.NoError(t, err)
		for _, a := range ahead {
			if a.CovenantID == ltv.ID {
				on := "stated"
				if a.ValuedOn != nil {
					on = a.ValuedOn.String()
				}
				require.Equal(t, a.Balance.Decimal().DivRound(a.Value.Decimal(), 10).String(), a.Ratio.String())
				out = append(out, a.Value.String()+" "+on)
			}
		}
		return out
	}
	require.Equal(t, []string{"160000.00 stated", "161472.88 stated"}, worth(), "28 days at 12 % a year")
	look.Value = nil
	_, err = svc.ForecastCovenants(ctx, db, look)
	require.ErrorIs(t, err, financials.ErrCovenantValue)
	look.Growth = dec("-1")
	_, err = svc.ForecastCovenants(ctx, db, look)
	require.ErrorContains(t, err, "growth")
	p.AsOf, p.Value = day("2026-01-15"), nil
	_, err = svc.TestCovenants(ctx, db, p)
	require.ErrorIs(t, err, financials.ErrCovenantValue)
	_, err = properties.NewService(properties.Config{}).Revalue(ctx, db, properties.RevalueParams{PropertyID: l.PropertyID, Amount: usd("200000"), Date: day("2026-01-10")})
	require.NoError(t, err)
	tests, err = svc.TestCovenants(ctx, db, p)
	require.NoError(t, err)
	require.Equal(t, "200000.00", tests[0].PropertyValue.String())
	look.Growth = dec("0")
	require.Equal(t, []string{"200000.00 2026-01-10", "200000.00 2026-01-10"}, worth())
	look.Growth = dec("0.0365")
	require.Equal(t, []string{"200420.00 2026-01-10", "200980.00 2026-01-10"}, worth(), "20.00 a day")
	_, err = properties.NewService(properties.Config{}).Revalue(ctx, db, properties.RevalueParams{PropertyID: l.PropertyID, Amount: usd("250000"), Date: day("2026-02-15")})
	require.NoError(t, err)
	look.Growth = dec("0")
	_, err = svc.ForecastCovenants(ctx, db, look)
	require.ErrorIs(t, err, financials.ErrCovenantValue, "the property's one valuation is of a later day than January's end")
	look.First = day("2026-02-01")
	require.Equal(t, []string{"250000.00 2026-02-15"}, worth())
	holds(t, db)
}
