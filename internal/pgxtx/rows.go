package pgxtx

import (
	"bytes"
	"database/sql/driver"
	"encoding/binary"
	"io"
	"math"
	"strings"
	"time"

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

// ColumnTypeDatabaseTypeName is the name of a column's type, "" where pgx does not know it.
func (r *rows) ColumnTypeDatabaseTypeName(i int) string {
	if t, ok := r.types.TypeForOID(r.fields[i].DataTypeOID); ok {
		return strings.ToUpper(t.Name)
	}
	return ""
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
	if f.Format == pgtype.BinaryFormatCode {
		if v := fromBinary(f.DataTypeOID, raw); v != nil {
			return v, nil
		}
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

// fromBinary reads the commonest values without pgx's plans for them; nil is left to pgx.
func fromBinary(oid uint32, raw []byte) driver.Value {
	switch {
	case oid == pgtype.BoolOID && len(raw) == 1:
		return raw[0] == 1
	case oid == pgtype.Int8OID && len(raw) == 8:
		return int64(binary.BigEndian.Uint64(raw))
	case oid == pgtype.Int4OID && len(raw) == 4:
		return int64(int32(binary.BigEndian.Uint32(raw)))
	case oid == pgtype.Int2OID && len(raw) == 2:
		return int64(int16(binary.BigEndian.Uint16(raw)))
	case oid == pgtype.TimestamptzOID && len(raw) == 8:
		if us := int64(binary.BigEndian.Uint64(raw)); us != math.MaxInt64 && us != math.MinInt64 { // the infinities
			return time.Unix(y2k+us/1_000_000, us%1_000_000*1_000)
		}
	case oid == pgtype.DateOID && len(raw) == 4:
		if days := int32(binary.BigEndian.Uint32(raw)); days != math.MaxInt32 && days != math.MinInt32 {
			return time.Unix(y2k+int64(days)*24*60*60, 0).UTC()
		}
	}
	return nil
}

// y2k is where PostgreSQL counts from, in seconds since 1970.
const y2k = 946_684_800
