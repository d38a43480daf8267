package financials_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// months posts a statement for each month from first on: rent goes up by 10.00 a month.
func months(t *testing.T, db bun.IDB, property id.Of[properties.Property], first string, n int) {
	t.Helper()
	for i := range n {
		m := date.MustParse(first).AddMonths(i)
		rent, err := money.FromCents(int64(1000_00 + i*10_00))
		require.NoError(t, err)
		state(t, db, property, m.String(), m.EndOfMonth().String(), rent.String(), "0", "400")
	}
}

// Each month's trailing twelve, the quarter as a year and the year to date are the
// statements added up; nothing that is incomplete passes for a whole.
func TestTrailingStatements(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), newService()
	a, b, none := realestatetest.Property(t, db).ID, realestatetest.Property(t, db).ID, realestatetest.Property(t, db).ID
	months(t, db, a, "2024-11-01", 14) // to December 2025
	months(t, db, b, "2025-02-01", 11)
	p := financials.TrailingStatementsParams{PropertyIDs: []id.Of[properties.Property]{b, a, none}, Month: date.MustParse("2025-12-15"), Series: 3}
	list, err := svc.TrailingStatements(ctx, db, p)
	require.NoError(t, err)
	require.Len(t, list, 9)
	require.Equal(t, b, list[2].PropertyID)
	require.Nil(t, list[2].Statement)
	require.Equal(t, 31, list[2].Missing, "January")
	require.Equal(t, 365, list[8].Missing)
	for i, want := range []string{"12660.00", "12780.00", "12900.00"} { // 12*1000 + 10*(0+..+11), and 120 more each month
		got := list[3+i]
		require.Equal(t, a, got.PropertyID)
		require.Equal(t, want, got.Statement.Income.GrossRentalIncome.String())
		require.Equal(t, 12, got.Statement.WholeMonths())
		require.Equal(t, "4800.00", got.Statement.Expenses.Payroll.String())
		require.Equal(t, "1200.00", got.Statement.ReplacementReserves.String())
		whole, err := svc.Statements(ctx, db, financials.StatementsParams{PropertyID: a, First: got.First, Last: got.Last})
		require.NoError(t, err)
		var parts []financials.OperatingStatement
		for _, s := range whole {
			o, err := s.Operating()
			require.NoError(t, err)
			parts = append(parts, o)
		}
		sum, err := financials.SumStatements(parts)
		require.NoError(t, err)
		require.Equal(t, sum, *got.Statement)
	}
	p.Stretch, p.Series = financials.StretchT3, 1
	list, err = svc.TrailingStatements(ctx, db, p)
	require.NoError(t, err)
	require.Equal(t, "3270.00", list[0].Statement.Income.GrossRentalIncome.String())
	year, err := list[0].Statement.Annualized()
	require.NoError(t, err)
	require.Equal(t, "13080.00", year.Income.GrossRentalIncome.String())
	require.Equal(t, "2025-01-01 2025-12-31", year.PeriodStart.String()+" "+year.PeriodEnd.String())
	again, err := year.Annualized()
	require.NoError(t, err)
	require.Equal(t, year, again, "a year is a year")
	p.Stretch, p.Month = financials.StretchYearToDate, date.MustParse("2025-03-31")
	list, err = svc.TrailingStatements(ctx, db, p)
	require.NoError(t, err)
	require.Nil(t, list[0].Statement, "February and March are no year to date")
	require.Equal(t, "3090.00", list[1].Statement.Income.GrossRentalIncome.String())

	p.Stretch, p.Series, p.PropertyIDs = "decade", 1201, append(p.PropertyIDs, a, id.New[properties.Property]())
	_, err = svc.TrailingStatements(ctx, db, p)
	require.Len(t, fault.FieldErrors(err), 3)
	p.Stretch, p.Series, p.PropertyIDs[3] = "", 1, id.New[properties.Property]()
	_, err = svc.TrailingStatements(ctx, db, p)
	require.ErrorIs(t, err, properties.ErrPropertyNotFound)
	_, err = financials.OperatingStatement{PeriodStart: date.MustParse("2025-01-01"), PeriodEnd: date.MustParse("2025-01-15")}.Annualized()
	require.ErrorIs(t, err, financials.ErrStatementMonths)
}

// A statement of several months counts where it lies within, and is not cut.
func TestTrailingStatements_quarter(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), newService()
	a := realestatetest.Property(t, db).ID
	state(t, db, a, "2025-01-01", "2025-03-31", "30000", "0", "6000")
	months(t, db, a, "2025-04-01", 1)
	p := financials.TrailingStatementsParams{PropertyIDs: []id.Of[properties.Property]{a}, Month: date.MustParse("2025-03-01"), Stretch: financials.StretchT3}
	list, err := svc.TrailingStatements(ctx, db, p)
	require.NoError(t, err)
	require.Equal(t, "30000.00", list[0].Statement.Income.GrossRentalIncome.String())
	p.Month = date.MustParse("2025-04-01")
	list, err = svc.TrailingStatements(ctx, db, p)
	require.NoError(t, err)
	require.Nil(t, list[0].Statement)
	require.Equal(t, 59, list[0].Missing)
}

