package pgtest

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
)

// Statement is one round trip to the server, and how long it took.
type Statement struct {
	SQL  string
	Took time.Duration
}

// Trace is the statements that were sent through a pool, in their order. It is safe
// for concurrent use.
type Trace struct {
	mu  sync.Mutex
	all []Statement
}

// Take returns the statements since the last call, and forgets them.
func (t *Trace) Take() []Statement {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := t.all
	t.all = nil
	return slices.Clip(out)
}

// Traced opens another pool on the database of db, as [Open] does, whose statements
// are on record. It is closed when the test ends.
func Traced(t testing.TB, db bun.IDB) (*bun.DB, *Trace) {
	t.Helper()
	trace := &Trace{}
	pool, err := open(DSN(t, db), func(c *pgx.ConnConfig) { c.Tracer = trace })
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, pool.Close()) })
	return pool, trace
}

type traceKey struct{}

// begun is a statement that waits for its answer.
type begun struct {
	sql string
	at  time.Time
}

func (t *Trace) start(ctx context.Context, sql string) context.Context {
	return context.WithValue(ctx, traceKey{}, begun{sql, time.Now()})
}

func (t *Trace) end(ctx context.Context) {
	b := ctx.Value(traceKey{}).(begun)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = append(t.all, Statement{b.sql, time.Since(b.at)})
}

// TraceQueryStart is part of [pgx.QueryTracer].
func (t *Trace) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	return t.start(ctx, d.SQL)
}

// TraceQueryEnd is part of [pgx.QueryTracer].
func (t *Trace) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryEndData) { t.end(ctx) }

// TraceCopyFromStart is part of [pgx.CopyFromTracer].
func (t *Trace) TraceCopyFromStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceCopyFromStartData) context.Context {
	return t.start(ctx, "COPY "+d.TableName.Sanitize())
}

// TraceCopyFromEnd is part of [pgx.CopyFromTracer].
func (t *Trace) TraceCopyFromEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceCopyFromEndData) {
	t.end(ctx)
}

// TraceBatchStart is part of [pgx.BatchTracer]. The statements of a batch are one round
// trip.
func (t *Trace) TraceBatchStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceBatchStartData) context.Context {
	all := make([]string, len(d.Batch.QueuedQueries))
	for i, q := range d.Batch.QueuedQueries {
		all[i] = q.SQL
	}
	return t.start(ctx, strings.Join(all, ";\n"))
}

// TraceBatchQuery is part of [pgx.BatchTracer].
func (t *Trace) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd is part of [pgx.BatchTracer].
func (t *Trace) TraceBatchEnd(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchEndData) { t.end(ctx) }
