package store

import (
	"bytes"
	"database/sql/driver"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun/schema"
)

// appender is a value that writes, without an allocation, the text that its
// Value method returns.
type appender interface {
	driver.Valuer
	AppendValue(b []byte) ([]byte, error)
}

// column writes the values of one field as text. The common types have a short
// way; it writes what bun would, or leaves the value to bun.
type column struct {
	field *schema.Field
	index int // of the field in the struct; -1 goes by bun
	ptr   bool
	set   bool                                             // an id or a date, which has to be one
	short func(buf []byte, v reflect.Value) ([]byte, bool) // nil goes by bun
	plain bool                                             // what short writes needs no escaping anywhere
}

func newColumn(f *schema.Field) column {
	c := column{field: f, index: -1}
	if len(f.Index) != 1 || f.Tag.HasOption("msgpack") {
		return c
	}
	c.index = f.Index[0]
	typ := f.StructField.Type
	if c.ptr = typ.Kind() == reflect.Pointer; c.ptr {
		typ = typ.Elem()
	}
	c.set = isID(typ) || typ.Implements(reflect.TypeFor[calendarDay]())
	if _, typed := f.Tag.Option("type"); !typed { // JSON goes by bun
		c.short, c.plain = shortWay(typ)
	}
	return c
}

// shortWay finds how values of a type are written without bun.
func shortWay(typ reflect.Type) (short func([]byte, reflect.Value) ([]byte, bool), plain bool) {
	switch {
	case typ == reflect.TypeFor[time.Time]():
		return func(buf []byte, v reflect.Value) ([]byte, bool) {
			return v.Addr().Interface().(*time.Time).UTC().AppendFormat(buf, "2006-01-02 15:04:05.999999-07:00"), true
		}, false
	case typ == reflect.TypeFor[decimal.Decimal]():
		return func(buf []byte, v reflect.Value) ([]byte, bool) {
			return append(buf, v.Addr().Interface().(*decimal.Decimal).String()...), true
		}, true
	case typ.Implements(reflect.TypeFor[appender]()):
		return func(buf []byte, v reflect.Value) ([]byte, bool) {
			out, err := v.Addr().Interface().(appender).AppendValue(buf) // of the pointer: no copy is made
			return out, err == nil
		}, true
	case typ.NumMethod() > 0 && !onlyText(typ):
		return nil, false // it may have a way of its own
	case typ.Kind() == reflect.String:
		return func(buf []byte, v reflect.Value) ([]byte, bool) {
			s := v.String()
			if strings.IndexByte(s, 0) >= 0 || !utf8.ValidString(s) {
				return buf, false // bun mends the one and refuses the other
			}
			return append(buf, s...), true
		}, false
	case typ.Kind() == reflect.Int || typ.Kind() == reflect.Int32 || typ.Kind() == reflect.Int64:
		return func(buf []byte, v reflect.Value) ([]byte, bool) { return strconv.AppendInt(buf, v.Int(), 10), true }, true
	case typ.Kind() == reflect.Bool:
		return func(buf []byte, v reflect.Value) ([]byte, bool) { return strconv.AppendBool(buf, v.Bool()), true }, true
	}
	return nil, false
}

// onlyText reports whether bun writes a type of kind string as its text: it has
// methods, but none that bun asks.
func onlyText(typ reflect.Type) bool {
	ptr := reflect.PointerTo(typ)
	return typ.Kind() == reflect.String && !ptr.Implements(reflect.TypeFor[driver.Valuer]()) &&
		!ptr.Implements(reflect.TypeFor[schema.QueryAppender]())
}

// append writes the text of the column's value in a row, and reports NULL and
// whether the text is free of what the formats escape. row is addressable.
func (c *column) append(gen schema.QueryGen, buf []byte, row reflect.Value) (_ []byte, null, plain bool, err error) {
	if c.index >= 0 {
		v := row.Field(c.index)
		if c.ptr && v.IsNil() || c.field.NullZero && c.field.IsZero(v) {
			return buf, true, true, nil
		}
		if c.set && v.IsZero() || c.set && c.ptr && v.Elem().IsZero() {
			return nil, false, false, ErrNotStorable.On(WireName(c.field.Name))
		}
		if c.short != nil {
			if c.ptr {
				v = v.Elem()
			}
			if out, ok := c.short(buf, v); ok {
				return out, false, c.plain, nil
			}
		}
	}
	buf, null, err = literal(gen, buf, c.field, row)
	return buf, null, false, err
}

// literal appends the text form of a field to buf, and reports NULL. It undoes
// the quoting of the SQL literal that bun makes.
func literal(gen schema.QueryGen, buf []byte, f *schema.Field, row reflect.Value) (_ []byte, null bool, err error) {
	start := len(buf)
	buf = f.AppendValue(gen, buf, row)
	lit := buf[start:]
	switch {
	case bytes.Equal(lit, []byte("NULL")):
		return buf[:start], true, nil
	case bytes.HasPrefix(lit, []byte("?!(")):
		return nil, false, ErrNotStorable.On(f.Name)
	case len(lit) >= 2 && lit[0] == '\'' && lit[len(lit)-1] == '\'':
		return buf[:start+len(unquote(lit))], false, nil
	}
	return buf, false, nil
}

// unquote undoes the quoting of a literal, in its place.
func unquote(literal []byte) []byte {
	out := literal[:0]
	for i := 1; i < len(literal)-1; i++ {
		if literal[i] == '\'' {
			i++ // a quote is written twice
		}
		out = append(out, literal[i])
	}
	return out
}
