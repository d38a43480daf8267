package history_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/investments/history"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

var first = date.Must(2021, 1, 1)

func anyAmount(t *rapid.T, most int64) money.Amount {
	a, err := money.FromCents(rapid.Int64Range(1, most).Draw(t, "cents"))
	require.NoError(t, err)
	return a
}

// anyReceipts are receipts and refunds of two commitments; each refund is of no
// more than what was there on its day.
func anyReceipts(t *rapid.T) (ms []history.Movement) {
	price := rapid.Bool().Draw(t, "priced")
	for range rapid.IntRange(1, 8).Draw(t, "receipts") {
		m := received(who(rapid.ByteRange(1, 2).Draw(t, "who")), "2021-01-01", "1")
		m.Amount, m.Date = anyAmount(t, 10_000), first.AddDays(rapid.IntRange(0, 60).Draw(t, "day"))
		if price {
			m.Units = ptr(m.Amount.Decimal().Div(decimal.NewFromInt(7)).Truncate(6))
		}
		ms = append(ms, m)
	}
	for range rapid.IntRange(0, 4).Draw(t, "refunds") {
		m := refunded(who(rapid.ByteRange(1, 2).Draw(t, "who")), "2021-01-01", "1")
		m.Date, m.Amount = first.AddDays(rapid.IntRange(0, 90).Draw(t, "day")), anyAmount(t, 5_000)
		if _, err := history.Net(append(ms, m)); err == nil {
			ms = append(ms, m)
		}
	}
	return ms
}

func ptr[T any](v T) *T { return &v }

// However refunds and receipts lie, what is held in the end is what came less
// what went, no day has more than had come by then, and the order in which they
// were recorded changes nothing but which of a day's receipts is undone.
func TestNet_keepsTheSum(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ms := anyReceipts(t)
		sum, err := history.Sum(ms, nil)
		require.NoError(t, err)
		shuffled := rapid.Permutation(ms).Draw(t, "recorded")
		for d := range 92 {
			on := first.AddDays(d)
			held, err := history.Holdings(ms, on)
			require.NoError(t, err)
			again, err := history.Holdings(shuffled, on)
			require.NoError(t, err)
			require.Len(t, again, len(held))
			total := money.Zero
			for i, h := range held {
				require.Equal(t, h.Contributed, again[i].Contributed)
				total, err = total.Add(h.Contributed)
				require.NoError(t, err)
				came, err := history.Sum(ms, func(m *history.Movement) bool {
					return m.Position == h.Position && m.Kind == history.Contribution && !m.Date.After(on)
				})
				require.NoError(t, err)
				require.LessOrEqual(t, h.Contributed.Cents(), came.Contributed.Cents())
			}
			if d == 91 {
				require.Equal(t, sum.Contributed, total)
			}
		}
	})
}

// anyHistory is positions with receipts, distributions and what was allocated, and
// transfers between them, carried out when everything before was recorded.
func anyHistory(t *rapid.T) (ms []history.Movement, moves []history.Move) {
	on := first
	ms = append(ms, received(who(1), "2021-01-01", "100000"), received(who(2), "2021-01-01", "50000.01"))
	for range rapid.IntRange(1, 12).Draw(t, "steps") {
		on = on.AddDays(rapid.IntRange(0, 40).Draw(t, "later"))
		p := who(rapid.ByteRange(1, 4).Draw(t, "who"))
		switch rapid.IntRange(0, 3).Draw(t, "what") {
		case 0:
			m := received(p, on.String(), "1")
			m.Amount = anyAmount(t, 1_000_000)
			ms = append(ms, m)
		case 1:
			e, err := history.Sum(ms, func(m *history.Movement) bool { return m.Position == p })
			require.NoError(t, err)
			m := declared(p, on.String(), "1", "0")
			m.Amount = anyAmount(t, 1_000_000)
			m.Capital = money.Min(m.Amount, money.Max(e.Unreturned, money.Zero))
			if m.Record = on.AddDays(-rapid.IntRange(0, 3).Draw(t, "record")); len(moves) > 0 && m.Record.Before(moves[len(moves)-1].Day) {
				m.Record = on // it would go before what is carried out already
			}
			ms = append(ms, m)
		case 2:
			m := allocated(p, rapid.SampledFrom([]history.Kind{history.Income, history.Fee, history.Unrealized}).Draw(t, "kind"), on.String(), "1")
			m.Amount = anyAmount(t, 1_000_000)
			ms = append(ms, m)
		case 3:
			to := who(rapid.ByteRange(1, 4).Draw(t, "to"))
			if to == p {
				continue
			}
			on = on.AddDays(4) // behind everything
			mv := move(byte(len(moves)+1), p, to, on.String(), rapid.SampledFrom([]string{"1", "0.5", "0.3333333333"}).Draw(t, "fraction"))
			moves = append(moves, mv)
			ms = moved(t, ms, mv)
		}
	}
	return ms, moves
}

