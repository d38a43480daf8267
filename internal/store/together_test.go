package store_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// full is a lot with a value in every column.
func full(name string) Lot {
	l := lot(name)
	bid, sold, share, parent := money.MustParse("-7.05"), date.MustParse("2026-02-28"), l.Rate, l.ID
	l.Bid, l.Sold, l.Share, l.Parent = &bid, &sold, &share, &parent
	l.Tags, l.Extra, l.Raw = []string{`a "b"`, "c,d"}, map[string]any{"k": "v"}, []byte{0, 1, 255}
	l.Live, l.Count = true, -3
	return l
}

// Parts share their round trips on a pool, those that they run themselves too, and read
// what they read alone, to the last column.
func TestTogether(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	withLots(t, db)
	all, none := full("all"), lot("none")
	pool, trace := pgtest.Traced(t, db)
	for name, within := range map[string]func(func(tx bun.IDB) error) (trips int){
		"own": func(fn func(tx bun.IDB) error) int {
			trace.Take()
			require.NoError(t, store.InTx(ctx, pool, fn))
			return len(trace.Take())
		},
		"lent": func(fn func(tx bun.IDB) error) int {
			tx, err := db.BeginTx(ctx, nil)
			require.NoError(t, err)
			defer func() { require.NoError(t, tx.Rollback()) }()
			require.NoError(t, store.InTx(ctx, store.Lend(tx.Tx), fn))
			return 5
		},
	} {
		var first, second, alone *Lot
		var names []string
		var n int
		var updated int64
		trips := within(func(tx bun.IDB) error {
			err := store.Together(ctx, tx,
				func(tx bun.IDB) error {
					if err := lots.Insert(ctx, tx, &all); err != nil {
						return err
					}
					return lots.Update(ctx, tx, &all, "price") // a second question
				},
				func(tx bun.IDB) error { return lots.Insert(ctx, tx, &none) },
				func(tx bun.IDB) error {
					return store.Together(ctx, tx,
						store.Into(&first, func(tx bun.IDB) (*Lot, error) { return lots.Lock(ctx, tx, all.ID) }),
						store.Into(&second, func(tx bun.IDB) (*Lot, error) { return lots.Get(ctx, tx, none.ID) }))
				},
				func(tx bun.IDB) error {
					return store.NewQuery(tx, nil, "SELECT name FROM public.lots WHERE name <> ? ORDER BY name", "x").Each(ctx, func(row store.Row) error {
						names = append(names, "")
						return row.Scan(&names[len(names)-1])
					})
				},
				func(tx bun.IDB) error { return tx.QueryRowContext(ctx, "SELECT count(*) FROM public.lots").Scan(&n) },
				func(tx bun.IDB) (err error) {
					updated, err = store.ExecParams(ctx, tx, nil, "UPDATE public.lots SET count = count WHERE name = $1", "all")
					return err
				})
			require.NoError(t, err)
			alone, err = lots.Get(ctx, tx, all.ID)
			return err
		})
		require.Equal(t, 5, trips, "BEGIN, what all ask first, what one asks next, what is asked alone, COMMIT")
		require.Equal(t, alone, first, name)
		require.Equal(t, all.Price, first.Price, name)
		require.Equal(t, none.ID, second.ID, name)
		require.Nil(t, second.Bid, name)
		require.Equal(t, []string{"all", "none"}, names, name)
		require.Equal(t, 2, n, name)
		require.EqualValues(t, 1, updated, name)
		_, err := db.ExecContext(ctx, "DELETE FROM public.lots")
		require.NoError(t, err)
	}
}

