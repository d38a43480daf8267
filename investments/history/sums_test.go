package history_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// someMovements are movements of a few positions, in no order, some of them undone.
func someMovements(r *rand.Rand, n int) []history.Movement {
	var out []history.Movement
	cents := func() money.Amount { a, _ := money.FromCents(r.Int64N(100_000_00)); return a }
	kinds := []history.Kind{history.Contribution, history.Distribution, history.Payment, history.Payment, history.TransferOut, history.TransferIn, history.Unrealized, history.Refund}
	for range n {
		m := history.Movement{ID: id.New[history.Movement](), Position: who(byte(1 + r.IntN(4))), Kind: kinds[r.IntN(len(kinds))], Date: date.MustParse("2021-01-01").AddDays(r.IntN(900)), Amount: cents(), Capital: cents()}
		m.CountsOn = m.Date.AddDays(-r.IntN(3))
		if m.Kind.Transfers() {
			m.Transfer, m.Consideration, m.Unrealized = transfer(byte(r.IntN(3))), cents(), cents()
		}
		out = append(out, m)
		if r.IntN(6) == 0 {
			out = append(out, m.Reversal(m.Date.AddDays(r.IntN(60))))
		}
	}
	return out
}

// In whatever order movements come, and as often as what was added up is kept and gone on
// from on later days, the figures are those of all of them at once, and so are the bytes.
func TestSums_goOn(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		ms := someMovements(r, r.IntN(60))
		asOf := date.MustParse("2021-01-01").AddDays(r.IntN(300))
		var step history.Sums
		for i := 0; i < len(ms) || i == 0; {
			for range r.IntN(10) {
				if i < len(ms) {
					require.NoError(t, step.Add(&ms[i], asOf))
					i++
				}
			}
			kept, err := step.AppendBinary(nil)
			require.NoError(t, err)
			var again history.Sums
			require.NoError(t, again.UnmarshalBinary(kept))
			asOf = asOf.AddDays(r.IntN(200))
			require.NoError(t, again.To(asOf))
			step = again
			want, err := history.FiguresOf(ms[:i], asOf, nil)
			require.NoError(t, err)
			got, err := step.Figures(asOf, nil)
			require.NoError(t, err)
			require.Equal(t, want, got, "seed %d", seed)
			if len(ms) == 0 {
				break
			}
		}
		var whole history.Sums
		r.Shuffle(len(ms), func(i, j int) { ms[i], ms[j] = ms[j], ms[i] })
		for i := range ms {
			require.NoError(t, whole.Add(&ms[i], asOf))
		}
		a, err := step.AppendBinary(nil)
		require.NoError(t, err)
		b, err := whole.AppendBinary(nil)
		require.NoError(t, err)
		require.Equal(t, b, a, "seed %d", seed)
	}
}

// What is no sums is said to be none, and leaves none; it never panics.
func TestSums_malformed(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 7))
	var s history.Sums
	for _, m := range someMovements(r, 30) {
		require.NoError(t, s.Add(&m, day("2022-01-01")))
	}
	good, err := s.AppendBinary(nil)
	require.NoError(t, err)
	nothing, err := new(history.Sums).AppendBinary(nil)
	require.NoError(t, err)
	for n := range good {
		require.ErrorIs(t, s.UnmarshalBinary(good[:n]), history.ErrSums, "%d bytes", n)
		left, err := s.AppendBinary(nil)
		require.NoError(t, err)
		require.Equal(t, nothing, left)
	}
	require.ErrorIs(t, s.UnmarshalBinary(append(good[:len(good):len(good)], 0)), history.ErrSums)
	for range 20_000 {
		bad := append([]byte{}, good...)
		bad[r.IntN(len(bad))] = byte(r.Uint32())
		if err := s.UnmarshalBinary(bad); err != nil {
			require.ErrorIs(t, err, history.ErrSums)
		}
	}
}
