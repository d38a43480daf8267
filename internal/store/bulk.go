package store

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"github.com/freehold-go/freehold/realestate/fault"
)

// Bulk inserts rows of one table, all columns, in one statement: COPY where
// this package opened the transaction or gets the pool (with pgx below it), and
// INSERT ... SELECT 1 FROM unnest inside a caller's transaction and under row-level
// security. Statement-level triggers fire once. Inserting nothing is fine.
//
// All roads store exactly what a single insert stores: the text form that bun gives
// a value, or its binary form where COPY takes many rows.
func Bulk[T any](ctx context.Context, db bun.IDB, rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	b := newBulk(db, rows)
	switch d := db.(type) {
	case pool:
		return InTx(ctx, db, func(tx bun.IDB) error { return Bulk(ctx, tx, rows) })
	case owned:
		if len(rows) < CopyRows {
			break
		}
		limited, err := b.limited(ctx, d)
		if err != nil {
			return err
		}
		if !limited {
			if done, err := b.copyIn(ctx, d, d.conn); done {
				return err
			}
		}
	}
	return b.unnest(ctx, db)
}

type bulk struct {
	gen   schema.QueryGen
	table *schema.Table
	cols  []column
	rows  reflect.Value
}

func newBulk[T any](db bun.IDB, rows []T) bulk {
	b := bulk{gen: schema.NewQueryGen(db.Dialect()), table: db.Dialect().Tables().Get(reflect.TypeFor[T]()), rows: reflect.ValueOf(rows)}
	b.cols = make([]column, len(b.table.Fields))
	for i, f := range b.table.Fields {
		b.cols[i] = newColumn(f)
	}
	return b
}

// columns lists the table's columns in the order of its fields.
func (b bulk) columns() string {
	names := make([]string, len(b.table.Fields))
	for i, f := range b.table.Fields {
		names[i] = string(f.SQLName)
	}
	return strings.Join(names, ", ")
}

// unnest sends one array per column: of the column's type, which costs the
// server least, or of texts where the type has no array that reads like one.
// The types come from a look at the catalog first, since a column of type
// regtype cannot be a parameter.
func (b bulk) unnest(ctx context.Context, db bun.IDB) error {
	types, err := b.types(ctx, db)
	if err != nil {
		return err
	}
	var targets, arrays, names strings.Builder
	args := make([]any, len(b.cols))
	for i := range b.cols {
		t, ok := types[b.cols[i].field.Name]
		if !ok {
			return fault.New(fault.Illegal, "column_missing", "the table lacks a column of the model").On(b.cols[i].field.Name)
		}
		if i > 0 {
			targets.WriteString(", ")
			arrays.WriteString(", ")
			names.WriteString(", ")
		}
		element := "text"
		if t.Native {
			element = t.Type
		}
		fmt.Fprintf(&targets, "c%d::%s", i, t.Type)
		fmt.Fprintf(&arrays, "$%d::%s[]", i+1, element)
		fmt.Fprintf(&names, "c%d", i)
		if args[i], err = b.array(&b.cols[i]); err != nil {
			return err
		}
	}
	return Exec(ctx, db, fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM unnest(%s) AS r(%s)",
		b.table.SQLName, b.columns(), targets.String(), arrays.String(), names.String()), args...)
}

// array makes the literal of the array of one column.
func (b bulk) array(c *column) (string, error) {
	out := make([]byte, 0, 40*b.rows.Len()) // room for ids, and most else
	out = append(out, '{')
	for i := range b.rows.Len() {
		if i > 0 {
			out = append(out, ',')
		}
		start := len(out)
		v, null, plain, err := c.append(b.gen, append(out, '"'), b.rows.Index(i))
		switch {
		case err != nil:
			return "", err
		case null:
			out = append(out, "NULL"...)
			continue
		case !plain:
			v = escapeArray(v, start+1)
		}
		out = append(v, '"')
	}
	return string(append(out, '}')), nil
}

// escapeArray escapes what stands in buf from start on.
func escapeArray(buf []byte, start int) []byte {
	i := bytes.IndexAny(buf[start:], `\"`)
	if i < 0 {
		return buf
	}
	rest := bytes.Clone(buf[start+i:])
	buf = buf[:start+i]
	for _, c := range rest {
		if c == '"' || c == '\\' {
			buf = append(buf, '\\')
		}
		buf = append(buf, c)
	}
	return buf
}

// columnType is the type of a column. Native: arrays of it are written with
// commas and can be taken apart into single values.
type columnType struct {
	Name, Type string
	OID        uint32 `bun:"oid"`
	Native     bool
}

func (b bulk) types(ctx context.Context, db bun.IDB) (map[string]columnType, error) {
	var cols []columnType
	err := db.NewRaw(`SELECT a.attname AS name, format_type(a.atttypid, NULL) AS type, a.atttypid AS oid,
			t.typdelim = ',' AND t.typtype = 'b' AND t.typcategory <> 'A' AND t.typarray <> 0 AS native
		FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
		WHERE a.attrelid = ?::regclass AND a.attnum > 0 AND NOT a.attisdropped`, string(b.table.SQLName)).Scan(ctx, &cols)
	types := make(map[string]columnType, len(cols))
	for _, c := range cols {
		types[c.Name] = c
	}
	return types, err
}

// Exec runs a statement with $1 parameters whose arguments the driver sends
// apart from it; bun would write megabytes of them into the text. db is a
// transaction or a connection, not the pool.
func Exec(ctx context.Context, db bun.IDB, query string, args ...any) error {
	var tx sender
	switch d := db.(type) {
	case bun.Tx:
		tx = d.Tx
	case *bun.Tx:
		tx = d.Tx
	case owned:
		tx = d.Tx.Tx
	case lent:
		tx = d.tx
	case joined:
		tx = d.asker
	case bun.Conn:
		_, err := d.Conn.ExecContext(ctx, query, args...)
		return err
	default:
		return errDBUnsupported
	}
	_, err := tx.ExecContext(ctx, query, args...)
	return err
}
