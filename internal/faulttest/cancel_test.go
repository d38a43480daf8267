package faulttest

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/recipes"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/fault"
)

// striker ends a context just before the n-th statement that pgx is asked for,
// whichever way the library sends it.
type striker struct {
	mu      sync.Mutex // database/sql rolls back in a goroutine of its own
	sent, n int        // n is 0 for never
	cancel  context.CancelFunc
}

func (s *striker) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cancel != nil {
		if s.sent++; s.sent == s.n {
			s.cancel()
		}
	}
	return ctx
}

// TraceBatchStart counts the statements that share a round trip as one.
func (s *striker) TraceBatchStart(ctx context.Context, c *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return s.TraceQueryStart(ctx, c, pgx.TraceQueryStartData{})
}

// strike calls f with a context that ends at statement n, and counts its
// statements.
func (s *striker) strike(ctx context.Context, n int, f func(context.Context) error) (sent int, err error) {
	set := func(n int, cancel context.CancelFunc) int {
		s.mu.Lock()
		defer s.mu.Unlock()
		sent := s.sent
		s.sent, s.n, s.cancel = 0, n, cancel
		return sent
	}
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	set(n, cancel)
	err = f(inner)
	return set(0, nil), err
}

func (*striker) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData)     {}
func (*striker) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (*striker) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}

// prints hashes all rows of every table of a database.
type prints struct{ stmt *sql.Stmt }

// newPrints plans the query once; it takes longer than the query.
func newPrints(t *testing.T, db *bun.DB) prints {
	t.Helper()
	var tables []string
	require.NoError(t, db.NewRaw(`SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname NOT IN ('pg_catalog', 'information_schema')
			AND c.relname NOT IN ('spatial_ref_sys', 'callers') ORDER BY 1`).Scan(t.Context(), &tables))
	require.Greater(t, len(tables), 60)
	for i, table := range tables {
		tables[i] = fmt.Sprintf("SELECT '%s', md5(COALESCE(string_agg(r::text, ',' ORDER BY r::text), '')) FROM %s r", table, table)
	}
	conn, err := db.DB.Conn(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() }) // gives it back
	stmt, err := conn.PrepareContext(t.Context(), strings.Join(tables, " UNION ALL "))
	require.NoError(t, err)
	return prints{stmt}
}

// take returns the hash of each table.
func (p prints) take(t *testing.T) map[string]string {
	t.Helper()
	rows, err := p.stmt.QueryContext(t.Context())
	require.NoError(t, err)
	defer func() { _ = rows.Close() }() // rows.Err tells
	out := map[string]string{}
	for rows.Next() {
		var table, hash string
		require.NoError(t, rows.Scan(&table, &hash))
		out[table] = hash
	}
	require.NoError(t, rows.Err())
	return out
}

// The context of a verb ends at each of its statements in turn, inside a
// transaction of the caller's, who writes a row before and one after, and
// commits: those two rows are all that has changed. In its own transaction on
// the pool it leaves nothing either.
func TestCancel(t *testing.T) {
	t.Parallel()
	start := 1
	if !long() {
		start += random(t).IntN(5) // the gate takes every fifth, and not always the same ones
	}
	inWorlds(t, func(t *testing.T, db *bun.DB) func(*world, recipes.Recipe) {
		_, err := db.ExecContext(t.Context(), "CREATE TABLE public.callers (n int)")
		require.NoError(t, err)
		s := new(striker)
		lane := open(t, pgtest.DSN(t, db), func(cfg *pgx.ConnConfig) { cfg.Tracer = s })
		table := newPrints(t, db)
		return func(w *world, v recipes.Recipe) { w.cancelled(v, start, s, lane, table) }
	})
}

// cancelled ends the context of a recipe's verb at its statements, from start on.
func (w *world) cancelled(v recipes.Recipe, start int, s *striker, lane *bun.DB, table prints) {
	t := w.T
	t.Helper()
	call := w.ready(v)
	before := table.take(t)
	statements := inCallers(t, lane, s, 0, call)
	require.Equal(t, before, table.take(t), "the run that counts is rolled back")
	require.GreaterOrEqual(t, statements, 3, "a savepoint, its end, and something between")
	for k := start; k < statements; k += either(5, 1) {
		inCallers(t, lane, s, k, call)
		var n int
		require.NoError(t, w.DB.NewRaw("WITH gone AS (DELETE FROM public.callers RETURNING n) SELECT count(*) FROM gone").Scan(t.Context(), &n))
		require.Equal(t, 2, n, "the caller's own rows at statement %d", k)
		require.Equal(t, before, table.take(t), "at statement %d of %d something was left", k, statements)
	}
	for k := start; ; k += either(5, 1) {
		_, err := s.strike(t.Context(), k, func(ctx context.Context) error { return call(ctx, lane) })
		if err == nil {
			require.Greater(t, k, 1)
			require.Equal(t, slices.Contains(reads, v.Name), reflect.DeepEqual(before, table.take(t)), "what is done shows")
			return
		}
		require.Equal(t, before, table.take(t), "on the pool, at statement %d: %v", k, err)
	}
}

// inCallers calls a verb in a caller's transaction, a bun.Tx or a *sql.Tx by
// turns, and ends its context at statement k. Without k it counts the statements
// and rolls back.
func inCallers(t *testing.T, db *bun.DB, s *striker, k int, call command) (statements int) {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer func() { _ = tx.Rollback() }() // after Commit it does nothing
	var callers bun.IDB = tx
	if k%2 == 0 {
		callers = realestate.LendTx(tx.Tx)
	}
	mine := func() {
		_, err := tx.ExecContext(t.Context(), "INSERT INTO public.callers VALUES (1)")
		require.NoError(t, err, "the transaction goes on")
	}
	mine()
	sent, err := s.strike(t.Context(), k, func(ctx context.Context) error { return call(ctx, callers) })
	if k == 0 {
		require.NoError(t, err)
		return sent
	}
	require.ErrorIs(t, err, context.Canceled, "at statement %d", k)
	require.NotErrorIs(t, err, fault.Unknown)
	mine()
	require.NoError(t, tx.Commit())
	return sent
}

// elsewhere are the verbs with a key that have no row, with what tries them.
var elsewhere = map[string]string{
	"Signatures.SendTemplate": "needs storage and a renderer of papers; TestSendTemplate_killed in documents",
}

// Every verb that takes a key is in the table.
func TestVerbs_complete(t *testing.T) {
	t.Parallel()
	p := platform()
	inTable := func(name string) bool {
		return slices.ContainsFunc(recipes.Money, func(v recipes.Recipe) bool { return v.Verb() == name })
	}
	found := 0
	for _, service := range reflect.VisibleFields(reflect.TypeOf(p).Elem()) {
		for i := range service.Type.NumMethod() {
			m := service.Type.Method(i)
			if !service.IsExported() || !takesKey(m.Type) || elsewhere[service.Name+"."+m.Name] != "" {
				continue
			}
			found++
			require.True(t, inTable(service.Name+"."+m.Name), "%s.%s takes an idempotency key: give it a row in internal/recipes", service.Name, m.Name)
		}
	}
	require.GreaterOrEqual(t, found, 45)
}

// takesKey reports whether one of a method's parameters is a struct, or a list of
// them, that has an idempotency key.
func takesKey(m reflect.Type) bool {
	for i := range m.NumIn() {
		in := m.In(i)
		if in.Kind() == reflect.Slice {
			in = in.Elem()
		}
		if in.Kind() == reflect.Struct {
			if _, ok := in.FieldByName("IdempotencyKey"); ok {
				return true
			}
		}
	}
	return false
}
