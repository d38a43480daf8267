package waterfall_test

import (
	"fmt"
	"math/bits"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/raced"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// fiveTiers are a preferred return, capital, two rate hurdles and a split.
func fiveTiers(tb testing.TB, compounding waterfall.Compounding) *waterfall.Terms {
	tb.Helper()
	terms, err := waterfall.ParseTerms(fmt.Appendf(nil, `{
		"prefs": {"LP": {"rate": "0.08", "compounding": %q}},
		"tiers": {"capital": [
			{"name": "pref", "type": "pref"},
			{"name": "capital", "type": "return_of_capital"},
			{"name": "12 %%", "type": "hurdle", "irr": "0.12", "promote": "0.20"},
			{"name": "18 %%", "type": "hurdle", "irr": "0.18", "promote": "0.30"},
			{"name": "rest", "type": "split", "promote": "0.40"}]}}`, compounding))
	require.NoError(tb, err)
	return terms
}

// manyInvestors are n investors and a promote recipient.
func manyInvestors(n int) []waterfall.Partner {
	ps := []waterfall.Partner{{ID: "GP", Class: "promote"}}
	for i := range n {
		ps = append(ps, waterfall.Partner{ID: fmt.Sprintf("0190b6e2-7c1f-7a3e-8f00-%012d", i), Class: "LP"})
	}
	return ps
}

// calls are contributions of uneven amounts on three dates.
func calls(ps []waterfall.Partner) []waterfall.Event {
	var evs []waterfall.Event
	days := []date.Date{date.Must(2016, 1, 15), date.Must(2016, 5, 2), date.Must(2016, 8, 19)}
	for i, p := range ps[1:] {
		for k, d := range days {
			amount, _ := money.FromCents(int64(1_000_000 + i*7919%5_000_000 + k*31))
			evs = append(evs, waterfall.Event{Date: d, Type: waterfall.EventContribution, Partner: p.ID, Amount: amount})
		}
	}
	return evs
}

// Replay of 1,000 investors over ten years of quarterly distributions through
// five tiers.
func BenchmarkReplay1000x40(b *testing.B) {
	for _, c := range []waterfall.Compounding{waterfall.CompoundNone, waterfall.CompoundQuarterly, waterfall.CompoundDaily} {
		b.Run(string(c), func(b *testing.B) {
			terms, ps := fiveTiers(b, c), manyInvestors(1000)
			s, err := waterfall.Open(terms, ps)
			require.NoError(b, err)
			s, _, err = waterfall.Apply(terms, s, calls(ps))
			require.NoError(b, err)
			var evs []waterfall.Event
			for q := range 40 {
				evs = append(evs, waterfall.Event{Date: date.Must(2016, 10, 1).AddMonths(3 * q), Type: waterfall.EventDistribution,
					Kind: waterfall.Operating, Amount: money.MustParse("12109876.54")})
			}
			b.ReportAllocs()
			for b.Loop() {
				_, rs, err := waterfall.Apply(terms, s, evs)
				if err != nil || len(rs) != 40 || !rs[0].Tiers[2].Paid.IsZero() || rs[39].Tiers[4].Paid.IsZero() {
					b.Fatal("the first distribution pays pref and capital, the last reaches the fifth tier", err)
				}
			}
		})
	}
}

// One distribution over 100,000 investors that reaches all five tiers.
func BenchmarkCompute100k(b *testing.B) {
	for _, c := range []waterfall.Compounding{waterfall.CompoundNone, waterfall.CompoundQuarterly, waterfall.CompoundDaily} {
		b.Run(string(c), func(b *testing.B) {
			terms, ps := fiveTiers(b, c), manyInvestors(100_000)
			s, err := waterfall.Open(terms, ps)
			require.NoError(b, err)
			s, _, err = waterfall.Apply(terms, s, calls(ps))
			require.NoError(b, err)
			d := waterfall.Distribution{Date: date.Must(2017, 5, 20), Kind: waterfall.Sale, Cash: money.MustParse("23456789012.34")}
			b.ReportAllocs()
			for b.Loop() {
				r, err := waterfall.Compute(terms, s, d)
				if err != nil || r.Tiers[4].Paid.IsZero() {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100_000, "ns/investor")
		})
	}
}

// The same pooled, with hurdles by class and by investor, and by partner, where every
// account runs on its own. At most three times the pooled run is what is asked of it.
func BenchmarkPartner100k(b *testing.B) {
	for _, c := range []struct {
		name string
		run  waterfall.Run
		by   waterfall.By
	}{{"pooled", waterfall.RunPooled, waterfall.ByClass}, {"pooled by investor", waterfall.RunPooled, waterfall.ByInvestor}, {"partner", waterfall.RunPartner, waterfall.ByInvestor}} {
		b.Run(c.name, func(b *testing.B) {
			terms, ps := fiveTiers(b, waterfall.CompoundQuarterly), manyInvestors(100_000)
			terms.Run = c.run
			for i := range terms.Tiers.Capital {
				if t := &terms.Tiers.Capital[i]; t.Type == waterfall.TierHurdle {
					t.By = c.by
				}
			}
			s, err := waterfall.Open(terms, ps)
			require.NoError(b, err)
			s, _, err = waterfall.Apply(terms, s, calls(ps))
			require.NoError(b, err)
			d := waterfall.Distribution{Date: date.Must(2017, 5, 20), Kind: waterfall.Sale, Cash: money.MustParse("23456789012.34")}
			b.ReportAllocs()
			for b.Loop() {
				r, err := waterfall.Compute(terms, s, d)
				if err != nil || r.Tiers[4].Paid.IsZero() {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100_000, "ns/investor")
		})
	}
}

// The floor: what dividing five amounts over 100,000 weights takes at the least,
// one multiplication and one division of 128 bits a share, with nothing around
// it: no accrual, no remainders, no trace.
func BenchmarkFloor100k(b *testing.B) {
	weights, parts := make([]uint64, 100_000), make([]uint64, 100_000)
	var total uint64
	for i := range weights {
		weights[i] = uint64(1_000_000 + i*7919%5_000_000)
		total += weights[i]
	}
	for b.Loop() {
		for tier := range uint64(5) {
			for i, w := range weights {
				hi, lo := bits.Mul64(w, 2_345_678_901_234+tier)
				parts[i], _ = bits.Div64(hi, lo, total)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100_000, "ns/investor")
}

// Memory is linear in investors: twice as many take at most a little over twice
// the bytes.
func TestCompute_memoryIsLinear(t *testing.T) {
	var bytes [2]uint64
	for k, n := range []int{4000, 8000} {
		terms, ps := fiveTiers(t, waterfall.CompoundQuarterly), manyInvestors(n)
		s, err := waterfall.Open(terms, ps)
		require.NoError(t, err)
		s, _, err = waterfall.Apply(terms, s, calls(ps))
		require.NoError(t, err)
		d := waterfall.Distribution{Date: date.Must(2017, 5, 20), Kind: waterfall.Sale, Cash: money.MustParse("2345678901.34")}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err = waterfall.Compute(terms, s, d)
		runtime.ReadMemStats(&after)
		require.NoError(t, err)
		bytes[k] = after.TotalAlloc - before.TotalAlloc
	}
	require.Less(t, float64(bytes[1]), 2.2*float64(bytes[0]))
}

// Twice the investors take no more allocations, but for a handful that grow
// slices: nothing is allocated for a member.
func TestCompute_allocatesNothingPerMember(t *testing.T) {
	for _, c := range []waterfall.Compounding{waterfall.CompoundNone, waterfall.CompoundQuarterly, waterfall.CompoundDaily} {
		var allocs [2]float64
		for k, n := range []int{2000, 4000} {
			terms, ps := fiveTiers(t, c), manyInvestors(n)
			s, err := waterfall.Open(terms, ps)
			require.NoError(t, err)
			s, _, err = waterfall.Apply(terms, s, calls(ps))
			require.NoError(t, err)
			d := waterfall.Distribution{Date: date.Must(2017, 5, 20), Kind: waterfall.Sale, Cash: money.MustParse("23456789012.34")}
			allocs[k] = testing.AllocsPerRun(3, func() {
				if _, err := waterfall.Compute(terms, s, d); err != nil {
					t.Fatal(err)
				}
			})
		}
		// Pools that the collector empties make a count vary by some dozens; one
		// allocation for each of ten members would show.
		require.InDelta(t, allocs[0], allocs[1], 200, string(c))
	}
}

// What a deal does not use costs nothing: a distribution by a preferred return, capital,
// two hurdles and a split takes no more allocations than it did when the language had
// nothing else. A clause that needs room makes it in states of deals that have it.
func TestCompute_unusedCostsNothing(t *testing.T) {
	if raced.Enabled {
		t.Skip("the race detector allocates; the gate runs this without it, too")
	}
	for c, most := range map[waterfall.Compounding]float64{waterfall.CompoundNone: 936, waterfall.CompoundQuarterly: 938, waterfall.CompoundDaily: 979} {
		terms, ps := fiveTiers(t, c), manyInvestors(10)
		s, err := waterfall.Open(terms, ps)
		require.NoError(t, err)
		s, _, err = waterfall.Apply(terms, s, calls(ps))
		require.NoError(t, err)
		d := waterfall.Distribution{Date: date.Must(2017, 5, 20), Kind: waterfall.Sale, Cash: money.MustParse("2345678.34")}
		got := testing.AllocsPerRun(200, func() {
			if r, err := waterfall.Compute(terms, s, d); err != nil || r.Tiers[4].Paid.IsZero() {
				t.Fatal("it reaches the last tier", err)
			}
		})
		require.LessOrEqual(t, got, most, string(c))
	}
}
