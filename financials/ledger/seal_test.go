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
// for: what is committed meanwhile is sealed without it, and it follows in the
// next seal.
func TestSeal_waitsForNobody(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	f := open(t, db)
	before, err := f.svc.Post(ctx, db, f.contribution(id.New[ledger.Subledger](), "1", "2026-01-05"))
	require.NoError(t, err)
	require.Equal(t, before.ID, seal(t, f, db, 0).LastJournalID)

	slow, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	defer func() { _ = slow.Rollback() }()
	first, err := f.svc.Post(ctx, slow, f.contribution(id.New[ledger.Subledger](), "2", "2026-01-05"))
	require.NoError(t, err)
	for range 3 {
		_, err := f.svc.Post(ctx, db, f.contribution(id.New[ledger.Subledger](), "3", "2026-01-05"))
		require.NoError(t, err)
	}
	require.EqualValues(t, 3, seal(t, f, db, 0).JournalCount)

	sealing, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	defer func() { _ = sealing.Rollback() }()
	require.Nil(t, seal(t, f, sealing, 0), "nothing else is committed")
	second, err := f.svc.Post(ctx, slow, f.contribution(id.New[ledger.Subledger](), "4", "2026-01-05"))
	require.NoError(t, err)
	require.NoError(t, slow.Commit(), "while a sealer holds the book")
	require.NoError(t, sealing.Commit())
	s := seal(t, f, db, 0)
	require.Equal(t, first.ID, s.FirstJournalID, "in the order in which they were recorded")
	require.Equal(t, second.ID, s.LastJournalID)
	r := verify(t, f, db)
	require.True(t, r.OK(), "%+v", r.Findings)
	require.EqualValues(t, 6, r.Sealed)
	require.Zero(t, r.Unsealed)
}

// A seal is one event of its book; a journal is none, and neither is a seal of
// nothing.
func TestSeal_tells(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
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
	ctx, db := t.Context(), pgtest.Clone(t)
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
	seal(t, f, db, 0)
	r := verify(t, f, db)
	require.True(t, r.OK(), "%+v", r.Findings)
	require.EqualValues(t, 75, r.Sealed)
	require.EqualValues(t, r.Seals, func() int64 {
		s, err := f.svc.SealAt(ctx, db, f.book.ID, 0)
		require.NoError(t, err)
		return s.Position
	}())
}

// bookRows are the tables of a book, in the order of their foreign keys, and which
// of their rows are the book's (?).
var bookRows = [][2]string{
	{"financials.books", "id = ?"}, {"financials.accounts", "book_id = ?"}, {"financials.journals", "book_id = ?"},
	{"financials.postings", "book_id = ?"}, {"financials.unsealed_journals", "book_id = ?"},
	{"freehold.ledger_seals", "book_id = ?"}, {"freehold.sealed_journals", "book_id = ?"},
	{"financials.account_balances", "account_id IN (SELECT id FROM financials.accounts WHERE book_id = ?)"},
	{"financials.subledger_balances", "account_id IN (SELECT id FROM financials.accounts WHERE book_id = ?)"},
}

// A book whose rows are copied to a database that has counted other transactions,
// as a restore or a move to another node does, is sealed on there: what was in no
// seal comes next, and what is posted there after it.
func TestSeal_moved(t *testing.T) {
	t.Parallel()
	ctx, from, to := t.Context(), pgtest.Clone(t), pgtest.Clone(t)
	f := open(t, from)
	post := func(db bun.IDB) *ledger.Journal {
		j, err := f.svc.Post(ctx, db, f.contribution(id.New[ledger.Subledger](), "1", "2026-01-05"))
		require.NoError(t, err)
		return j
	}
	sealed := post(from)
	require.Equal(t, sealed.ID, seal(t, f, from, 0).LastJournalID)
	old := []*ledger.Journal{post(from), post(from), post(from)}
	require.NoError(t, store(ctx, to, func(tx bun.IDB) error {
		_, err := tx.ExecContext(ctx, "SET LOCAL session_replication_role = replica") // as pg_dump restores
		require.NoError(t, err)
		for _, r := range bookRows {
			var rows string
			require.NoError(t, from.NewRaw("SELECT COALESCE(jsonb_agg(to_jsonb(r)), '[]')::text FROM "+r[0]+" r WHERE "+r[1], f.book.ID).Scan(ctx, &rows))
			_, err := tx.ExecContext(ctx, "INSERT INTO "+r[0]+" SELECT * FROM jsonb_populate_recordset(NULL::"+r[0]+", ?::jsonb)", rows)
			require.NoError(t, err, r[0])
		}
		return nil
	}))
	r := verify(t, f, to)
	require.True(t, r.OK(), "%+v", r.Findings)
	fresh := post(to)
	require.Equal(t, old[1].ID, seal(t, f, to, 2).LastJournalID)
	last := seal(t, f, to, 0)
	require.Equal(t, []id.Of[ledger.Journal]{old[2].ID, fresh.ID}, []id.Of[ledger.Journal]{last.FirstJournalID, last.LastJournalID})
	require.EqualValues(t, 3, last.Position)
	r = verify(t, f, to)
	require.True(t, r.OK(), "%+v", r.Findings)
	require.Zero(t, r.Unsealed)
}

// A sealer would seal by what it saw before it took its locks, were its transaction one
// that looks at the past: it is refused there, while reads are not.
func TestSeal_stale(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
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
