package returns_test

import (
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments/returns"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

func flows(pairs ...string) []returns.Flow {
	out := make([]returns.Flow, 0, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, returns.Flow{Date: date.MustParse(pairs[i]), Amount: decimal.RequireFromString(pairs[i+1])})
	}
	return out
}

func TestXIRR_errors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		flows []returns.Flow
		want  error
	}{
		{"empty", nil, returns.ErrNoSignChange},
		{"single", flows("2020-01-01", "-1"), returns.ErrNoSignChange},
		{"zeros", flows("2020-01-01", "0", "2021-01-01", "0"), returns.ErrNoSignChange},
		{"all positive", flows("2020-01-01", "1", "2020-12-31", "2"), returns.ErrNoSignChange},
		{"one day", flows("2020-01-01", "-1", "2020-01-01", "2"), returns.ErrNoSignChange},
		{"offset on one day", flows("2020-01-01", "-100", "2020-01-01", "100", "2020-12-31", "5"), returns.ErrNoSignChange},
		{"offset that floats would miss", flows("2020-01-01", "0.1", "2020-01-01", "0.2", "2020-01-01", "-0.3", "2021-01-01", "1"), returns.ErrNoSignChange},
		{"no root", flows("2020-01-01", "100", "2021-01-01", "-10", "2022-01-01", "100"), returns.ErrNoRoot},
		{"nearly a double root", flows("2021-01-01", "-100", "2022-01-01", "229.99", "2023-01-01", "-132.25"), returns.ErrNoRoot},
		{"overnight fortune", flows("2020-01-01", "-1", "2020-01-02", "1e15"), returns.ErrRateOutOfRange},
		{"overnight ruin", flows("2020-01-01", "-1e15", "2020-01-02", "1"), returns.ErrRateOutOfRange},
		{"hostile exponent", []returns.Flow{{day0, decimal.New(-1, 0)}, {day0.AddDays(1), decimal.New(1, 2_000_000_000)}}, returns.ErrAmountRange},
		{"hostile small exponent", []returns.Flow{{day0, decimal.New(-1, -2_000_000_000)}, {day0.AddDays(1), decimal.New(1, 0)}}, returns.ErrAmountRange},
		{"apart by 10^600", flows("2021-01-01", "-1e300", "2022-01-01", "1e-300"), returns.ErrAmountRange},
		{"no date", []returns.Flow{{day0, decimal.New(-1, 0)}, {date.Date{}, decimal.New(1, 0)}}, returns.ErrNoDate},
	} {
		start := time.Now()
		_, err := returns.XIRR(c.flows)
		require.ErrorIs(t, err, c.want, c.name)
		require.ErrorIs(t, err, fault.Invalid, c.name)
		require.Less(t, time.Since(start), 10*time.Second, c.name)
	}
	_, err := returns.XIRR([]returns.Cash{{Date: day0, Amount: cents(-1)}, {Amount: cents(1)}})
	var e *fault.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "flows[1].date", e.Field)
	_, err = returns.IRR([]decimal.Decimal{decimal.New(-1, 0), decimal.New(1, 2_000_000_000)})
	require.ErrorAs(t, err, &e)
	require.Equal(t, "values[1]", e.Field)
	_, err = returns.NewSeriesBasis("30/360", flows("2020-01-01", "1"))
	require.ErrorIs(t, err, date.ErrDayCount)
}

