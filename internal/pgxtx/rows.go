package pgxtx

import (
	"bytes"
	"database/sql/driver"
	"io"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// rows gives the values of an answer as pgx's own adapter for database/sql does: the
// types that the standard library knows as such, JSON as bytes, all else as text.
type rows struct {
	pgx.Rows
	types   *pgtype.Map
	fields  []pgconn.FieldDescription
	waiting bool // the first row has come and is not read yet
}

func (r *rows) Columns() []string {
	names := make([]string, len(r.fields))
	for i, f := range r.fields {
		names[i] = f.Name
	}
	return names
}

// Close ends the answer; what is left of it is read and dropped.
func (r *rows) Close() error {
	r.Rows.Close()
	return r.Err()
}

func (r *rows) Next(values []driver.Value) (err error) {
	if !r.waiting && !r.Rows.Next() {
		if err := r.Err(); err != nil {
			return err
		}
		return io.EOF
	}
	r.waiting = false
	for i, raw := range r.RawValues() {
		if values[i], err = r.value(r.fields[i], raw); err != nil {
			return err
		}
	}
	return nil
}

// value turns what the server sent for a column into what database/sql knows.
func (r *rows) value(f pgconn.FieldDescription, raw []byte) (driver.Value, error) {
	if raw == nil {
		return nil, nil
	}
	switch f.DataTypeOID {
	case pgtype.BoolOID, pgtype.ByteaOID, pgtype.DateOID, pgtype.TimestampOID, pgtype.TimestamptzOID,
		pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID, pgtype.Float4OID, pgtype.Float8OID,
		pgtype.OIDOID, pgtype.XIDOID, pgtype.CIDOID:
		t, _ := r.types.TypeForOID(f.DataTypeOID) // the map has all of these
		return t.Codec.DecodeDatabaseSQLValue(r.types, f.DataTypeOID, f.Format, raw)
	case pgtype.JSONOID, pgtype.JSONBOID, pgtype.XMLOID:
		return bytes.Clone(raw), nil // pgx reuses the memory
	}
	return string(raw), nil
}
