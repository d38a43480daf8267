package store_test

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/pgxtx"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// word is an enumeration of these tests.
type word string

// Each value is the same to the server whether bun writes it into the text or it is a
// parameter, on a pool that names no statements and on one that does.
func TestRead_values(t *testing.T) {
	t.Parallel()
	ctx, own := t.Context(), pgtest.Clone(t)
	cfg, err := pgx.ParseConfig(pgtest.DSN(t, own))
	require.NoError(t, err)
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
	roads := map[string]*bun.DB{"named": bun.NewDB(sql.OpenDB(pgxtx.Named(*cfg)), pgdialect.New()), "unnamed": own}
	simple := *cfg
	simple.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	roads["simple protocol"] = bun.NewDB(sql.OpenDB(stdlib.GetConnector(simple)), pgdialect.New())
	for _, name := range []string{"named", "simple protocol"} {
		t.Cleanup(func() { require.NoError(t, roads[name].Close()) })
		roads[name].SetMaxOpenConns(1)
	}
	var none *id.Of[Lot]
	day, at := date.MustParse("2024-02-29"), time.Date(2026, 3, 29, 1, 30, 0, 123456789, time.FixedZone("", 3600))
	for _, of := range []struct {
		typ   string
		value any
	}{
		{"text", ""}, {"text", "it's"}, {"text", `back\slash ' OR '1'='1`}, {"text", "$1 ? ?0 ?name :x"}, {"text", "é\u2028😀"}, {"text", "/* */ -- "},
		{"text", word("funded")}, {"varchar", word("it's")}, {"uuid", id.MustParse[Lot]("0192f0c1-2b3c-7d4e-8f5a-6b7c8d9e0f1a")}, {"uuid", none}, {"uuid", nil},
		{"numeric", decimal.RequireFromString("-12345678901234567890.123456789")}, {"numeric", money.MustParse("-0.01")}, {"date", day}, {"date", &day},
		{"timestamptz", at}, {"timestamptz", &at}, {"bytea", []byte{0, 255, 39}}, {"bytea", []byte(nil)}, {"boolean", true}, {"boolean", false},
		{"bigint", int64(math.MaxInt64)}, {"int", -5}, {"float8", 1.5}, {"uuid[]", "{0192f0c1-2b3c-7d4e-8f5a-6b7c8d9e0f1a,NULL}"},
		{"text[]", `{"it's","\"",NULL}`}, {"jsonb", `{"a": "it's"}`}, {"interval", "1 day"},
	} {
		var want, is string
		require.NoError(t, own.NewRaw("SELECT COALESCE((?::"+of.typ+")::text, 'NULL')", of.value).Scan(ctx, &want))
		for road, db := range roads {
			for range 3 {
				require.NoError(t, store.Read(ctx, db, db.NewRaw("SELECT COALESCE((?::"+of.typ+")::text, 'NULL')", of.value), &is))
				require.Equal(t, want, is, "%s, %s %v", road, of.typ, of.value)
			}
		}
	}
	var names int
	require.NoError(t, roads["named"].NewRaw("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%$1%'").Scan(ctx, &names))
	require.Equal(t, 11, names, "one for each type whose values are parameters")
	require.NoError(t, roads["simple protocol"].NewRaw("SELECT count(*) FROM pg_prepared_statements").Scan(ctx, &names))
	require.Zero(t, names)
}

// An argument of any type that the library sends is the same to the server by a name, where the
// driver knows the type of the column, as without one, where it goes by the type of the value.
func TestScan_arguments(t *testing.T) {
	t.Parallel()
	ctx, own := t.Context(), pgtest.Clone(t)
	cfg, err := pgx.ParseConfig(pgtest.DSN(t, own))
	require.NoError(t, err)
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
	named := bun.NewDB(sql.OpenDB(pgxtx.Named(*cfg)), pgdialect.New())
	t.Cleanup(func() { require.NoError(t, named.Close()) })
	named.SetMaxOpenConns(1)
	day, at, lot, text := date.MustParse("2024-02-29"), time.Date(2026, 3, 29, 1, 30, 0, 123456000, time.FixedZone("", 3600)), id.New[Lot](), "it's"
	json := `{"a": "it's"}`
	for _, of := range []struct {
		typ   string
		value any
	}{
		{"uuid", lot}, {"uuid", &lot}, {"uuid", (*id.Of[Lot])(nil)}, {"uuid", lot.String()}, {"date", day}, {"date", &day}, {"date", date.Date{}}, {"date", (*date.Date)(nil)},
		{"numeric", money.MustParse("1.50")}, {"numeric", money.MustParse("1000.00")}, {"numeric", decimal.RequireFromString("-0.0650")}, {"numeric", decimal.RequireFromString("1e3")},
		{"timestamptz", at}, {"timestamptz", &at}, {"date", at.UTC()}, {"text", word("funded")}, {"text", &text}, {"varchar", (*string)(nil)}, {"jsonb", json}, {"jsonb", &json},
		{"bytea", []byte{0, 255, 39}}, {"bytea", []byte(nil)}, {"boolean", true}, {"int", 5}, {"bigint", int64(math.MaxInt64)}, {"int", (*int)(nil)},
	} {
		var want, is string
		query := "SELECT COALESCE(($1::" + of.typ + ")::text, 'NULL')"
		require.NoError(t, store.Scan(ctx, own, []any{&want}, query, of.value))
		for range 3 {
			require.NoError(t, store.Scan(ctx, named, []any{&is}, query, of.value), "%s %T", of.typ, of.value)
			require.Equal(t, want, is, "%s %T", of.typ, of.value)
		}
	}
}