// A part behind one that locks sees what the last holder of the lock committed.
func TestTogether_behindLock(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	withLots(t, db)
	held, other := lot("held"), lot("other")
	require.NoError(t, lots.InsertAll(ctx, db, []Lot{held, other}))
	holder, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	_, err = lots.Lock(ctx, holder, held.ID)
	require.NoError(t, err)
	_, err = holder.ExecContext(ctx, "UPDATE public.lots SET count = 7")
	require.NoError(t, err)

	var mine, beside *Lot
	done := make(chan error)
	go func() {
		done <- store.InTx(ctx, db, func(tx bun.IDB) error {
			return store.Together(ctx, tx,
				store.Into(&mine, func(tx bun.IDB) (*Lot, error) { return lots.Lock(ctx, tx, held.ID) }),
				store.Into(&beside, func(tx bun.IDB) (*Lot, error) { return lots.Get(ctx, tx, other.ID) }))
		})
	}()
	for waits := false; !waits; {
		require.NoError(t, db.NewRaw("SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(ctx, &waits))
	}
	require.NoError(t, holder.Commit())
	require.NoError(t, <-done)
	require.Equal(t, 7, mine.Count)
	require.Equal(t, 7, beside.Count)
}

// The error is that of the first part that has one, as if they ran one after the other, but
// where the server has refused before, and nothing of them stays.
func TestTogether_errors(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	withLots(t, db)
	taken := lot("taken")
	require.NoError(t, lots.Insert(ctx, db, &taken))
	boom, missing := errors.New("boom"), id.New[Lot]()
	fine := func(tx bun.IDB) error { l := lot("fine"); return lots.Insert(ctx, tx, &l) }
	again := func(tx bun.IDB) error { l := lot("taken"); return lots.Insert(ctx, tx, &l) }
	absent := func(tx bun.IDB) error { _, err := lots.Get(ctx, tx, missing); return err }
	refuses := func(bun.IDB) error { return boom }
	late := func(tx bun.IDB) error {
		if _, err := lots.Get(ctx, tx, taken.ID); err != nil {
			return err
		}
		return absent(tx)
	}
	for _, c := range []struct {
		parts []store.Part
		want  error
	}{
		{[]store.Part{fine, refuses}, boom},
		{[]store.Part{fine, again}, errTaken},
		{[]store.Part{absent, refuses}, lots.NotFound},
		{[]store.Part{refuses, again}, boom},
		{[]store.Part{again, refuses}, errTaken},
		{[]store.Part{fine, again, absent}, errTaken},
		{[]store.Part{late, refuses}, lots.NotFound},
		{[]store.Part{late, again}, errTaken},
		{[]store.Part{fine, func(tx bun.IDB) error { return store.Together(ctx, tx, absent, again) }}, lots.NotFound},
	} {
		err := store.InTx(ctx, db, func(tx bun.IDB) error { return store.Together(ctx, tx, c.parts...) })
		require.ErrorIs(t, err, c.want)
		require.EqualValues(t, 1, count(t, db))
	}
	gone, cancel := context.WithCancel(ctx)
	err := store.InTx(gone, db, func(tx bun.IDB) error {
		cancel()
		return store.Together(gone, tx, fine, absent)
	})
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, sql.ErrNoRows)
	require.EqualValues(t, 1, count(t, db))
}

// What a part does not stand by is undone alone, and it goes on.
func TestTogether_goesOn(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	withLots(t, db)
	taken, boom := lot("taken"), errors.New("boom")
	require.NoError(t, lots.Insert(ctx, db, &taken))
	refused := func(tx bun.IDB, name string) error {
		return store.InTx(ctx, tx, func(tx bun.IDB) error {
			l := lot(name)
			if err := lots.Insert(ctx, tx, &l); err != nil {
				return err
			}
			return boom
		})
	}
	fine := func(tx bun.IDB, name string) error { l := lot(name); return lots.Insert(ctx, tx, &l) }
	require.NoError(t, store.InTx(ctx, db, func(tx bun.IDB) error {
		return store.Together(ctx, tx,
			func(tx bun.IDB) error { return fine(tx, "one") },
			func(tx bun.IDB) error {
				if err := fine(tx, "two"); err != nil {
					return err
				}
				require.ErrorIs(t, refused(tx, "undone"), boom)
				require.ErrorIs(t, refused(tx, "taken"), errTaken)
				require.Error(t, store.Single(ctx, tx, "INSERT INTO public.lots (id) VALUES (NULL)"))
				require.ErrorIs(t, refused(store.Hosted(tx), "taken"), errTaken)
				require.ErrorIs(t, store.Snapshot(ctx, tx, func(tx bun.IDB) error {
					if err := fine(tx, "undone"); err != nil {
						return err
					}
					return boom
				}), boom)
				return fine(tx, "three")
			},
			func(tx bun.IDB) error {
				for _, name := range []string{"four", "five", "six", "seven"} { // beside the other's savepoints
					if err := fine(tx, name); err != nil {
						return err
					}
				}
				return nil
			})
	}))
	var names []string
	require.NoError(t, db.NewSelect().Model((*Lot)(nil)).Column("name").OrderExpr("name").Scan(ctx, &names))
	require.Equal(t, []string{"five", "four", "one", "seven", "six", "taken", "three", "two"}, names)
}
