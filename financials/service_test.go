package financials_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

func newService() *financials.Service { return serviceOn("2026-12-31") }

// serviceOn is the service as of a day.
func serviceOn(day string) *financials.Service {
	return financials.NewService(financials.Config{Now: func() time.Time { return date.MustParse(day).Time(time.UTC).Add(9 * time.Hour) }})
}

// building is a property of four units.
func building(t *testing.T, db bun.IDB) (*properties.Property, []properties.Unit) {
	t.Helper()
	var units []properties.UnitParams
	for i := range 4 {
		u := properties.UnitParams{Number: string(rune('1' + i))}
		market, sqft := money.MustParse("1800"), 800
		u.MarketRent, u.Sqft = &market, &sqft
		units = append(units, u)
	}
	price := money.MustParse("800000")
	prop := realestatetest.Property(t, db, func(p *properties.RegisterPropertyParams) { p.Units, p.PurchasePrice = units, &price })
	list, err := properties.NewService(properties.Config{}).Units(t.Context(), db, prop.ID, properties.UnitFilter{}, page.Request{})
	require.NoError(t, err)
	return prop, list.Items
}

// reported is what is told of the units of a building: three of them are let.
func reported(units []properties.Unit) []financials.Tenancy {
	out := make([]financials.Tenancy, len(units))
	for i, rent := range []string{"1500", "1600", "1700", ""} {
		out[i] = financials.Tenancy{UnitID: units[i].ID, Status: properties.OccupancyVacant}
		if rent != "" {
			r := money.MustParse(rent)
			out[i].MonthlyRent, out[i].Status = &r, properties.OccupancyOccupied
			out[i].LeaseStart, out[i].LeaseEnd = date.MustParse("2025-02-01").Ptr(), date.MustParse("2027-01-31").Ptr()
		}
	}
	return out
}

func january(p *properties.Property) financials.PostStatementParams {
	return financials.PostStatementParams{
		PropertyID: p.ID, PeriodStart: date.MustParse("2026-01-01"), PeriodEnd: date.MustParse("2026-01-31"),
		Income: financials.IncomeLines{GrossRentalIncome: money.MustParse("7200"), VacancyLoss: money.MustParse("1800"),
			LossToLease: money.MustParse("600"), ParkingIncome: money.MustParse("200")},
		Expenses: financials.ExpenseLines{PropertyTaxes: money.MustParse("900"), Insurance: money.MustParse("300.50"),
			OfficeAdministrative: money.MustParse("99.50"), MortgageInterest: money.MustParse("1500"), MortgagePrincipal: money.MustParse("250")},
		ReplacementReserves: money.MustParse("100"),
	}
}

func TestPostStatement(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	prop, _ := building(t, tx)
	p := january(prop)

	st, err := svc.PostStatement(ctx, tx, p)
	require.NoError(t, err)
	require.False(t, st.Unchanged)
	require.Equal(t, "5000.00", st.Income.TotalIncome.String())
	require.Equal(t, "1300.00", st.Expenses.TotalOperatingExpenses.String())

	again, err := svc.PostStatement(ctx, tx, p)
	require.NoError(t, err)
	require.True(t, again.Unchanged)
	require.Equal(t, st.Income.ID, again.Income.ID)

	changed := p
	changed.Income.LateFees = money.MustParse("25")
	_, err = svc.PostStatement(ctx, tx, changed)
	require.ErrorIs(t, err, financials.ErrStatementExists)
	fixed, err := svc.CorrectStatement(ctx, tx, financials.CorrectStatementParams(changed))
	require.NoError(t, err)
	require.Equal(t, int64(2), fixed.Income.Version)
	hist, err := svc.IncomeHistory(ctx, tx, prop.ID, page.Request{})
	require.NoError(t, err)
	require.Len(t, hist.Items, 2, "the superseded version stays")

	wide := p
	wide.PeriodEnd = date.MustParse("2026-03-31")
	_, err = svc.PostStatement(ctx, tx, wide)
	require.ErrorIs(t, err, financials.ErrStatementOverlap)
	february := p
	february.PeriodStart, february.PeriodEnd = date.MustParse("2026-02-01"), date.MustParse("2026-02-28")
	_, err = svc.CorrectStatement(ctx, tx, financials.CorrectStatementParams(february))
	require.ErrorIs(t, err, financials.ErrStatementNotFound)
	_, err = svc.PostStatement(ctx, tx, february)
	require.NoError(t, err)

	in, err := svc.Statements(ctx, tx, financials.StatementsParams{PropertyID: prop.ID, First: date.MustParse("2026-01-15"), Last: date.MustParse("2026-02-15")})
	require.NoError(t, err)
	require.Len(t, in, 2)
	require.Equal(t, "25.00", in[0].Income.LateFees.String())

	_, err = svc.PostStatement(ctx, tx, financials.PostStatementParams{PeriodStart: p.PeriodEnd, PeriodEnd: p.PeriodStart})
	require.Len(t, fault.FieldErrors(err), 2, "every field at once")
	missing := p
	missing.PropertyID = id.New[properties.Property]()
	_, err = svc.PostStatement(ctx, tx, missing)
	require.ErrorIs(t, err, properties.ErrPropertyNotFound)
}

