//go:build linux || darwin

package modeltest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate"
)

// The same behind pgbouncer in transaction mode, where a session lasts no longer
// than a transaction.
func TestModels_roundTripPgbouncer(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/pgbouncer"); err != nil {
			t.Skip("there is no pgbouncer here; on Debian: apt-get install pgbouncer")
		}
	}
	columns := catalog(t, pgtest.Tx(t))
	direct := pgtest.Clone(t)
	db := behindPgbouncer(t, program, pgtest.DSN(t, direct))

	// Three clients at once share the two connections of the pool, each of which
	// would be theirs alone in session mode.
	pids := map[int]bool{}
	for range 3 {
		conn, err := db.Conn(t.Context())
		require.NoError(t, err)
		defer func() { require.NoError(t, conn.Close()) }()
		var pid int
		require.NoError(t, conn.NewRaw("SELECT pg_backend_pid()").Scan(t.Context(), &pid))
		pids[pid] = true
	}
	require.LessOrEqual(t, len(pids), 2)
	roundTrips(t, db, columns)
}

// behindPgbouncer starts pgbouncer before the database and opens it through it.
func behindPgbouncer(t *testing.T, program, dsn string) *bun.DB {
	t.Helper()
	server, err := pgx.ParseConfig(dsn)
	require.NoError(t, err)
	dir, err := os.MkdirTemp("", "pgb") // a socket's path is short
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
		return file
	}
	users := write("users.txt", fmt.Sprintf("%q %q\n", server.User, server.Password))
	config := write("pgbouncer.ini", fmt.Sprintf(`[databases]
* = host=%s port=%d
[pgbouncer]
listen_addr =
unix_socket_dir = %s
listen_port = 6432
auth_type = trust
auth_file = %s
pool_mode = transaction
default_pool_size = 2
ignore_startup_parameters = application_name, extra_float_digits
`, server.Host, server.Port, dir, users))

	var log bytes.Buffer
	cmd := exec.Command(program, config)
	cmd.Stdout, cmd.Stderr = &log, &log
	cmd.SysProcAttr = unprivileged(t, dir, server.Host)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	})

	through := fmt.Sprintf("host=%s port=6432 user=%s dbname=%s sslmode=disable", dir, server.User, server.Database)
	var db *bun.DB
	require.Eventually(t, func() bool {
		db, err = realestate.OpenDB(t.Context(), through)
		return err == nil
	}, 10*time.Second, 20*time.Millisecond, "pgbouncer does not answer")
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// unprivileged makes root's children run as another user, which pgbouncer asks
// for, and gives dir to that user: the one that owns the server's socket, else
// nobody.
func unprivileged(t *testing.T, dir, socket string) *syscall.SysProcAttr {
	t.Helper()
	if os.Geteuid() != 0 {
		return &syscall.SysProcAttr{}
	}
	var uid, gid int
	if info, err := os.Stat(socket); err == nil {
		stat := info.Sys().(*syscall.Stat_t)
		uid, gid = int(stat.Uid), int(stat.Gid)
	}
	if uid == 0 {
		nobody, err := user.Lookup("nobody")
		require.NoError(t, err)
		uid, err = strconv.Atoi(nobody.Uid)
		require.NoError(t, err)
		gid, err = strconv.Atoi(nobody.Gid)
		require.NoError(t, err)
	}
	require.NoError(t, os.Chown(dir, uid, gid))
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}
