package money_test

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

// reference is the rule of largest remainder written down as it reads: exact
// rationals, then one sort.
func reference(total int64, weights []*big.Rat, ids []string) []int64 {
	sum := new(big.Rat)
	for _, w := range weights {
		sum.Add(sum, w)
	}
	parts := make([]int64, len(weights))
	if sum.Sign() == 0 {
		return parts
	}
	abs := new(big.Int).Abs(big.NewInt(total))
	left := new(big.Int).Set(abs)
	frac := make([]*big.Rat, len(weights))
	floors := make([]*big.Int, len(weights))
	for i, w := range weights {
		q := new(big.Rat).Mul(new(big.Rat).SetInt(abs), w)
		q.Quo(q, sum)
		floors[i] = new(big.Int).Quo(q.Num(), q.Denom())
		frac[i] = q.Sub(q, new(big.Rat).SetInt(floors[i]))
		left.Sub(left, floors[i])
	}
	order := make([]int, len(weights))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		if c := frac[j].Cmp(frac[i]); c != 0 {
			return c
		}
		if c := weights[j].Cmp(weights[i]); c != 0 {
			return c
		}
		if ids[i] < ids[j] {
			return -1
		}
		return 1
	})
	for _, i := range order[:left.Int64()] {
		floors[i].Add(floors[i], big.NewInt(1))
	}
	for i, f := range floors {
		if total < 0 {
			f.Neg(f)
		}
		parts[i] = f.Int64()
	}
	return parts
}

func distinctIDs(t *rapid.T, n int) []string {
	return rapid.SliceOfNDistinct(rapid.StringOfN(rapid.RuneFrom([]rune("ab0é")), 1, 12, -1), n, n, rapid.ID[string]).Draw(t, "ids")
}

// anyTotal favors the ends of the range and the small.
func anyTotal() *rapid.Generator[int64] {
	return rapid.OneOf(rapid.Int64(), rapid.Int64Range(-100, 100),
		rapid.SampledFrom([]int64{math.MinInt64, math.MaxInt64, math.MinInt64 + 1, 0, 1}))
}

func anyWeight() *rapid.Generator[int64] {
	return rapid.OneOf(rapid.Int64Range(0, math.MaxInt64), rapid.Int64Range(0, 3), rapid.Int64Range(1, 1_000_000),
		rapid.SampledFrom([]int64{0, 1, 1 << 62, math.MaxInt64}))
}

func sumInt64(parts []int64) *big.Int {
	sum := new(big.Int)
	for _, p := range parts {
		sum.Add(sum, big.NewInt(p))
	}
	return sum
}

// Every road gives what the reference gives, for any weights and any total, in
// any order.
func TestAllocate_equalsReference(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(anyWeight(), 0, 90).Draw(t, "weights")
		ids := distinctIDs(t, len(weights))
		total := anyTotal().Draw(t, "total")
		before := func(i, j int) bool { return ids[i] < ids[j] }

		rats, wide := make([]*big.Rat, len(weights)), make([]*big.Int, len(weights))
		decimals := make([]decimal.Decimal, len(weights))
		scale := rapid.SampledFrom([]string{"1", "10000000000000000000000000000000000000000", "7"}).Draw(t, "scale")
		factor, _ := new(big.Int).SetString(scale, 10)
		for i, w := range weights {
			wide[i] = new(big.Int).Mul(big.NewInt(w), factor)
			rats[i] = new(big.Rat).SetInt(wide[i])
			decimals[i] = decimal.NewFromBigInt(wide[i], -3)
		}
		parts := make([]int64, len(weights))
		err := money.AllocateInt64(parts, total, weights, before)
		if slices.Max(append(weights, 0)) == 0 && total != 0 {
			require.ErrorIs(t, err, money.ErrZeroWeights)
			return
		}
		require.NoError(t, err)
		require.Equal(t, reference(total, rats, ids), parts)
		require.Zero(t, sumInt64(parts).Cmp(big.NewInt(total)), "parts sum to the total")

		other := make([]int64, len(weights))
		require.NoError(t, money.AllocateBig(other, total, wide, before))
		require.Equal(t, parts, other, "big")
		require.NoError(t, money.AllocateDecimals(other, total, decimals, before))
		require.Equal(t, parts, other, "decimals")

		order := rapid.Permutation(indexes(len(weights))).Draw(t, "order")
		shuffled := make([]int64, len(weights))
		for n, i := range order {
			shuffled[n] = weights[i]
		}
		require.NoError(t, money.AllocateInt64(other, total, shuffled, func(i, j int) bool { return before(order[i], order[j]) }))
		for n, i := range order {
			require.Equal(t, parts[i], other[n], "order does not matter")
		}
	})
}

