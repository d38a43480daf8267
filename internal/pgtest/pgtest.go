package pgtest

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/freehold-go/freehold/internal/localpg"
)

// Tx returns a transaction on a migrated database that holds nothing, rolled back
// when the test ends. Until then the database is the test's alone, so that no test waits
// for another that has inserted the same key; then the next test has it.
func Tx(t testing.TB) bun.Tx {
	t.Helper()
	db, err := borrow()
	stopWithout(t, err)
	// Not the test's context: its end, before the cleanups run, would roll back
	// under the feet of the test's own cleanups.
	tx, err := db.BeginTx(context.Background(), nil)
	require.NoError(t, err)
	t.Cleanup(func() {
		if err := tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
			require.NoError(t, errors.Join(err, db.Close())) // nobody gets it again
		}
		giveBack(db)
	})
	return tx
}

// Clone returns a migrated database of the test's own that holds nothing. It is
// dropped when the test ends.
func Clone(t testing.TB) *bun.DB {
	t.Helper()
	return database(t, func(h *host) template { return h.migrated })
}

// Empty returns a database of the test's own with the extensions, without our
// schemas. It is dropped when the test ends.
func Empty(t testing.TB) *bun.DB {
	t.Helper()
	return database(t, func(h *host) template { return h.extended })
}

// Bare returns a database of the test's own as PostgreSQL makes it, without the
// extensions. It is dropped when the test ends.
func Bare(t testing.TB) *bun.DB {
	t.Helper()
	return database(t, func(*host) template {
		return func(context.Context) (string, error) { return "template0", nil }
	})
}

// DSN returns the connection string of the database that db is connected to.
func DSN(t testing.TB, db bun.IDB) string {
	t.Helper()
	h, err := theHost()
	stopWithout(t, err)
	var name string
	require.NoError(t, db.NewRaw("SELECT current_database()").Scan(context.Background(), &name))
	return h.server.DSN(name)
}

// Server returns the server the tests run on, for its client programs.
func Server(t testing.TB) *localpg.Server {
	t.Helper()
	h, err := theHost()
	stopWithout(t, err)
	return h.server
}

// Open opens the database named by dsn as the library's users do: bun over pgx,
// without a cache of prepared statements. The caller closes it.
func Open(dsn string) (*bun.DB, error) {
	return open(dsn, func(*pgx.ConnConfig) {})
}

func open(dsn string, change func(*pgx.ConnConfig)) (*bun.DB, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	change(config)
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	pool := stdlib.OpenDB(*config)
	pool.SetMaxOpenConns(80)
	pool.SetMaxIdleConns(16)
	return bun.NewDB(pool, pgdialect.New()), nil
}

// database makes a copy of the template for one test.
func database(t testing.TB, of func(*host) template) *bun.DB {
	t.Helper()
	h, err := theHost()
	stopWithout(t, err)
	ctx := context.Background()
	from, err := of(h)(ctx)
	require.NoError(t, err)
	name, err := h.create(ctx, from)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.drop(ctx, name)) })
	db, err := Open(h.server.DSN(name))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// idle are the process's copies of the migrated template that no test uses. There are
// as many as tests have run at the same time. A later process drops them, see host.sweep.
var idle struct {
	sync.Mutex
	dbs []*bun.DB
}

// borrow returns an idle copy of the migrated template, or a new one.
func borrow() (*bun.DB, error) {
	idle.Lock()
	if last := len(idle.dbs) - 1; last >= 0 {
		db := idle.dbs[last]
		idle.dbs = idle.dbs[:last]
		idle.Unlock()
		return db, nil
	}
	idle.Unlock()
	h, err := theHost()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	from, err := h.migrated(ctx)
	if err != nil {
		return nil, err
	}
	name, err := h.create(ctx, from)
	if err != nil {
		return nil, err
	}
	return Open(h.server.DSN(name))
}

// giveBack makes a copy idle, in which nothing was committed.
func giveBack(db *bun.DB) {
	idle.Lock()
	defer idle.Unlock()
	idle.dbs = append(idle.dbs, db)
}

// stopWithout ends the test when there is no server. A machine without one may
// still run the other tests; CI may not.
func stopWithout(t testing.TB, err error) {
	t.Helper()
	if ci, _ := strconv.ParseBool(os.Getenv("CI")); errors.Is(err, localpg.ErrNotFound) && !ci {
		t.Skip(err)
	}
	require.NoError(t, err)
}
