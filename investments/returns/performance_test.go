package returns_test

import (
	"math/big"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/investments/returns"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
)

func anyAmount(t *rapid.T, name string) decimal.Decimal {
	return decimal.New(rapid.Int64Range(-1e10, 1e11).Draw(t, name), -2)
}

// requireRatio checks a ratio of 20 decimals against the exact one; nil stands
// for an undefined one.
func requireRatio(t require.TestingT, num, den *big.Rat, got *decimal.Decimal) {
	if den.Sign() == 0 {
		require.Nil(t, got)
		return
	}
	require.NotNil(t, got)
	off := new(big.Rat).Quo(num, den)
	off.Sub(off, got.Rat())
	require.LessOrEqual(t, off.Abs(off).Cmp(big.NewRat(1, 2e10)), 0)
	require.GreaterOrEqual(t, got.Exponent(), int32(-20))
}

func rat(d decimal.Decimal) *big.Rat { return d.Rat() }

func add(xs ...*big.Rat) *big.Rat {
	sum := new(big.Rat)
	for _, x := range xs {
		sum.Add(sum, x)
	}
	return sum
}

func times(n, d int64, x *big.Rat) *big.Rat { return new(big.Rat).Mul(big.NewRat(n, d), x) }

func TestModifiedDietz_equalsRational(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := returns.DietzParams{Start: day0, BeginValue: anyAmount(t, "begin"), EndValue: anyAmount(t, "end")}
		days := rapid.IntRange(1, 400).Draw(t, "days")
		p.End = p.Start.AddDays(days)
		gain, capital := add(rat(p.EndValue), times(-1, 1, rat(p.BeginValue))), rat(p.BeginValue)
		for range rapid.IntRange(0, 9).Draw(t, "flows") {
			d, a := rapid.IntRange(0, days).Draw(t, "day"), anyAmount(t, "flow")
			p.Flows = append(p.Flows, returns.Flow{Date: p.Start.AddDays(d), Amount: a})
			gain = add(gain, times(-1, 1, rat(a)))
			capital = add(capital, times(int64(days-d), int64(days), rat(a)))
		}
		got, err := returns.ModifiedDietz(p)
		require.NoError(t, err)
		require.Zero(t, rat(got.Gain).Cmp(gain))
		requireRatio(t, capital, big.NewRat(1, 1), &got.AverageCapital)
		require.Len(t, got.Flows, len(p.Flows))
		if capital.Sign() <= 0 {
			require.Nil(t, got.Return)
			return
		}
		requireRatio(t, gain, capital, got.Return)
	})
}

// bloombergprep.com, CFA practice question bac110.
func TestModifiedDietz_published(t *testing.T) {
	t.Parallel()
	start := date.MustParse("2024-01-01")
	p := returns.DietzParams{Start: start, End: start.AddDays(31), BeginValue: dec("585.60"), EndValue: dec("602.34")}
	for day, amount := range map[int]string{5: "-15.05", 9: "19.82", 15: "16.42", 24: "-18.96"} {
		p.Flows = append(p.Flows, returns.Flow{Date: start.AddDays(day), Amount: dec(amount)})
	}
	got, err := returns.ModifiedDietz(p)
	require.NoError(t, err)
	require.InDelta(t, 0.0245, got.Return.InexactFloat64(), 5e-5)
	require.InDelta(t, 591.237, got.AverageCapital.InexactFloat64(), 5e-4)
}

func TestModifiedDietz_errors(t *testing.T) {
	t.Parallel()
	hostile := decimal.New(1, 2_000_000_000)
	_, err := returns.ModifiedDietz(returns.DietzParams{Start: day0, End: day0, BeginValue: hostile, EndValue: hostile,
		Flows: []returns.Flow{{Date: day0.AddDays(1), Amount: hostile}}})
	var fields []string
	for _, e := range fault.FieldErrors(err) {
		fields = append(fields, e.Field)
	}
	require.Equal(t, []string{"begin_value", "end_value", "end", "flows[0].amount", "flows[0].date"}, fields)
	require.ErrorIs(t, err, returns.ErrPeriod)
	require.ErrorIs(t, err, returns.ErrOutsidePeriod)
	_, err = returns.ModifiedDietz(returns.DietzParams{})
	require.ErrorIs(t, err, returns.ErrPeriod)
}

