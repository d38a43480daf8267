package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// Lot is a table of these tests, with a column of every kind.
type Lot struct {
	bun.BaseModel `bun:"table:public.lots,alias:l"`

	ID        id.Of[Lot]       `bun:"id,pk"`
	Name      string           `bun:"name"`
	Price     money.Amount     `bun:"price"`
	Bid       *money.Amount    `bun:"bid"`
	Rate      decimal.Decimal  `bun:"rate"`
	Sold      *date.Date       `bun:"sold"`
	Tags      []string         `bun:"tags,array,nullzero"`
	Extra     map[string]any   `bun:"extra,type:jsonb,nullzero"`
	Raw       []byte           `bun:"raw"`
	Parent    *id.Of[Lot]      `bun:"parent_id"`
	Share     *decimal.Decimal `bun:"share"`
	Live      bool             `bun:"live"`
	Count     int              `bun:"count"`
	Version   int64            `bun:"version"`
	CreatedAt time.Time        `bun:"created_at"`
}

var errTaken = fault.New(fault.Conflict, "lot_name_taken", "there is a lot of that name")

var lots = store.Repo[Lot]{
	NotFound:    fault.New(fault.NotFound, "lot_not_found", "there is no such lot"),
	Constraints: store.Constraints{"uk_lots_name": errTaken},
	Sort:        store.NewestFirst(func(l *Lot) (time.Time, string) { return l.CreatedAt, l.ID.String() }),
}

const createLots = `CREATE TABLE public.lots (
	id uuid CONSTRAINT pk_lots PRIMARY KEY, name varchar(80) NOT NULL CONSTRAINT uk_lots_name UNIQUE,
	price numeric(15,2) NOT NULL CONSTRAINT chk_lots_price CHECK (price >= 0 AND price < 'NaN'), bid numeric(15,2),
	rate numeric(18,10) NOT NULL, sold date, tags text[], extra jsonb, raw bytea,
	parent_id uuid CONSTRAINT fk_lots_parent_id REFERENCES public.lots (id), share numeric(20,10),
	live boolean NOT NULL, count integer NOT NULL, version bigint NOT NULL, created_at timestamptz NOT NULL)`

func withLots(t *testing.T, db bun.IDB) {
	t.Helper()
	_, err := db.ExecContext(t.Context(), createLots)
	require.NoError(t, err)
}

func lot(name string) Lot {
	return Lot{ID: id.New[Lot](), Name: name, Price: money.MustParse("10.50"), Rate: decimal.RequireFromString("0.0825"),
		Version: 1, CreatedAt: time.Now().UTC().Truncate(time.Microsecond)}
}

func count(t *testing.T, db bun.IDB) int64 {
	t.Helper()
	n, err := db.NewSelect().Model((*Lot)(nil)).Count(t.Context())
	require.NoError(t, err)
	return n
}

func TestInTx_commitsAndRollsBack(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	withLots(t, db)
	boom := errors.New("boom")

	require.NoError(t, store.InTx(ctx, db, func(tx bun.IDB) error {
		a, b := lot("kept"), lot("nested and dropped")
		require.NoError(t, lots.Insert(ctx, tx, &a))
		require.ErrorIs(t, store.InTx(ctx, tx, func(tx bun.IDB) error {
			require.NoError(t, lots.Insert(ctx, tx, &b))
			return boom
		}), boom)
		return nil
	}))
	require.EqualValues(t, 1, count(t, db))

	require.ErrorIs(t, store.InTx(ctx, db, func(tx bun.IDB) error {
		c := lot("dropped")
		require.NoError(t, lots.Insert(ctx, tx, &c))
		return boom
	}), boom)
	require.EqualValues(t, 1, count(t, db))

	require.Panics(t, func() {
		_ = store.InTx(ctx, db, func(tx bun.IDB) error {
			c := lot("panicked")
			require.NoError(t, lots.Insert(ctx, tx, &c))
			panic("bug of the host")
		})
	})
	require.EqualValues(t, 1, count(t, db), "a panic rolls back")
}

