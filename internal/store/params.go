package store

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"github.com/freehold-go/freehold/realestate/fault"
)

// The statements of this file send values as parameters ($n) instead of writing
// them into the text, as bun does: every row that a [Repo] writes, and what else
// carries personal data, since a server logs the text of a statement that fails, and
// not its parameters. For the same reason rows with personal data violate no
// constraint: the values are checked before, and a duplicate is ON CONFLICT DO
// NOTHING, because the detail of a violation quotes the row.

// sent is a connection for one statement that bun is to send: it adds the parameters.
// So bun's query hooks see the statement, and never its values.
type sent struct {
	sender
	args []any
}

func (s sent) ExecContext(ctx context.Context, query string, _ ...any) (sql.Result, error) {
	return s.sender.ExecContext(ctx, query, s.args...)
}

func (s sent) QueryContext(ctx context.Context, query string, _ ...any) (*sql.Rows, error) {
	return s.sender.QueryContext(ctx, query, s.args...)
}

// errDBUnsupported: db is of no type that a statement could be sent through.
var errDBUnsupported = fault.New(fault.Invalid, "db_unsupported", "pass a *bun.DB, a bun.Tx, a lent *sql.Tx or a bun.Conn").On("db")

// direct finds the querier below db, past bun's formatting, and what gives it
// back afterwards.
func direct(ctx context.Context, db bun.IDB) (q sender, done func(), err error) {
	none := func() {}
	switch d := db.(type) {
	case bun.Tx:
		return d.Tx, none, nil
	case *bun.Tx:
		return d.Tx, none, nil
	case owned:
		return d.Tx.Tx, none, nil
	case lent:
		return d.tx, none, nil
	case joined:
		return d.asker, none, nil
	case bun.Conn:
		return d.Conn, none, nil
	case *bun.Conn:
		return d.Conn, none, nil
	case pool: // a *bun.DB among them
		conn, names, err := reader(ctx, d)
		if err != nil {
			return nil, nil, err
		}
		done = func() { _ = conn.Close() }
		if names {
			return unwatched{conn.Conn}, done, nil
		}
		return conn.Conn, done, nil
	}
	return nil, nil, errDBUnsupported
}

// IsPool reports whether a verb that is given db begins a transaction of its own.
func IsPool(db bun.IDB) bool {
	switch db.(type) {
	case pool, bun.Conn, *bun.Conn:
		return true
	}
	return false
}

// ExecParams runs a statement with parameters and returns how many rows it
// wrote. Errors are faults, by known.
func ExecParams(ctx context.Context, db bun.IDB, known Constraints, query string, args ...any) (int64, error) {
	q, done, err := direct(ctx, db)
	if err != nil {
		return 0, err
	}
	defer done()
	res, err := db.NewRaw(query).Conn(sent{q, args}).Exec(ctx)
	if err != nil {
		return 0, Err(err, known)
	}
	return res.RowsAffected()
}

// Rows reads the rows of a query with parameters into structs with bun tags.
// Errors are faults.
func Rows[T any](ctx context.Context, db bun.IDB, query string, args ...any) ([]T, error) {
	q, done, err := direct(ctx, db)
	if err != nil {
		return nil, err
	}
	defer done()
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, Err(err, nil)
	}
	defer func() { _ = rows.Close() }()
	out := []T{} // so that no list is null on the wire
	if model := newStructs(builder().Dialect().Tables(), &out); model != nil {
		_, err = model.ScanRows(ctx, rows)
	} else {
		err = builder().ScanRows(ctx, rows, &out)
	}
	if err != nil {
		return nil, Err(err, nil)
	}
	return out, Err(rows.Err(), nil)
}

// Scan reads the one row of a query with parameters into dest. No row is
// sql.ErrNoRows.
func Scan(ctx context.Context, db bun.IDB, dest []any, query string, args ...any) error {
	return scan(ctx, db, nil, dest, query, args...)
}

// scan is Scan whose errors are faults by known.
func scan(ctx context.Context, db bun.IDB, known Constraints, dest []any, query string, args ...any) error {
	q, done, err := direct(ctx, db)
	if err != nil {
		return err
	}
	defer done()
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return Err(err, known)
	}
	defer func() { _ = rows.Close() }()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return Err(err, known)
		}
		return sql.ErrNoRows
	}
	if err := rows.Scan(dest...); err != nil {
		return err
	}
	return Err(rows.Err(), known)
}

