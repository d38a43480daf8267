package ledger_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

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
		p := ledger.PostParams{Actor: "clerk", ID: id.New[ledger.Journal](), BookID: f.book.ID, EffectiveDate: date.MustParse("2026-01-05"), Description: "many"}
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

// A balance that somebody begins while many others are begun on the same account
// is there afterwards, and so are those.
func TestPost_manyLinesWhileAnotherBegins(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	for name, road := range map[string]func(func(bun.IDB) error) error{
		"own": func(post func(bun.IDB) error) error { return post(db) },
		"lent": func(post func(bun.IDB) error) error {
			return db.RunInTx(ctx, nil, func(_ context.Context, tx bun.Tx) error { return post(tx) })
		},
	} {
		f, shared := open(t, db), id.New[ledger.Subledger]()
		many := ledger.PostParams{Actor: "clerk", ID: id.New[ledger.Journal](), BookID: f.book.ID, EffectiveDate: date.MustParse("2026-01-05"), Description: "many"}
		for i := range 5000 {
			one := f.contribution(id.New[ledger.Subledger](), "2.00", "2026-01-05").Entries[0]
			if i == 2500 {
				one.Subledger = shared
			}
			many.Entries = append(many.Entries, one)
		}
		posted := make(chan error, 1)
		require.NoError(t, db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			if _, err := f.svc.Post(ctx, tx, f.contribution(shared, "1.00", "2026-01-05")); err != nil {
				return err
			}
			go func() {
				posted <- road(func(db bun.IDB) error { _, err := f.svc.Post(ctx, db, many); return err })
			}()
			eventually(t, func() bool {
				var waiting int
				err := db.NewRaw(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(ctx, &waiting)
				return err == nil && waiting > 0
			})
			return nil
		}), name)
		require.NoError(t, <-posted, name)
		totals, err := f.svc.SubledgerTotals(ctx, db, f.chart["3000"].ID, shared)
		require.NoError(t, err)
		require.Equal(t, "3.00", totals.Balance.String(), name)
		r, err := f.svc.Verify(ctx, db, f.book.ID)
		require.NoError(t, err)
		require.Empty(t, r.Findings, name)
	}
}
