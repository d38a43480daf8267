package faulttest

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/recipes"
	"github.com/freehold-go/freehold/realestate"
)

// counter is a row for each execution.
func counter(w *world, n int) (rows []int) {
	w.T.Helper()
	require.NoError(w.T, w.DB.NewRaw("INSERT INTO public.counters (n) SELECT 0 FROM generate_series(1, ?) RETURNING id", n).Scan(w.T.Context(), &rows))
	return rows
}

func withCounters(t *testing.T) *world {
	t.Helper()
	db := pgtest.Clone(t)
	_, err := db.ExecContext(t.Context(), "CREATE TABLE public.counters (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int NOT NULL)")
	require.NoError(t, err)
	return &world{&recipes.World{T: t, DB: db}}
}

// The control of the search: two commands that read, then write what they read
// and one more, without a lock. The search has to find the orders that lose an
// update, and there are exactly as many orders as counting says.
func TestSearch_findsLostUpdate(t *testing.T) {
	t.Parallel()
	w := withCounters(t)
	p := pair{begin: func(w *world) (a, b command, judge func(*world, error, error)) {
		row := counter(w, 1)[0]
		careless := func(ctx context.Context, db bun.IDB) error {
			return realestate.InTx(ctx, db, func(tx bun.IDB) error {
				var n int
				if err := tx.NewRaw("SELECT n FROM public.counters WHERE id = ?", row).Scan(ctx, &n); err != nil {
					return err
				}
				_, err := tx.NewRaw("UPDATE public.counters SET n = ? WHERE id = ?", n+1, row).Exec(ctx)
				return err
			})
		}
		return careless, careless, func(*world, error, error) {}
	}}
	s := &search{frontier: []string{""}, budget: math.MaxInt, outcomes: map[string]int{}}
	p.work(t, s, w, pgtest.DSN(t, w.DB))
	t.Log(s)
	var lost, kept int
	require.NoError(t, w.DB.NewRaw("SELECT count(*) FILTER (WHERE n = 1), count(*) FILTER (WHERE n = 2) FROM public.counters").Scan(t.Context(), &lost, &kept))
	orders := ordersOf(-1, 0) // the first lane, whose driver says nothing of the setting of strings, asks for it ahead of its BEGIN
	require.Equal(t, orders, s.ran)
	require.Equal(t, orders, lost+kept)
	require.Positive(t, lost)
	require.Positive(t, kept)
	require.Zero(t, s.diverged)
}

// ordersOf counts the orders of two commands of four statements (BEGIN, SELECT,
// UPDATE, COMMIT) that have come to their i-th and j-th. Who updates what the
// other has updated and not committed waits, and has done it with the other's
// COMMIT.
func ordersOf(i, j int) int {
	const update, commit, end = 2, 3, 4
	switch {
	case i == end || j == end:
		return 1
	case i == update && j == commit:
		return ordersOf(commit, end) + ordersOf(i, end)
	case j == update && i == commit:
		return ordersOf(end, commit) + ordersOf(end, j)
	}
	return ordersOf(i+1, j) + ordersOf(i, j+1)
}

// Two commands that lock two rows in opposite order: the server breaks the
// deadlock, and the search sees it and goes on.
func TestSearch_seesDeadlock(t *testing.T) {
	t.Parallel()
	w := withCounters(t)
	p := pair{begin: func(w *world) (a, b command, judge func(*world, error, error)) {
		rows := counter(w, 2)
		both := func(first, second int) command {
			return func(ctx context.Context, db bun.IDB) error {
				return realestate.InTx(ctx, db, func(tx bun.IDB) error {
					for _, row := range []int{first, second} {
						if _, err := tx.NewRaw("UPDATE public.counters SET n = n + 1 WHERE id = ?", row).Exec(ctx); err != nil {
							return realestate.TranslateError("public", err)
						}
					}
					return nil
				})
			}
		}
		return both(rows[0], rows[1]), both(rows[1], rows[0]), func(w *world, a, b error) {
			require.NoError(w.T, a)
			require.NoError(w.T, b)
			w.count(2, "public.counters WHERE id IN (?, ?) AND n = 2", rows[0], rows[1])
		}
	}}
	s := &search{frontier: []string{""}, budget: 8, outcomes: map[string]int{}}
	p.work(t, s, w, pgtest.DSN(t, w.DB))
	t.Log(s)
	require.Positive(t, s.deadlocks)
	require.Equal(t, map[string]int{"ok/ok": s.ran}, s.outcomes)
}