// What has no form is said before anything is sent, so that a host's transaction goes on.
func TestRead_noForm(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	var is string
	for _, lent := range []bun.IDB{tx, store.Lend(tx.Tx)} {
		require.ErrorIs(t, store.Read(ctx, lent, lent.NewRaw("SELECT ?", "a\x00b"), &is), store.ErrNotStorable)
		require.NoError(t, store.Read(ctx, lent, lent.NewRaw("SELECT ?", "?!(no failure)"), &is))
		require.Equal(t, "?!(no failure)", is)
	}
}

// Rows of every kind of column are read as bun reads them, by each road, and by a list or one
// by one.
func TestRead_rows(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	withLots(t, db)
	all, few := full("all"), lot("few")
	require.NoError(t, lots.InsertAll(ctx, db, []Lot{all, few}))
	cfg, err := pgx.ParseConfig(pgtest.DSN(t, db))
	require.NoError(t, err)
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
	named := bun.NewDB(sql.OpenDB(pgxtx.Named(*cfg)), pgdialect.New())
	named.SetMaxOpenConns(1)
	t.Cleanup(func() { require.NoError(t, named.Close()) })
	var want []Lot
	require.NoError(t, db.NewSelect().Model(&want).Order("name").Scan(ctx))
	require.Len(t, want, 2)
	for range 3 {
		for _, pool := range []*bun.DB{db, named} {
			got, err := lots.All(ctx, pool, func(q *bun.SelectQuery) *bun.SelectQuery {
				return q.Where("name IN (?)", bun.List([]string{"all", "few"})).Order("name")
			})
			require.NoError(t, err)
			require.Equal(t, want, got)
			one, err := lots.Get(ctx, pool, few.ID)
			require.NoError(t, err)
			require.Equal(t, &want[1], one)
			_, err = lots.Get(ctx, pool, id.New[Lot]())
			require.ErrorIs(t, err, lots.NotFound)
			var names []struct{ Name string }
			require.NoError(t, store.Read(ctx, pool, pool.NewRaw("SELECT name FROM public.lots WHERE name = ?", "all"), &names))
			require.Equal(t, "all", names[0].Name)
			require.ErrorContains(t, store.Read(ctx, pool, pool.NewRaw("SELECT name, 1 AS more FROM public.lots WHERE name = ?", "all"), &names), `"more"`)
		}
	}
}

// A list of more values than a statement can have parameters is read all the same.
func TestRead_longList(t *testing.T) {
	t.Parallel()
	list := make([]string, 70_000)
	for i := range list {
		list[i] = strconv.Itoa(i)
	}
	var n int
	for _, db := range []bun.IDB{pgtest.Tx(t), pgtest.Clone(t)} {
		require.NoError(t, store.Read(t.Context(), db, db.NewRaw("SELECT count(*) FROM unnest(ARRAY[?]) AS v WHERE v <> ?", bun.List(list), "7"), &n))
		require.Equal(t, len(list)-1, n)
	}
}

// watch is a hook that keeps what it is shown.
type watch struct{ seen *[]string }

func (w watch) BeforeQuery(ctx context.Context, e *bun.QueryEvent) context.Context {
	*w.seen = append(*w.seen, e.Query)
	return ctx
}

func (watch) AfterQuery(context.Context, *bun.QueryEvent) {}

// The hooks of a host's pool see a query whose rows are read one by one, without its values, and
// what ends the reading comes as it is.
func TestQuery_hooks(t *testing.T) {
	t.Parallel()
	var seen []string
	db, stop := pgtest.Clone(t).WithQueryHook(watch{&seen}), errors.New("stop")
	read := func(db bun.IDB) error {
		n := 0
		err := store.NewQuery(db, nil, "SELECT ?::text FROM generate_series(1, 3)", "secret").Each(t.Context(), func(row store.Row) error {
			if n++; n == 2 {
				return stop
			}
			return row.Scan(new(string))
		})
		require.Equal(t, 2, n)
		require.Equal(t, stop, err)
		return store.NewQuery(db, nil, "SELECT 1 WHERE ?", false).Each(t.Context(), func(store.Row) error { return stop })
	}
	require.NoError(t, read(db))
	require.NoError(t, store.InTx(t.Context(), db, read))
	all := []string{"SELECT $1::text FROM generate_series(1, 3)", "SELECT 1 WHERE FALSE"}
	require.Equal(t, append(all, all...), slices.DeleteFunc(seen, func(s string) bool { return !slices.Contains(all, s) }))
}
