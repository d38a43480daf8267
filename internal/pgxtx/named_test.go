package pgxtx_test

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/pgxtx"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// namedPool is a pool that may name statements, on a database with a table of the test's.
func namedPool(t *testing.T, most int) (*sql.DB, *bun.DB) {
	t.Helper()
	db := pgtest.Clone(t)
	_, err := db.ExecContext(t.Context(), "CREATE TABLE public.items (id BIGINT PRIMARY KEY, name TEXT NOT NULL); INSERT INTO public.items VALUES (1, 'one'), (2, 'two')")
	require.NoError(t, err)
	cfg, err := pgx.ParseConfig(pgtest.DSN(t, db))
	require.NoError(t, err)
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
	pool := sql.OpenDB(pgxtx.Named(*cfg))
	pool.SetMaxOpenConns(most)
	pool.SetMaxIdleConns(most)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	return pool, db
}

// A read ends with its context, before its first row has come and while it waits for another,
// though database/sql does not see its end. The pool goes on with another connection. A row is
// long, so that the beginning of the next one brings the end of it.
func TestNamed_ended(t *testing.T) {
	t.Parallel()
	pool, _ := namedPool(t, 1)
	db := bun.NewDB(pool, pgdialect.New())
	for _, rows := range []int{0, 1, 2} { // that come
		ctx, end := context.WithCancel(t.Context())
		if rows == 0 {
			time.AfterFunc(20*time.Millisecond, end)
		}
		read := 0
		err := store.NewQuery(db, nil, "SELECT repeat(?1, 1000000), pg_sleep(CASE WHEN n > ?0 + 1 THEN 60 ELSE 0 END) FROM generate_series(1, 4) n", rows, "x").
			Each(ctx, func(store.Row) error {
				if read++; read == rows {
					end()
				}
				return nil
			})
		require.ErrorIs(t, err, context.Canceled)
		require.LessOrEqual(t, read, rows)
		end()

		err = store.Read(ctx, db, db.NewRaw("SELECT ?", "one"), new(string))
		require.ErrorIs(t, err, context.Canceled, "nothing is sent")
		var got string
		require.NoError(t, store.Read(t.Context(), db, db.NewRaw("SELECT ?", "one"), &got))
		require.Equal(t, "one", got)
	}
}

// prepared lists the statements that the one connection of a pool has named.
func prepared(t *testing.T, pool *sql.DB) (all []string) {
	t.Helper()
	rows, err := pool.QueryContext(t.Context(), "SELECT statement FROM pg_prepared_statements ORDER BY 1")
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	for rows.Next() {
		var s string
		require.NoError(t, rows.Scan(&s))
		all = append(all, s)
	}
	require.NoError(t, rows.Err())
	return all
}

type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

const byID = "SELECT name, id FROM public.items WHERE id = $1"

func name(t *testing.T, db querier, key string) (name string, err error) {
	t.Helper()
	var k any
	err = db.QueryRowContext(t.Context(), byID, key).Scan(&name, &k)
	return name, err
}

// A statement with parameters has a name from the second time on, whatever its values; one
// without, and one that comes once, have none.
func TestNamed(t *testing.T) {
	t.Parallel()
	pool, _ := namedPool(t, 1)
	for i, key := range []string{"1", "2", "1"} {
		got, err := name(t, pool, key)
		require.NoError(t, err)
		require.Equal(t, []string{"one", "two", "one"}[i], got)
		if i == 0 {
			require.Empty(t, prepared(t, pool))
		} else {
			require.Equal(t, []string{byID}, prepared(t, pool))
		}
	}
	const update = "UPDATE public.items SET name = $1 WHERE id = $2"
	for range 2 {
		_, err := pool.ExecContext(t.Context(), update, "uno", "1")
		require.NoError(t, err)
		_, err = pool.ExecContext(t.Context(), "UPDATE public.items SET name = 'uno' WHERE id = 1")
		require.NoError(t, err)
	}
	require.Equal(t, []string{byID, update}, prepared(t, pool))
	_, err := name(t, pool, "no number")
	require.ErrorContains(t, err, "invalid input syntax")
	got, err := name(t, pool, "1")
	require.NoError(t, err)
	require.Equal(t, "uno", got, "a refused value costs a name, and nothing else")
}

