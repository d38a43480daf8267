package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// ErrStale: the row was changed by someone else since it was read.
var ErrStale = fault.New(fault.Conflict, "version_stale", "the row was changed meanwhile; read it again")

// Repo is the repository of one table whose rows are T and whose primary key is
// the column id, perhaps with another one behind it. The zero value of the optional fields is ready for use.
type Repo[T any] struct {
	NotFound    *fault.Error // what a missing row is
	Constraints Constraints  // what violated constraints are
	// Within is the column that is a part of the key besides the id, such as book_id, where
	// the rows of one value can live on another machine than those of the next.
	Within string
	Sort   Sort[T] // the order of List; without it List is not used
}

// Get reads the row of v.
func (r Repo[T]) Get(ctx context.Context, db bun.IDB, v id.Of[T]) (*T, error) {
	return r.byID(ctx, db, v, "")
}

// Lock reads the row of v and locks it until the transaction ends, against
// other writers but not against rows that refer to it.
func (r Repo[T]) Lock(ctx context.Context, tx bun.IDB, v id.Of[T]) (*T, error) {
	return r.byID(ctx, tx, v, " FOR NO KEY UPDATE")
}

// LockWithin is [Repo.Lock] of a row whose value of [Repo.Within] is known, so that the
// one machine that has it is asked.
func (r Repo[T]) LockWithin(ctx context.Context, tx bun.IDB, within any, v id.Of[T]) (*T, error) {
	return r.One(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("?TableAlias.id = ?", v).Where("?TableAlias.? = ?", bun.Ident(r.Within), within).For("NO KEY UPDATE")
	})
}

// byID reads the row of v, with a lock or none. Every verb does it several times, so its text
// is not built anew by bun.
func (r Repo[T]) byID(ctx context.Context, db bun.IDB, v id.Of[T], lock string) (*T, error) {
	conn, params, done, err := reading(ctx, db)
	if err != nil {
		return nil, Err(err, r.Constraints)
	}
	defer done()
	s, row := shapeOf[T](), new(T)
	text, args := s.all+" WHERE "+s.alias+".id = $1"+lock, []any{v.String()}
	if !params {
		text, args = s.all+" WHERE "+s.alias+".id = '"+v.String()+"'"+lock, nil
	}
	rows := &structs{dest: row, table: s.table, known: s.table.Fields, row: reflect.ValueOf(row).Elem()}
	switch err := db.NewRaw(text).Conn(sent{conn.(sender), args}).Scan(ctx, rows); {
	case err != nil:
		return nil, Err(err, r.Constraints)
	case rows.n == 0:
		return nil, r.notFound()
	}
	return row, nil
}

// LockAll locks the rows of ids in the order of their ids, so that two commands
// that lock the same rows wait for each other instead of deadlocking. It
// returns them in that order, each once; a missing one is NotFound.
func (r Repo[T]) LockAll(ctx context.Context, tx bun.IDB, ids []id.Of[T]) ([]T, error) {
	ids = slices.Clone(ids)
	slices.SortFunc(ids, id.Of[T].Compare)
	ids = slices.Compact(ids)
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := r.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("?TableAlias.id IN (?)", bun.List(ids)).OrderExpr("?TableAlias.id").For("NO KEY UPDATE")
	})
	if err == nil && len(rows) != len(ids) {
		return nil, r.notFound()
	}
	return rows, err
}

// One reads the single row that narrow selects; none is NotFound.
func (r Repo[T]) One(ctx context.Context, db bun.IDB, narrow func(*bun.SelectQuery) *bun.SelectQuery) (*T, error) {
	row := new(T)
	err := Read(ctx, db, narrow(db.NewSelect().Model(row)).Limit(1), row)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, r.notFound()
	}
	if err != nil {
		return nil, Err(err, r.Constraints)
	}
	return row, nil
}

// All reads every row that narrow selects. The caller bounds it.
func (r Repo[T]) All(ctx context.Context, db bun.IDB, narrow func(*bun.SelectQuery) *bun.SelectQuery) ([]T, error) {
	rows := []T{} // so that no list is null on the wire
	if err := Read(ctx, db, narrow(db.NewSelect().Model(&rows)), &rows); err != nil {
		return nil, Err(err, r.Constraints)
	}
	return rows, nil
}