// Two overlapping statements posted at once: one is in force afterwards.
func TestPostStatement_race(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	prop, _ := building(t, db)
	var wg sync.WaitGroup
	errs := make(chan error, 6)
	for i := range 6 {
		wg.Go(func() {
			p := january(prop)
			p.PeriodEnd = p.PeriodEnd.AddDays(i)
			_, err := svc.PostStatement(ctx, db, p)
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	posted := 0
	for err := range errs {
		if err == nil {
			posted++
			continue
		}
		require.ErrorIs(t, err, fault.Conflict)
	}
	require.Equal(t, 1, posted)
}

// A deadline that strikes inside a caller's transaction leaves none of the verb.
func TestPostStatement_cancelled(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	prop, _ := building(t, tx)
	gone, cancel := context.WithCancel(ctx)
	cancel()
	_, err := svc.PostStatement(gone, tx, january(prop))
	require.ErrorIs(t, err, context.Canceled)
	in, err := svc.Statements(ctx, tx, financials.StatementsParams{PropertyID: prop.ID, First: date.MustParse("2026-01-01"), Last: date.MustParse("2026-12-31")})
	require.NoError(t, err)
	require.Empty(t, in)
}

func TestCloseRentRoll(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	prop, units := building(t, tx)
	asOf := date.MustParse("2026-01-31")
	billed, paid, owed := money.MustParse("1500"), money.MustParse("1200"), money.MustParse("300")
	p := financials.CloseRentRollParams{PropertyID: prop.ID, AsOf: asOf, Tenancies: reported(units)}
	first := &p.Tenancies[0]
	first.TenantName, first.Billed, first.Collected, first.CurrentBalance, first.DaysDelinquent = "A. Tenant", &billed, &paid, &owed, 12
	bad := p
	bad.Tenancies = append(slices.Clone(p.Tenancies), financials.Tenancy{UnitID: id.New[properties.Unit](), Status: properties.OccupancyVacant, DaysDelinquent: -1}, p.Tenancies[0])
	_, err := svc.CloseRentRoll(ctx, tx, bad)
	require.Len(t, fault.FieldErrors(err), 2, "the days, and the unit that is listed twice")
	bad.Tenancies[4].DaysDelinquent, bad.Tenancies = 0, bad.Tenancies[:5]
	_, err = svc.CloseRentRoll(ctx, tx, bad)
	require.ErrorIs(t, err, financials.ErrRentRollUnit)
	require.Len(t, fault.FieldErrors(err), 1)

	roll, err := svc.CloseRentRoll(ctx, tx, p)
	require.NoError(t, err)
	require.Len(t, roll.Entries, 4)
	require.Equal(t, 3, roll.Metrics.OccupiedUnits)
	require.Equal(t, "0.75", roll.Metrics.PhysicalOccupancy.String())
	require.Equal(t, "4800.00", roll.Metrics.InPlaceMonthlyRent.String())
	require.Equal(t, "0.8", roll.Metrics.CollectionRate.String())

	again, err := svc.CloseRentRoll(ctx, tx, p)
	require.NoError(t, err, "its own success")
	require.True(t, again.Unchanged)
	require.Equal(t, roll.Metrics, again.Metrics)
	other := p
	other.Tenancies = nil
	_, err = svc.CloseRentRoll(ctx, tx, other)
	require.ErrorIs(t, err, financials.ErrRentRollClosed)
	read, err := svc.LatestRentRoll(ctx, tx, prop.ID, date.MustParse("2026-06-30"), nil)
	require.NoError(t, err)
	require.Equal(t, roll.Metrics, read.Metrics)
	_, err = svc.LatestRentRoll(ctx, tx, prop.ID, date.MustParse("2025-12-31"), nil)
	require.ErrorIs(t, err, financials.ErrRentRollNotFound)
}

func TestMeasurePerformance(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	prop, units := building(t, tx)
	first, last := date.MustParse("2026-01-01"), date.MustParse("2026-12-31")
	equity := money.MustParse("300000")
	p := financials.MeasurePerformanceParams{PropertyID: prop.ID, PeriodStart: first, PeriodEnd: last, PeriodType: financials.PeriodAnnual, EquityInvested: &equity}
	_, err := svc.MeasurePerformance(ctx, tx, p)
	require.ErrorIs(t, err, financials.ErrNoStatements)
	for m := range 12 {
		st := january(prop)
		st.PeriodStart = first.AddMonths(m)
		st.PeriodEnd = st.PeriodStart.EndOfMonth()
		if m == 11 {
			_, err := svc.MeasurePerformance(ctx, tx, p)
			require.ErrorIs(t, err, financials.ErrNoStatements, "eleven months are no year")
		}
		_, err := svc.PostStatement(ctx, tx, st)
		require.NoError(t, err)
	}
	_, err = svc.CloseRentRoll(ctx, tx, financials.CloseRentRollParams{PropertyID: prop.ID, AsOf: last, Tenancies: reported(units)})
	require.NoError(t, err)

	got, err := svc.MeasurePerformance(ctx, tx, p)
	require.NoError(t, err)
	// NOI (5,000 - 1,300) x 12 = 44,400 over the purchase price, debt service 1,750 x 12 = 21,000.
	require.Equal(t, "44400.00", got.Performance.NOI.String())
	require.Equal(t, "0.0555", got.Performance.CapRate.String())
	require.Equal(t, "2.1142857143", got.Performance.DebtServiceCoverage.String())
	require.Equal(t, "0.078", got.Performance.CashOnCashReturn.String())
	require.Equal(t, "0.75", got.Performance.OccupancyRate.String())
	require.Equal(t, properties.BasisReported, got.RentBasis)
	require.Equal(t, "43200.00", got.Operating.NCF.String())

	again, err := svc.MeasurePerformance(ctx, tx, p)
	require.NoError(t, err)
	require.Equal(t, got.Performance.ID, again.Performance.ID, "measuring again replaces")
	stored, err := svc.PerformanceOf(ctx, tx, financials.PerformanceOfParams{PropertyID: prop.ID, PeriodType: financials.PeriodAnnual, PeriodStart: first, PeriodEnd: last})
	require.NoError(t, err)
	require.True(t, stored.CapRate.Equal(*got.Performance.CapRate))

	p.PeriodStart = first.AddDays(14)
	_, err = svc.MeasurePerformance(ctx, tx, p)
	require.ErrorIs(t, err, financials.ErrPeriodLength)
}

func TestAddLoan(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	prop, _ := building(t, tx)
	p := financials.AddLoanParams{PropertyID: prop.ID, Lender: "First Bank", LoanNumber: "77", Principal: money.MustParse("500000"),
		AnnualRate: decimal.RequireFromString("0.0525"), TermMonths: 120, AmortizationMonths: 360, StartDate: date.MustParse("2025-01-01")}
	l, err := svc.AddLoan(ctx, tx, p)
	require.NoError(t, err)
	pay, err := l.Terms().LevelPayment()
	require.NoError(t, err)
	require.Equal(t, "2761.02", pay.String())
	_, err = svc.AddLoan(ctx, tx, p)
	require.ErrorIs(t, err, financials.ErrLoanExists)
	named := p
	named.ID, named.LoanNumber = id.New[financials.Loan](), "78"
	for range 2 {
		again, err := svc.AddLoan(ctx, tx, named)
		require.NoError(t, err, "the second call is the first one's success")
		require.Equal(t, named.ID, again.ID)
	}
	named.LoanNumber = "79"
	_, err = svc.AddLoan(ctx, tx, named)
	require.ErrorIs(t, err, financials.ErrLoanExists)
	read, err := svc.Loan(ctx, tx, l.ID)
	require.NoError(t, err)
	require.Equal(t, l.Terms().Principal, read.Terms().Principal)
	require.True(t, l.AnnualRate.Equal(read.AnnualRate))
	list, err := svc.Loans(ctx, tx, prop.ID, page.Request{})
	require.NoError(t, err)
	require.Len(t, list.Items, 2)
	_, err = svc.AddLoan(ctx, tx, financials.AddLoanParams{Principal: money.MustParse("-1")})
	require.Greater(t, len(fault.FieldErrors(err)), 3)
}
