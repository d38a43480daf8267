package modeltest

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
)

// errUndo takes a transaction back.
var errUndo = fmt.Errorf("undo")

// road is a way to write a row: a kind of transaction and what runs in it.
type road struct {
	name  string
	inTx  func(ctx context.Context, db *bun.DB, fn func(tx bun.IDB) error) error
	write func(m Model) func(ctx context.Context, db bun.IDB, row any) error
}

var roads = []road{
	{"insert", ownTx, func(m Model) func(context.Context, bun.IDB, any) error { return m.Insert }},
	{"copy", ownTx, func(m Model) func(context.Context, bun.IDB, any) error { return m.Bulk }},
	{"unnest", callersTx, func(m Model) func(context.Context, bun.IDB, any) error { return m.Bulk }},
	{"insert, lent", lentTx, func(m Model) func(context.Context, bun.IDB, any) error { return m.Insert }},
	{"unnest, lent", lentTx, func(m Model) func(context.Context, bun.IDB, any) error { return m.Bulk }},
}

// ownTx is a transaction of the store's, which knows its connection.
func ownTx(ctx context.Context, db *bun.DB, fn func(tx bun.IDB) error) error {
	return store.InTx(ctx, db, fn)
}

// callersTx is one of a caller's.
func callersTx(ctx context.Context, db *bun.DB, fn func(tx bun.IDB) error) error {
	return db.RunInTx(ctx, nil, func(_ context.Context, tx bun.Tx) error { return fn(tx) })
}

// lentTx is a host's plain *sql.Tx.
func lentTx(ctx context.Context, db *bun.DB, fn func(tx bun.IDB) error) error {
	return db.RunInTx(ctx, nil, func(_ context.Context, tx bun.Tx) error { return fn(store.Lend(tx.Tx)) })
}

// A row of every model, with all fields set and with all optional ones absent, is
// read back as it was written, on every road.
func TestModels_roundTrip(t *testing.T) {
	t.Parallel()
	columns := catalog(t, pgtest.Tx(t))
	roundTrips(t, pgtest.Clone(t), columns)
}

func roundTrips(t *testing.T, db *bun.DB, columns map[string]column) {
	for _, m := range Tables() {
		t.Run(m.Type.String(), func(t *testing.T) {
			t.Parallel()
			mk := &maker{t: t}
			tab := db.Dialect().Tables().Get(m.Type)
			for _, r := range roads {
				for _, full := range []bool{true, false} {
					row := mk.row(tab, columns, full)
					err := r.inTx(t.Context(), db, func(tx bun.IDB) error {
						// Foreign keys and triggers are not what is tried here; checks stay on.
						if _, err := tx.ExecContext(t.Context(), "SET LOCAL session_replication_role = replica"); err != nil {
							return err
						}
						if err := r.write(m)(t.Context(), tx, row.Interface()); err != nil {
							return err
						}
						got, err := read(t.Context(), tx, tab, row)
						if err != nil {
							return err
						}
						for _, f := range tab.Fields {
							want, got := row.Elem().FieldByIndex(f.Index), got.Elem().FieldByIndex(f.Index)
							require.True(t, same(want, got), "%s, full %t: %s is %v, was %v", r.name, full, f.GoName, got, want)
						}
						return errUndo
					})
					require.ErrorIs(t, err, errUndo, "%s, full %t", r.name, full)
				}
			}
		})
	}
}

// read reads the row with the key of row into a struct of its own: scanned into a
// used one, NULL would leave a pointer to zero.
func read(ctx context.Context, db bun.IDB, tab *schema.Table, row reflect.Value) (reflect.Value, error) {
	got := reflect.New(tab.Type)
	for _, f := range tab.PKs {
		got.Elem().FieldByIndex(f.Index).Set(row.Elem().FieldByIndex(f.Index))
	}
	return got, db.NewSelect().Model(got.Interface()).WherePK().Scan(ctx)
}

// same reports whether two values are one to the database: times by the instant,
// numbers by their value, JSON by its meaning.
func same(a, b reflect.Value) bool {
	if a.Kind() == reflect.Pointer && a.Type() == b.Type() && !a.IsNil() && !b.IsNil() {
		return same(a.Elem(), b.Elem())
	}
	if a.Kind() == reflect.Slice && a.Len() == b.Len() && a.IsNil() == b.IsNil() && a.Type().Elem().Kind() != reflect.Uint8 {
		for i := range a.Len() {
			if !same(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	}
	if a.Kind() == reflect.Map && a.Len() == b.Len() && a.IsNil() == b.IsNil() {
		for _, k := range a.MapKeys() {
			if w := b.MapIndex(k); !w.IsValid() || !same(a.MapIndex(k), w) {
				return false
			}
		}
		return true
	}
	switch x := a.Interface().(type) {
	case time.Time:
		return x.Equal(b.Interface().(time.Time))
	case decimal.Decimal:
		return x.Equal(b.Interface().(decimal.Decimal))
	case auth.Secret:
		return x.Equal(b.Interface().(auth.Secret))
	case json.RawMessage:
		var v, w any
		if y := b.Interface().(json.RawMessage); x == nil || y == nil {
			return x == nil && y == nil
		}
		return json.Unmarshal(x, &v) == nil && json.Unmarshal(b.Interface().(json.RawMessage), &w) == nil && reflect.DeepEqual(v, w)
	}
	if a.Kind() == reflect.Struct && a.NumField() > 0 && a.Type().Field(0).IsExported() {
		for i := range a.NumField() {
			if !same(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(a.Interface(), b.Interface())
}
