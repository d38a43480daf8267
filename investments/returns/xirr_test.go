package returns_test

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/investments/returns"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

var day0 = date.MustParse("2020-02-28")

// seriesOf makes one flow a day out of coefficients.
func seriesOf(coefficients []int64) []returns.Flow {
	var flows []returns.Flow
	for i, c := range coefficients {
		if c != 0 {
			flows = append(flows, returns.Flow{Date: day0.AddDays(i), Amount: decimal.New(c, -2)})
		}
	}
	return flows
}

// requireRoots checks logs, the logarithms of 1+r per period, against the exact
// polynomial: they are as many as its distinct positive roots, and around each
// of them, closer than one part in 10^9, there is one.
func requireRoots(t require.TestingT, coefficients []int64, logs []float64) {
	p := polyOf(coefficients)
	require.Equal(t, p.positiveRoots(), len(logs), "number of roots of %v: %v", coefficients, logs)
	seq := p.sturm()
	for i, x := range logs {
		if i > 0 {
			require.Less(t, logs[i-1], x)
		}
		width := 1e-10 * max(1, math.Abs(x))
		low := new(big.Rat).SetFloat64(math.Exp(-x - width))
		high := new(big.Rat).SetFloat64(math.Exp(-x + width))
		require.Positive(t, rootsAbove(seq, low)-rootsAbove(seq, high), "a root near %v of %v", x, coefficients)
	}
}

func logsOf(res returns.Result, perYear float64) []float64 {
	logs := make([]float64, len(res.Roots))
	for i, r := range res.Roots {
		logs[i] = r.Log / perYear
	}
	return logs
}

// Random signs have many roots or none; Sturm's theorem says how many.
func TestIRR_allRoots(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.SampledFrom([]int64{2, 5, 100, 1_000_000}).Draw(t, "limit")
		coefficients := rapid.SliceOfN(rapid.Int64Range(-limit, limit), 2, 12).Draw(t, "values")
		values := make([]decimal.Decimal, len(coefficients))
		for i, c := range coefficients {
			values[i] = decimal.NewFromInt(c)
		}
		res, err := returns.IRR(values)
		if err != nil {
			requireNoRoots(t, coefficients, err)
			return
		}
		requireRoots(t, coefficients, logsOf(res, 1))
		require.Equal(t, len(res.Roots) == 1, res.Unique)
	})
}

func requireNoRoots(t require.TestingT, coefficients []int64, err error) {
	positive, negative := false, false
	for _, c := range coefficients {
		positive, negative = positive || c > 0, negative || c < 0
	}
	if !positive || !negative {
		require.ErrorIs(t, err, returns.ErrNoSignChange)
		return
	}
	require.ErrorIs(t, err, returns.ErrNoRoot, "%v", coefficients)
	require.Zero(t, polyOf(coefficients).positiveRoots(), "%v", coefficients)
}

// The same over days, with gaps.
func TestXIRR_allRoots(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		coefficients := make([]int64, rapid.IntRange(2, 30).Draw(t, "days"))
		for range rapid.IntRange(2, 8).Draw(t, "flows") {
			day := rapid.IntRange(0, len(coefficients)-1).Draw(t, "day")
			coefficients[day] = rapid.Int64Range(-1000, 1000).Draw(t, "cents")
		}
		res, err := returns.XIRR(seriesOf(coefficients))
		if err != nil {
			if polyOf(coefficients).positiveRoots() > 0 {
				require.ErrorIs(t, err, returns.ErrRateOutOfRange, "%v", coefficients)
				return
			}
			requireNoRoots(t, coefficients, err)
			return
		}
		if res.Unique || len(res.Roots) == polyOf(coefficients).positiveRoots() { // else some are out of range
			requireRoots(t, coefficients, logsOf(res, 365))
		}
	})
}