// The trap that RunInTx falls into: the context of the nested unit ends in the
// middle, the caller's transaction goes on and commits.
func TestInTx_cancelledMidwayLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"bun", "lent"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			ctx, db := t.Context(), pgtest.Clone(t)
			withLots(t, db)
			tx, err := db.BeginTx(ctx, nil)
			require.NoError(t, err)
			var outer bun.IDB = tx
			if kind == "lent" {
				outer = store.Lend(tx.Tx)
			}
			mine := lot("the caller's own")
			require.NoError(t, lots.Insert(ctx, outer, &mine))

			for _, swallow := range []bool{false, true} {
				inner, cancel := context.WithCancel(ctx)
				err = store.InTx(inner, outer, func(tx bun.IDB) error {
					half := lot(fmt.Sprint("half done ", swallow))
					require.NoError(t, lots.Insert(inner, tx, &half))
					cancel()
					if swallow {
						return nil
					}
					_, err := tx.ExecContext(inner, "SELECT 1")
					return err
				})
				require.ErrorIs(t, err, context.Canceled)
			}
			require.NoError(t, tx.Commit())
			require.EqualValues(t, 1, count(t, db))
		})
	}
}

func TestInTx_failedStatementSwallowed(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	withLots(t, db)
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		_, _ = tx.ExecContext(ctx, "SELECT 1/0")
		return nil
	})
	require.ErrorIs(t, err, fault.Conflict, "a COMMIT that rolls back is not a success")

	tx := pgtest.Tx(t)
	err = store.InTx(ctx, tx, func(tx bun.IDB) error {
		_, _ = tx.ExecContext(ctx, "SELECT 1/0")
		return nil
	})
	require.Error(t, err)
	_, err = tx.ExecContext(ctx, "SELECT 1")
	require.NoError(t, err, "the caller's transaction is usable again")
}

func TestLend_everyQueryKind(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	withLots(t, db)
	tx, err := db.DB.BeginTx(ctx, nil)
	require.NoError(t, err)
	idb := store.Lend(tx)

	a, b := lot("a"), lot("b")
	require.NoError(t, lots.Insert(ctx, idb, &a))
	require.NoError(t, lots.InsertAll(ctx, idb, []Lot{b}))
	a.Name = "renamed"
	require.NoError(t, lots.Update(ctx, idb, &a, "name"))
	got, err := lots.Get(ctx, idb, a.ID)
	require.NoError(t, err)
	require.Equal(t, "renamed", got.Name)
	require.NoError(t, idb.NewRaw("SELECT name FROM public.lots WHERE id = ?", b.ID).Scan(ctx, &got.Name))
	require.Equal(t, "b", got.Name)
	var n int
	require.NoError(t, idb.QueryRowContext(ctx, "SELECT count(*) FROM public.lots WHERE live = ?", false).Scan(&n))
	require.Equal(t, 2, n)
	_, err = idb.NewDelete().Model(&b).WherePK().Exec(ctx)
	require.NoError(t, err)
	require.ErrorIs(t, idb.RunInTx(ctx, nil, nil), store.ErrLentTx)
	_, err = idb.BeginTx(ctx, nil)
	require.ErrorIs(t, err, store.ErrLentTx)
	require.NoError(t, tx.Rollback())
	require.Zero(t, count(t, db), "the host's rollback takes everything")
}

