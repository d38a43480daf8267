package ledger_test

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
// on a shared one that is often another package's test.
var quiet = sync.OnceValues(func() (_ *localpg.Server, err error) {
	ctx := context.Background()
	server, err := localpg.Start(ctx, localpg.Options{Settings: map[string]string{"autovacuum": "off"}})
	if err != nil {
		return nil, err
	}
	if !server.Throwaway() {
		return nil, nil // a server of the host's; its databases are pgtest's
	}
	admin, err := pgtest.Open(server.DSN(""))
	if err != nil {
		return nil, err
	}
	defer func() { _ = admin.Close() }()
	if _, err := admin.ExecContext(ctx, "CREATE DATABASE ledger_template"); err != nil {
		return nil, err
	}
	db, err := pgtest.Open(server.DSN("ledger_template"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Close() }()
	m, err := migrations.New(migrations.Config{})
	if err != nil {
		return nil, err
	}
	if err := m.Extensions(ctx, db); err != nil {
		return nil, err
	}
	return server, m.Up(ctx, db)
})

var quietCount atomic.Int64

// quietDB is pgtest.Clone on the quiet server.
func quietDB(t *testing.T) *bun.DB {
	t.Helper()
	server, err := quiet()
	if server == nil {
		return pgtest.Clone(t) // which also skips where there is no server at all
	}
	require.NoError(t, err)
	admin, err := pgtest.Open(server.DSN(""))
	require.NoError(t, err)
	name := fmt.Sprintf("ledger_%d", quietCount.Add(1))
	copying.Lock() // a template is copied by one session at a time
	_, err = admin.ExecContext(t.Context(), "CREATE DATABASE "+name+" TEMPLATE ledger_template")
	copying.Unlock()
	require.NoError(t, err)
	require.NoError(t, admin.Close())
	db, err := pgtest.Open(server.DSN(name))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

var copying sync.Mutex
