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
	rows  reflect.Value
}

func newBulk[T any](db bun.IDB, rows []T) bulk {
	return bulk{schema.NewQueryGen(db.Dialect()), db.Dialect().Tables().Get(reflect.TypeFor[T]()), reflect.ValueOf(rows)}
}

// columns lists the table's columns in the order of its fields.
func (b bulk) columns() string {
	names := make([]string, len(b.table.Fields))
	for i, f := range b.table.Fields {
		names[i] = string(f.SQLName)
	}
	return strings.Join(names, ", ")
}

// value appends the text form of a field to buf, and reports NULL. It undoes
// the quoting of the SQL literal that bun makes.
func (b bulk) value(buf []byte, f *schema.Field, row reflect.Value) (_ []byte, null bool, err error) {
	start := len(buf)
	buf = f.AppendValue(b.gen, buf, row)
	lit := buf[start:]
	switch {
	case bytes.Equal(lit, []byte("NULL")):
		return buf[:start], true, nil
	case bytes.HasPrefix(lit, []byte("?!(")):
		return nil, false, ErrNotStorable.On(f.Name)
	case len(lit) >= 2 && lit[0] == '\'' && lit[len(lit)-1] == '\'':
		out := buf[start:start]
		for i := 1; i < len(lit)-1; i++ {
			if lit[i] == '\'' {
				i++ // a quote is written twice
			}
			out = append(out, lit[i])
		}
		return buf[:start+len(out)], false, nil
	}
	return buf, false, nil
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
	next    int
	buf     []byte
	scratch []byte
	err     error
}

func (r *copyReader) Read(p []byte) (int, error) {
	for len(r.buf) == 0 {
		if r.next == r.rows.Len() {
			return 0, io.EOF
		}
		if r.err = r.fill(); r.err != nil {
			return 0, r.err
		}
	}
	n := copy(p, r.buf)
	r.buf = r.buf[n:]
	return n, nil
}

func (r *copyReader) fill() error {
	buf := r.buf[:0]
	for end := min(r.next+64, r.rows.Len()); r.next < end; r.next++ {
		row := r.rows.Index(r.next)
		for i, f := range r.table.Fields {
			if i > 0 {
				buf = append(buf, '\t')
			}
			v, null, err := r.value(r.scratch[:0], f, row)
			if err != nil {
				return err
			}
			r.scratch = v
			if null {
				buf = append(buf, '\\', 'N')
				continue
			}
			for _, c := range v {
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
		}
		buf = append(buf, '\n')
	}
	r.buf = buf
	return nil
}

// unnest sends one array of texts per column. The casts to the columns' types
// come from a look at the catalog, in the same statement's parse: a column of
// type regtype cannot be a parameter, so the types are read first.
func (b bulk) unnest(ctx context.Context, db bun.IDB) error {
	types, err := b.types(ctx, db)
	if err != nil {
		return err
	}
	var q strings.Builder
	fmt.Fprintf(&q, "INSERT INTO %s (%s) SELECT ", b.table.SQLName, b.columns())
	for i, f := range b.table.Fields {
		if i > 0 {
			q.WriteString(", ")
		}
		t, ok := types[f.Name]
		if !ok {
			return fault.New(fault.Illegal, "column_missing", "the table lacks a column of the model").On(f.Name)
		}
		fmt.Fprintf(&q, "c%d::%s", i, t)
	}
	q.WriteString(" FROM unnest(")
	args := make([]any, len(b.table.Fields))
	for i, f := range b.table.Fields {
		if i > 0 {
			q.WriteString(", ")
		}
		fmt.Fprintf(&q, "$%d::text[]", i+1)
		lit, err := b.array(f)
		if err != nil {
			return err
		}
		args[i] = lit
	}
	q.WriteString(") AS r(")
	for i := range b.table.Fields {
		if i > 0 {
			q.WriteString(", ")
		}
		fmt.Fprintf(&q, "c%d", i)
	}
	q.WriteString(")")
	return Exec(ctx, db, q.String(), args...)
}

// array makes the literal of a text array of one column.
func (b bulk) array(f *schema.Field) (string, error) {
	out := make([]byte, 0, 16*b.rows.Len())
	var scratch []byte
	out = append(out, '{')
	for i := range b.rows.Len() {
		if i > 0 {
			out = append(out, ',')
		}
		v, null, err := b.value(scratch[:0], f, b.rows.Index(i))
		if err != nil {
			return "", err
		}
		scratch = v
		if null {
			out = append(out, "NULL"...)
			continue
		}
		out = append(out, '"')
		for _, c := range v {
			if c == '"' || c == '\\' {
				out = append(out, '\\')
			}
			out = append(out, c)
		}
		out = append(out, '"')
	}
	return string(append(out, '}')), nil
}

func (b bulk) types(ctx context.Context, db bun.IDB) (map[string]string, error) {
	var cols []struct{ Name, Type string }
	err := db.NewRaw(`SELECT attname AS name, format_type(atttypid, NULL) AS type FROM pg_catalog.pg_attribute
		WHERE attrelid = ?::regclass AND attnum > 0 AND NOT attisdropped`, string(b.table.SQLName)).Scan(ctx, &cols)
	types := make(map[string]string, len(cols))
	for _, c := range cols {
		types[c.Name] = c.Type
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
