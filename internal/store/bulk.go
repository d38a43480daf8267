package store

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"github.com/freehold-go/freehold/realestate/fault"
)

// Bulk inserts rows of one table, all columns, in one statement: COPY where
// this package opened the transaction or gets the pool (with pgx below it), and
// INSERT ... SELECT FROM unnest inside a caller's transaction. Statement-level
// triggers fire once. Inserting nothing is fine.
//
// Both roads send each value in the text form that bun gives it, so a bulk
// insert stores exactly what a single insert stores.
func Bulk[T any](ctx context.Context, db bun.IDB, rows []T) error {
	if len(rows) == 0 {
		return nil
	}
	b := newBulk(db, rows)
	switch d := db.(type) {
	case pool:
		return InTx(ctx, db, func(tx bun.IDB) error { return Bulk(ctx, tx, rows) })
	case owned:
		if done, err := b.copyIn(ctx, d.conn); done {
			return err
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

// copyIn streams the rows through COPY. done is false when the driver below is
// not pgx.
func (b bulk) copyIn(ctx context.Context, conn bun.Conn) (done bool, err error) {
	rawErr := conn.Raw(func(c any) error {
		pg, ok := c.(*stdlib.Conn)
		if !ok {
			return nil
		}
		done = true
		r := &copyReader{bulk: b}
		_, err = pg.Conn().PgConn().CopyFrom(ctx, r, "COPY "+string(b.table.SQLName)+" ("+b.columns()+") FROM STDIN")
		if r.err != nil {
			err = r.err // what the reader found wrong says more than the aborted COPY
		}
		return nil
	})
	if rawErr != nil {
		return true, rawErr
	}
	return done, err
}

// copyReader writes rows in COPY's text format as they are read.
type copyReader struct {
	bulk
	next int
	buf  []byte
	at   int // what is read of buf
	err  error
}

func (r *copyReader) Read(p []byte) (int, error) {
	for r.at == len(r.buf) {
		if r.next == r.rows.Len() {
			return 0, io.EOF
		}
		if r.err = r.fill(); r.err != nil {
			return 0, r.err
		}
	}
	n := copy(p, r.buf[r.at:])
	r.at += n
	return n, nil
}

func (r *copyReader) fill() error {
	buf := r.buf[:0]
	for end := min(r.next+64, r.rows.Len()); r.next < end; r.next++ {
		row := r.rows.Index(r.next)
		for i := range r.cols {
			if i > 0 {
				buf = append(buf, '\t')
			}
			start := len(buf)
			out, null, plain, err := r.cols[i].append(r.gen, buf, row)
			if err != nil {
				return err
			}
			switch buf = out; {
			case null:
				buf = append(buf, '\\', 'N')
			case !plain:
				buf = escapeCopy(buf, start)
			}
		}
		buf = append(buf, '\n')
	}
	r.buf, r.at = buf, 0
	return nil
}

// escapeCopy escapes what stands in buf from start on.
func escapeCopy(buf []byte, start int) []byte {
	i := bytes.IndexAny(buf[start:], "\\\n\r\t")
	if i < 0 {
		return buf
	}
	rest := bytes.Clone(buf[start+i:])
	buf = buf[:start+i]
	for _, c := range rest {
		switch c {
		case '\\':
			buf = append(buf, '\\', '\\')
		case '\n':
			buf = append(buf, '\\', 'n')
		case '\r':
			buf = append(buf, '\\', 'r')
		case '\t':
			buf = append(buf, '\\', 't')
		default:
			buf = append(buf, c)
		}
	}
	return buf
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
	Native     bool
}

func (b bulk) types(ctx context.Context, db bun.IDB) (map[string]columnType, error) {
	var cols []columnType
	err := db.NewRaw(`SELECT a.attname AS name, format_type(a.atttypid, NULL) AS type,
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
	var tx *sql.Tx
	switch d := db.(type) {
	case bun.Tx:
		tx = d.Tx
	case *bun.Tx:
		tx = d.Tx
	case owned:
		tx = d.Tx.Tx
	case lent:
		tx = d.tx
	case bun.Conn:
		_, err := d.Conn.ExecContext(ctx, query, args...)
		return err
	default:
		return fault.New(fault.Invalid, "db_unsupported", "pass a bun.Tx, a lent *sql.Tx or a bun.Conn").On("db")
	}
	_, err := tx.ExecContext(ctx, query, args...)
	return err
}
