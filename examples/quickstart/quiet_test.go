package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/localpg"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/migrations"
)

// quiet is a server of this package alone, with a migrated database to copy.
// Sealing waits for the oldest transaction in flight on the whole server, and
// on the one that all tests share that is often a long one.
var quiet = sync.OnceValues(func() (_ *localpg.Server, err error) {
	ctx := context.Background()
	server, err := localpg.Start(ctx, localpg.Options{Settings: map[string]string{"autovacuum": "off"}})
	if err != nil || !server.Throwaway() { // a server of the host's; its databases are pgtest's
		return nil, err
	}
	admin, err := pgtest.Open(server.DSN(""))
	if err != nil {
		return nil, err
	}
	defer func() { _ = admin.Close() }()
	if _, err := admin.ExecContext(ctx, "CREATE DATABASE quickstart_template"); err != nil {
		return nil, err
	}
	db, err := pgtest.Open(server.DSN("quickstart_template"))
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

// copying: a template is copied by one session at a time.
var copying struct {
	sync.Mutex
	n atomic.Int64
}

// quietDB is [pgtest.Clone] on the quiet server, with its connection string.
func quietDB(t *testing.T) (*bun.DB, string) {
	t.Helper()
	server, err := quiet()
	if server == nil { // pgtest also skips where there is no server at all
		db := pgtest.Clone(t)
		return db, pgtest.DSN(t, db)
	}
	require.NoError(t, err)
	name := fmt.Sprintf("quickstart_%d", copying.n.Add(1))
	admin, err := pgtest.Open(server.DSN(""))
	require.NoError(t, err)
	copying.Lock()
	_, err = admin.ExecContext(t.Context(), "CREATE DATABASE "+name+" TEMPLATE quickstart_template")
	copying.Unlock()
	require.NoError(t, err)
	require.NoError(t, admin.Close())
	db, err := pgtest.Open(server.DSN(name))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db, server.DSN(name)
}
