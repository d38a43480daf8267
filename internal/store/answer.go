package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// answer is the rows that came for a question. To database/sql it is the rows of a driver.
type answer struct {
	types    *pgtype.Map
	fields   []pgconn.FieldDescription
	rows     [][][]byte
	affected int64
	err      error
}

// read takes the next of the results.
func (a *answer) read(types *pgtype.Map, results *pgconn.MultiResultReader) {
	if !results.NextResult() {
		if a.err = results.Close(); a.err == nil {
			a.err = errNoAnswer
		}
		return
	}
	rows := results.ResultReader()
	a.types, a.fields = types, append(a.fields, rows.FieldDescriptions()...)
	for rows.NextRow() {
		raw, size := rows.Values(), 0
		for _, v := range raw {
			size += len(v)
		}
		row, text := make([][]byte, len(raw)), make([]byte, 0, size) // pgx reads the next row into the same memory
		for i, v := range raw {
			if v != nil { // nil is NULL
				text = append(text, v...)
				row[i] = text[len(text)-len(v) : len(text) : len(text)]
			}
		}
		a.rows = append(a.rows, row)
	}
	tag, err := rows.Close()
	a.affected, a.err = tag.RowsAffected(), err
}

// errNoAnswer: the server has answered fewer statements than it was asked.
var errNoAnswer = errors.New("no more results in batch")

// Columns is part of [driver.Rows].
func (a *answer) Columns() []string {
	names := make([]string, len(a.fields))
	for i := range a.fields {
		names[i] = a.fields[i].Name
	}
	return names
}

// Next is part of [driver.Rows].
func (a *answer) Next(dest []driver.Value) (err error) {
	if len(a.rows) == 0 {
		return io.EOF
	}
	row := a.rows[0]
	a.rows = a.rows[1:]
	for i, raw := range row {
		f := &a.fields[i]
		known, ok := a.types.TypeForOID(f.DataTypeOID)
		switch {
		case raw == nil:
			dest[i] = nil
		case !ok, f.Format == pgtype.TextFormatCode && isText(f.DataTypeOID): // pgx asks for the text of what it does not know
			dest[i] = string(raw)
		default:
			if dest[i], err = known.Codec.DecodeDatabaseSQLValue(a.types, f.DataTypeOID, f.Format, raw); err != nil {
				return err
			}
		}
	}
	return nil
}

// isText reports a type whose values reach database/sql as the text that the server sends:
// that need not be read and written once more.
func isText(oid uint32) bool {
	switch oid {
	case pgtype.UUIDOID, pgtype.TextOID, pgtype.VarcharOID, pgtype.BPCharOID, pgtype.NumericOID:
		return true
	}
	return false
}

// Close is part of [driver.Rows].
func (a *answer) Close() error { return nil }

// answers is a driver whose only query makes rows of an [answer]: database/sql lets
// nothing else make them.
type answers struct{}

func (answers) Connect(context.Context) (driver.Conn, error) { return answers{}, nil }
func (answers) Driver() driver.Driver                        { return nil }
func (answers) Prepare(string) (driver.Stmt, error)          { return nil, driver.ErrSkip }
func (answers) Begin() (driver.Tx, error)                    { return nil, driver.ErrSkip }
func (answers) Close() error                                 { return nil }
func (answers) CheckNamedValue(*driver.NamedValue) error     { return nil }
func (answers) QueryContext(_ context.Context, _ string, args []driver.NamedValue) (driver.Rows, error) {
	got := args[0].Value.(*answer)
	if got.err != nil {
		return nil, got.err
	}
	return got, nil
}
