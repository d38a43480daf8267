package returns_test

import (
	"math/big"
	"testing"

	"github.com/cockroachdb/apd/v3"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/investments/returns"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func anyRate(t *rapid.T) decimal.Decimal {
	return decimal.New(rapid.Int64Range(-9_999, 40_000).Draw(t, "rate"), -4)
}

// apdPresent discounts one flow after the other with 60-digit powers.
func apdPresent(t require.TestingT, rate decimal.Decimal, flows []returns.Cash) decimal.Decimal {
	ctx := apd.BaseContext.WithPrecision(60)
	growth, _, err := apd.NewFromString(rate.Add(decimal.NewFromInt(1)).String())
	require.NoError(t, err)
	first := flows[0].Date
	for _, f := range flows {
		if f.Date.Before(first) {
			first = f.Date
		}
	}
	sum := apd.New(0, 0)
	for _, f := range flows {
		years, factor := new(apd.Decimal), new(apd.Decimal)
		_, err = ctx.Quo(years, apd.New(int64(first.Sub(f.Date)), 0), apd.New(365, 0))
		require.NoError(t, err)
		_, err = ctx.Pow(factor, growth, years)
		require.NoError(t, err)
		_, err = ctx.Mul(factor, factor, apd.New(f.Amount.Cents(), -2))
		require.NoError(t, err)
		_, err = ctx.Add(sum, sum, factor)
		require.NoError(t, err)
	}
	return dec(sum.String())
}

func TestXNPV_equals60Digits(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		flows := anyDeal(t)[:2]
		flows = append(flows, returns.Cash{Date: flows[0].Date.AddDays(-rapid.IntRange(0, 9000).Draw(t, "before")), Amount: cents(12345)})
		rate := anyRate(t)
		got, err := returns.XNPV(rate, flows)
		require.NoError(t, err)
		want := apdPresent(t, rate, flows)
		require.True(t, got.Sub(want).Abs().LessThan(want.Abs().Add(dec("1e6")).Mul(dec("1e-38"))), "%s %s", got, want)

		decimals, err := returns.XNPV(rate, asFlows(flows))
		require.NoError(t, err)
		require.Equal(t, got, decimals)
	})
}

// NPV is rational; both forms equal it to the last of 40 digits.
func TestNPV_equalsRational(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Int64Range(-1e12, 1e12), 0, 40).Draw(t, "values")
		rate := anyRate(t)
		growth := rate.Add(decimal.NewFromInt(1)).Rat()
		sum, amounts := new(big.Rat), make([]money.Amount, len(values))
		for i := len(values) - 1; i >= 0; i-- {
			sum.Quo(sum, growth)
			sum.Add(sum, big.NewRat(values[i], 100))
			amounts[i] = cents(values[i])
		}
		got, err := returns.NPV(rate, amounts)
		require.NoError(t, err)
		requireRational(t, sum, got)
		got, err = returns.NPVExcel(rate, amounts)
		require.NoError(t, err)
		requireRational(t, sum.Quo(sum, growth), got)
	})
}

func requireRational(t require.TestingT, want *big.Rat, got decimal.Decimal) {
	off := new(big.Rat).Sub(want, got.Rat())
	limit := new(big.Rat).Mul(new(big.Rat).Abs(want), dec("1e-39").Rat())
	require.LessOrEqual(t, off.Abs(off).Cmp(limit), 0, "%s %s", want.FloatString(50), got)
}

// The n-th power of 1+MIRR is the ratio of the two values that define it.
func TestMIRR_definition(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Int64Range(-1_000_000, 1_000_000), 2, 30).Draw(t, "values")
		finance, reinvest := anyRate(t), anyRate(t)
		one, n := decimal.NewFromInt(1), len(values)-1
		future, present := new(big.Rat), new(big.Rat)
		cost, gain := finance.Add(one).Rat(), reinvest.Add(one).Rat()
		amounts := make([]money.Amount, len(values))
		for i, v := range values {
			amounts[i] = cents(v)
			future.Mul(future, gain)
			if v > 0 {
				future.Add(future, big.NewRat(v, 100))
			}
		}
		for i := n; i >= 0; i-- {
			present.Quo(present, cost)
			if values[i] < 0 {
				present.Sub(present, big.NewRat(values[i], 100))
			}
		}
		got, err := returns.MIRR(amounts, finance, reinvest)
		if future.Sign() == 0 || present.Sign() == 0 {
			require.ErrorIs(t, err, returns.ErrNoSignChange)
			return
		}
		require.NoError(t, err)
		want, power := future.Quo(future, present), func(g decimal.Decimal) *big.Rat {
			p := big.NewRat(1, 1)
			for range n {
				p.Mul(p, g.Rat())
			}
			return p
		}
		growth, off := got.Add(one), dec("1e-20")
		require.Positive(t, power(growth.Add(off)).Cmp(want))
		if low := growth.Sub(off); low.Sign() > 0 {
			require.Negative(t, power(low).Cmp(want))
		}
	})
}

