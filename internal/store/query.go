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
	raw, done, err := statement(ctx, q.db, q.db.NewRaw(q.query, q.args...))
	if err != nil {
		return err
	}
	defer done()
	to := &visitor{known: q.known, read: read}
	if err := raw.Scan(ctx, to); to.refused == nil {
		return Err(err, q.known)
	}
	return to.refused
}

// visitor is a model of bun that hands on each row, so that bun's hooks see the query.
type visitor struct {
	known   Constraints
	read    func(row Row) error
	refused error // what read ended with
}

// Value is part of [bun.Model].
func (v *visitor) Value() any { return nil }

// ScanRows is part of [bun.Model].
func (v *visitor) ScanRows(_ context.Context, rows *sql.Rows) (n int, err error) {
	for ; rows.Next(); n++ {
		if v.refused = v.read(Row{rows, v.known}); v.refused != nil {
			return n, v.refused
		}
	}
	return n, rows.Err()
}

var _ bun.Model = (*visitor)(nil)
