package store

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
	"github.com/uptrace/bun/schema"

	"github.com/freehold-go/freehold/realestate/fault"
)

// encoder writes the values of a column in PostgreSQL's binary form: at once where
// there is a short way from the Go type to the column's, else by way of the text.
type encoder struct {
	*column
	short   func(buf []byte, v reflect.Value) ([]byte, bool) // nil goes by text
	convert func(buf, text []byte) ([]byte, error)
	refused *fault.Error // what a text means that has no binary form
	text    []byte
}

// newEncoder reports false for a type that pgx does not know.
func newEncoder(c *column, m *pgtype.Map, oid uint32) (encoder, bool) {
	e := encoder{column: c, refused: ErrNotStorable}
	if oid == pgtype.Int2OID || oid == pgtype.Int4OID || oid == pgtype.Int8OID {
		e.refused = ErrNumberRange
	}
	if c.index >= 0 && c.short != nil {
		typ := c.field.StructField.Type
		if c.ptr {
			typ = typ.Elem()
		}
		e.short = binaryWay(typ, oid)
	}
	known, ok := m.TypeForOID(oid)
	switch {
	case oid == pgtype.TextOID || oid == pgtype.VarcharOID || oid == pgtype.BPCharOID || oid == pgtype.JSONOID:
		e.convert = func(buf, text []byte) ([]byte, error) { return append(buf, text...), nil }
	case oid == pgtype.JSONBOID: // a version, and the text
		e.convert = func(buf, text []byte) ([]byte, error) { return append(append(buf, 1), text...), nil }
	case ok:
		e.convert = func(buf, text []byte) ([]byte, error) {
			if oid == pgtype.NumericOID {
				if out, ok := numeric(buf, text); ok {
					return out, nil
				}
			}
			v, err := known.Codec.DecodeValue(m, oid, pgtype.TextFormatCode, text)
			if err != nil {
				return nil, err
			}
			return m.Encode(oid, pgtype.BinaryFormatCode, v, buf)
		}
	default:
		return e, false
	}
	return e, true
}

// append writes the value of the encoder's column in a row, and reports NULL.
func (e *encoder) append(gen schema.QueryGen, buf []byte, row reflect.Value) (_ []byte, null bool, err error) {
	if e.short != nil {
		v := row.Field(e.index)
		if e.ptr && v.IsNil() || e.field.NullZero && e.field.IsZero(v) {
			return buf, true, nil
		}
		if e.ptr {
			v = v.Elem()
		}
		if out, ok := e.short(buf, v); ok {
			return out, false, nil
		}
	}
	if e.text, null, _, err = e.column.append(gen, e.text[:0], row); err != nil || null {
		return buf, null, err
	}
	out, err := e.convert(buf, e.text)
	if err != nil {
		return nil, false, e.refused.On(e.field.Name).Because(err)
	}
	return out, false, nil
}

// binaryWay finds how values of a type are written as a column's type without
// their text, nil when they are not.
func binaryWay(typ reflect.Type, oid uint32) func([]byte, reflect.Value) ([]byte, bool) {
	switch {
	case oid == pgtype.UUIDOID && typ.Kind() == reflect.Array && typ.Len() == 16 && typ.Elem().Kind() == reflect.Uint8:
		return func(buf []byte, v reflect.Value) ([]byte, bool) { return append(buf, v.Bytes()...), !v.IsZero() }
	case oid == pgtype.TimestamptzOID && typ == reflect.TypeFor[time.Time]():
		return func(buf []byte, v reflect.Value) ([]byte, bool) {
			at := v.Addr().Interface().(*time.Time).UnixMicro() - y2k.UnixMicro()
			return binary.BigEndian.AppendUint64(buf, uint64(at)), true
		}
	case oid == pgtype.DateOID && typ.Implements(reflect.TypeFor[calendarDay]()):
		return func(buf []byte, v reflect.Value) ([]byte, bool) {
			n := v.Addr().Interface().(calendarDay).Days()
			return binary.BigEndian.AppendUint32(buf, uint32(n-y2kDay)), n != 0
		}
	case typ.Kind() == reflect.Bool && oid == pgtype.BoolOID:
		return func(buf []byte, v reflect.Value) ([]byte, bool) {
			if v.Bool() {
				return append(buf, 1), true
			}
			return append(buf, 0), true
		}
	case !typ.ConvertibleTo(reflect.TypeFor[int64]()) || typ.Kind() < reflect.Int || typ.Kind() > reflect.Int64:
		return nil
	case oid == pgtype.Int8OID:
		return func(buf []byte, v reflect.Value) ([]byte, bool) {
			return binary.BigEndian.AppendUint64(buf, uint64(v.Int())), true
		}
	case oid == pgtype.Int4OID:
		return func(buf []byte, v reflect.Value) ([]byte, bool) {
			return binary.BigEndian.AppendUint32(buf, uint32(v.Int())), v.Int() == int64(int32(v.Int()))
		}
	case oid == pgtype.Int2OID:
		return func(buf []byte, v reflect.Value) ([]byte, bool) {
			return binary.BigEndian.AppendUint16(buf, uint16(v.Int())), v.Int() == int64(int16(v.Int()))
		}
	}
	return nil
}

// y2k is where PostgreSQL counts from.
var y2k = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// calendarDay is a day that knows its number; day 1 is 0001-01-01 and 0 is none.
type calendarDay interface{ Days() int }

// y2kDay is the number of 2000-01-01.
const y2kDay = 730120

// numeric appends the binary form of a plain decimal number: digits in base 10,000
// around the point. It reports false for what it leaves to pgx.
func numeric(buf, text []byte) ([]byte, bool) {
	const most = 16 // groups
	sign := uint16(0)
	if len(text) > 0 && text[0] == '-' {
		sign, text = 0x4000, text[1:]
	}
	whole, frac, _ := bytes.Cut(text, []byte("."))
	if len(whole)+len(frac) == 0 || len(whole) > 4*most/2 || len(frac) > 4*most/2 {
		return buf, false
	}
	var groups [most + 1]uint16
	before := (len(whole) + 3) / 4
	shift := 4*before - len(whole) // zeros that fill the first group
	for i, c := range whole {
		if c < '0' || c > '9' {
			return buf, false
		}
		g := &groups[(i+shift)/4]
		*g = *g*10 + uint16(c-'0')
	}
	n := before + (len(frac)+3)/4
	for i := range 4 * (n - before) {
		c := byte('0')
		if i < len(frac) {
			c = frac[i]
		}
		if c < '0' || c > '9' {
			return buf, false
		}
		g := &groups[before+i/4]
		*g = *g*10 + uint16(c-'0')
	}
	first := 0
	for n > first && groups[n-1] == 0 {
		n--
	}
	for first < n && groups[first] == 0 {
		first++
	}
	weight := before - 1 - first
	if first == n {
		weight, sign = 0, 0
	}
	buf = binary.BigEndian.AppendUint16(buf, uint16(n-first))
	buf = binary.BigEndian.AppendUint16(buf, uint16(int16(weight)))
	buf = binary.BigEndian.AppendUint16(buf, sign)
	buf = binary.BigEndian.AppendUint16(buf, uint16(len(frac)))
	for _, g := range groups[first:n] {
		buf = binary.BigEndian.AppendUint16(buf, g)
	}
	return buf, true
}