// Both roads of a bulk insert store what single inserts store, to the byte.
func TestBulk_storesWhatInsertStores(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	withLots(t, db)
	plain := lot("plain")
	odd := lot("quote ' backslash \\ tab \t newline \n return \r brace {\"} comma , é 漢 \\N NULL")
	odd.Bid, odd.Sold = ptr(money.MustParse("-0.01")), date.MustParse("2024-02-29").Ptr()
	odd.Tags = []string{"a,b", `c"d\`, "", "NULL", "it's"}
	odd.Extra = map[string]any{"k": "v'\\\n\"", "n": 1.5}
	odd.Raw = []byte{0, 1, '\\', '\'', 255}
	odd.Parent, odd.Share, odd.Live, odd.Count = plain.ID.Ptr(), ptr(decimal.RequireFromString("0.3333333333")), true, -7
	rows := []Lot{plain, odd}

	tx, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	defer func() { _ = tx.Rollback() }()
	roads := map[string]func(func(bun.IDB) error) error{
		"copy":   func(f func(bun.IDB) error) error { return store.InTx(ctx, db, f) },
		"unnest": func(f func(bun.IDB) error) error { return f(tx) },
		"lent":   func(f func(bun.IDB) error) error { return f(store.Lend(tx.Tx)) },
	}
	for _, name := range []string{"copy", "unnest", "lent"} { // the last two hold locks on the rows until the end
		road := roads[name]
		require.NoError(t, road(func(idb bun.IDB) error {
			for i := range rows {
				require.NoError(t, lots.Insert(ctx, idb, &rows[i]))
			}
			want := dump(t, idb)
			_, err := idb.ExecContext(ctx, "DELETE FROM public.lots")
			require.NoError(t, err)
			require.NoError(t, store.Bulk(ctx, idb, rows))
			require.Equal(t, want, dump(t, idb), name)
			_, err = idb.ExecContext(ctx, "DELETE FROM public.lots")
			return err
		}))
	}
	bad := lot("no id")
	bad.ID = id.Of[Lot]{}
	require.ErrorIs(t, store.Bulk(ctx, tx, []Lot{bad}), store.ErrNotStorable)
	require.NoError(t, tx.Rollback())
	require.NoError(t, store.Bulk(ctx, db, []Lot(nil)))
	require.NoError(t, lots.InsertAll(ctx, db, rows), "the pool itself gets a transaction")
	require.ErrorIs(t, lots.InsertAll(ctx, db, []Lot{lot("plain")}), errTaken)
	require.ErrorIs(t, store.Bulk(ctx, db, []Lot{bad}), store.ErrNotStorable)
	require.EqualValues(t, 2, count(t, db))
}

// Many rows go by COPY's binary format, and come to the same.
func TestBulk_binary(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	withLots(t, db)
	random := rand.New(rand.NewPCG(3, 1))
	rows := make([]Lot, 1500)
	for i := range rows {
		l := lot(fmt.Sprintf("lot %d: quote ' backslash \\ tab \t newline \n brace {\"} é 漢", i))
		l.Price, _ = money.FromCents(random.Int64N(1_000_000_000_000))
		l.Rate = decimal.New(random.Int64N(1_000_000_000), -10)
		l.CreatedAt = l.CreatedAt.Add(-time.Duration(random.Int64N(1e18)))
		l.Live, l.Count, l.Version = i%2 == 0, random.IntN(1e9)-5e8, random.Int64()
		if i%3 > 0 {
			l.Bid, l.Sold = ptr(l.Price.Neg()), ptr(date.MustParse("1970-01-01").AddDays(random.IntN(40_000)))
			l.Raw, l.Parent, l.Share = []byte(l.Name), rows[i-1].ID.Ptr(), ptr(l.Rate.Neg())
			l.Tags, l.Extra = []string{"a,b", l.Name, ""}, map[string]any{"k": l.Name, "n": 1.5}
		}
		rows[i] = l
	}
	back := errors.New("back")
	load := func(road func(context.Context, bun.IDB, func(bun.IDB) error) error) (is string) {
		require.ErrorIs(t, road(ctx, db, func(idb bun.IDB) error {
			require.NoError(t, store.Bulk(ctx, idb, rows))
			is = dump(t, idb)
			return back
		}), back)
		return is
	}
	binary := load(store.InTx)
	unnest := load(func(ctx context.Context, db bun.IDB, f func(bun.IDB) error) error {
		return db.RunInTx(ctx, nil, func(_ context.Context, tx bun.Tx) error { return f(tx) })
	})
	require.Equal(t, unnest, binary)

	rows[1200].ID = id.Of[Lot]{}
	require.ErrorIs(t, store.Bulk(ctx, db, rows), store.ErrNotStorable)
	rows[1200].ID, rows[1200].Count = id.New[Lot](), 1<<40
	require.ErrorIs(t, store.Bulk(ctx, db, rows), store.ErrNumberRange)
	rows[1200].Count, rows[1200].Name = 1, strings.Repeat("x", 81)
	require.ErrorIs(t, lots.InsertAll(ctx, db, rows), store.ErrTooLong)
	require.Zero(t, count(t, db))
}

func dump(t *testing.T, db bun.IDB) string {
	t.Helper()
	var s string
	require.NoError(t, db.NewRaw("SELECT string_agg(l::text, E'\n' ORDER BY id) FROM public.lots l").Scan(t.Context(), &s))
	return s
}

func ptr[T any](v T) *T { return &v }

func TestErr_constraints(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	withLots(t, tx)
	first := lot("first")
	require.NoError(t, lots.Insert(ctx, tx, &first))
	try := func(change func(*Lot)) error {
		return store.InTx(ctx, tx, func(tx bun.IDB) error {
			l := lot("other")
			change(&l)
			return lots.Insert(ctx, tx, &l)
		})
	}
	require.ErrorIs(t, try(func(l *Lot) { l.Name = "first" }), errTaken)
	err := try(func(l *Lot) { l.ID = first.ID })
	require.ErrorIs(t, err, store.ErrExists)
	err = try(func(l *Lot) { l.Price = money.MustParse("-1") })
	require.ErrorIs(t, err, store.ErrCheck)
	require.Equal(t, "price", fault.FieldErrors(err)[0].Field)
	err = try(func(l *Lot) { l.Parent = id.New[Lot]().Ptr() })
	require.ErrorIs(t, err, store.ErrReference)
	require.Equal(t, "parent_id", fault.FieldErrors(err)[0].Field)
	require.ErrorIs(t, try(func(l *Lot) { l.Name = strings.Repeat("é", 81) }), store.ErrTooLong)
	err = try(func(l *Lot) { l.Name = "a\x00b" })
	require.ErrorIs(t, err, store.ErrNotStorable)
	require.Equal(t, "name", fault.FieldErrors(err)[0].Field)
	require.ErrorIs(t, try(func(l *Lot) { l.Rate = decimal.New(1, 9) }), store.ErrNumberRange)
	require.ErrorIs(t, try(func(l *Lot) { l.ID = id.Of[Lot]{} }), store.ErrNotStorable)

	child := lot("child")
	child.Parent = first.ID.Ptr()
	require.NoError(t, lots.Insert(ctx, tx, &child))
	require.ErrorIs(t, store.InTx(ctx, tx, func(tx bun.IDB) error {
		_, err := tx.NewDelete().Model(&first).WherePK().Exec(ctx)
		return store.Err(err, nil)
	}), store.ErrReferenced)
}

type pgdriverError map[byte]string

func (pgdriverError) Error() string         { return "server says no" }
func (e pgdriverError) Field(k byte) string { return e[k] }

func TestErr_bothDrivers(t *testing.T) {
	t.Parallel()
	known := store.Constraints{"uk_lots_name": errTaken}
	for _, err := range []error{
		&pgconn.PgError{Code: "23505", ConstraintName: "uk_lots_name", TableName: "lots"},
		pgdriverError{'C': "23505", 'n': "uk_lots_name", 't': "lots"},
	} {
		require.ErrorIs(t, store.Err(err, known), errTaken)
		require.ErrorIs(t, store.Err(fmt.Errorf("wrapped: %w", err), nil), store.ErrExists)
	}
	for _, state := range []string{"40001", "40P01", "55P03", "08006", "57P01", "53300"} {
		require.True(t, store.Retryable(pgdriverError{'C': state}), state)
	}
	require.False(t, store.Retryable(pgdriverError{'C': "23505"}))
	require.False(t, store.Retryable(context.Canceled))
	require.False(t, store.Retryable(store.ErrUnknownOutcome))
	require.NoError(t, store.Err(nil, nil))
	odd := errors.New("odd")
	require.Equal(t, odd, store.Err(odd, nil))
	require.Equal(t, "created_at", store.ByName("user_events_y2026m01", "chk_user_events_created_at").Field)
	require.Equal(t, "created_at", store.ByName("user_events_default", "chk_user_events_created_at").Field)
}

func TestRepo_versions(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	withLots(t, tx)
	l := lot("x")
	require.NoError(t, lots.Insert(ctx, tx, &l))
	l.Count = 5
	require.NoError(t, lots.UpdateVersion(ctx, tx, &l, 1, "count"))
	require.ErrorIs(t, lots.UpdateVersion(ctx, tx, &l, 1, "count"), store.ErrStale)
	got, err := lots.Lock(ctx, tx, l.ID)
	require.NoError(t, err)
	require.Equal(t, int64(2), got.Version)
	require.Equal(t, 5, got.Count)
	_, err = lots.Get(ctx, tx, id.New[Lot]())
	require.ErrorIs(t, err, lots.NotFound)
	ghost := lot("ghost")
	require.ErrorIs(t, lots.Update(ctx, tx, &ghost, "name"), lots.NotFound)

	second := lot("y")
	require.NoError(t, lots.Insert(ctx, tx, &second))
	both, err := lots.LockAll(ctx, tx, []id.Of[Lot]{second.ID, l.ID, second.ID})
	require.NoError(t, err)
	require.Len(t, both, 2)
	require.Equal(t, l.ID, both[0].ID, "in the order of ids")
	_, err = lots.LockAll(ctx, tx, []id.Of[Lot]{l.ID, ghost.ID})
	require.ErrorIs(t, err, lots.NotFound)
}

// Rows that share a creation time to the microsecond are neither repeated nor
// skipped between pages.
func TestRepo_listTies(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	withLots(t, tx)
	at := time.Date(2026, 1, 2, 3, 4, 5, 123456000, time.UTC)
	var rows []Lot
	for i := range 25 {
		l := lot(fmt.Sprint(i))
		l.CreatedAt = at.Add(time.Duration(i/10) * time.Microsecond)
		rows = append(rows, l)
	}
	require.NoError(t, lots.InsertAll(ctx, tx, rows))
	all := func(q *bun.SelectQuery) *bun.SelectQuery { return q }
	seen := map[string]bool{}
	req := page.Request{Limit: 4}
	for {
		p, err := lots.List(ctx, tx, req, all)
		require.NoError(t, err)
		for i, l := range p.Items {
			require.False(t, seen[l.Name])
			seen[l.Name] = true
			if i > 0 {
				require.False(t, l.CreatedAt.After(p.Items[i-1].CreatedAt), "newest first")
			}
		}
		if p.Next == "" {
			break
		}
		req.After = p.Next
	}
	require.Len(t, seen, 25)

	for _, c := range []page.Cursor{"%%%", page.Encode("x"), page.Encode("yesterday", "0192f0c1-2b3c-7d4e-8f5a-6b7c8d9e0f1a"), page.Encode(store.TimeKey(at), "'; DROP")} {
		_, err := lots.List(ctx, tx, page.Request{After: c}, all)
		require.ErrorIs(t, err, page.ErrCursor)
	}
	_, err := lots.List(ctx, tx, page.Request{Limit: -1}, all)
	require.ErrorIs(t, err, page.ErrLimit)
	empty, err := lots.List(ctx, tx, page.Request{}, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("FALSE") })
	require.NoError(t, err)
	require.NotNil(t, empty.Items)
}

func TestOnce(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	cmd := store.Command{Verb: "tests.pay", Key: "k1"}
	mine := id.New[Lot]()
	require.NoError(t, store.InTx(ctx, db, func(tx bun.IDB) error {
		got, replay, err := store.Once(ctx, tx, cmd, map[string]int{"amount": 1}, "lot", mine)
		require.NoError(t, err)
		require.False(t, replay)
		require.Equal(t, mine, got)
		return nil
	}))
	got, replay, err := store.Once(ctx, db, cmd, map[string]int{"amount": 1}, "lot", id.New[Lot]())
	require.NoError(t, err)
	require.True(t, replay)
	require.Equal(t, mine, got, "the first result")
	_, _, err = store.Once(ctx, db, cmd, map[string]int{"amount": 2}, "lot", id.New[Lot]())
	require.ErrorIs(t, err, store.ErrKeyReused)
	_, _, err = store.Once(ctx, db, store.Command{Verb: "tests.pay"}, nil, "lot", mine)
	require.ErrorIs(t, err, store.ErrKeyRequired)
	_, replay, err = store.Once(ctx, db, store.Command{Scope: "other", Verb: "tests.pay", Key: "k1"}, nil, "lot", id.New[Lot]())
	require.NoError(t, err)
	require.False(t, replay, "scopes are apart")
}

// Of many clients that use one key at the same moment, one does the work and
// all get its result.
func TestOnce_race(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	withLots(t, db)
	var wg sync.WaitGroup
	results := make(chan id.Of[Lot], 8)
	for range 8 {
		wg.Go(func() {
			_ = store.InTx(ctx, db, func(tx bun.IDB) error {
				l := lot("once")
				got, replay, err := store.Once(ctx, tx, store.Command{Verb: "tests.pay", Key: "race"}, "same", "lot", l.ID)
				if err != nil {
					return err
				}
				if !replay {
					if err := lots.Insert(ctx, tx, &l); err != nil {
						return err
					}
				}
				results <- got
				return nil
			})
		})
	}
	wg.Wait()
	close(results)
	first, n := id.Of[Lot]{}, 0
	for r := range results {
		if n++; first.IsZero() {
			first = r
		}
		require.Equal(t, first, r)
	}
	require.Equal(t, 8, n)
	require.EqualValues(t, 1, count(t, db))
}

func TestCommit_lostAnswerIsUnknown(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		var pid int
		require.NoError(t, tx.NewRaw("SELECT pg_backend_pid()").Scan(ctx, &pid))
		_, err := db.ExecContext(ctx, "SELECT pg_terminate_backend(?)", pid)
		require.NoError(t, err)
		time.Sleep(50 * time.Millisecond) // the backend needs a moment to hang up
		return nil
	})
	require.Error(t, err)
	require.True(t, errors.Is(err, fault.Unknown) || errors.Is(err, fault.Unavailable), "%v", err)
	require.NotErrorIs(t, err, sql.ErrTxDone)
}

// A context that ends between the look at it and the sending: pgx's adapter says
// that the connection is bad, and nothing else.
func TestInTx_endedBeforeSending(t *testing.T) {
	t.Parallel()
	db := pgtest.Clone(t)
	cfg, err := pgx.ParseConfig(pgtest.DSN(t, db))
	require.NoError(t, err)
	late := &lateEnd{}
	cfg.DefaultQueryExecMode, cfg.Tracer = pgx.QueryExecModeExec, late
	pool := stdlib.OpenDB(*cfg)
	defer func() { require.NoError(t, pool.Close()) }()
	lane := bun.NewDB(pool, pgdialect.New())
	require.NoError(t, lane.PingContext(t.Context()))
	select1 := func(ctx context.Context, db bun.IDB) error {
		return store.InTx(ctx, db, func(tx bun.IDB) error {
			_, err := tx.ExecContext(ctx, "SELECT 1")
			return store.Err(err, nil)
		})
	}
	single := func(ctx context.Context, db bun.IDB) error {
		return store.Err(store.Single(ctx, db, "SELECT $1::int", 1), nil)
	}
	for name, verb := range map[string]func(context.Context, bun.IDB) error{"unit": select1, "single": single} {
		for at := 1; at <= 2; at++ {
			tx, err := lane.BeginTx(t.Context(), nil)
			require.NoError(t, err)
			ctx, cancel := context.WithCancel(t.Context())
			late.after, late.cancel = at, cancel
			err = verb(ctx, tx)
			late.cancel = nil
			cancel()
			require.ErrorIs(t, err, context.Canceled, "%s at %d", name, at)
			require.NoError(t, tx.Commit(), "the caller goes on")
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	late.after, late.cancel = 2, cancel // behind BEGIN
	require.ErrorIs(t, select1(ctx, lane), context.Canceled)
}

// lateEnd ends a context when pgx is about to send a statement.
type lateEnd struct {
	after  int
	cancel context.CancelFunc
}

func (l *lateEnd) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	if l.cancel != nil {
		if l.after--; l.after == 0 {
			l.cancel()
		}
	}
	return ctx
}

func (*lateEnd) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