func TestPresentValue_errors(t *testing.T) {
	t.Parallel()
	deal := flows("2020-01-01", "-1", "2021-01-01", "2")
	values := []decimal.Decimal{dec("-1"), dec("2")}
	for _, rate := range []string{"-1", "-1.0000001", "-3"} {
		_, err := returns.XNPV(dec(rate), deal)
		require.ErrorIs(t, err, returns.ErrRateOutOfRange, rate)
		_, err = returns.NPV(dec(rate), values)
		require.ErrorIs(t, err, returns.ErrRateOutOfRange, rate)
		_, err = returns.NPVExcel(dec(rate), values)
		require.ErrorIs(t, err, returns.ErrRateOutOfRange, rate)
		for field, args := range map[string][2]decimal.Decimal{"finance_rate": {dec(rate), dec("0.1")}, "reinvest_rate": {dec("0.1"), dec(rate)}} {
			_, err = returns.MIRR(values, args[0], args[1])
			require.ErrorIs(t, err, returns.ErrRateOutOfRange, rate)
			var e *fault.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, field, e.Field)
		}
	}
	for _, exponent := range []int32{2_000_000_000, -2_000_000_000} {
		hostile := decimal.New(3, exponent)
		_, err := returns.XNPV(hostile, deal)
		require.ErrorIs(t, err, returns.ErrAmountRange)
		_, err = returns.NPV(dec("0.1"), []decimal.Decimal{hostile})
		require.ErrorIs(t, err, returns.ErrAmountRange)
		_, err = returns.MIRR([]decimal.Decimal{dec("-1"), hostile}, dec("0.1"), dec("0.1"))
		require.ErrorIs(t, err, returns.ErrAmountRange)
		_, err = returns.XNPV(decimal.New(0, exponent), deal)
		require.ErrorIs(t, err, returns.ErrAmountRange, "a zero that cannot be added to anything")
	}
	_, err := returns.MIRR(values[:1], dec("0.1"), dec("0.1"))
	require.ErrorIs(t, err, returns.ErrNoSignChange)
	_, err = returns.XNPV(dec("0.1"), []returns.Flow{{Amount: dec("1")}})
	require.ErrorIs(t, err, returns.ErrNoDate)
}

func TestPresentValue_simple(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rate, want string
		flows      []returns.Flow
	}{
		{"0.1", "0", nil},
		{"0.1", "0", flows("2021-01-01", "-100", "2022-01-01", "110")},
		{"0.25", "4", flows("2021-01-01", "-4", "2022-01-01", "10")},
		{"0", "0.3", flows("2021-01-01", "0.1", "2055-01-01", "0.2")},
		{"0.25", "8", flows("2022-01-01", "10", "2021-01-01", "0")}, // the zero flow is the earliest
		{"-0.5", "-3", flows("2021-01-01", "-5", "2022-01-01", "1")},
		{"1e-300", "-4", flows("2021-01-01", "-5", "2021-01-01", "1")},
	} {
		got, err := returns.XNPV(dec(c.rate), c.flows)
		require.NoError(t, err)
		require.Equal(t, c.want, got.String(), "%v", c)
	}
	// A nominal rate so small that 1+r leaves float64 is kept.
	got, err := returns.NPV(dec("1e-30"), []decimal.Decimal{{}, dec("1")})
	require.NoError(t, err)
	require.Equal(t, "0."+"999999999999999999999999999999", got.String())
	// A rate so large that a float64 root would overflow.
	got, err = returns.NPV(dec("1e350"), []decimal.Decimal{{}, dec("1e350")})
	require.NoError(t, err)
	require.Equal(t, "1", got.String())
	mirr, err := returns.MIRR([]decimal.Decimal{dec("-1"), {}, dec("1e390")}, dec("0"), dec("0"))
	require.NoError(t, err)
	require.Equal(t, dec("1e195").Sub(decimal.NewFromInt(1)).Cmp(mirr), 0)
}

// github.com/Anexen/pyxirr, tests/samples/unordered.csv; numpy-financial,
// tests/test_financial.py.
func TestPresentValue_published(t *testing.T) {
	t.Parallel()
	got, err := returns.XNPV(dec("0.1"), flows("2015-06-11", "-1000", "2015-07-21", "-9000", "2018-06-10", "20000", "2015-10-17", "-3000"))
	require.NoError(t, err)
	require.InDelta(t, 2218.42566365675, got.InexactFloat64(), 1e-6)
	for _, c := range []struct {
		finance, reinvest string
		want, tolerance   float64
		values            []string
	}{
		{"0.05", "0.06", 0.3428, 1e-4, []string{"100", "200", "-50", "300", "-200"}},
		{"0.05", "0.08", 0.04627293, 1e-7, []string{"-120000", "39000", "30000", "21000", "37000"}},
	} {
		values := make([]decimal.Decimal, len(c.values))
		for i, v := range c.values {
			values[i] = dec(v)
		}
		got, err := returns.MIRR(values, dec(c.finance), dec(c.reinvest))
		require.NoError(t, err)
		require.InDelta(t, c.want, got.InexactFloat64(), c.tolerance)
	}
}

func FuzzPresentValue(f *testing.F) {
	f.Add("0.08", "-100", "108.5", 365)
	f.Add("-0.99999", "1e40", "-1e-40", 40000)
	f.Fuzz(func(t *testing.T, rate, a, b string, days int) {
		var d [3]decimal.Decimal
		for i, s := range []string{rate, a, b} {
			v, err := decimal.NewFromString(s)
			if err != nil {
				return
			}
			d[i] = v
		}
		start := date.MustParse("2001-03-01")
		pv, err := returns.XNPV(d[0], []returns.Flow{{start, d[1]}, {start.AddDays(days), d[2]}})
		if err != nil {
			require.ErrorIs(t, err, fault.Invalid)
			return
		}
		require.LessOrEqual(t, pv.NumDigits(), 41)
	})
}
