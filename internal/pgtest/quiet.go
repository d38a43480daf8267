package pgtest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/localpg"
	"github.com/freehold-go/freehold/migrations"
)

// quietTemplate is the migrated database of the quiet server.
const quietTemplate = "quiet_template"

// quiet is a server of this process alone. Nil is that there is none of our own.
var quiet = sync.OnceValues(func() (_ *localpg.Server, err error) {
	ctx := context.Background()
	server, err := localpg.Start(ctx, localpg.Options{Settings: map[string]string{"autovacuum": "off"}})
	if err != nil || !server.Throwaway() {
		return nil, err
	}
	admin, err := Open(server.DSN(""))
	if err != nil {
		return nil, err
	}
	defer func() { _ = admin.Close() }()
	if _, err := admin.ExecContext(ctx, "CREATE DATABASE "+quietTemplate); err != nil {
		return nil, err
	}
	db, err := Open(server.DSN(quietTemplate))
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	m, err := migrations.New(migrations.Config{})
	if err != nil {
		return nil, err
	}
	return server, m.Up(ctx, db)
})

// copies of the template; one session at a time makes them.
var copies struct {
	sync.Mutex
	n atomic.Int64
}

// Quiet is [Clone] on a server of this process alone: for tests of sealing, which waits
// for the oldest transaction in flight on the whole server. On a shared one that is often
// another package's test. Where the server is the host's, it is Clone.
func Quiet(t testing.TB) *bun.DB {
	t.Helper()
	db, _ := QuietDSN(t)
	return db
}

// QuietDSN is [Quiet] with the connection string of the database.
func QuietDSN(t testing.TB) (*bun.DB, string) {
	t.Helper()
	server, err := quiet()
	if server == nil { // Clone also skips where there is no server at all
		db := Clone(t)
		return db, DSN(t, db)
	}
	require.NoError(t, err)
	name := fmt.Sprintf("quiet_%d", copies.n.Add(1))
	admin, err := Open(server.DSN(""))
	require.NoError(t, err)
	copies.Lock()
	_, err = admin.ExecContext(t.Context(), "CREATE DATABASE "+name+" TEMPLATE "+quietTemplate)
	copies.Unlock()
	require.NoError(t, err)
	require.NoError(t, admin.Close())
	db, err := Open(server.DSN(name))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db, server.DSN(name)
}
