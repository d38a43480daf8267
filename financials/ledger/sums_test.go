package ledger_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// Thousands of lines take another road than a few. Both come to the balances of
// their postings: with and without subledgers, on accounts that keep them and on
// those that do not, the first time and again.
func TestPost_manyLines(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	f, random := open(t, tx), rand.New(rand.NewPCG(5, 11))
	subs := make([]id.Of[ledger.Subledger], 700)
	for i := range subs {
		subs[i] = id.New[ledger.Subledger]()
	}
	accounts := []id.Of[ledger.Account]{f.chart["1000"].ID, f.chart["3000"].ID, f.chart["3100"].ID}
	want := map[[2]string]money.Amount{} // credits less debits
	for _, n := range []int{4500, 30, 5200} {
		p := ledger.PostParams{BookID: f.book.ID, EffectiveDate: date.MustParse("2026-01-05"), Description: "many"}
		for range n {
			from := random.IntN(3)
			e := ledger.Entry{Debit: accounts[from], Credit: accounts[(from+1+random.IntN(2))%3]}
			e.Amount, _ = money.FromCents(1 + random.Int64N(100_000))
			if random.IntN(5) > 0 {
				e.Subledger = subs[random.IntN(len(subs))]
			}
			p.Entries = append(p.Entries, e)
			for account, amount := range map[id.Of[ledger.Account]]money.Amount{e.Debit: e.Amount.Neg(), e.Credit: e.Amount} {
				key := [2]string{account.String(), e.Subledger.String()}
				want[key], _ = want[key].Add(amount)
			}
		}
		_, err := f.svc.Post(ctx, tx, p)
		require.NoError(t, err)
	}
	r, err := f.svc.Verify(ctx, tx, f.book.ID)
	require.NoError(t, err)
	require.Empty(t, r.Findings)
	for _, sub := range subs[:50] {
		for _, code := range []string{"3000", "3100"} {
			got, err := f.svc.SubledgerTotals(ctx, tx, f.chart[code].ID, sub)
			require.NoError(t, err)
			require.Equal(t, want[[2]string{f.chart[code].ID.String(), sub.String()}], got.Balance)
		}
	}
}