// A migration changes a column while statements over it are prepared: a read alone is sent
// again and finds the row, a transaction is to be run again once, and no other connection fails.
func TestNamed_columnsChange(t *testing.T) {
	t.Parallel()
	pool, admin := namedPool(t, 2)
	ctx := t.Context()
	warm := func() {
		var conns []*sql.Conn
		for range 2 { // both connections, each with the statement prepared
			c, err := pool.Conn(ctx)
			require.NoError(t, err)
			conns = append(conns, c)
			for range 2 {
				_, err := name(t, c, "1")
				require.NoError(t, err)
			}
		}
		for _, c := range conns {
			require.NoError(t, c.Close())
		}
	}
	change := func(typ string) {
		_, err := admin.ExecContext(ctx, "ALTER TABLE public.items ALTER COLUMN id TYPE "+typ)
		require.NoError(t, err)
	}
	warm()
	change("NUMERIC(20,0)")
	for range 4 {
		got, err := name(t, pool, "1")
		require.NoError(t, err, "outside of a transaction it is sent again")
		require.Equal(t, "one", got)
	}
	warm()
	change("BIGINT")
	failed := 0
	for range 4 {
		tx, err := pool.BeginTx(ctx, nil)
		require.NoError(t, err)
		got, err := name(t, tx, "2")
		if err == nil {
			require.Equal(t, "two", got)
			require.NoError(t, tx.Commit())
			continue
		}
		failed++
		require.ErrorIs(t, store.Err(err, nil), fault.Unavailable)
		require.True(t, store.Retryable(err))
		require.NoError(t, tx.Rollback())
	}
	require.Equal(t, 1, failed, "all connections forget what they had prepared")
}

// A server that has lost its names, or has them from others, as behind a pooler, costs nothing
// outside of a transaction, and nothing is named from then on.
func TestNamed_namesAreLost(t *testing.T) {
	t.Parallel()
	for state, lose := range map[string]string{"26000": "DEALLOCATE ALL", "42P05": ""} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			pool, _ := namedPool(t, 1)
			if lose == "" { // another client of the pooler has prepared the same statement under the same name
				other, _ := namedPool(t, 1)
				for range 2 {
					_, err := name(t, other, "1")
					require.NoError(t, err)
				}
				var known string
				require.NoError(t, other.QueryRowContext(t.Context(), "SELECT name FROM pg_prepared_statements").Scan(&known))
				lose = `PREPARE "` + known + `" AS SELECT 1`
			} else {
				for range 2 {
					_, err := name(t, pool, "1")
					require.NoError(t, err)
				}
			}
			_, err := pool.ExecContext(t.Context(), lose)
			require.NoError(t, err)
			before := len(prepared(t, pool))
			for range 3 {
				got, err := name(t, pool, "1")
				require.NoError(t, err)
				require.Equal(t, "one", got)
				require.Len(t, prepared(t, pool), before, "nothing is named any longer")
			}
		})
	}
}

// together reads two items in one round trip.
func together(t *testing.T, db bun.IDB) (names [2]string, err error) {
	t.Helper()
	err = store.InTx(t.Context(), db, func(tx bun.IDB) error {
		read := func(i int) store.Part {
			return func(tx bun.IDB) error {
				return store.Err(store.Scan(t.Context(), tx, []any{&names[i], new(any)}, byID, strconv.Itoa(i+1)), nil)
			}
		}
		return store.Together(t.Context(), tx, read(0), read(1))
	})
	return names, err
}

