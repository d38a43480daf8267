package pgxtx

import (
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"errors"
	"fmt"
	"hash/maphash"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/freehold-go/freehold/internal/store"
)

// Named is the connector of pgx's adapter for connections to a server that keeps named
// statements between transactions, as PostgreSQL does and a pooler in front of it may not.
// What is sent without parameters has values in its text, or is sent once, and stays unnamed.
// A statement with parameters is prepared, under a name, by the second time that a connection
// is to send it, so that one that never comes again costs no round trip more and stays in no
// cache.
//
// A name that the server does not know, or knows from another client, tells that it keeps
// none: from then on nothing is named. Where a statement's columns have changed since it was
// prepared, all connections forget what they have prepared. Outside of a transaction the
// statement is then sent again without a name; inside of one its error is [store.StaleName].
func Named(cfg pgx.ConnConfig) driver.Connector {
	return &namedConnector{Connector: stdlib.GetConnector(cfg), seed: maphash.MakeSeed()}
}

type namedConnector struct {
	driver.Connector
	seed    maphash.Seed
	off     atomic.Bool  // nothing is named any longer
	changed atomic.Int64 // how often the columns of a statement were others
}

func (c *namedConnector) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &named{adapter: opened.(*stdlib.Conn), from: c, changed: c.changed.Load(), seen: map[uint64]struct{}{}, batched: map[string]*pgconn.StatementDescription{}}, nil
}

// named is pgx's adapter over a connection of which some statements have names.
type named struct {
	adapter
	from    *namedConnector
	changed int64
	stale   bool                                    // a statement of this connection had other columns
	seen    map[uint64]struct{}                     // hashes of what was sent before
	batched map[string]*pgconn.StatementDescription // what goes in batches, by its text
}

const (
	mostSeen    = 4096  // statements that a connection remembers having sent
	longestName = 16384 // bytes of a statement that may have a name: a longer one lists its values
	mostBatched = 512   // statements of batches that a connection keeps, as pgx keeps of the others
)

// ResetSession forgets what was prepared before the columns of a statement changed.
func (c *named) ResetSession(ctx context.Context) error {
	if err := c.adapter.ResetSession(ctx); err != nil {
		return err
	}
	if c.from.changed.Load() != c.changed || len(c.batched) >= mostBatched {
		if err := c.forget(ctx); err != nil {
			return driver.ErrBadConn
		}
	}
	return nil
}

// forget drops all that is prepared.
func (c *named) forget(ctx context.Context) error {
	now := c.from.changed.Load()
	if err := c.Conn().DeallocateAll(ctx); err != nil {
		return err
	}
	c.changed, c.stale = now, false
	clear(c.batched)
	return nil
}

// Named is part of [store.Namer]. The names are of the texts, so that no client's name means
// another statement, whoever else uses the connection of the server.
func (c *named) Named(ctx context.Context, query string, args []any) (*pgconn.StatementDescription, error) {
	if c.stale && c.Conn().PgConn().TxStatus() != 'E' { // a connection that a host keeps is not reset between transactions
		if err := c.forget(ctx); err != nil {
			return nil, err
		}
	}
	if of := c.batched[query]; of != nil && !c.from.off.Load() {
		return of, nil
	}
	if !c.repeated(query, len(args)) {
		return nil, nil
	}
	sum := sha256.Sum256([]byte(query))
	of, err := c.Conn().PgConn().Prepare(ctx, fmt.Sprintf("freehold_%x", sum[:24]), query, nil)
	if err != nil {
		c.Learn(err)
		return nil, err
	}
	c.batched[query] = of
	return of, nil
}

// Learn is part of [store.Namer].
func (c *named) Learn(err error) { c.learn(err) }

func (c *named) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	return send(c, query, args, func(args []driver.NamedValue) (driver.Result, error) { return c.adapter.ExecContext(ctx, query, args) })
}

func (c *named) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	ctx = store.Ending(ctx)
	return send(c, query, args, func(args []driver.NamedValue) (driver.Rows, error) {
		pg := c.Conn()
		if pg.IsClosed() {
			return nil, driver.ErrBadConn
		}
		values := make([]any, 1, 1+len(args))
		values[0] = binaryForms
		for _, a := range args {
			values = append(values, a.Value)
		}
		answer, err := pg.Query(ctx, query, values...)
		if err == nil {
			return opened(answer, pg.TypeMap())
		}
		if pgconn.SafeToRetry(err) {
			err = driver.ErrBadConn
		}
		return nil, err
	})
}

// binaryForms are the types that a prepared statement brings in their binary form, as pgx's
// adapter has it. All else comes as text.
var binaryForms = pgx.QueryResultFormatsByOID{
	pgtype.BoolOID: 1, pgtype.ByteaOID: 1, pgtype.CIDOID: 1, pgtype.DateOID: 1, pgtype.Float4OID: 1, pgtype.Float8OID: 1, pgtype.Int2OID: 1,
	pgtype.Int4OID: 1, pgtype.Int8OID: 1, pgtype.OIDOID: 1, pgtype.TimestampOID: 1, pgtype.TimestamptzOID: 1, pgtype.XIDOID: 1,
}

// send sends a statement by its name where it has one, and once more without it where the
// server refuses that and nothing else is lost with it.
func send[T any](c *named, query string, args []driver.NamedValue, by func([]driver.NamedValue) (T, error)) (T, error) {
	if !c.repeated(query, len(args)) {
		return by(args)
	}
	alone := c.Conn().PgConn().TxStatus() == 'I'
	got, err := by(append([]driver.NamedValue{{Value: pgx.QueryExecModeCacheStatement}}, args...))
	if err == nil || !c.learn(err) || !alone {
		return got, err
	}
	return by(args)
}

// repeated reports whether a statement goes by a name: it has parameters, and was sent before.
func (c *named) repeated(query string, args int) bool {
	if args == 0 || len(query) > longestName || c.from.off.Load() {
		return false
	}
	hash := maphash.String(c.from.seed, query)
	if _, ok := c.seen[hash]; ok {
		return true
	}
	if len(c.seen) == mostSeen {
		clear(c.seen)
	}
	c.seen[hash] = struct{}{}
	return false
}

// learn reports whether an error is of the name of a statement, and sees to it that it does
// not come again.
func (c *named) learn(err error) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) || !store.StaleName(pg.Code, pg.Message) {
		return false
	}
	if pg.Code == "0A000" {
		c.stale = true
		c.from.changed.Add(1)
	} else {
		c.from.off.Store(true)
	}
	return true
}
