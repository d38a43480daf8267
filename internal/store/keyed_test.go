package store_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

type buyParams struct {
	IdempotencyKey string
	Name           string
}

func buy(ctx context.Context, db bun.IDB, p any, v id.Of[Lot]) (*Lot, error) {
	l := lot("bought")
	l.ID = v
	return store.RunOnce(ctx, db, store.Keyed[Lot]{Verb: "tests.buy", Params: p, Kind: "lot", Result: v}, lots.Get, func(tx bun.IDB) (*Lot, error) {
		return &l, lots.Insert(ctx, tx, &l)
	})
}

// The key is read out of the parameters, however they are nested, and is no part
// of the request.
func TestRunOnce(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	withLots(t, tx)
	p := buyParams{"k1", "a"}
	first, err := buy(ctx, tx, p, id.New[Lot]())
	require.NoError(t, err)
	again, err := buy(ctx, tx, &p, id.New[Lot]())
	require.NoError(t, err)
	require.Equal(t, first.ID, again.ID)
	_, err = buy(ctx, tx, buyParams{"k1", "b"}, id.New[Lot]())
	require.ErrorIs(t, err, store.ErrKeyReused)
	_, err = buy(ctx, tx, buyParams{"", "b"}, id.New[Lot]())
	require.ErrorIs(t, err, store.ErrKeyRequired)
	_, err = buy(ctx, tx, struct{ Name string }{"a"}, id.New[Lot]())
	require.ErrorIs(t, err, store.ErrKeyRequired)
	_, err = buy(ctx, tx, struct {
		buyParams
		Notify bool
	}{p, true}, id.New[Lot]())
	require.ErrorIs(t, err, store.ErrKeyReused, "an embedded key is a key, and what is beside it another request")
	_, err = buy(ctx, tx, struct {
		IdempotencyKey string
		At             time.Time
	}{"k2", time.Date(10001, 1, 1, 0, 0, 0, 0, time.UTC)}, id.New[Lot]())
	require.ErrorIs(t, err, store.ErrNotStorable)

	var stored int
	require.NoError(t, tx.NewRaw("SELECT count(DISTINCT request_hash) FROM freehold.idempotency WHERE verb = 'tests.buy'").Scan(ctx, &stored))
	require.Equal(t, 1, stored, "what failed claims no key")
	require.Equal(t, "k1", p.IdempotencyKey, "the caller's parameters stay as they are")
	other, err := store.RunOnce(ctx, tx, store.Keyed[Lot]{Scope: "other", Verb: "tests.buy", Params: buyParams{"k9", "a"}, Kind: "lot", Result: first.ID},
		lots.Get, func(bun.IDB) (*Lot, error) { return first, nil })
	require.NoError(t, err)
	require.Equal(t, first, other)
	require.NoError(t, tx.NewRaw("SELECT count(DISTINCT request_hash) FROM freehold.idempotency WHERE verb = 'tests.buy'").Scan(ctx, &stored))
	require.Equal(t, 1, stored, "the same request under another key has the same hash")
}

// A row with the caller's id is made once; a second run with the same params
// finds it, whatever has become of it.
func TestCreateOnce(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	withLots(t, tx)
	made := 0
	register := func(v id.Of[Lot], name string) (*Lot, error) {
		p := struct {
			ID   id.Of[Lot]
			Name string
		}{v, name}
		return store.CreateOnce(ctx, tx, store.Creation[Lot]{Verb: "tests.register", Params: p, Chosen: v, Kind: "lot", Rows: lots}, func(tx bun.IDB) (*Lot, error) {
			made++
			l := lot(name)
			if !v.IsZero() {
				l.ID = v
			}
			return &l, lots.Insert(ctx, tx, &l)
		})
	}
	v := id.New[Lot]()
	_, err := register(v, "a")
	require.NoError(t, err)
	_, err = tx.NewRaw("UPDATE public.lots SET name = 'renamed' WHERE id = ?", v).Exec(ctx)
	require.NoError(t, err)
	again, err := register(v, "a")
	require.NoError(t, err)
	require.Equal(t, "renamed", again.Name)
	require.Equal(t, 1, made)
	_, err = register(v, "b")
	require.ErrorIs(t, err, store.ErrExists)
	var f *fault.Error
	require.ErrorAs(t, err, &f)
	require.Equal(t, "id", f.Field)

	_, err = register(id.Of[Lot]{}, "c")
	require.NoError(t, err)
	_, err = register(id.Of[Lot]{}, "c")
	require.ErrorIs(t, err, errTaken, "without an id of the caller's nothing tells two runs apart")
}

