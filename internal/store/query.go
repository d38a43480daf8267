package store

import (
	"context"
	"database/sql"

	"github.com/uptrace/bun"
)

// Query is a query whose rows are read one by one, since there may be hundreds of thousands.
type Query struct {
	db    bun.IDB
	known Constraints
	query string
	args  []any
}

// NewQuery makes a query with bun's placeholders; [Query.Each] runs it. Errors of the
// database are faults, by known.
func NewQuery(db bun.IDB, known Constraints, query string, args ...any) Query {
	return Query{db, known, query, args}
}

// Row is the present row of a [Query].
type Row struct {
	rows  *sql.Rows
	known Constraints
}

// Scan reads the columns of the row into dest.
func (r Row) Scan(dest ...any) error { return Err(r.rows.Scan(dest...), r.known) }

// Each runs the query and calls read for every row, in order. An error of read ends the
// reading and is returned as it is.
func (q Query) Each(ctx context.Context, read func(row Row) error) error {
	conn, params, done, err := reading(ctx, q.db)
	if err != nil {
		return err
	}
	defer done()
	text, args, err := withParams(q.db, q.db.NewRaw(q.query, q.args...), params)
	if err == nil && len(args) > mostParams {
		text, args, err = withParams(q.db, q.db.NewRaw(q.query, q.args...), false)
	}
	if err != nil {
		return err
	}
	rows, err := conn.QueryContext(ctx, text, args...)
	if err != nil {
		return Err(err, q.known)
	}
	defer func() { _ = rows.Close() }() // rows.Err tells
	for rows.Next() {
		if err := read(Row{rows, q.known}); err != nil {
			return err
		}
	}
	return Err(rows.Err(), q.known)
}
