package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
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

// The same key and request is the first journal again, on the pool and in a
// transaction; another request is refused.
func TestPost_idempotent(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	f := open(t, db)
	p := f.full("key")
	first, err := f.svc.Post(ctx, db, p)
	require.NoError(t, err)
	p.CommandID = id.New[ledger.Command]() // each try is a unit of work of its own
	again, err := f.svc.Post(ctx, db, p)
	require.NoError(t, err)
	require.Equal(t, first.ID, again.ID)
	require.Equal(t, first.RecordedAt, again.RecordedAt)
	require.NoError(t, store(ctx, db, func(tx bun.IDB) error {
		again, err := f.svc.Post(ctx, tx, p)
		require.NoError(t, err)
		require.Equal(t, first.ID, again.ID)
		return nil
	}))
	for name, change := range map[string]func(*ledger.PostParams){
		"date": func(p *ledger.PostParams) { p.EffectiveDate = p.EffectiveDate.AddDays(1) }, "text": func(p *ledger.PostParams) { p.Description = "" },
		"amount": func(p *ledger.PostParams) { p.Entries[1].Amount = money.MustParse("4.01") }, "lines": func(p *ledger.PostParams) { p.Entries = p.Entries[:1] },
		"id": func(p *ledger.PostParams) { p.ID = id.New[ledger.Journal]() },
	} {
		q := f.full("key")
		q.SourceID, q.Entries[0].Subledger, q.Entries[1].Subledger = p.SourceID, p.Entries[0].Subledger, p.Entries[1].Subledger
		change(&q)
		_, err := f.svc.Post(ctx, db, q)
		require.ErrorIs(t, err, st.ErrKeyReused, name)
	}
	_, err = f.svc.PostBatch(ctx, db, ledger.PostBatchParams{Journals: []ledger.PostParams{p, f.full("new")}})
	require.ErrorIs(t, err, ledger.ErrJournalExists, "half known, half new")
	named := f.full("")
	named.IdempotencyKey, named.ID = "", first.ID
	_, err = f.svc.Post(ctx, db, named)
	require.ErrorIs(t, err, ledger.ErrJournalExists)

	rp := ledger.ReverseParams{Actor: "clerk", JournalID: first.ID, EffectiveDate: date.MustParse("2026-02-01"), IdempotencyKey: "reversal"}
	r1, err := f.svc.Reverse(ctx, db, rp)
	require.NoError(t, err)
	r2, err := f.svc.Reverse(ctx, db, rp)
	require.NoError(t, err)
	require.Equal(t, r1.ID, r2.ID)
	_, err = f.svc.Reverse(ctx, db, ledger.ReverseParams{Actor: "clerk", JournalID: first.ID, EffectiveDate: date.MustParse("2026-02-02"), IdempotencyKey: "other"})
	require.ErrorIs(t, err, ledger.ErrReversed)
	require.Equal(t, "0.00", f.balance(t, db, "1000"))
	require.True(t, verify(t, f, db).OK())
}

// Eight clients with one key at once: one journal, and all get it.
func TestPost_idempotentRace(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	f := open(t, db)
	batch := []ledger.PostParams{f.full("a"), f.full("b")}
	var wg sync.WaitGroup
	var seen sync.Map
	for range 8 {
		wg.Go(func() {
			for range 5 {
				got, err := f.svc.PostBatch(ctx, db, ledger.PostBatchParams{Journals: batch})
				if err != nil {
					t.Error(err)
					return
				}
				seen.Store(fmt.Sprint(got[0].ID, got[1].ID), true)
			}
		})
	}
	wg.Wait()
	n := 0
	seen.Range(func(any, any) bool { n++; return true })
	require.Equal(t, 1, n)
	require.Equal(t, "12.00", f.balance(t, db, "1000"))
}

// A journal is named by its id as well as by a key, a draft too, and a reversal by
// what it reverses.
func TestPost_namedByID(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	f := open(t, tx)
	p := f.contribution(id.New[ledger.Subledger](), "5", "2026-01-01")
	nameless := p
	nameless.ID = id.Of[ledger.Journal]{}
	_, err := f.svc.Post(ctx, tx, nameless)
	require.ErrorIs(t, err, ledger.ErrKeyRequired)
	require.Equal(t, "idempotency_key", fault.FieldErrors(err)[0].Field)
	_, err = f.svc.Draft(ctx, tx, ledger.DraftParams{PostParams: nameless})
	require.ErrorIs(t, err, ledger.ErrKeyRequired)

	draft := ledger.DraftParams{PostParams: f.contribution(id.New[ledger.Subledger](), "7", "2026-01-01")}
	back := ledger.ReverseParams{Actor: "clerk", JournalID: p.ID, EffectiveDate: date.MustParse("2026-01-02")}
	var first *ledger.Journal
	for range 2 {
		j, err := f.svc.Post(ctx, tx, p)
		require.NoError(t, err)
		require.Equal(t, p.ID, j.ID)
		d, err := f.svc.Draft(ctx, tx, draft)
		require.NoError(t, err)
		require.Equal(t, draft.ID, id.Cast[ledger.Journal](d.ID))
	}
	for range 2 {
		r, err := f.svc.Reverse(ctx, tx, back)
		require.NoError(t, err)
		if first == nil {
			first = r
		}
		require.Equal(t, first.ID, r.ID)
	}
	require.Equal(t, "0.00", f.balance(t, tx, "1000"))

	p.Description, draft.Description, back.Description = "another", "another", "another"
	_, err = f.svc.Post(ctx, tx, p)
	require.ErrorIs(t, err, ledger.ErrJournalExists)
	_, err = f.svc.Draft(ctx, tx, draft)
	require.ErrorIs(t, err, ledger.ErrJournalExists)
	_, err = f.svc.Reverse(ctx, tx, back)
	require.ErrorIs(t, err, ledger.ErrReversed)
}