// Transfers move and make nothing: over all positions everything is what it would
// be without them. What was carried out in order needs no correction.
func TestCarry_conserves(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ms, moves := anyHistory(t)
		all, err := history.Sum(ms, nil)
		require.NoError(t, err)
		rest, err := history.Sum(ms, func(m *history.Movement) bool { return !m.Kind.Transfers() })
		require.NoError(t, err)
		require.Equal(t, rest, all)
		corrections, err := history.Restate(ms, moves)
		require.NoError(t, err)
		require.Empty(t, corrections)
	})
}

// Undoing anything behind transfers, and carrying through what that changes, comes
// to the same as if it had never been.
func TestRestate_asIfNeverBeen(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ms, moves := anyHistory(t)
		var able []int
		for i := range ms {
			if k := ms[i].Kind; k == history.Distribution || k == history.Income || k == history.Fee {
				able = append(able, i)
			}
		}
		if len(able) == 0 {
			return
		}
		gone := rapid.SampledFrom(able).Draw(t, "gone")
		undone := append(ms, ms[gone].Reversal(first.AddDays(1000)))
		corrections, err := history.Restate(undone, moves)
		require.NoError(t, err)
		for i := range corrections {
			from, to := corrections[i].Movements()
			undone = append(undone, from, to)
		}
		never := append(append([]history.Movement{}, ms[:gone]...), ms[gone+1:]...)
		again, err := history.Restate(never, moves)
		require.NoError(t, err)
		for i := range again {
			from, to := again[i].Movements()
			never = append(never, from, to)
		}
		for p := byte(1); p <= 4; p++ {
			own := func(m *history.Movement) bool { return m.Position == who(p) }
			is, err := history.Sum(undone, own)
			require.NoError(t, err)
			want, err := history.Sum(never, own)
			require.NoError(t, err)
			require.Equal(t, want, is)
		}
	})
}

// However a life is cut into periods, each opens with the closing of the one
// before, and the last closes with the sum of all.
func TestRollForward_chains(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ms, _ := anyHistory(t)
		p := who(rapid.ByteRange(1, 4).Draw(t, "who"))
		own := of(ms, p)
		closing, waits := money.Zero, money.Zero
		from := date.Date{}
		to := first.AddDays(-1)
		for to.Before(first.AddDays(700)) {
			to = to.AddDays(rapid.IntRange(1, 90).Draw(t, "days"))
			a, err := history.RollForward(own, from, to)
			require.NoError(t, err)
			require.Equal(t, closing, a.Opening)
			require.Equal(t, waits, a.OpeningNotPaid)
			closing, waits, from = a.Closing, a.DeclaredNotPaid, to.AddDays(1)
		}
		e, err := history.Sum(own, nil)
		require.NoError(t, err)
		require.Equal(t, e.Account, closing)
	})
}

// Deltas and what stays owed are the whole, kind by kind; nobody gives more than
// his share, and what some give is what others get.
func TestSettle_sums(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var list []history.Owed
		left := money.Zero
		n := rapid.IntRange(2, 5).Draw(t, "payees")
		for i := range n {
			o := history.Owed{Payee: string(rune('a' + i))}
			for _, kind := range []string{"pref", "return_of_capital", "split"} {
				x, err := money.FromCents(rapid.Int64Range(-500, 500).Draw(t, kind))
				require.NoError(t, err)
				require.NoError(t, o.Add(history.Part{Kind: kind, Sale: rapid.Bool().Draw(t, "sale"), Amount: x}))
			}
			total, err := o.Total()
			require.NoError(t, err)
			if i == n-1 {
				require.NoError(t, o.Add(history.Part{Kind: "split", Amount: left.Neg()}))
				require.NoError(t, o.Add(history.Part{Kind: "split", Amount: total.Neg()}))
			} else if left, err = left.Add(total); err != nil {
				t.Fatal(err)
			}
			list = append(list, o)
		}
		list = history.Trim(list)
		shares := map[string]money.Amount{}
		for i := range list {
			shares[list[i].Payee] = anyAmount(t, 600)
		}
		deltas, rest, err := history.Settle(list, func(payee string) money.Amount { return shares[payee] })
		require.NoError(t, err)
		type key struct {
			payee, kind string
			sale        bool
		}
		sum := map[key]money.Amount{}
		all := money.Zero
		for _, set := range [][]history.Owed{deltas, rest} {
			for _, o := range set {
				for _, p := range o.Parts {
					k := key{o.Payee, p.Kind, p.Sale}
					sum[k], err = sum[k].Add(p.Amount)
					require.NoError(t, err)
				}
			}
		}
		for _, o := range list {
			for _, p := range o.Parts {
				require.Equal(t, p.Amount, sum[key{o.Payee, p.Kind, p.Sale}])
				delete(sum, key{o.Payee, p.Kind, p.Sale})
			}
		}
		for _, a := range sum {
			require.True(t, a.IsZero())
		}
		for i := range deltas {
			total, err := deltas[i].Total()
			require.NoError(t, err)
			require.LessOrEqual(t, -total.Cents(), shares[deltas[i].Payee].Cents())
			all, err = all.Add(total)
			require.NoError(t, err)
		}
		require.True(t, all.IsZero())
	})
}
