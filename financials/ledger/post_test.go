package ledger_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/pgtest"
	st "github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

type fixture struct {
	svc   *ledger.Service
	book  *ledger.Book
	chart map[string]ledger.Account
}

func open(t *testing.T, db bun.IDB) fixture {
	t.Helper()
	svc := ledger.NewService(ledger.Config{Now: ticking()})
	book, err := svc.OpenBook(t.Context(), db, ledger.OpenBookParams{Code: "fund-" + id.New[ledger.Book]().String(), Name: "Fund I", Accounts: []ledger.AccountParams{
		{Code: "1000", Name: "Cash", Type: ledger.Asset},
		{Code: "3000", Name: "Investor capital", Type: ledger.Equity, Subledgered: true},
		{Code: "3100", Name: "Distributions", Type: ledger.Equity, Subledgered: true},
	}})
	require.NoError(t, err)
	chart, err := svc.Chart(t.Context(), db, book.ID)
	require.NoError(t, err)
	require.Len(t, chart, 3)
	return fixture{svc, book, chart}
}

// ticking is a clock that goes on by a second per reading, for any number of
// goroutines.
func ticking() func() time.Time {
	var ticks atomic.Int64
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return func() time.Time { return start.Add(time.Duration(ticks.Add(1)) * time.Second) }
}

func (f fixture) contribution(sub id.Of[ledger.Subledger], amount, day string) ledger.PostParams {
	return ledger.PostParams{Actor: "clerk", ID: id.New[ledger.Journal](), BookID: f.book.ID, EffectiveDate: date.MustParse(day), Description: "contribution",
		Entries: []ledger.Entry{{Debit: f.chart["1000"].ID, Credit: f.chart["3000"].ID, Amount: money.MustParse(amount), Subledger: sub}}}
}

func (f fixture) balance(t *testing.T, db bun.IDB, code string) string {
	t.Helper()
	b, err := f.svc.Balance(t.Context(), db, f.chart[code].ID)
	require.NoError(t, err)
	return b.Balance.String()
}

func TestPost(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	f := open(t, tx)
	a, b := id.New[ledger.Subledger](), id.New[ledger.Subledger]()
	j1, err := f.svc.Post(ctx, tx, f.contribution(a, "1000.10", "2026-01-05"))
	require.NoError(t, err)
	_, err = f.svc.PostBatch(ctx, tx, ledger.PostBatchParams{Journals: []ledger.PostParams{f.contribution(b, "500", "2026-02-01"), f.contribution(a, "0.90", "2026-02-02")}})
	require.NoError(t, err)

	require.Equal(t, "1501.00", f.balance(t, tx, "1000"))
	require.Equal(t, "1501.00", f.balance(t, tx, "3000"))
	sub, err := f.svc.SubledgerTotals(ctx, tx, f.chart["3000"].ID, a)
	require.NoError(t, err)
	require.Equal(t, "1001.00", sub.Balance.String())

	rev, err := f.svc.Reverse(ctx, tx, ledger.ReverseParams{Actor: "clerk", JournalID: j1.ID, EffectiveDate: date.MustParse("2026-02-10"), Description: "returned by the bank"})
	require.NoError(t, err)
	require.Equal(t, j1.ID, *rev.ReversesID)
	require.Equal(t, "500.90", f.balance(t, tx, "3000"))
	require.ErrorIs(t, store(ctx, tx, func(tx bun.IDB) error {
		_, err := f.svc.Reverse(ctx, tx, ledger.ReverseParams{Actor: "clerk", JournalID: j1.ID, EffectiveDate: date.MustParse("2026-02-11")})
		return err
	}), ledger.ErrReversed)

	trial, err := f.svc.TrialBalance(ctx, tx, ledger.TrialBalanceParams{BookID: f.book.ID, Day: date.MustParse("2026-02-01")})
	require.NoError(t, err)
	debits, credits := money.Zero, money.Zero
	for _, row := range trial {
		debits, _ = debits.Add(row.Debits)
		credits, _ = credits.Add(row.Credits)
	}
	require.Equal(t, debits, credits)
	require.Equal(t, "1500.10", trial[0].Balance.String())

	// What the books said of 28 February before the reversal was recorded.
	then, err := f.svc.BalanceAsOf(ctx, tx, ledger.BalanceAsOfParams{AccountID: f.chart["3000"].ID, Day: date.MustParse("2026-02-28"), Known: rev.RecordedAt.Add(-time.Millisecond)})
	require.NoError(t, err)
	require.Equal(t, "1501.00", then.Balance.String())
	now, err := f.svc.BalanceAsOf(ctx, tx, ledger.BalanceAsOfParams{AccountID: f.chart["3000"].ID, Day: date.MustParse("2026-02-28"), Known: rev.RecordedAt})
	require.NoError(t, err)
	require.Equal(t, "500.90", now.Balance.String())
}