// Statements that share a round trip have names as single ones have.
func TestNamed_together(t *testing.T) {
	t.Parallel()
	pool, _ := namedPool(t, 1)
	db := bun.NewDB(pool, pgdialect.New())
	want := [2]string{"one", "two"}
	for range 3 {
		got, err := together(t, db)
		require.NoError(t, err)
		require.Equal(t, want, got)
		require.Equal(t, []string{byID}, prepared(t, pool), "the second one of the same round trip has the name")
	}
	err := store.InTx(t.Context(), db, func(tx bun.IDB) error {
		return store.Together(t.Context(), tx, func(tx bun.IDB) error {
			return store.Scan(t.Context(), tx, []any{new(string), new(any)}, byID, "no number")
		}, func(bun.IDB) error { return nil })
	})
	require.ErrorContains(t, err, "value_not_storable")
	got, err := together(t, db)
	require.NoError(t, err)
	require.Equal(t, want, got, "a refused value costs nothing else")

	_, err = pool.ExecContext(t.Context(), "DEALLOCATE ALL")
	require.NoError(t, err)
	_, err = together(t, db)
	require.ErrorIs(t, err, fault.Unavailable, "to be run again")
	for range 3 {
		got, err = together(t, db)
		require.NoError(t, err)
		require.Equal(t, want, got)
		require.Empty(t, prepared(t, pool), "nothing is named any longer")
	}
}

// Another client's statement under the name that one of a round trip would have is never run.
func TestNamed_togetherTaken(t *testing.T) {
	t.Parallel()
	other, _ := namedPool(t, 1)
	_, err := together(t, bun.NewDB(other, pgdialect.New()))
	require.NoError(t, err)
	var known string
	require.NoError(t, other.QueryRowContext(t.Context(), "SELECT name FROM pg_prepared_statements").Scan(&known))

	pool, _ := namedPool(t, 1)
	_, err = pool.ExecContext(t.Context(), `PREPARE "`+known+`" AS SELECT 'other'::text, $1::int`)
	require.NoError(t, err)
	db := bun.NewDB(pool, pgdialect.New())
	_, err = together(t, db)
	require.ErrorIs(t, err, fault.Unavailable)
	got, err := together(t, db)
	require.NoError(t, err)
	require.Equal(t, [2]string{"one", "two"}, got)
}

// A migration changes a column while a statement over it is prepared: the transaction is to be
// run again once, and all connections forget what they had prepared.
func TestNamed_togetherColumnsChange(t *testing.T) {
	t.Parallel()
	pool, admin := namedPool(t, 1)
	db := bun.NewDB(pool, pgdialect.New())
	for range 2 {
		_, err := together(t, db)
		require.NoError(t, err)
	}
	_, err := admin.ExecContext(t.Context(), "ALTER TABLE public.items ALTER COLUMN id TYPE NUMERIC(20,0)")
	require.NoError(t, err)
	_, err = together(t, db)
	require.ErrorIs(t, err, fault.Unavailable)
	for range 3 {
		got, err := together(t, db)
		require.NoError(t, err)
		require.Equal(t, [2]string{"one", "two"}, got)
	}
}

// So does a connection that a host keeps, and that no pool resets between its transactions.
func TestNamed_togetherColumnsChangeOfConn(t *testing.T) {
	t.Parallel()
	pool, admin := namedPool(t, 1)
	conn, err := bun.NewDB(pool, pgdialect.New()).Conn(t.Context())
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	for range 2 {
		_, err := together(t, conn)
		require.NoError(t, err)
	}
	_, err = admin.ExecContext(t.Context(), "ALTER TABLE public.items ALTER COLUMN id TYPE NUMERIC(20,0)")
	require.NoError(t, err)
	_, err = together(t, conn)
	require.ErrorIs(t, err, fault.Unavailable)
	for range 3 {
		got, err := together(t, conn)
		require.NoError(t, err)
		require.Equal(t, [2]string{"one", "two"}, got)
	}
}

// A connection keeps no more statements than it may, whatever is sent.
func TestNamed_togetherMany(t *testing.T) {
	t.Parallel()
	pool, _ := namedPool(t, 1)
	db := bun.NewDB(pool, pgdialect.New())
	for i := range 1200 {
		err := store.InTx(t.Context(), db, func(tx bun.IDB) error {
			read := func(tx bun.IDB) error {
				var n int
				err := store.Scan(t.Context(), tx, []any{&n}, fmt.Sprintf("SELECT id + %d FROM public.items WHERE id = $1", i), "1")
				if err == nil && n != i+1 {
					err = fmt.Errorf("%d for %d", n, i+1)
				}
				return err
			}
			return store.Together(t.Context(), tx, read, read)
		})
		require.NoError(t, err)
	}
	n := len(prepared(t, pool))
	require.Positive(t, n)
	require.LessOrEqual(t, n, 513)
}
