package store

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
)

// query is what bun builds: a Q that is told where it goes, and read.
type query[Q any] interface {
	schema.QueryAppender
	Conn(conn bun.IConn) Q
	Scan(ctx context.Context, dest ...any) error
}

// Read runs a query that bun has built and reads its rows into dest. The values in it go as
// parameters and not in the text, which is then the same for every value: a pool that may
// name its statements plans it once, and a server that logs a statement that fails quotes no
// value. Only whole numbers and booleans stay in the text, as bun writes them. Errors are the
// driver's; no row where dest is one is sql.ErrNoRows, and a value that has no form
// [ErrNotStorable], before anything is sent.
func Read[Q query[Q]](ctx context.Context, db bun.IDB, q Q, dest ...any) error {
	conn, params, done, err := reading(ctx, db)
	if err != nil {
		return err
	}
	defer done()
	text, args, err := withParams(db, q, params)
	if err != nil {
		return err
	}
	if !params || len(args) > mostParams {
		return q.Conn(conn).Scan(ctx, dest...)
	}
	raw := db.NewRaw(text).Conn(sent{conn.(sender), args})
	rows := newStructs(db.Dialect().Tables(), dest...)
	if rows == nil {
		return raw.Scan(ctx, dest...)
	}
	if err := raw.Scan(ctx, rows); err != nil {
		return err
	}
	if rows.n == 0 && !rows.list.IsValid() {
		return sql.ErrNoRows
	}
	return nil
}

// Exists reports whether a query finds a row; see [Read].
func Exists(ctx context.Context, db bun.IDB, q *bun.SelectQuery) (is bool, err error) {
	err = Read(ctx, db, db.NewRaw("SELECT EXISTS (?)", q), &is)
	return is, err
}

// Count is how many rows a query finds; see [Read].
func Count(ctx context.Context, db bun.IDB, q *bun.SelectQuery) (n int, err error) {
	err = Read(ctx, db, db.NewRaw("SELECT count(*) FROM (?) AS q", q), &n)
	return n, err
}

// Write is [Read] for a query whose rows, if it has any, are not looked at. It returns how many
// rows were written. Errors are the driver's.
func Write(ctx context.Context, db bun.IDB, q schema.QueryAppender) (int64, error) {
	raw, done, err := statement(ctx, db, q)
	if err != nil {
		return 0, err
	}
	defer done()
	res, err := raw.Exec(ctx)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// statement is a query of bun's as it is sent, and what gives its connection back.
func statement(ctx context.Context, db bun.IDB, q schema.QueryAppender) (_ *bun.RawQuery, done func(), err error) {
	conn, params, done, err := reading(ctx, db)
	if err != nil {
		return nil, nil, err
	}
	text, args, err := withParams(db, q, params)
	if err == nil && len(args) > mostParams {
		text, args, err = withParams(db, q, false)
	}
	if err != nil {
		done()
		return nil, nil, err
	}
	return db.NewRaw(text).Conn(sent{conn.(sender), args}), done, nil
}

// mostParams is how many parameters a statement can have; a longer list goes in the text.
const mostParams = 65535

// reading finds what is below db, and whether it takes parameters. Outside of a transaction
// a driver other than pgx may need two round trips for a statement that has them, and behind
// a pooler two servers: there the values go in the text, as they do to a db of a type that is
// not known here.
func reading(ctx context.Context, db bun.IDB) (conn bun.IConn, params bool, done func(), err error) {
	s, done, err := direct(ctx, db)
	switch {
	case errors.Is(err, errDBUnsupported):
		return db, false, func() {}, nil
	case err != nil:
		return nil, false, nil, err
	}
	if c, ok := s.(connection); ok && IsPool(db) {
		return s, pgxOf(c, nil) == nil, done, nil
	}
	return s, true, done, nil
}

// withParams renders a query. With params its values are apart from its text.
func withParams(db bun.IDB, q schema.QueryAppender, params bool) (string, []any, error) {
	p := &paramDialect{Dialect: db.Dialect()}
	gen := schema.NewQueryGen(p.Dialect)
	if params {
		gen = schema.NewQueryGen(p)
	}
	text, err := q.AppendQuery(gen, make([]byte, 0, 1024))
	if err != nil {
		return "", nil, err
	}
	if p.failed || hasFailure(text) {
		return "", nil, ErrNotStorable
	}
	return string(text), p.args, nil
}

// paramDialect is a dialect that keeps the values of one query, and writes where they go.
// The server is told of no types, as it is not of a quoted value, so it finds the same.
type paramDialect struct {
	schema.Dialect
	args   []any
	buf    []byte
	failed bool
}

// add takes a literal of bun's out of its quotes.
func (d *paramDialect) add(b, literal []byte) []byte {
	d.buf = literal[:0]
	if len(literal) < 2 || literal[0] != '\'' || literal[len(literal)-1] != '\'' {
		d.failed = d.failed || hasFailure(literal)
		return append(b, literal...) // NULL
	}
	d.args = append(d.args, string(unquote(literal)))
	return strconv.AppendInt(append(b, '$'), int64(len(d.args)), 10)
}

func (d *paramDialect) AppendString(b []byte, s string) []byte {
	return d.add(b, d.Dialect.AppendString(d.buf[:0], s))
}

func (d *paramDialect) AppendTime(b []byte, t time.Time) []byte {
	return d.add(b, d.Dialect.AppendTime(d.buf[:0], t))
}

func (d *paramDialect) AppendBytes(b, v []byte) []byte {
	return d.add(b, d.Dialect.AppendBytes(d.buf[:0], v))
}

func (d *paramDialect) AppendJSON(b, v []byte) []byte {
	return d.add(b, d.Dialect.AppendJSON(d.buf[:0], v))
}
