// Package pgxtx makes an open pgx.Tx a connection of database/sql, which bun needs. All
// that is sent over it goes through the transaction, so it sees what the host has written
// there and ends with it, and the host's tracer sees it too.
package pgxtx

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// errNotHere: the transaction is the host's, and it alone ends it or begins one in it.
var errNotHere = errors.New("pgxtx: a lent transaction neither prepares statements nor begins transactions")

// Open returns a connection whose statements run in tx. close gives tx back to the host
// as it is; nothing can be sent over the connection afterwards. Like tx it is for one
// goroutine at a time.
func Open(ctx context.Context, tx pgx.Tx) (c *sql.Conn, close func(), err error) {
	db := sql.OpenDB(connector{tx})
	if c, err = db.Conn(ctx); err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return c, func() {
		_ = c.Close() // neither has anything to send
		_ = db.Close()
	}, nil
}

// connector hands out the one connection.
type connector struct{ tx pgx.Tx }

func (c connector) Connect(context.Context) (driver.Conn, error) {
	return conn{c.tx, pgtype.NewMap()}, nil
}

// Driver is there for the interface: nothing opens another connection.
func (c connector) Driver() driver.Driver { return lender{} }

type lender struct{}

func (lender) Open(string) (driver.Conn, error) { return nil, errNotHere }

// conn runs statements in tx. It reads values by types of its own: what the host has
// registered on its connection would give bun values that it does not know.
type conn struct {
	tx    pgx.Tx
	types *pgtype.Map
}

// text asks for every column in its text form.
var text = pgx.QueryResultFormats{pgx.TextFormatCode}

func (c conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	tag, err := c.tx.Exec(ctx, query, arguments(args)...)
	if err != nil {
		return nil, err
	}
	return driver.RowsAffected(tag.RowsAffected()), nil
}

func (c conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	answer, err := c.tx.Query(ctx, query, append([]any{text}, arguments(args)...)...)
	if err != nil {
		return nil, err
	}
	return opened(answer, c.types)
}

// opened is an answer of which the first row has come: only then the columns are known, and
// a refusal too.
func opened(answer pgx.Rows, types *pgtype.Map) (driver.Rows, error) {
	r := &rows{Rows: answer, types: types, waiting: answer.Next()}
	if err := answer.Err(); err != nil {
		answer.Close()
		return nil, err
	}
	r.fields = answer.FieldDescriptions()
	return r, nil
}

// arguments puts before the arguments how they are sent: in one round trip that leaves
// no named statement behind, since bun writes values into the text, whatever the host's
// own statements do.
func arguments(named []driver.NamedValue) []any {
	args := []any{pgx.QueryExecModeExec}
	for _, a := range named {
		args = append(args, a.Value)
	}
	return args
}

// CheckNamedValue lets every value pass: pgx knows them.
func (conn) CheckNamedValue(*driver.NamedValue) error { return nil }

// Close leaves the transaction open: it is the host's.
func (conn) Close() error { return nil }

func (conn) Prepare(string) (driver.Stmt, error) { return nil, errNotHere }
func (conn) Begin() (driver.Tx, error)           { return nil, errNotHere }