// Extreme rates are answers, not failures.
func TestXIRR_extremes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		flows []returns.Flow
		log   float64 // of 1+r
	}{
		{"a growth factor of e^55 in two months", flows("2020-01-01", "-1", "2020-03-01", "769478526514201713818274.55901"), 55 * 365.0 / 60},
		{"a factor of e^-55 in 425 days", flows("2020-01-01", "-769478526514201713818274.55901", "2021-03-01", "1"), -55 * 365.0 / 425},
		{"the domain's lower end", flows("2021-01-01", "-10000000", "2022-01-01", "1"), math.Log(1e-7)},
		{"the domain's upper end", flows("2021-01-01", "-1", "2022-01-01", "10000001"), math.Log(1e7 + 1)},
		{"ten thousand years", flows("0001-01-01", "-1", "9999-12-31", "100"), math.Log(100) * 365 / 3652058},
		{"a cent in ten trillion", flows("2020-01-01", "-9999999999999.98", "2020-12-31", "9999999999999.99"), math.Log1p(0.01 / 9999999999999.98)},
		{"nothing gained", flows("2020-01-01", "-5", "2020-06-01", "3", "2024-12-31", "2"), 0},
		{"200 digits", flows("2021-01-01", "-1e200", "2022-01-01", "1e-200", "2023-01-01", "1e199"), math.Log(0.1) / 2},
	} {
		res, err := returns.XIRR(c.flows)
		require.NoError(t, err, c.name)
		require.True(t, res.Unique, c.name)
		require.InDelta(t, c.log, res.Roots[0].Log, 1e-13*math.Abs(c.log), c.name)
		require.False(t, math.Signbit(res.Rate) && res.Rate == 0, c.name)
		require.True(t, res.Decimal().GreaterThan(decimal.NewFromInt(-1)), c.name)
		pv, err := returns.XNPV(res.Decimal(), c.flows)
		require.NoError(t, err, c.name)
		require.Less(t, pv.Abs().InexactFloat64(), 1e-9*c.flows[0].Amount.Abs().InexactFloat64(), c.name)
	}
}

// Of several roots the one nearest to the guess is the rate, of two that are
// equally near the larger; a double root is one root.
func TestResult_Near(t *testing.T) {
	t.Parallel()
	// 20 % and 0 %: -100 + 220 u - 120 u^2.
	res, err := returns.IRR([]money.Amount{cents(-100_00), cents(220_00), cents(-120_00)})
	require.NoError(t, err)
	require.False(t, res.Unique)
	require.Len(t, res.Roots, 2)
	require.InDelta(t, 0, res.Near(-0.5).Rate, 1e-15)
	require.InDelta(t, 0.2, res.Near(0.11).Rate, 1e-15)
	require.Equal(t, res.Near(returns.DefaultGuess).Rate, res.Rate)
	middle := (res.Roots[0].Rate + res.Roots[1].Rate) / 2
	if middle-res.Roots[0].Rate == res.Roots[1].Rate-middle {
		require.Equal(t, res.Roots[1], res.Near(middle))
	}

	res, err = returns.IRR([]money.Amount{cents(-100_00), cents(230_00), cents(-132_25)})
	require.NoError(t, err)
	require.True(t, res.Unique, "a double root")
	require.InDelta(t, 0.15, res.Rate, 1e-15)
	require.Equal(t, returns.Root{}, returns.Result{}.Near(0.1))
	require.Nil(t, returns.Result{}.Vector())
}

// A root of multiplicity 30 is beyond the digits that are spent on it, and said
// so at once.
func TestIRR_unresolved(t *testing.T) {
	t.Parallel()
	p := []decimal.Decimal{decimal.NewFromInt(1)}
	for range 30 {
		next := make([]decimal.Decimal, len(p)+1)
		for i, c := range p {
			next[i] = next[i].Sub(c)
			next[i+1] = next[i+1].Add(c.Mul(decimal.RequireFromString("1.1")))
		}
		p = next
	}
	_, err := returns.IRR(p)
	require.ErrorIs(t, err, returns.ErrUnresolved)
}

