package pgxtx_test

import (
	"context"
	"database/sql"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/pgxtx"
	"github.com/freehold-go/freehold/internal/store"
)

// seen records the statements that pgx sends.
type seen struct {
	mu  sync.Mutex
	sql []string
}

func (s *seen) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sql = append(s.sql, d.SQL)
	return ctx
}

func (s *seen) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// with counts the statements that contain a word.
func (s *seen) with(word string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, q := range s.sql {
		if strings.Contains(q, word) {
			n++
		}
	}
	return n
}

// hostPool is a host's pool, as pgx sets it up by default, on a database of the test's own.
func hostPool(t *testing.T) (*pgxpool.Pool, *seen) {
	t.Helper()
	config, err := pgxpool.ParseConfig(pgtest.DSN(t, pgtest.Clone(t)))
	require.NoError(t, err)
	tracer := &seen{}
	config.ConnConfig.Tracer = tracer
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(pool.Close)
	return pool, tracer
}

// begin opens a transaction of the host's and lends it.
func begin(t *testing.T, pool *pgxpool.Pool) (pgx.Tx, *sql.Conn) {
	t.Helper()
	tx, err := pool.Begin(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = tx.Rollback(context.Background()) }) // some tests have ended it
	conn, end, err := pgxtx.Open(t.Context(), tx)
	require.NoError(t, err)
	t.Cleanup(end)
	return tx, conn
}

// values is a row with a column of each type that the schemas have, and a few more.
const values = `SELECT TRUE, FALSE, 1::smallint, -2::int, 9007199254740993::bigint, 1.5::real, -0.1::double precision,
	'12345678.90'::numeric(15,2), 'text é'::text, 'v'::varchar(3), 'c'::char(3), '\x00ff41'::bytea,
	'2024-02-29'::date, 'infinity'::date, '2024-02-29 01:02:03.000004'::timestamp, '2024-02-29 01:02:03.000004+05'::timestamptz,
	'{"a": [1, "x"]}'::jsonb, '{"b":1}'::json, '7b0f0b0e-6c3a-4a3a-9d77-6a0f3a1c2b3d'::uuid, '10.0.0.1/8'::inet, '1 day 02:03:04'::interval,
	ARRAY['a,b', NULL, '"'], ARRAY[1, 2], 42::oid, '<a/>'::xml, ST_SetSRID(ST_MakePoint(1, 2), 4326), '01:02:03'::time, NULL::int, NULL::text`

// A value is the same whichever way it comes: by pgx's own adapter, by the host's pool, or
// through the host's transaction, with parameters and without.
func TestRows_asPgxsOwn(t *testing.T) {
	t.Parallel()

	pool, _ := hostPool(t)
	tx, lent := begin(t, pool)
	own := pgtest.Tx(t)
	pooled := sql.OpenDB(pgxtx.Connector(pool))
	t.Cleanup(func() { require.NoError(t, pooled.Close()) })
	_, err := tx.Exec(t.Context(), "SET LOCAL timezone = 'Asia/Kolkata'")
	require.NoError(t, err)

	read := func(rows *sql.Rows, err error) []any {
		require.NoError(t, err)
		defer func() { require.NoError(t, rows.Close()) }()
		columns, err := rows.Columns()
		require.NoError(t, err)
		row, to := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			to[i] = &row[i]
		}
		require.True(t, rows.Next())
		require.NoError(t, rows.Scan(to...))
		require.False(t, rows.Next())
		require.NoError(t, rows.Err())
		return row
	}
	for _, args := range [][]any{nil, {"x"}} {
		query := values
		if args != nil {
			query += ", $1::text"
		}
		want := read(own.Tx.QueryContext(t.Context(), query, args...))
		require.Len(t, want, 29+len(args))
		for i, got := range [][]any{read(lent.QueryContext(t.Context(), query, args...)), read(pooled.QueryContext(t.Context(), query, args...))} {
			for j := range want {
				require.Equal(t, instant(want[j]), instant(got[j]), "road %d, column %d", i, j)
			}
		}
	}
}

// instant is a time without its zone, which is the session's.
func instant(v any) any {
	if at, ok := v.(time.Time); ok {
		return at.UTC()
	}
	return v
}

// item is a row of a table of the test's.
type item struct {
	bun.BaseModel `bun:"table:public.items,alias:i"`

	ID   int64  `bun:"id,pk"`
	Name string `bun:"name"`
}

func items(n int) []item {
	rows := make([]item, n)
	for i := range rows {
		rows[i] = item{ID: int64(i), Name: "tab \t, \"quote\" and é"}
	}
	return rows
}

// Bulk inserts go by COPY over the host's pool, and by arrays inside the host's transaction,
// which sees them; no statement stays prepared on the host's connections.
func TestBulk(t *testing.T) {
	t.Parallel()

	ctx := t.Context()
	pool, tracer := hostPool(t)
	_, err := pool.Exec(ctx, "CREATE TABLE public.items (id BIGINT PRIMARY KEY, name TEXT NOT NULL)")
	require.NoError(t, err)
	sqlDB := sql.OpenDB(pgxtx.Connector(pool))
	sqlDB.SetMaxIdleConns(0)
	db := bun.NewDB(sqlDB, pgdialect.New())
	t.Cleanup(func() { require.NoError(t, db.Close()) })

	for _, n := range []int{200, 1500} {
		require.NoError(t, store.Bulk(ctx, db, items(n)))
		var count int
		require.NoError(t, db.NewRaw("SELECT count(*) FROM public.items WHERE name = ?", items(1)[0].Name).Scan(ctx, &count))
		require.Equal(t, n, count)
		_, err = db.NewRaw("TRUNCATE public.items").Exec(ctx)
		require.NoError(t, err)
	}
	require.Zero(t, tracer.with("unnest"), "COPY is no query")

	tx, lent := begin(t, pool)
	require.NoError(t, store.Bulk(ctx, store.Lend(lent), items(1500)))
	require.Equal(t, 1, tracer.with("unnest"))
	var count, prepared int
	require.NoError(t, tx.QueryRow(ctx, "SELECT count(*) FROM public.items", pgx.QueryExecModeExec).Scan(&count))
	require.Equal(t, 1500, count)
	require.NoError(t, tx.QueryRow(ctx, "SELECT count(*) FROM pg_prepared_statements", pgx.QueryExecModeExec).Scan(&prepared))
	require.Zero(t, prepared)
}

// A refused statement is the server's error, an ended transaction pgx's.
func TestConn_errors(t *testing.T) {
	t.Parallel()

	pool, _ := hostPool(t)
	tx, conn := begin(t, pool)
	_, err := conn.ExecContext(t.Context(), "SAVEPOINT before")
	require.NoError(t, err)
	_, err = conn.QueryContext(t.Context(), "SELECT 1/0")
	require.ErrorContains(t, err, "division by zero")
	_, err = conn.ExecContext(t.Context(), "ROLLBACK TO SAVEPOINT before")
	require.NoError(t, err)
	_, err = conn.PrepareContext(t.Context(), "SELECT 1")
	require.Error(t, err)
	_, err = conn.BeginTx(t.Context(), nil)
	require.Error(t, err)
	require.NoError(t, tx.Commit(t.Context()))
	_, err = conn.ExecContext(t.Context(), "SELECT 1")
	require.ErrorIs(t, err, pgx.ErrTxClosed)
}

// A connector without a pool says so, and does not panic.
func TestConnector_nil(t *testing.T) {
	t.Parallel()

	db := sql.OpenDB(pgxtx.Connector(nil))
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	require.ErrorContains(t, db.PingContext(t.Context()), "the pool is nil")
}
