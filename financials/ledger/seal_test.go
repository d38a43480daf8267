package ledger_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// A journal in flight is left out and neither waits for sealing nor is waited
// for; what was committed after it began follows when it is over, in the order
// of transactions.
func TestSeal_neverPastTheOldestInFlight(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Quiet(t)
	f := open(t, db)
	before, err := f.svc.Post(ctx, db, f.contribution(id.New[ledger.Subledger](), "1", "2026-01-05"))
	require.NoError(t, err)
	require.Equal(t, before.ID, seal(t, f, db, 0).LastJournalID)

	var slow *ledger.Journal
	require.NoError(t, store(ctx, db, func(tx bun.IDB) (err error) {
		slow, err = f.svc.Post(ctx, tx, f.contribution(id.New[ledger.Subledger](), "2", "2026-01-05"))
		require.NoError(t, err)
		for range 3 {
			_, err := f.svc.Post(ctx, db, f.contribution(id.New[ledger.Subledger](), "3", "2026-01-05"))
			require.NoError(t, err)
		}
		s, err := f.svc.Seal(ctx, db, ledger.SealParams{BookID: f.book.ID})
		require.NoError(t, err)
		require.Nil(t, s, "all of it is later than the one in flight")
		require.EqualValues(t, 3, verify(t, f, db).Unsealed)
		return nil
	}))
	// Journals whose number is given before another one's are sealed before.
	s := seal(t, f, db, 2)
	require.Equal(t, slow.ID, s.FirstJournalID)
	eventually(t, func() bool {
		_, err := f.svc.Seal(ctx, db, ledger.SealParams{BookID: f.book.ID, Limit: 2})
		require.NoError(t, err)
		return verify(t, f, db).Unsealed == 0
	})
	r := verify(t, f, db)
	require.True(t, r.OK(), "%+v", r.Findings)
	require.EqualValues(t, 5, r.Sealed)
}

// A seal is one event of its book; a journal is none, and neither is a seal of
// nothing.
func TestSeal_tells(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Quiet(t)
	f := open(t, db)
	_, err := f.svc.Post(ctx, db, f.contribution(id.New[ledger.Subledger](), "1", "2026-01-05"))
	require.NoError(t, err)
	seal(t, f, db, 0)
	s, err := f.svc.Seal(ctx, db, ledger.SealParams{BookID: f.book.ID})
	require.NoError(t, err)
	require.Nil(t, s)
	var told []string
	require.NoError(t, db.NewRaw(`SELECT type || ' ' || COALESCE(payload->>'journal_count', '') FROM freehold.outbox
		WHERE aggregate_type = 'book' AND aggregate_id = ? ORDER BY position`, f.book.ID).Scan(ctx, &told))
	require.Equal(t, []string{"ledger.book_opened ", "ledger.book_sealed 1"}, told)
}

// Sealers and posters at once: every journal ends up in one seal, the chain
// holds at every moment, and killed sealers leave nothing.
func TestSeal_concurrent(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Quiet(t)
	f := open(t, db)
	var posting atomic.Int64
	var wg, sealers sync.WaitGroup
	for range 3 {
		posting.Add(1)
		wg.Go(func() {
			defer posting.Add(-1)
			for range 25 {
				if _, err := f.svc.Post(ctx, db, f.contribution(id.New[ledger.Subledger](), "1", "2026-01-05")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for n := range 3 {
		sealers.Go(func() {
			for posting.Load() > 0 {
				dying, kill := context.WithCancel(ctx)
				err := store(dying, db, func(tx bun.IDB) error {
					_, err := f.svc.Seal(dying, tx, ledger.SealParams{BookID: f.book.ID, Limit: 7})
					if n == 0 {
						kill() // in the middle of its transaction
					}
					return err
				})
				kill()
				if err != nil && !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			}
		})
	}
	sealers.Go(func() {
		for posting.Load() > 0 {
			if r, err := f.svc.Verify(ctx, db, f.book.ID); err != nil || !r.OK() {
				t.Error(err, r)
			}
		}
	})
	wg.Wait()
	sealers.Wait()
	eventually(t, func() bool {
		_, err := f.svc.Seal(ctx, db, ledger.SealParams{BookID: f.book.ID})
		require.NoError(t, err)
		return verify(t, f, db).Unsealed == 0
	})
	r := verify(t, f, db)
	require.True(t, r.OK(), "%+v", r.Findings)
	require.EqualValues(t, 75, r.Sealed)
	require.EqualValues(t, r.Seals, func() int64 {
		s, err := f.svc.SealAt(ctx, db, f.book.ID, 0)
		require.NoError(t, err)
		return s.Position
	}())
}

// A restored database numbers its transactions anew: journals of the old
// numbers are sealed first, those of new ones after.
func TestSeal_restored(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Quiet(t)
	f := open(t, db)
	post := func() *ledger.Journal {
		j, err := f.svc.Post(ctx, db, f.contribution(id.New[ledger.Subledger](), "1", "2026-01-05"))
		require.NoError(t, err)
		return j
	}
	old := []*ledger.Journal{post(), post(), post()}
	require.NoError(t, store(ctx, db, func(tx bun.IDB) error {
		_, err := tx.ExecContext(ctx, "SET LOCAL session_replication_role = replica")
		require.NoError(t, err)
		_, err = tx.ExecContext(ctx, "UPDATE financials.journals SET tx_id = tx_id + 1000000000000 WHERE book_id = ?", f.book.ID)
		return err
	}))
	fresh := post()
	first := seal(t, f, db, 2)
	require.EqualValues(t, 2, first.JournalCount)
	require.Equal(t, old[1].ID, first.LastJournalID)
	require.Equal(t, old[2].ID, seal(t, f, db, 0).LastJournalID)
	require.Equal(t, fresh.ID, seal(t, f, db, 0).LastJournalID)
	last := post()
	require.Equal(t, last.ID, seal(t, f, db, 0).LastJournalID)
	r := verify(t, f, db)
	require.True(t, r.OK(), "%+v", r.Findings)
	require.Zero(t, r.Unsealed)
}

// A sealer would seal by what it saw before it took its locks, were its transaction one
// that looks at the past: it is refused there, while reads are not.
func TestSeal_stale(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Quiet(t)
	f := open(t, db)
	_, err := f.svc.Post(ctx, db, f.contribution(id.New[ledger.Subledger](), "1", "2026-01-05"))
	require.NoError(t, err)
	old, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	defer func() { _ = old.Rollback() }()
	_, err = old.ExecContext(ctx, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
	require.NoError(t, err)
	require.EqualValues(t, 1, verify(t, f, old).Unsealed)
	_, err = f.svc.Seal(ctx, old, ledger.SealParams{BookID: f.book.ID})
	require.Equal(t, "isolation_level", fault.CodeOf(err))
	require.EqualValues(t, 1, verify(t, f, old).Unsealed, "the transaction goes on")
}

func TestSeal_limits(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	f := open(t, tx)
	for _, n := range []int{-1, ledger.MaxSeal + 1} {
		_, err := f.svc.Seal(t.Context(), tx, ledger.SealParams{BookID: f.book.ID, Limit: n})
		require.Error(t, err)
	}
	_, err := f.svc.SealAt(t.Context(), tx, f.book.ID, 0)
	require.ErrorIs(t, err, ledger.ErrSealNotFound)
}