func TestPost_refuses(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	f := open(t, tx)
	bad := ledger.PostParams{Actor: "clerk", Entries: []ledger.Entry{{Debit: f.chart["1000"].ID, Credit: f.chart["1000"].ID, Amount: money.MustParse("-1")}}, SourceType: "x"}
	_, err := f.svc.Post(ctx, tx, bad)
	require.GreaterOrEqual(t, len(fault.FieldErrors(err)), 5)
	require.ErrorIs(t, err, ledger.ErrSameAccount)
	require.ErrorIs(t, err, ledger.ErrSource)

	try := func(p ledger.PostParams) error {
		return store(ctx, tx, func(tx bun.IDB) error { _, err := f.svc.Post(ctx, tx, p); return err })
	}
	p := f.contribution(id.New[ledger.Subledger](), "5", "2026-01-01")
	p.IdempotencyKey = "once"
	require.NoError(t, try(p))
	p.EffectiveDate = date.MustParse("2026-01-02")
	require.ErrorIs(t, try(p), st.ErrKeyReused)
	other := open(t, tx)
	p = f.contribution(id.New[ledger.Subledger](), "5", "2026-01-01")
	p.Entries[0].Debit = other.chart["1000"].ID
	require.ErrorIs(t, try(p), ledger.ErrForeignAccount)
	require.Equal(t, "5.00", f.balance(t, tx, "1000"), "refused posts leave nothing")

	_, err = tx.NewRaw("UPDATE financials.books SET closed_through = '2026-01-31' WHERE id = ?", f.book.ID).Exec(ctx)
	require.NoError(t, err)
	require.ErrorIs(t, try(f.contribution(id.New[ledger.Subledger](), "5", "2026-01-31")), ledger.ErrPeriodClosed)
	adj := f.contribution(id.New[ledger.Subledger](), "5", "2026-01-31")
	adj.Adjusting = true
	require.NoError(t, try(adj))
	for _, q := range []string{"UPDATE financials.postings SET amount = 1", "DELETE FROM financials.journals", "TRUNCATE financials.postings"} {
		require.Error(t, store(ctx, tx, func(tx bun.IDB) error { _, err := tx.ExecContext(ctx, q); return err }), q)
	}
}

// Balances equal the postings whatever runs at once, and nobody deadlocks.
func TestPost_concurrent(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	f := open(t, db)
	subs := []id.Of[ledger.Subledger]{id.New[ledger.Subledger](), id.New[ledger.Subledger](), id.New[ledger.Subledger]()}
	var wg sync.WaitGroup
	for c := range 8 {
		wg.Go(func() {
			for i := range 20 {
				in := f.contribution(subs[(c+i)%3], "3", "2026-01-05")
				out := f.contribution(subs[(c+2*i)%3], "1", "2026-01-06")
				out.Entries[0].Debit, out.Entries[0].Credit = f.chart["3100"].ID, f.chart["1000"].ID
				if i%2 == 0 {
					in, out = out, in
				}
				if _, err := f.svc.PostBatch(ctx, db, ledger.PostBatchParams{Journals: []ledger.PostParams{in, out}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	require.Equal(t, "320.00", f.balance(t, db, "1000"))
	require.Equal(t, "480.00", f.balance(t, db, "3000"))
	require.Equal(t, "-160.00", f.balance(t, db, "3100"))
	total := money.Zero
	for _, s := range subs {
		b, err := f.svc.SubledgerTotals(ctx, db, f.chart["3000"].ID, s)
		require.NoError(t, err)
		total, err = total.Add(b.Balance)
		require.NoError(t, err)
	}
	require.Equal(t, "480.00", total.String())
}

func TestPost_cancelled(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	f := open(t, tx)
	gone, cancel := context.WithCancel(ctx)
	cancel()
	_, err := f.svc.Post(gone, tx, f.contribution(id.New[ledger.Subledger](), "5", "2026-01-01"))
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, "0.00", f.balance(t, tx, "1000"))
}
