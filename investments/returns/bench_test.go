package returns_test

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/investments/returns"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// plainNewton is the usual loop as the best known libraries have it: one
// math.Pow a flow for the value and one for the slope, from the guess on, without
// a bracket. It is the yardstick of BenchmarkXIRR.
func plainNewton(days, amounts []float64, guess float64) (float64, bool) {
	rate := guess
	for range 100 {
		f, slope := 0.0, 0.0
		for i, a := range amounts {
			years := days[i] / 365
			f += a * math.Pow(1+rate, -years)
			slope -= a * years * math.Pow(1+rate, -years-1)
		}
		step := f / slope
		rate -= step
		if math.Abs(step) < 1e-11 {
			return rate, true
		}
	}
	return 0, false
}

// benchDeal is a deal of n flows: a purchase, monthly (or, for more flows, more
// frequent) income of about 7 % a year, and a sale. With late calls every 25th
// flow is a contribution, so that the sign changes often.
func benchDeal(n int, lateCalls bool) []returns.Cash {
	rnd := rand.New(rand.NewPCG(7, uint64(n)))
	day := date.MustParse("2015-03-17")
	flows := make([]returns.Cash, n)
	for i := range flows {
		cents := 5_000_000 + rnd.Int64N(2_500_000)
		switch {
		case i == 0:
			cents = -1_000_000_000
		case i == n-1:
			cents = 1_200_000_000
		case lateCalls && i%25 == 0:
			cents = -2 * cents
		}
		if n > 200 {
			cents = cents * 100 / int64(n)
			if i == 0 || i == n-1 {
				cents = cents * int64(n) / 100
			}
		}
		amount, err := money.FromCents(cents)
		if err != nil {
			panic(err)
		}
		flows[i] = returns.Cash{Date: day, Amount: amount}
		if day = day.AddMonths(1); n > 200 {
			day = flows[i].Date.AddDays(3 + i%3)
		}
	}
	return flows
}

func shuffled[T any](s []T) []T {
	out := append([]T(nil), s...)
	rand.New(rand.NewPCG(8, 9)).Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

func asFlows(cash []returns.Cash) []returns.Flow {
	flows := make([]returns.Flow, len(cash))
	for i, c := range cash {
		flows[i] = returns.Flow{Date: c.Date, Amount: c.Amount.Decimal()}
	}
	return flows
}

func benchXIRR[F returns.Flow | returns.Cash](b *testing.B, flows []F) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := returns.XIRR(flows); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkXIRR measures XIRR with all its roots, from the caller's slice to the
// result, against plainNewton on prepared floats in the same run.
func BenchmarkXIRR(b *testing.B) {
	// The heap of a host is not empty. On one of 4 MB the collector would run
	// hundreds of times a second, and be what is measured.
	heap := make([]byte, 64<<20)
	defer runtime.KeepAlive(heap)
	for _, n := range []int{100, 1000} {
		name := map[int]string{100: "100", 1000: "1000"}[n]
		deal, calls := benchDeal(n, false), benchDeal(n, true)
		b.Run(name+"/plain-newton", func(b *testing.B) {
			var days, amounts []float64
			for _, f := range deal {
				days = append(days, float64(f.Date.Sub(deal[0].Date)))
				v, _ := f.Amount.Decimal().Float64()
				amounts = append(amounts, v)
			}
			for b.Loop() {
				if _, ok := plainNewton(days, amounts, 0.1); !ok {
					b.Fatal("no convergence")
				}
			}
		})
		b.Run(name+"/cash", func(b *testing.B) { benchXIRR(b, deal) })
		b.Run(name+"/cash-unsorted", func(b *testing.B) { benchXIRR(b, shuffled(deal)) })
		b.Run(name+"/cash-late-calls", func(b *testing.B) { benchXIRR(b, calls) })
		b.Run(name+"/decimal", func(b *testing.B) { benchXIRR(b, asFlows(deal)) })
		b.Run(name+"/decimal-unsorted", func(b *testing.B) { benchXIRR(b, shuffled(asFlows(deal))) })
		b.Run(name+"/series", func(b *testing.B) {
			s, err := returns.NewSeries(deal)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := s.Rate(); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/random-signs", func(b *testing.B) {
			rnd := rand.New(rand.NewPCG(10, 11))
			flows := append([]returns.Cash(nil), deal...)
			for i := range flows {
				amount, _ := money.FromCents(rnd.Int64N(2_000_000) - 1_000_000)
				flows[i].Amount = amount
			}
			flows[0].Amount = money.MustParse("-9000.00")
			flows[n-1].Amount = money.MustParse("9000.00")
			benchXIRR(b, flows)
		})
	}
}

// BenchmarkIRR measures IRR of values that come one a period, as amounts and as decimals,
// and what it takes to prepare them alone.
func BenchmarkIRR(b *testing.B) {
	heap := make([]byte, 64<<20)
	defer runtime.KeepAlive(heap)
	var amounts []money.Amount
	var decimals []decimal.Decimal
	for _, f := range benchDeal(1000, false) {
		amounts, decimals = append(amounts, f.Amount), append(decimals, f.Amount.Decimal())
	}
	run := func(name string, fn func() error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := fn(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	run("1000/amounts", func() error { _, err := returns.IRR(amounts); return err })
	run("1000/decimals", func() error { _, err := returns.IRR(decimals); return err })
	run("1000/prepare-amounts", func() error { _, err := returns.NewPeriodic(amounts); return err })
	run("1000/prepare-decimals", func() error { _, err := returns.NewPeriodic(decimals); return err })
	flows := benchDeal(1000, false)
	run("1000/prepare-cash", func() error { _, err := returns.NewSeries(flows); return err })
	mixed := shuffled(flows)
	run("1000/prepare-cash-unsorted", func() error { _, err := returns.NewSeries(mixed); return err })
}

// BenchmarkXNPV measures the present value with its 40 digits.
func BenchmarkXNPV(b *testing.B) {
	deal, rate := benchDeal(100, false), decimal.New(8, -2)
	for b.Loop() {
		if _, err := returns.XNPV(rate, deal); err != nil {
			b.Fatal(err)
		}
	}
}
