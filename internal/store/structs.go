package store

import (
	"context"
	"database/sql"
	"reflect"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
)

// structs is a model of bun that reads rows into one struct or a list of them. It finds the
// field of a column once for all rows, where bun's own looks it up for each value, and has
// bun's scanners for the values.
type structs struct {
	dest  any
	table *schema.Table
	known []*schema.Field // of the columns, where the statement is of a [shape]
	list  reflect.Value   // what dest points to; invalid where that is one struct
	row   reflect.Value   // the struct that is being read
	n     int
}

// newStructs is nil for what it leaves to bun.
func newStructs(tables *schema.Tables, dest ...any) *structs {
	if len(dest) != 1 {
		return nil
	}
	v := reflect.ValueOf(dest[0])
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return nil
	}
	v = v.Elem()
	s, typ := &structs{dest: dest[0], row: v}, v.Type()
	if v.Kind() == reflect.Slice {
		s.list, s.row, typ = v, reflect.Value{}, typ.Elem()
	}
	if typ.Kind() != reflect.Struct || typ == reflect.TypeFor[time.Time]() || reflect.PointerTo(typ).Implements(reflect.TypeFor[sql.Scanner]()) {
		return nil
	}
	if s.table = tables.Get(typ); s.table.HasBeforeScanRowHook() || s.table.HasAfterScanRowHook() {
		return nil
	}
	return s
}

// Value is part of [bun.Model].
func (s *structs) Value() any { return s.dest }

// ScanRows is part of [bun.Model].
func (s *structs) ScanRows(ctx context.Context, rows *sql.Rows) (int, error) {
	columns, err := rows.Columns()
	if err != nil {
		return 0, err
	}
	cells, dest := make([]cell, len(columns)), make([]any, len(columns))
	for i, name := range columns {
		f := s.field(i, name)
		if f == nil || len(f.Index) != 1 || f.Scan == nil {
			return s.byBun(ctx, rows)
		}
		cells[i], dest[i] = cell{s, f.Index[0], f.Scan}, &cells[i]
	}
	for rows.Next() {
		if s.list.IsValid() {
			s.list.Grow(1)
			s.list.SetLen(s.n + 1)
			s.row = s.list.Index(s.n)
			s.row.SetZero()
		} else if s.n > 0 {
			continue // only the first one was asked for
		}
		if err := rows.Scan(dest...); err != nil {
			return 0, err
		}
		s.n++
	}
	if s.list.IsValid() {
		s.list.SetLen(s.n)
	}
	return s.n, rows.Err()
}

// field is that of a column, nil for none.
func (s *structs) field(i int, name string) *schema.Field {
	if i < len(s.known) && s.known[i].Name == name {
		return s.known[i]
	}
	return s.table.LookupField(name)
}

// byBun leaves all rows to bun: a column is of a joined table, or of no field, which is bun's
// error.
func (s *structs) byBun(ctx context.Context, rows *sql.Rows) (int, error) {
	var err error
	if s.list.IsValid() {
		err = builder().ScanRows(ctx, rows, s.dest)
		s.n = s.list.Len()
	} else if rows.Next() {
		s.n, err = 1, builder().ScanRow(ctx, rows, s.dest)
	}
	if err != nil {
		return 0, err
	}
	return s.n, rows.Err()
}

// cell is a column of the row that is being read.
type cell struct {
	of    *structs
	index int
	scan  schema.ScannerFunc
}

// Scan is part of [sql.Scanner].
func (c *cell) Scan(src any) error { return c.scan(c.of.row.Field(c.index), src) }

var _ bun.Model = (*structs)(nil)