func TestTimeWeighted(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var rates []decimal.Decimal
		growth := big.NewRat(1, 1)
		for range rapid.IntRange(0, 200).Draw(t, "periods") {
			r := anyRate(t)
			rates = append(rates, r)
			growth.Mul(growth, r.Add(decimal.NewFromInt(1)).Rat())
		}
		got, err := returns.TimeWeighted(rates)
		require.NoError(t, err)
		off := new(big.Rat).Sub(add(growth, big.NewRat(-1, 1)), rat(got))
		require.LessOrEqual(t, off.Abs(off).Cmp(new(big.Rat).Mul(growth, dec("1e-56").Rat())), 0)
	})
	_, err := returns.TimeWeighted([]decimal.Decimal{dec("-1"), dec("-1.01")})
	require.ErrorIs(t, err, returns.ErrRateOutOfRange)
	_, err = returns.TimeWeighted([]decimal.Decimal{decimal.New(1, 2_000_000_000)})
	require.ErrorIs(t, err, returns.ErrAmountRange)
	steep := make([]decimal.Decimal, 10_000)
	for i := range steep {
		steep[i] = dec("1e399")
	}
	_, err = returns.TimeWeighted(steep)
	require.ErrorIs(t, err, returns.ErrAmountRange, "a growth that cannot be written out")
	got, err := returns.TimeWeighted([]decimal.Decimal{dec("0.5"), dec("-1"), dec("3")})
	require.NoError(t, err)
	require.Equal(t, "-1", got.String())
}

func TestNCREIFQuarter_equalsRational(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p := returns.QuarterParams{anyAmount(t, "begin"), anyAmount(t, "end"), anyAmount(t, "noi"), anyAmount(t, "improvements"), anyAmount(t, "sales")}
		got, err := returns.NCREIFQuarter(p)
		require.NoError(t, err)
		den := add(rat(p.BeginValue), times(1, 2, rat(p.CapitalImprovements)), times(-1, 2, rat(p.PartialSales)), times(-1, 3, rat(p.NOI)))
		up := add(rat(p.EndValue), times(-1, 1, rat(p.BeginValue)), times(-1, 1, rat(p.CapitalImprovements)), rat(p.PartialSales))
		requireRatio(t, den, big.NewRat(1, 1), &got.Denominator)
		requireRatio(t, rat(p.NOI), den, got.Income)
		requireRatio(t, up, den, got.Capital)
		requireRatio(t, add(up, rat(p.NOI)), den, got.Total)
	})
	got, err := returns.NCREIFQuarter(returns.QuarterParams{})
	require.NoError(t, err)
	require.Nil(t, got.Total, "no value, no return")
	_, err = returns.NCREIFQuarter(returns.QuarterParams{NOI: decimal.New(1, -2_000_000_000)})
	require.ErrorIs(t, err, returns.ErrAmountRange)
}

// pe2insight.com, understanding private equity fund multiples.
func TestFundMultiples_published(t *testing.T) {
	t.Parallel()
	m, err := returns.FundMultiples(dec("100"), dec("50"), dec("150"))
	require.NoError(t, err)
	require.Equal(t, "0.5 1.5 2", m.DPI.String()+" "+m.RVPI.String()+" "+m.TVPI.String())
}

func TestMultiples(t *testing.T) {
	t.Parallel()
	deal := flows("2020-01-01", "-60", "2020-01-01", "15", "2021-01-01", "-40", "2022-01-01", "35")
	m, err := returns.MultiplesOf(deal, dec("75"))
	require.NoError(t, err)
	require.Equal(t, "0.5 0.75 1.25", m.DPI.String()+" "+m.RVPI.String()+" "+m.TVPI.String(), "flows of a day are not netted")
	em, err := returns.EquityMultiple([]returns.Cash{{Date: day0, Amount: cents(-300)}, {Date: day0, Amount: cents(400)}})
	require.NoError(t, err)
	require.Equal(t, "1.33333333333333333333", em.String())
	em, err = returns.EquityMultiple(flows("2020-01-01", "5"))
	require.NoError(t, err)
	require.Nil(t, em)
	coc, err := returns.CashOnCash(dec("-8"), dec("100"))
	require.NoError(t, err)
	require.Equal(t, "-0.08", coc.String())
	coc, err = returns.CashOnCash(dec("8"), decimal.Decimal{})
	require.NoError(t, err)
	require.Nil(t, coc)

	hostile := decimal.New(1, -2_000_000_000)
	_, err = returns.FundMultiples(hostile, hostile, hostile)
	require.ErrorIs(t, err, returns.ErrAmountRange)
	require.Len(t, fault.FieldErrors(err), 3)
	_, err = returns.MultiplesOf([]returns.Flow{{Amount: hostile}}, dec("1"))
	require.ErrorIs(t, err, returns.ErrAmountRange)
	_, err = returns.CashOnCash(hostile, dec("1"))
	require.ErrorIs(t, err, returns.ErrAmountRange)
	_, err = returns.CashOnCash(dec("1"), hostile)
	require.ErrorIs(t, err, returns.ErrAmountRange)
}
