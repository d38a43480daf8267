package main

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// container starts one, or skips where no Docker daemon answers: Docker is a road to
// a database, not one that everybody must have.
func container(t *testing.T, linger time.Duration) string {
	t.Helper()
	begin := time.Now()
	dsn, err := start(t.Context(), linger)
	if errors.Is(err, errNoDaemon) {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Logf("container up after %s", time.Since(begin).Round(time.Millisecond))
	return dsn
}

// The container has PostGIS, and stays while a client is connected; then it goes away
// by itself.
func TestStart(t *testing.T) {
	t.Parallel()

	ctx, dsn := t.Context(), container(t, time.Second)
	conn, err := pgx.Connect(ctx, dsn)
	require.NoError(t, err)
	time.Sleep(4 * time.Second) // longer than it lingers
	var version string
	require.NoError(t, conn.QueryRow(ctx, "SELECT postgis_version()").Scan(&version), "a connection that does nothing keeps the container")
	require.NotEmpty(t, version)
	require.NoError(t, conn.Close(ctx))

	begin := time.Now()
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

// Without a daemon the program says so with an exit status of its own.
func TestMain_noDaemon(t *testing.T) {
	t.Parallel()

	program := filepath.Join(t.TempDir(), "dockerpg")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	cmd := exec.CommandContext(t.Context(), program)
	cmd.Env = []string{"DOCKER_HOST=unix://" + filepath.Join(t.TempDir(), "none")}
	var said strings.Builder
	cmd.Stderr = &said
	var exit *exec.ExitError
	require.ErrorAs(t, cmd.Run(), &exit)
	require.Equal(t, exitNoDaemon, exit.ExitCode())
	require.Contains(t, said.String(), errNoDaemon.Error())
}
