package financials

import (
	"reflect"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

func TestJoinStatements(t *testing.T) {
	t.Parallel()
	want := yearOf()
	property := id.New[properties.Property]()
	in := &IncomeStatement{PropertyID: property, PeriodStart: want.PeriodStart, PeriodEnd: want.PeriodEnd}
	require.NoError(t, in.SetLines(want.Income))
	out := &ExpenseStatement{PropertyID: property, PeriodStart: want.PeriodStart, PeriodEnd: want.PeriodEnd,
		ReplacementReserves: &want.ReplacementReserves}
	require.NoError(t, out.SetLines(want.Expenses))

	got, err := JoinStatements(in, out)
	require.NoError(t, err)
	require.Equal(t, want, got)
	totals, err := got.Totals()
	require.NoError(t, err)
	require.Equal(t, totals.EffectiveRentalIncome, *in.EffectiveRentalIncome)
	require.Equal(t, totals.TotalIncome, *in.TotalIncome)
	require.Equal(t, totals.TotalOperatingExpenses, *out.TotalOperatingExpenses)
	require.Equal(t, totals.TotalExpenses, *out.TotalExpenses)

	got, err = JoinStatements(nil, out)
	require.NoError(t, err)
	require.Equal(t, OperatingStatement{PeriodStart: want.PeriodStart, PeriodEnd: want.PeriodEnd, Expenses: want.Expenses,
		ReplacementReserves: want.ReplacementReserves}, got)
	got, err = JoinStatements(in, nil)
	require.NoError(t, err)
	require.Equal(t, OperatingStatement{PeriodStart: want.PeriodStart, PeriodEnd: want.PeriodEnd, Income: want.Income}, got)

	_, err = JoinStatements(nil, nil)
	require.ErrorIs(t, err, ErrStatementPeriod)
	for _, change := range []func(*ExpenseStatement){
		func(s *ExpenseStatement) { s.PropertyID = id.New[properties.Property]() },
		func(s *ExpenseStatement) { s.PeriodStart = s.PeriodStart.AddDays(1) },
		func(s *ExpenseStatement) { s.PeriodEnd = s.PeriodEnd.AddDays(1) },
	} {
		other := *out
		change(&other)
		_, err = JoinStatements(in, &other)
		require.ErrorIs(t, err, ErrStatementPair)
	}
}

func TestRentRollEntry_rollUnit(t *testing.T) {
	t.Parallel()
	sqft, end := 850, date.MustParse("2027-01-31")
	one, two, three, four, five := usd("1"), usd("2"), usd("-3"), usd("4"), usd("5")
	e := RentRollEntry{OccupancyStatus: "notice", MarketRent: &one, MonthlyRent: &two, Sqft: &sqft, LeaseEnd: &end,
		CurrentBalance: &three, DaysDelinquent: 9, Billed: &four, Collected: &five}
	require.Equal(t, RollUnit{true, false, one, two, &sqft, &end, three, 9, four, five}, e.RollUnit())
	require.Equal(t, RollUnit{}, (&RentRollEntry{OccupancyStatus: "vacant"}).RollUnit())
}

func TestPerformance_setMetrics(t *testing.T) {
	t.Parallel()
	third := decimal.New(1, 0).DivRound(decimal.New(3, 0), RatioDecimals)
	m := OperatingMetrics{OperatingTotals: OperatingTotals{NOI: usd("7")}, CapRate: &third, CashOnCash: &third, DSCR: &third}
	r := RollMetrics{PhysicalOccupancy: &third, AverageRent: &third, RentPerSqFt: &third, Collected: usd("8"),
		CollectionRate: &third, DelinquencyRate: &third}
	var p Performance
	p.SetMetrics(m, r)
	require.Equal(t, usd("7"), *p.NOI)
	require.Equal(t, usd("8"), *p.RentCollected)
	require.Equal(t, usd("0.33"), *p.AverageRent)
	require.Equal(t, "0.333333", p.OccupancyRate.String())
	for _, got := range []*decimal.Decimal{p.CapRate, p.CashOnCashReturn, p.DebtServiceCoverage, p.RentPerSqft, p.CollectionRate, p.DelinquencyRate} {
		require.Equal(t, "0.3333333333", got.String())
	}

	huge := decimal.New(1, 8)
	m.CapRate, r.AverageRent = &huge, ptr(money.MustParse("9999999999999.99").Decimal().Add(decimal.New(1, 0)))
	p.SetMetrics(m, r)
	require.Nil(t, p.CapRate)
	require.Nil(t, p.AverageRent)

	p.SetMetrics(OperatingMetrics{}, RollMetrics{}) // what was there is gone
	v := reflect.ValueOf(p)
	for i := range v.NumField() {
		if v.Field(i).Type() == reflect.TypeFor[*decimal.Decimal]() {
			require.True(t, v.Field(i).IsNil(), v.Type().Field(i).Name)
		}
	}
	require.Nil(t, p.AverageRent)
}