// A large batch takes the other road and says the same.
func TestPostBatch_large(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	f := open(t, db)
	subs := make([]id.Of[ledger.Subledger], 500)
	for i := range subs {
		subs[i] = id.New[ledger.Subledger]()
	}
	batch := make([]ledger.PostParams, 3)
	for i := range batch {
		batch[i] = f.contribution(subs[0], "1", "2026-01-05")
		batch[i].Entries = nil
		for n := range 2000 {
			batch[i].Entries = append(batch[i].Entries, ledger.Entry{Debit: f.chart["1000"].ID, Credit: f.chart["3000"].ID,
				Amount: money.MustParse("0.01"), Subledger: subs[n%500], Memo: `"quoted", \ and 'so on'`})
		}
	}
	for _, road := range []func(func(bun.IDB) error) error{
		func(fn func(bun.IDB) error) error { return fn(db) },
		func(fn func(bun.IDB) error) error {
			tx, err := db.BeginTx(ctx, nil)
			require.NoError(t, err)
			require.NoError(t, fn(tx))
			return tx.Commit()
		},
	} {
		for i := range batch {
			batch[i].ID = id.New[ledger.Journal]()
		}
		for range 2 { // the second is the first one's success
			require.NoError(t, road(func(db bun.IDB) error {
				_, err := f.svc.PostBatch(ctx, db, ledger.PostBatchParams{Journals: batch})
				return err
			}))
		}
	}
	_, err := f.svc.PostBatch(ctx, db, ledger.PostBatchParams{Journals: nil})
	require.NoError(t, err)
	require.Equal(t, "120.00", f.balance(t, db, "1000"))
	sub, err := f.svc.SubledgerTotals(ctx, db, f.chart["3000"].ID, subs[7])
	require.NoError(t, err)
	require.Equal(t, "0.24", sub.Balance.String())
	require.True(t, verify(t, f, db).OK())
}

// A connection that breaks while the server posts leaves the outcome open, and
// says so; the key settles it, and nothing is there twice.
func TestPost_unknownOutcome(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	f := open(t, db)
	p := f.full("cut")
	var broken error
	require.NoError(t, store(ctx, db, func(tx bun.IDB) error {
		// Holds the book's row, so that the post is in the middle when it is cut.
		_, err := tx.NewRaw("SELECT 1 FROM financials.books WHERE id = ? FOR UPDATE", f.book.ID).Exec(ctx)
		require.NoError(t, err)
		short, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
		defer cancel()
		_, broken = f.svc.Post(short, db, p)
		return nil
	}))
	require.ErrorIs(t, broken, fault.Unknown)
	require.ErrorIs(t, broken, context.DeadlineExceeded)
	first, err := f.svc.Post(ctx, db, p)
	require.NoError(t, err)
	again, err := f.svc.Post(ctx, db, p)
	require.NoError(t, err)
	require.Equal(t, first.ID, again.ID)
	require.Equal(t, "6.00", f.balance(t, db, "1000"))

	gone, cancel := context.WithCancel(ctx)
	cancel()
	_, err = f.svc.Post(gone, db, f.full("never"))
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, errors.Is(err, fault.Unknown), "nothing was sent")
}

// What the server could not store is refused by field before it is sent.
func TestPost_texts(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	f := open(t, tx)
	p := f.full("t")
	p.Description, p.Actor, p.Entries[1].Memo = "a\x00b", string(make([]rune, 256)), "\xff"
	_, err := f.svc.Post(t.Context(), tx, p)
	var fields []string
	for _, e := range fault.FieldErrors(err) {
		fields = append(fields, e.Field)
	}
	require.Equal(t, []string{"description", "actor", "entries[1].memo"}, fields)
	_, err = f.svc.PostBatch(t.Context(), tx, ledger.PostBatchParams{Journals: []ledger.PostParams{f.full("u"), p}})
	require.Equal(t, "journals[1].description", fault.FieldErrors(err)[0].Field)
}
