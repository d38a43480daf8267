package dockerpg_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/localpg/dockerpg"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/migrations"
)

// start runs a container, or skips where no Docker daemon answers: Docker is a
// road to a database, not one that everybody must have.
func start(t *testing.T, linger time.Duration) string {
	t.Helper()
	begin := time.Now()
	dsn, err := dockerpg.Run(t.Context(), linger)
	if errors.Is(err, dockerpg.ErrNoDaemon) {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Logf("container up after %s", time.Since(begin).Round(time.Millisecond))
	return dsn
}

// The container takes the whole schema, and holds it while a client is connected;
// then it goes away by itself.
func TestRun(t *testing.T) {
	t.Parallel()

	ctx, dsn := t.Context(), start(t, time.Second)
	db, err := pgtest.Open(dsn)
	require.NoError(t, err)
	m, err := migrations.New(migrations.Config{})
	require.NoError(t, err)
	begin := time.Now()
	require.NoError(t, m.Up(ctx, db))
	t.Logf("migrated after %s", time.Since(begin).Round(time.Millisecond))
	require.NoError(t, m.Validate(ctx, db))

	conn, err := pgx.Connect(ctx, dsn)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	time.Sleep(4 * time.Second) // longer than it lingers
	require.NoError(t, conn.Ping(ctx), "a connection that does nothing keeps the container")
	require.NoError(t, conn.Close(ctx))

	begin = time.Now()
	require.Eventually(t, func() bool { return !answers(dsn) }, 30*time.Second, 100*time.Millisecond)
	t.Logf("gone after %s", time.Since(begin).Round(time.Millisecond))
}

// answers reports whether a server accepts connections at dsn. It does not connect
// long enough to keep the container.
func answers(dsn string) bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return false
	}
	return conn.Close(ctx) == nil
}