func indexes(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

// Decimals of unequal exponents are compared exactly, not after rounding.
func TestAllocate_mixedDecimals(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "n")
		members, rats, ids := make([]money.Share, n), make([]*big.Rat, n), distinctIDs(t, n)
		for i := range members {
			w := decimal.New(rapid.Int64Range(0, 1e15).Draw(t, "coefficient"), rapid.Int32Range(-40, 12).Draw(t, "exponent"))
			if rapid.Bool().Draw(t, "long") {
				w = w.Mul(decimal.RequireFromString("1.0000000000000000000000001"))
			}
			members[i], rats[i] = money.Share{ID: ids[i], Weight: w}, w.Rat()
		}
		total, err := money.FromCents(rapid.Int64Range(-money.MaxCents, money.MaxCents).Draw(t, "total"))
		require.NoError(t, err)
		got, err := money.Allocate(total, members)
		if err != nil {
			require.ErrorIs(t, err, money.ErrZeroWeights)
			return
		}
		for i, c := range reference(total.Cents(), rats, ids) {
			require.Equal(t, c, got[i].Cents())
		}
	})
}

// Large cap tables take the histogram and the selection; equal weights leave
// everything to the ids.
func TestAllocate_large(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(5, 6))
	for _, kinds := range [][]int64{{1}, {25_000, 50_000, 100_000}, {0, 3, 7, 11}, {1, math.MaxInt64 / 4000}, nil} {
		for _, total := range []int64{1, 777, 54_178_772, -54_178_773, math.MaxInt64} {
			const n = 1000
			weights, rats, ids := make([]int64, n), make([]*big.Rat, n), make([]string, n)
			for i := range weights {
				weights[i] = rnd.Int64N(1 << 50)
				if kinds != nil {
					weights[i] = kinds[rnd.IntN(len(kinds))]
				}
				rats[i] = new(big.Rat).SetInt64(weights[i])
				ids[i] = fmt.Sprintf("%08x-%d", rnd.Uint32(), i)
			}
			want, parts := reference(total, rats, ids), make([]int64, n)
			require.NoError(t, money.AllocateInt64(parts, total, weights, func(i, j int) bool { return ids[i] < ids[j] }))
			require.Equal(t, want, parts, "%v %d", kinds, total)

			slices.Sort(ids) // the members now stand in the order of their ids
			require.NoError(t, money.AllocateInt64(parts, total, weights, nil))
			require.Equal(t, reference(total, rats, ids), parts, "nil before, %v %d", kinds, total)
		}
	}
}

func TestAllocate_errors(t *testing.T) {
	t.Parallel()
	ten := money.MustParse("10.00")
	share := func(weights ...string) (m []money.Share) {
		for i, w := range weights {
			m = append(m, money.Share{ID: fmt.Sprint(i), Weight: decimal.RequireFromString(w)})
		}
		return m
	}
	for _, c := range []struct {
		name    string
		members []money.Share
		want    *fault.Error
		field   string
	}{
		{"negative", share("1", "-0.01"), money.ErrNegativeWeight, "weights[1]"},
		{"all zero", share("0", "0.00"), money.ErrZeroWeights, ""},
		{"nobody", nil, money.ErrZeroWeights, ""},
		{"hostile large exponent", append(share("1"), money.Share{Weight: decimal.New(1, 2_000_000_000)}), money.ErrWeightRange, "weights[1]"},
		{"hostile exponents alike", []money.Share{{Weight: decimal.New(1, 2_000_000_000)}, {Weight: decimal.New(1, 2_000_000_000)}}, money.ErrWeightRange, "weights[0]"},
		{"hostile small exponent", append([]money.Share{{Weight: decimal.New(1, -2_000_000_000)}}, share("1")...), money.ErrWeightRange, "weights[0]"},
	} {
		_, err := money.Allocate(ten, c.members)
		require.ErrorIs(t, err, c.want, c.name)
		require.ErrorIs(t, err, fault.Invalid, c.name)
		var e *fault.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, c.field, e.Field, c.name)
	}

	parts := []int64{7, 7}
	require.ErrorIs(t, money.AllocateInt64(parts, 1, []int64{1, -1}, nil), money.ErrNegativeWeight)
	require.ErrorIs(t, money.AllocateInt64(parts, 1, []int64{0, 0}, nil), money.ErrZeroWeights)
	require.ErrorIs(t, money.AllocateInt64(parts, 1, []int64{1}, nil), money.ErrAllocationLength)
	require.ErrorIs(t, money.AllocateBig(parts, 1, []*big.Int{big.NewInt(-1), nil}, nil), money.ErrNegativeWeight)
	require.ErrorIs(t, money.AllocateBig(parts, 1, []*big.Int{nil, new(big.Int)}, nil), money.ErrZeroWeights)
	require.ErrorIs(t, money.AllocateBig(parts, 1, nil, nil), money.ErrAllocationLength)
	require.ErrorIs(t, money.AllocateDecimals(parts, 1, nil, nil), money.ErrAllocationLength)
	require.Equal(t, []int64{7, 7}, parts, "an error leaves parts alone")

	got, err := money.Allocate(money.Zero, share("0", "0"))
	require.NoError(t, err)
	require.Equal(t, make([]money.Amount, 2), got)
	got, err = money.Allocate(ten, []money.Share{{}, {ID: "b", Weight: decimal.New(0, -2_000_000_000)}, {ID: "c", Weight: decimal.NewFromInt(3)}})
	require.NoError(t, err)
	require.Equal(t, []money.Amount{{}, {}, ten}, got, "members without weight get nothing")
	for _, exponent := range []int32{-30, -2, 0, 18, 19, 300} {
		got, err = money.Allocate(ten, []money.Share{{ID: "a", Weight: decimal.New(3, exponent)}, {ID: "b", Weight: decimal.New(1, exponent)}})
		require.NoError(t, err)
		require.Equal(t, []money.Amount{money.MustParse("7.50"), money.MustParse("2.50")}, got, "only proportions matter")
	}
}

