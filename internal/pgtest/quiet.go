package pgtest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/localpg"
	"github.com/freehold-go/freehold/migrations"
)

// Own is a cluster of the test's own with these settings, which may be killed and
// backed up, and the name of a migrated database in it. It ends with the test.
func Own(t testing.TB, settings map[string]string) (*localpg.Server, string) {
	t.Helper()
	server, err := started(t.Context(), settings)
	stopWithout(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	return server, migrated
}

// migrated is the name of the database of a server that started makes.
const migrated = "deals"

// started starts a cluster of this process alone and makes a migrated database in it.
func started(ctx context.Context, settings map[string]string) (_ *localpg.Server, err error) {
	server, err := localpg.Start(ctx, localpg.Options{Own: true, Settings: settings})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, server.Close())
		}
	}()
	admin, err := Open(server.DSN(""))
	if err != nil {
		return nil, err
	}
	defer func() { _ = admin.Close() }()
	if _, err := admin.ExecContext(ctx, "CREATE DATABASE "+migrated); err != nil {
		return nil, err
	}
	db, err := Open(server.DSN(migrated))
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	m, err := migrations.New(migrations.Config{})
	if err != nil {
		return nil, err
	}
	return server, errors.Join(m.Extensions(ctx, db), m.Up(ctx, db))
}

// quiet is a server of this process alone.
var quiet = sync.OnceValues(func() (*localpg.Server, error) {
	return started(context.Background(), map[string]string{"autovacuum": "off"})
})

// copies of the migrated database; one session at a time makes them.
var copies struct {
	sync.Mutex
	n atomic.Int64
}

// Quiet is [Clone] on a server of this process alone: for tests of sealing, which waits
// for the oldest transaction in flight on the whole server. On a shared one that is often
// another package's test. A machine without server programs has Clone.
func Quiet(t testing.TB) *bun.DB {
	t.Helper()
	db, _ := QuietDSN(t)
	return db
}

// QuietDSN is [Quiet] with the connection string of the database.
func QuietDSN(t testing.TB) (*bun.DB, string) {
	t.Helper()
	server, err := quiet()
	if errors.Is(err, localpg.ErrNotFound) { // Clone also skips where there is no server at all
		db := Clone(t)
		return db, DSN(t, db)
	}
	require.NoError(t, err)
	name := fmt.Sprintf("quiet_%d", copies.n.Add(1))
	admin, err := Open(server.DSN(""))
	require.NoError(t, err)
	copies.Lock()
	_, err = admin.ExecContext(t.Context(), "CREATE DATABASE "+name+" TEMPLATE "+migrated)
	copies.Unlock()
	require.NoError(t, err)
	require.NoError(t, admin.Close())
	db, err := Open(server.DSN(name))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db, server.DSN(name)
}
