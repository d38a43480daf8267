package returns

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// anySolver draws flows of a plain deal, of a deal with later calls, or of
// random signs.
func anySolver(t *rapid.T) *solver {
	n := rapid.IntRange(2, 120).Draw(t, "flows")
	gap := rapid.SampledFrom([]int{1, 7, 31, 92, 400}).Draw(t, "gap")
	callEvery := rapid.SampledFrom([]int{0, 2, 7, 40}).Draw(t, "a call every")
	flows := make([]Cash, n)
	day := date.MustParse("1999-12-31")
	for i := range flows {
		cents := rapid.Int64Range(1, 1_000_000).Draw(t, "cents")
		switch {
		case i == 0:
			cents *= -int64(n)
		case i == n-1:
			cents *= int64(n)
		case callEvery > 0 && i%callEvery == 0:
			cents = -cents
		}
		amount, err := money.FromCents(cents)
		require.NoError(t, err)
		flows[i] = Cash{day, amount}
		day = day.AddDays(rapid.IntRange(1, gap).Draw(t, "days"))
	}
	s, err := NewSeries(flows)
	require.NoError(t, err)
	v := &solver{flows: s.entries, series: s, perYear: s.perYear}
	v.survey()
	v.pow.prepare(v.flows)
	v.part()
	return v
}

// The three roads to a root agree: what the bracket of one sign change or the
// running balance proves to be the only root is all that isolation finds.
func TestSolver_roadsAgree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := anySolver(t)
		var only []float64
		if v.changes == 1 {
			only = []float64{v.single()}
		} else if z, ok := v.pure(); ok {
			only = []float64{z}
		} else {
			return
		}
		all, ok := v.isolate()
		require.True(t, ok)
		require.Len(t, all, 1)
		require.InDelta(t, only[0]*v.perYear, all[0]*v.perYear, 1e-11*max(1, math.Abs(only[0]*v.perYear)))
	})
}

// Tables and exponentials give the same moments.
func TestPowers_tableEqualsExp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := anySolver(t)
		z := rapid.Float64Range(0, 0.05).Draw(t, "z")
		for _, reversed := range []bool{false, true} {
			table, direct := v.pow, v.pow
			table.direct, direct.direct = false, true
			if v.span >= 512*64 {
				return
			}
			table.at(z)
			direct.at(table.rate())
			for _, flows := range [][]entry{v.ins, v.outs} {
				a, b := table.moments(flows, reversed), direct.moments(flows, reversed)
				require.InEpsilon(t, b.m0, a.m0, 1e-13)
				require.InDelta(t, b.m1, a.m1, 1e-13*math.Abs(b.m0)*v.span)
				require.InDelta(t, b.m2, a.m2, 1e-13*math.Abs(b.m0)*v.span*v.span)
			}
		}
	})
}