// archipel-des-libertes.fr, note on largest remainders: 500, 300, 110 and 20
// votes for 4 seats give 2, 1, 1 and 0.
func TestAllocate_publishedSeats(t *testing.T) {
	t.Parallel()
	seats := make([]int64, 4)
	require.NoError(t, money.AllocateInt64(seats, 4, []int64{500, 300, 110, 20}, nil))
	require.Equal(t, []int64{2, 1, 1, 0}, seats)
}

// A reused Allocator allocates nothing, whatever the number of members. (Not
// parallel: allocations are counted for the whole process.)
func TestAllocator_allocates(t *testing.T) {
	weights, parts, wide := make([]int64, 5000), make([]int64, 5000), make([]*big.Int, 5000)
	for i := range weights {
		weights[i] = int64(1 + i%17)
		wide[i] = new(big.Int).Lsh(big.NewInt(weights[i]), 130)
	}
	var a money.Allocator
	require.Zero(t, testing.AllocsPerRun(20, func() { _ = a.Int64(parts, 1_000_003, weights, nil) }))
	require.LessOrEqual(t, testing.AllocsPerRun(20, func() { _ = a.Big(parts, 1_000_003, wide, nil) }), 4.0)
}

func TestTopUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfN(rapid.IntRange(0, 50), 0, 700).Draw(t, "keys")
		k := rapid.IntRange(-1, len(keys)+2).Draw(t, "k")
		before := func(i, j int) bool { return keys[i] > keys[j] || keys[i] == keys[j] && i < j }
		want, order := make([]int64, len(keys)), indexes(len(keys))
		slices.SortStableFunc(order, func(i, j int) int { return keys[j] - keys[i] })
		for n, i := range order {
			if n < k {
				want[i]++
			}
		}
		got := make([]int64, len(keys))
		money.TopUp(got, k, before)
		require.Equal(t, want, got)
	})
}

func FuzzAllocateInt64(f *testing.F) {
	f.Add(int64(100), []byte{1, 2, 3, 0, 255})
	f.Add(int64(math.MinInt64), []byte{255, 255, 255, 1})
	f.Fuzz(func(t *testing.T, total int64, seed []byte) {
		if len(seed) > 200 {
			return
		}
		weights, rats, ids := make([]int64, len(seed)), make([]*big.Rat, len(seed)), make([]string, len(seed))
		positive := false
		for i, b := range seed { // three bits of value, five of magnitude
			weights[i] = int64(b>>5) << min(int(b&31)*2, 60)
			rats[i] = new(big.Rat).SetInt64(weights[i])
			ids[i] = fmt.Sprintf("%02x%d", b, i)
			positive = positive || weights[i] > 0
		}
		parts := make([]int64, len(seed))
		err := money.AllocateInt64(parts, total, weights, func(i, j int) bool { return ids[i] < ids[j] })
		if !positive && total != 0 {
			require.ErrorIs(t, err, money.ErrZeroWeights)
			return
		}
		require.NoError(t, err)
		require.Equal(t, reference(total, rats, ids), parts)
	})
}

func ExampleAllocate() {
	parts, err := money.Allocate(money.MustParse("100.00"), []money.Share{
		{ID: "ana", Weight: decimal.NewFromInt(1)},
		{ID: "ben", Weight: decimal.NewFromInt(1)},
		{ID: "cleo", Weight: decimal.NewFromInt(1)},
	})
	fmt.Println(parts, err)
	// Output: [33.34 33.33 33.33] <nil>
}

func ExampleAllocator_Int64() {
	var a money.Allocator // keep it: later calls reuse its space
	units := []int64{60, 30, 10}
	parts := make([]int64, len(units))
	err := a.Int64(parts, -12_345, units, nil) // the members stand in the order of their ids
	fmt.Println(parts, err)
	// Output: [-7407 -3704 -1234] <nil>
}
