package money_test

import (
	"encoding/binary"
	"math/big"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/money"
)

const benchMembers = 100_000

// benchWeights are capital balances in cents: uneven ones, or a cap table where
// almost everybody holds one of four round amounts.
func benchWeights(round bool) []int64 {
	rnd := rand.New(rand.NewPCG(1, 2))
	weights := make([]int64, benchMembers)
	for i := range weights {
		weights[i] = 1 + rnd.Int64N(100_000_000)
		if round {
			weights[i] = []int64{2_500_000, 5_000_000, 10_000_000, 25_000_000}[rnd.IntN(4)]
		}
	}
	return weights
}

func benchIDs() [][16]byte {
	rnd := rand.New(rand.NewPCG(3, 4))
	ids := make([][16]byte, benchMembers)
	for i := range ids {
		binary.BigEndian.PutUint64(ids[i][:], 0x0192f0c100000000+rnd.Uint64N(1<<32))
		binary.BigEndian.PutUint64(ids[i][8:], rnd.Uint64())
	}
	return ids
}

func perMember(b *testing.B) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchMembers, "ns/member")
}

// BenchmarkAllocateFew measures ten members, by cents and by decimals; nothing but the answer
// is allocated.
func BenchmarkAllocateFew(b *testing.B) {
	const n = 10
	weights, decimals, members, parts := benchWeights(false)[:n], make([]decimal.Decimal, n), make([]money.Share, n), make([]int64, n)
	for i, w := range weights {
		decimals[i] = decimal.New(w, -2)
		members[i] = money.Share{ID: string(rune('a' + i)), Weight: decimals[i]}
	}
	total := money.MustParse("123456.78")
	for name, share := range map[string]func() error{
		"int64":    func() error { return money.AllocateInt64(parts, total.Cents(), weights, nil) },
		"decimals": func() error { return money.AllocateDecimals(parts, total.Cents(), decimals, nil) },
		"shares":   func() error { _, err := money.Allocate(total, members); return err },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := share(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkAllocate measures each road at 100,000 members. The floor does only
// what no exact rule can leave out: the sum, and one 128-bit product and
// division a member, without giving out the last cents.
func BenchmarkAllocate(b *testing.B) {
	const total = 1_234_567_890_123
	ids, parts := benchIDs(), make([]int64, benchMembers)
	before := func(i, j int) bool { return string(ids[i][:]) < string(ids[j][:]) }

	b.Run("floor", func(b *testing.B) {
		weights := benchWeights(false)
		for b.Loop() {
			var sum uint64
			for _, w := range weights {
				sum += uint64(w)
			}
			for i, w := range weights {
				hi, lo := bits.Mul64(total, uint64(w))
				q, _ := bits.Div64(hi, lo, sum)
				parts[i] = int64(q)
			}
		}
		perMember(b)
	})
	for _, c := range []struct {
		name  string
		round bool
	}{{"int64", false}, {"int64-ties", true}} {
		b.Run(c.name, func(b *testing.B) {
			weights := benchWeights(c.round)
			var a money.Allocator
			b.ReportAllocs()
			for b.Loop() {
				if err := a.Int64(parts, total, weights, before); err != nil {
					b.Fatal(err)
				}
			}
			perMember(b)
		})
	}
	b.Run("big", func(b *testing.B) {
		wide, scale := make([]*big.Int, benchMembers), new(big.Int).Exp(big.NewInt(10), big.NewInt(34), nil)
		for i, w := range benchWeights(false) {
			wide[i] = new(big.Int).Mul(big.NewInt(w), scale)
			wide[i].Add(wide[i], big.NewInt(int64(i)))
		}
		var a money.Allocator
		b.ReportAllocs()
		for b.Loop() {
			if err := a.Big(parts, total, wide, before); err != nil {
				b.Fatal(err)
			}
		}
		perMember(b)
	})
	amount, err := money.FromCents(total)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		round  bool
		weight func(i int, w int64) decimal.Decimal
	}{
		{"decimal", false, func(_ int, w int64) decimal.Decimal { return decimal.New(w, -2) }},
		{"decimal-ties", true, func(_ int, w int64) decimal.Decimal { return decimal.New(w, -2) }},
		{"decimal-mixed", false, func(i int, w int64) decimal.Decimal { return decimal.New(w, -int32(i%7)) }},
		{"decimal-20-digits", false, func(_ int, w int64) decimal.Decimal {
			return decimal.New(w, -2).Mul(decimal.New(1_000_000_000_001, -12))
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			shares := make([]money.Share, benchMembers)
			for i, w := range benchWeights(c.round) {
				shares[i] = money.Share{ID: string(ids[i][:]), Weight: c.weight(i, w)}
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := money.Allocate(amount, shares); err != nil {
					b.Fatal(err)
				}
			}
			perMember(b)
		})
	}
}