func TestCut(t *testing.T) {
	t.Parallel()
	rows := []Lot{lot("a"), lot("b"), lot("c")}
	key := func(l *Lot) page.Cursor { return store.IDCursor(l.ID) }
	p := store.Cut(rows, 2, key)
	require.Equal(t, rows[:2], p.Items)
	limit, after, err := store.AfterID[Lot](page.Request{Limit: 7, After: p.Next})
	require.NoError(t, err)
	require.Equal(t, 7, limit)
	require.Equal(t, rows[1].ID, after)
	require.Equal(t, page.Page[Lot]{Items: rows}, store.Cut(rows, 3, key))
	require.NotNil(t, store.Cut(nil, 3, key).Items)
	for _, c := range []page.Cursor{"%", page.Encode("x"), page.Encode("urn:uuid:" + rows[0].ID.String()), page.Encode(rows[0].ID.String(), "b")} {
		_, _, err := store.AfterID[Lot](page.Request{After: c})
		require.ErrorIs(t, err, page.ErrCursor)
	}
	_, _, err = store.AfterID[Lot](page.Request{Limit: 1001})
	require.ErrorIs(t, err, page.ErrLimit)
}

// A clock reads what the database would give back.
func TestClock(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 7, 1, 12, 0, 0, 123456789, time.FixedZone("", 3600))
	require.Equal(t, time.Date(2026, 7, 1, 11, 0, 0, 123456000, time.UTC), store.Clock(func() time.Time { return at })())
	now := store.Clock(nil)()
	require.Equal(t, time.UTC, now.Location())
	require.Zero(t, now.Nanosecond()%1000)
}

// An id or a date that was never set is refused by every way of writing, before the
// database sees it; a query by one finds nothing and harms nobody.
func TestUnset(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	withLots(t, tx)
	good := lot("a")
	require.NoError(t, lots.Insert(ctx, tx, &good))
	for field, bad := range map[string]func(l *Lot){
		"id":        func(l *Lot) { l.ID = id.Of[Lot]{} },
		"parent_id": func(l *Lot) { l.Parent = &id.Of[Lot]{} },
		"sold":      func(l *Lot) { l.Sold = &date.Date{} },
	} {
		l := lot(field)
		bad(&l)
		for _, err := range []error{lots.Insert(ctx, tx, &l), lots.InsertAll(ctx, tx, []Lot{l}), lots.Update(ctx, tx, &l, field), lots.UpdateVersion(ctx, tx, &l, 1, field)} {
			require.ErrorIs(t, err, store.ErrNotStorable)
			require.Equal(t, field, fault.FieldErrors(err)[0].Field)
		}
	}
	_, err := lots.Get(ctx, tx, id.Of[Lot]{})
	require.ErrorIs(t, err, fault.NotFound)
	none, err := lots.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("l.sold <= ?", date.Date{}) })
	require.NoError(t, err)
	require.Empty(t, none)
	require.EqualValues(t, 1, count(t, tx), "and the transaction goes on")
}

// A verb in a host's transaction runs at READ COMMITTED and refuses the other levels by
// name, without harm to the transaction; reads run at all of them.
func TestInTx_isolation(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	for level, want := range map[sql.IsolationLevel]error{sql.LevelReadCommitted: nil, sql.LevelSerializable: store.ErrIsolation, sql.LevelRepeatableRead: store.ErrIsolation} {
		tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: level})
		require.NoError(t, err)
		ran := false
		err = store.InTx(ctx, tx, func(bun.IDB) error { ran = true; return nil })
		require.ErrorIs(t, err, want, level.String())
		require.Equal(t, want == nil, ran)
		require.NoError(t, store.Snapshot(ctx, tx, func(tx bun.IDB) error { _, err := tx.ExecContext(ctx, "SELECT 1"); return err }))
		_, err = tx.ExecContext(ctx, "SELECT 1")
		require.NoError(t, err)
		require.NoError(t, tx.Rollback())
	}
	// On the pool the level is the library's, whatever the session's default.
	conn, err := db.Conn(ctx)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close()) }()
	_, err = conn.ExecContext(ctx, "SET default_transaction_isolation = 'repeatable read'")
	require.NoError(t, err)
	require.NoError(t, store.InTx(ctx, conn, func(tx bun.IDB) error {
		var level string
		require.NoError(t, tx.NewRaw("SELECT current_setting('transaction_isolation')").Scan(ctx, &level))
		require.Equal(t, "read committed", level)
		return nil
	}))
}