// Products of (1+r)^-1 - v give known roots, multiple ones and near ones too.
func TestIRR_knownRoots(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		p, want := []int64{1}, map[int64]bool{}
		for range rapid.IntRange(1, 5).Draw(t, "factors") {
			growth := rapid.SampledFrom([]int64{50, 90, 100, 101, 110, 111, 125, 200, 1000}).Draw(t, "growth in percent")
			next := make([]int64, len(p)+1) // times (growth*u - 100)
			for i, c := range p {
				next[i] -= 100 * c
				next[i+1] += growth * c
			}
			p, want[growth] = reduce(next), true
		}
		values := make([]decimal.Decimal, len(p))
		for i, c := range p {
			values[i] = decimal.NewFromInt(c)
		}
		res, err := returns.IRR(values)
		require.NoError(t, err)
		require.Len(t, res.Roots, len(want), "%v %v", p, res.Roots)
		for _, r := range res.Roots {
			growth := math.Round(r.Growth() * 100)
			require.True(t, want[int64(growth)], "%v %v", p, res.Roots)
			require.InEpsilon(t, growth/100, r.Growth(), 1e-12, "%v", p)
		}
		require.Equal(t, len(want) == 1, res.Unique)
	})
}

func reduce(p []int64) []int64 {
	g := new(big.Int)
	for _, c := range p {
		g.GCD(nil, nil, g, new(big.Int).Abs(big.NewInt(c)))
	}
	for i := range p {
		p[i] /= g.Int64()
	}
	return p
}

func cents(c int64) money.Amount {
	a, err := money.FromCents(c)
	if err != nil {
		panic(err)
	}
	return a
}

// anyDeal draws a deal: money in, income and calls in some order, money out.
func anyDeal(t *rapid.T) []returns.Cash {
	n := rapid.IntRange(2, 60).Draw(t, "flows")
	flows, day := make([]returns.Cash, n), date.MustParse("2010-01-31")
	for i := range flows {
		c := rapid.Int64Range(-20_000, 100_000).Draw(t, "cents")
		if i == 0 {
			c = -rapid.Int64Range(1, 5_000_000).Draw(t, "invested")
		}
		flows[i] = returns.Cash{Date: day, Amount: cents(c)}
		day = day.AddDays(rapid.IntRange(0, 200).Draw(t, "days"))
	}
	return flows
}

// With one change of sign there is one root, and the exact present value changes
// its sign between the rate less 10^-12 and the rate more 10^-12 of it.
func TestXIRR_bracketsOneChange(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		flows := anyDeal(t)
		for i := range flows[1:] {
			flows[i+1].Amount = flows[i+1].Amount.Abs()
		}
		last := &flows[len(flows)-1]
		last.Amount = cents(rapid.Int64Range(1, 10_000_000).Draw(t, "exit"))
		last.Date = last.Date.AddDays(rapid.IntRange(1, 4000).Draw(t, "to the exit"))
		s, err := returns.NewSeries(flows)
		require.NoError(t, err)
		if s.Len() < 2 || s.Vector()[0].Amount.Sign() > 0 {
			return
		}
		res, err := s.Rate()
		if err != nil {
			require.ErrorIs(t, err, returns.ErrRateOutOfRange)
			return
		}
		require.True(t, res.Unique)
		if res.Rate < -0.999 || res.Rate > 1e6 {
			return
		}
		off := decimal.NewFromFloat(1e-12 * (1 + res.Rate))
		below, err := s.PresentValue(decimal.NewFromFloat(res.Rate).Sub(off))
		require.NoError(t, err)
		above, err := s.PresentValue(decimal.NewFromFloat(res.Rate).Add(off))
		require.NoError(t, err)
		require.Positive(t, below.Sign())
		require.Negative(t, above.Sign())
	})
}

// At each root the present value is zero to within the last digits of the rate.
func TestXIRR_presentValueAtRoots(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		flows := anyDeal(t)
		res, err := returns.XIRR(flows)
		if err != nil {
			require.ErrorIs(t, err, fault.Invalid)
			return
		}
		for _, root := range res.Roots {
			if math.Abs(root.Log) > 3 {
				continue
			}
			pv, err := returns.XNPV(root.Decimal(), flows)
			require.NoError(t, err)
			sensitivity := 0.0 // d(pv)/d(ln(1+r)), terms without sign
			for _, p := range res.Vector() {
				sensitivity += math.Abs(p.Amount.InexactFloat64()) * (1 + p.Years) * math.Exp(-root.Log*p.Years)
			}
			require.InDelta(t, 0, pv.InexactFloat64(), 1e-13*sensitivity, "%v", root)
		}
	})
}