// Insert writes one row with all its columns. The values are parameters, so that a server does
// not log them with what fails.
func (r Repo[T]) Insert(ctx context.Context, db bun.IDB, row *T) error {
	_, err := r.InsertParams(ctx, db, row, "")
	return err
}

// InsertAll writes many rows; see [Bulk].
func (r Repo[T]) InsertAll(ctx context.Context, db bun.IDB, rows []T) error {
	return Err(Bulk(ctx, db, rows), r.Constraints)
}

// Update writes the named columns of a row, found by its id. A row that is not
// there is NotFound.
func (r Repo[T]) Update(ctx context.Context, db bun.IDB, row *T, columns ...string) error {
	query, values, err := r.update(db, row, columns, "", "")
	if err != nil {
		return err
	}
	n, err := ExecParams(ctx, db, r.Constraints, query, values...)
	if err == nil && n == 0 {
		return r.notFound()
	}
	return err
}

// Save is Update for a row whose time of change the database keeps: it brings that
// into at.
func (r Repo[T]) Save(ctx context.Context, tx bun.IDB, row *T, at *time.Time, columns ...string) error {
	query, values, err := r.update(tx, row, columns, "", " RETURNING updated_at")
	if err != nil {
		return err
	}
	err = scan(ctx, tx, r.Constraints, []any{at}, query, values...)
	if errors.Is(err, sql.ErrNoRows) {
		return r.notFound()
	}
	return err
}

// UpdateVersion is Update for rows that two people edit: it writes only if the
// stored version is still the one given, and counts it up. Otherwise the error
// is [ErrStale]. The caller sets the row's own version to version + 1.
func (r Repo[T]) UpdateVersion(ctx context.Context, db bun.IDB, row *T, version int64, columns ...string) error {
	query, values, err := r.update(db, row, columns, fmt.Sprintf(", version = %d", version+1), fmt.Sprintf(" AND version = %d", version))
	if err != nil {
		return err
	}
	n, err := ExecParams(ctx, db, r.Constraints, query, values...)
	if err == nil && n == 0 {
		return ErrStale
	}
	return err
}

// maxText is how many bytes a text has at most, whatever its verb has checked: thirty
// pages in any script.
const maxText = 400_000

// unfit is [ErrNotStorable] of the first field that holds an id or a date which was
// never set, or [ErrTooLong] of a text beyond all limits; of the named columns only,
// where there are any.
func unfit[T any](db bun.IDB, row *T, columns ...string) error {
	table, v := db.Dialect().Tables().Get(reflect.TypeFor[T]()), reflect.ValueOf(row).Elem()
	for _, f := range table.Fields {
		if len(columns) > 0 && !slices.Contains(columns, f.Name) {
			continue
		}
		if isUnset(f, v) {
			return ErrNotStorable.On(WireName(f.Name))
		}
		if text := reflect.Indirect(v.FieldByIndex(f.Index)); text.Kind() == reflect.String && text.Len() > maxText {
			return ErrTooLong.On(WireName(f.Name))
		}
	}
	return nil
}

// isUnset reports whether a field that is stored as an id or a date holds none.
func isUnset(f *schema.Field, row reflect.Value) bool {
	if !newColumn(f).set {
		return false
	}
	v := row.FieldByIndex(f.Index)
	if v.Kind() == reflect.Pointer {
		return !v.IsNil() && v.Elem().IsZero()
	}
	return v.IsZero() && !f.NullZero
}

// isID reports whether values of a type are sixteen bytes with a form of their own.
func isID(typ reflect.Type) bool {
	return typ.Kind() == reflect.Array && typ.Len() == 16 && typ.Elem().Kind() == reflect.Uint8 && typ.Implements(reflect.TypeFor[driver.Valuer]())
}

func (r Repo[T]) notFound() error {
	if r.NotFound == nil {
		return fault.New(fault.NotFound, "not_found", "there is no such row")
	}
	return r.NotFound
}