// The same stores are those with statements of all of both years; amounts of two currencies
// are not added.
func TestSameStore(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), newService()
	a, b, bought := realestatetest.Property(t, db).ID, realestatetest.Property(t, db).ID, realestatetest.Property(t, db).ID
	months(t, db, a, "2024-01-01", 24)
	months(t, db, b, "2024-01-01", 24)
	months(t, db, bought, "2024-06-01", 19)
	p := financials.SameStoreParams{PropertyIDs: []id.Of[properties.Property]{bought, a, b}, Month: date.MustParse("2025-12-01")}
	got, err := svc.SameStore(ctx, db, p)
	require.NoError(t, err)
	require.Equal(t, []id.Of[properties.Property]{a, b}, got.PropertyIDs)
	require.Equal(t, []id.Of[properties.Property]{bought}, got.LeftOut)
	require.Equal(t, "25320.00 28200.00", got.Prior.Income.GrossRentalIncome.String()+" "+got.Now.Income.GrossRentalIncome.String())
	var noi financials.Change
	for _, c := range got.Totals {
		if c.Line == "noi" {
			noi = c
		}
	}
	require.Equal(t, "2880.00", noi.Difference.String())
	require.Equal(t, financials.Favorable, noi.Direction)
	require.Equal(t, "0.183206106870229", noi.Pct.Round(15).String(), "2,880 of 15,720")

	_, err = db.NewRaw("UPDATE properties.properties SET currency = 'CAD' WHERE id = ?", b).Exec(ctx)
	require.NoError(t, err)
	_, err = svc.SameStore(ctx, db, p)
	require.ErrorIs(t, err, financials.ErrSameStoreCurrencies)
	p.PropertyIDs = p.PropertyIDs[:1]
	_, err = svc.SameStore(ctx, db, p)
	require.ErrorIs(t, err, financials.ErrSameStoreEmpty)
}

// A month has a statement of each basis, and what is read is of one.
func TestPostStatement_basis(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), newService()
	prop, _ := building(t, db)
	accrual := january(prop)
	_, err := svc.PostStatement(ctx, db, accrual)
	require.NoError(t, err)
	cash := accrual
	cash.Basis, cash.Income.GrossRentalIncome = financials.BasisCash, money.MustParse("6000")
	st, err := svc.PostStatement(ctx, db, cash)
	require.NoError(t, err)
	require.Equal(t, financials.BasisCash, st.Income.AccountingBasis)
	for basis, want := range map[financials.AccountingBasis]string{"": "7200.00", financials.BasisCash: "6000.00"} {
		list, err := svc.Statements(ctx, db, financials.StatementsParams{PropertyID: prop.ID, First: cash.PeriodStart, Last: cash.PeriodEnd, Basis: basis})
		require.NoError(t, err)
		require.Len(t, list, 1)
		require.Equal(t, want, list[0].Income.GrossRentalIncome.String())
		sums, err := svc.TrailingStatements(ctx, db, financials.TrailingStatementsParams{PropertyIDs: []id.Of[properties.Property]{prop.ID}, Month: cash.PeriodEnd, Stretch: financials.StretchMonth, Basis: basis})
		require.NoError(t, err)
		require.Equal(t, want, sums[0].Statement.Income.GrossRentalIncome.String())
	}
	_, err = svc.Statements(ctx, db, financials.StatementsParams{PropertyID: prop.ID, First: cash.PeriodStart, Last: cash.PeriodEnd, Basis: "tax"})
	require.ErrorIs(t, err, fault.Invalid)
	holds(t, db)
}

// A line below zero is refused by its name, unless it is meant, and then it is flagged.
func TestPostStatement_sign(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), newService()
	prop, _ := building(t, db)
	p := january(prop)
	p.Income.VacancyLoss, p.Income.LateFees, p.Expenses.Utilities = money.MustParse("-1800"), money.MustParse("-20"), money.MustParse("-1")
	_, err := svc.PostStatement(ctx, db, p)
	require.ErrorIs(t, err, financials.ErrStatementLineNegative)
	var fields []string
	for _, f := range fault.FieldErrors(err) {
		fields = append(fields, f.Field)
	}
	require.Equal(t, []string{"income.vacancy_loss", "income.late_fees", "expenses.utilities"}, fields)
	p.Income.VacancyLoss, p.Negative = money.MustParse("1800"), []financials.StatementLine{financials.LineLateFees, financials.LineUtilities}
	st, err := svc.PostStatement(ctx, db, p)
	require.NoError(t, err)
	o, err := st.Operating()
	require.NoError(t, err)
	require.Equal(t, p.Negative, o.NegativeLines())
	p.Negative = []financials.StatementLine{"rents"}
	_, err = svc.CorrectStatement(ctx, db, financials.CorrectStatementParams(p))
	require.Len(t, fault.FieldErrors(err), 3)
}

// A month is not measured as a quarter or a year.
func TestMeasurePerformance_length(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), newService()
	prop, _ := building(t, db)
	_, err := svc.PostStatement(ctx, db, january(prop))
	require.NoError(t, err)
	for kind, ok := range map[financials.PeriodType]bool{financials.PeriodMonthly: true, financials.PeriodQuarterly: false, financials.PeriodAnnual: false} {
		_, err = svc.MeasurePerformance(ctx, db, financials.MeasurePerformanceParams{PropertyID: prop.ID, PeriodType: kind, PeriodStart: date.MustParse("2026-01-01"), PeriodEnd: date.MustParse("2026-01-31")})
		if ok {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, financials.ErrPeriodLength)
		}
	}
	state(t, db, prop.ID, "2025-01-01", "2025-03-31", "30000", "0", "6000")
	_, err = svc.MeasurePerformance(ctx, db, financials.MeasurePerformanceParams{PropertyID: prop.ID, PeriodType: financials.PeriodMonthly, PeriodStart: date.MustParse("2025-02-01"), PeriodEnd: date.MustParse("2025-02-28")})
	require.ErrorIs(t, err, financials.ErrStatementOverlap)
}