func TestSeries_Vector(t *testing.T) {
	t.Parallel()
	res, err := returns.XIRR(flows("2021-01-01", "3", "2020-01-01", "-2.5", "2020-01-01", "0.25", "2020-12-31", "7", "2020-12-31", "-7"))
	require.NoError(t, err)
	got := res.Vector()
	require.Len(t, got, 2)
	require.Equal(t, "2020-01-01 -2.25 0", got[0].Date.String()+" "+got[0].Amount.String()+" "+strconv.FormatFloat(got[0].Years, 'g', -1, 64))
	require.Equal(t, "2021-01-01 3", got[1].Date.String()+" "+got[1].Amount.String())
	require.Equal(t, 366.0/365, got[1].Years)

	periods, err := returns.NewPeriodic([]decimal.Decimal{decimal.NewFromInt(-1), {}, decimal.NewFromInt(2)})
	require.NoError(t, err)
	require.Equal(t, 2, periods.Len())
	require.Equal(t, returns.Point{Years: 2, Amount: decimal.NewFromInt(2)}, periods.Vector()[1])

	// 30 and 31 January are one day to a 30/360 count.
	s, err := returns.NewSeriesBasis(date.Thirty360E, flows("2020-01-15", "-1", "2020-01-30", "1", "2020-01-31", "1", "2021-01-15", "1"))
	require.NoError(t, err)
	v := s.Vector()
	require.Len(t, v, 3)
	require.Equal(t, "2020-01-30 2", v[1].Date.String()+" "+v[1].Amount.String())
	require.Equal(t, 1.0, v[2].Years)
}

// github.com/Anexen/pyxirr, tests/test_scheduled.rs, citing
// mathworks.com/help/finance/xirr.html: one series by several day counts.
func TestSeries_publishedDayCounts(t *testing.T) {
	t.Parallel()
	deal := flows("2007-01-12", "-10000", "2008-02-14", "2500", "2008-03-03", "2000", "2008-06-14", "3000", "2008-12-01", "4000")
	for basis, want := range map[date.DayCount]float64{
		date.Act365F:    0.100644,
		date.Act360:     0.0991988898057063,
		date.ActActISDA: 0.100739648987346,
	} {
		s, err := returns.NewSeriesBasis(basis, deal)
		require.NoError(t, err)
		res, err := s.Rate()
		require.NoError(t, err)
		tolerance := 1e-10
		if basis == date.Act365F {
			tolerance = 1e-6 // as printed
		}
		require.InDelta(t, want, res.Rate, tolerance, basis)
		pv, err := s.PresentValue(res.Decimal())
		require.NoError(t, err)
		require.InDelta(t, 0, pv.InexactFloat64(), 1e-9, basis)
	}
}

// numpy-financial, tests/test_financial.py, gh-15: values down to 1e-313.
func TestIRR_publishedTinyValues(t *testing.T) {
	t.Parallel()
	var values []decimal.Decimal
	for _, s := range []string{"-3000.0", "2.3926932267015667e-07", "4.1672087103345505e-16", "5.3965110036378706e-25",
		"5.1962551071806174e-34", "3.7202955645436402e-43", "1.9804961711632469e-52", "7.8393517651814181e-62",
		"2.3072565113911438e-71", "5.0491839233308912e-81", "8.2159177668499263e-91", "9.9403244366963527e-101",
		"8.942410813633967e-111", "5.9816122646481191e-121", "2.9750309031844241e-131", "1.1002067043497954e-141",
		"3.0252876563518021e-152", "6.1854121948207909e-163", "9.4032980015230567e-174", "1.0629218520017728e-184",
		"8.9337141847171845e-196", "5.5830607698467935e-207", "2.5943122036622652e-218", "8.9635842466507006e-230",
		"2.3027710094332358e-241", "4.3987510596745562e-253", "6.2476630372575209e-265", "6.598046841695288e-277",
		"5.1811095266842017e-289", "3.0250999925830644e-301", "1.3133070599585015e-313"} {
		values = append(values, decimal.RequireFromString(s))
	}
	res, err := returns.IRR(values)
	require.NoError(t, err)
	require.InDelta(t, -0.9999999990596069, res.Rate, 1e-15)
}