// columnsOf are the fields of a row and their values as text, nil for NULL.
// Without names they are all of them.
func columnsOf[T any](db bun.IDB, row *T, names []string) (table string, fields []*schema.Field, values []any, err error) {
	gen := schema.NewQueryGen(db.Dialect())
	t := db.Dialect().Tables().Get(reflect.TypeFor[T]())
	if err := unfit(db, row, names...); err != nil {
		return "", nil, nil, err
	}
	fields = t.Fields
	if names != nil {
		fields = make([]*schema.Field, len(names))
		for i, n := range names {
			if fields[i] = t.FieldMap[n]; fields[i] == nil {
				return "", nil, nil, fmt.Errorf("no column %s in %s", n, t.Name)
			}
		}
	}
	values = make([]any, len(fields))
	for i, f := range fields {
		c := newColumn(f)
		text, null, _, err := c.append(gen, nil, reflect.ValueOf(row).Elem())
		if err != nil {
			return "", nil, nil, err
		}
		if !null {
			values[i] = string(text)
		}
	}
	return string(t.SQLName), fields, values, nil
}

// InsertParams writes one row with all its columns as parameters. conflict says
// what a duplicate is, such as "ON CONFLICT (user_id) DO NOTHING"; it reports
// whether the row was written.
func (r Repo[T]) InsertParams(ctx context.Context, tx bun.IDB, row *T, conflict string) (bool, error) {
	table, fields, values, err := columnsOf(tx, row, nil)
	if err != nil {
		return false, err
	}
	var names, marks strings.Builder
	for i, f := range fields {
		if i > 0 {
			names.WriteString(", ")
			marks.WriteString(", ")
		}
		names.WriteString(string(f.SQLName))
		fmt.Fprintf(&marks, "$%d", i+1)
	}
	n, err := ExecParams(ctx, tx, r.Constraints, "INSERT INTO "+table+" ("+names.String()+") VALUES ("+marks.String()+") "+conflict, values...)
	return n == 1, err
}

// update writes the named columns of the row with the key of row; set is SQL behind the
// columns, more SQL behind the condition on the key.
func (r Repo[T]) update(db bun.IDB, row *T, columns []string, set, more string) (query string, values []any, err error) {
	named := append(columns[:len(columns):len(columns)], "id")
	if r.Within != "" {
		named = append(named, r.Within)
	}
	table, fields, values, err := columnsOf(db, row, named)
	if err != nil {
		return "", nil, err
	}
	if r.Within != "" {
		more = fmt.Sprintf(" AND %s = $%d", r.Within, len(values)) + more
	}
	sets := make([]string, len(columns))
	for i := range columns {
		sets[i] = fmt.Sprintf("%s = $%d", fields[i].SQLName, i+1)
	}
	return "UPDATE " + table + " SET " + strings.Join(sets, ", ") + set + fmt.Sprintf(" WHERE id = $%d", len(columns)+1) + more, values, nil
}

// OneParams reads the row that where, SQL with parameters on the alias of the
// table, selects; none is NotFound. where may end in ORDER BY and in a lock.
func (r Repo[T]) OneParams(ctx context.Context, db bun.IDB, where string, args ...any) (*T, error) {
	rows, err := r.AllParams(ctx, db, where, args...)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, r.notFound()
	}
	return &rows[0], nil
}

// AllParams reads every row that where selects. The caller bounds it.
func (r Repo[T]) AllParams(ctx context.Context, db bun.IDB, where string, args ...any) ([]T, error) {
	return Rows[T](ctx, db, shapeOf[T]().all+" WHERE "+where, args...)
}

// shape is what statements on the table of a struct have in common.
type shape struct {
	table *schema.Table
	alias string
	all   string // selects all columns of all rows, in the order of the fields
}

var shapes sync.Map // of reflect.Type

func shapeOf[T any]() *shape {
	typ := reflect.TypeFor[T]()
	if s, ok := shapes.Load(typ); ok {
		return s.(*shape)
	}
	t := builder().Dialect().Tables().Get(typ)
	names := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		names[i] = string(t.SQLAlias) + "." + string(f.SQLName)
	}
	s := &shape{t, string(t.SQLAlias), "SELECT " + strings.Join(names, ", ") + " FROM " + string(t.SQLName) + " AS " + string(t.SQLAlias)}
	shapes.Store(typ, s)
	return s
}