// Neither the order of the flows nor their unit matters, nor the form of the
// amounts, nor how a day's flows are cut, nor a leading zero.
func TestXIRR_invariants(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		flows := anyDeal(t)
		want, wantErr := returns.XIRR(flows)
		same := func(name string, got returns.Result, err error) {
			require.Equal(t, wantErr, err, name)
			require.Len(t, got.Roots, len(want.Roots), name)
			for i := range got.Roots {
				require.InDelta(t, want.Roots[i].Log, got.Roots[i].Log, 1e-11*max(1, math.Abs(got.Roots[i].Log)), name)
			}
		}
		got, err := returns.XIRR(rapid.Permutation(flows).Draw(t, "order"))
		same("order", got, err)
		require.Equal(t, want.Rate, got.Rate, "the order does not show in the last digit")

		k := decimal.RequireFromString(rapid.SampledFrom([]string{"3", "0.001", "-1", "1e30", "1.00000000000000000001"}).Draw(t, "scale"))
		scaled := make([]returns.Flow, len(flows))
		for i, f := range flows {
			scaled[i] = returns.Flow{Date: f.Date, Amount: f.Amount.Decimal().Mul(k)}
		}
		got, err = returns.XIRR(scaled)
		same("scale", got, err)

		cut := []returns.Flow{{Date: flows[0].Date.AddDays(-40)}}
		for _, f := range flows {
			part := decimal.New(rapid.Int64().Draw(t, "part"), -rapid.Int32Range(0, 20).Draw(t, "decimals"))
			cut = append(cut, returns.Flow{Date: f.Date, Amount: part},
				returns.Flow{Date: f.Date, Amount: f.Amount.Decimal().Sub(part)})
		}
		got, err = returns.XIRR(cut)
		same("cut and leading zero", got, err)
	})
}

// A series of cash in any order is that of decimals in order of time, for which another road
// is taken: with days shared or far apart, sums that are zero or beyond a float64, and
// dates that are missing.
func TestNewSeries_anyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 80).Draw(t, "flows")
		span := rapid.SampledFrom([]int{3, 60, 5_000, 20_000, 3_000_000}).Draw(t, "span")
		most := rapid.SampledFrom([]int64{1, 1_000, money.MaxCents}).Draw(t, "cents")
		undated := rapid.IntRange(0, 20).Draw(t, "undated") == 0
		cash := make([]returns.Cash, n)
		for i := range cash {
			day, err := date.FromDays(rapid.IntRange(1, span).Draw(t, "day"))
			require.NoError(t, err)
			cash[i] = returns.Cash{Date: day, Amount: cents(rapid.Int64Range(-most, most).Draw(t, "amount"))}
		}
		if undated {
			cash[rapid.IntRange(0, n-1).Draw(t, "at")].Date = date.Date{}
		}
		sorted := make([]returns.Flow, n)
		for i, f := range cash {
			sorted[i] = returns.Flow{Date: f.Date, Amount: f.Amount.Decimal()}
		}
		got, err := returns.NewSeries(cash)
		if undated {
			require.ErrorIs(t, err, returns.ErrNoDate)
			return
		}
		require.NoError(t, err)
		slices.SortFunc(sorted, func(a, b returns.Flow) int { return a.Date.Compare(b.Date) })
		want, err := returns.NewSeries(sorted)
		require.NoError(t, err)
		require.Equal(t, want.Len(), got.Len())
		for i, p := range want.Vector() {
			require.Equal(t, p.Date, got.Vector()[i].Date)
			require.Equal(t, p.Years, got.Vector()[i].Years)
			require.True(t, p.Amount.Equal(got.Vector()[i].Amount))
		}
	})
}
