package ledger_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/date"
)

// Each verb is cancelled at every point where anything looks at its context,
// inside a transaction that its caller then commits: nothing of it is there.
func TestVerbs_cancelledAnywhere(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	f := open(t, db)
	posted, err := f.svc.Post(ctx, db, f.full("base"))
	require.NoError(t, err)
	draft, err := f.svc.Draft(ctx, db, ledger.DraftParams{PostParams: f.full("draft")})
	require.NoError(t, err)
	spare, err := f.svc.AddAccounts(ctx, db, ledger.AddAccountsParams{BookID: f.book.ID, Accounts: []ledger.AccountParams{{Code: "9999", Name: "Spare", Type: ledger.Asset}}})
	require.NoError(t, err)
	day := date.MustParse("2026-01-20")
	verbs := map[string]func(context.Context, bun.IDB) error{
		"post":       func(ctx context.Context, db bun.IDB) error { _, err := f.svc.Post(ctx, db, f.full("x")); return err },
		"post again": func(ctx context.Context, db bun.IDB) error { _, err := f.svc.Post(ctx, db, f.full("x")); return err },
		"reverse": func(ctx context.Context, db bun.IDB) error {
			_, err := f.svc.Reverse(ctx, db, ledger.ReverseParams{Actor: "clerk", JournalID: posted.ID, EffectiveDate: day})
			return err
		},
		"draft": func(ctx context.Context, db bun.IDB) error {
			_, err := f.svc.Draft(ctx, db, ledger.DraftParams{PostParams: f.full("y")})
			return err
		},
		"postpending": func(ctx context.Context, db bun.IDB) error {
			_, err := f.svc.PostPending(ctx, db, ledger.PostPendingParams{PendingJournalID: draft.ID, Actor: "controller"})
			return err
		},
		"void": func(ctx context.Context, db bun.IDB) error {
			_, err := f.svc.VoidPending(ctx, db, ledger.VoidPendingParams{PendingJournalID: draft.ID, Reason: "r"})
			return err
		},
		"account": func(ctx context.Context, db bun.IDB) error {
			_, err := f.svc.CloseAccount(ctx, db, spare[0].ID)
			return err
		},
		"seal": func(ctx context.Context, db bun.IDB) error {
			_, err := f.svc.Seal(ctx, db, ledger.SealParams{BookID: f.book.ID})
			return err
		},
		"close": func(ctx context.Context, db bun.IDB) error {
			_, err := f.svc.ClosePeriod(ctx, db, ledger.ClosePeriodParams{BookID: f.book.ID, Through: day})
			return err
		},
	}
	before := state(t, db, f)
	for name, verb := range verbs {
		for n := 1; ; n++ {
			require.Less(t, n, 400, name)
			tx, err := db.BeginTx(context.WithoutCancel(ctx), nil)
			require.NoError(t, err)
			if err = verb(&countdown{Context: ctx, left: n, done: make(chan struct{})}, tx); err == nil {
				require.NoError(t, tx.Rollback())
				require.Greater(t, n, 2, name)
				break
			}
			_ = tx.Commit() // fails where the driver has hung up, which rolls back
			require.Equal(t, before, state(t, db, f), "%s cancelled at %d", name, n)
		}
	}
	require.True(t, verify(t, f, db).OK())
}

// countdown is a context that ends when it is looked at for the n-th time.
type countdown struct {
	context.Context
	mu   sync.Mutex
	left int
	done chan struct{}
}

func (c *countdown) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left--; c.left == 0 {
		close(c.done)
	}
	return c.done
}

func (c *countdown) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left <= 0 {
		return context.Canceled
	}
	return nil
}

// state is all that the verbs write.
func state(t *testing.T, db bun.IDB, f fixture) string {
	t.Helper()
	var s string
	require.NoError(t, db.NewRaw(`SELECT concat_ws(' ', (SELECT count(*) FROM financials.journals WHERE book_id = ?0), (SELECT count(*) FROM financials.postings WHERE book_id = ?0),
		(SELECT sum(debits) FROM financials.account_balances WHERE book_id = ?0),
		(SELECT sum(debits) FROM financials.subledger_balances WHERE book_id = ?0),
		(SELECT string_agg(status, ',' ORDER BY id) FROM financials.pending_journals WHERE book_id = ?0), (SELECT count(*) FROM financials.pending_postings WHERE book_id = ?0),
		(SELECT string_agg(status, ',' ORDER BY id) FROM financials.accounts WHERE book_id = ?0),
		(SELECT closed_through FROM financials.books WHERE id = ?0), (SELECT count(*) FROM financials.periods WHERE book_id = ?0),
		(SELECT count(*) FROM freehold.sealed_journals WHERE book_id = ?0), (SELECT count(*) FROM freehold.ledger_seals WHERE book_id = ?0))`, f.book.ID).Scan(t.Context(), &s))
	return s
}
