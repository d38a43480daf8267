package faulttest

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
)

// durable are the settings of a server that keeps what it acknowledged.
var durable = map[string]string{"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}

// pool opens a pool that is closed when the test ends.
func pool(t *testing.T, dsn string) *bun.DB {
	t.Helper()
	db, err := pgtest.Open(dsn)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// process is this program again, as the clients of a load or as its relay.
type process struct {
	cmd  *exec.Cmd
	out  *bytes.Buffer
	done chan error
}

func startProcess(t *testing.T, role, file string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(os.Args[0]), out: new(bytes.Buffer), done: make(chan error, 1)}
	p.cmd.Env = append(os.Environ(), role+"="+file)
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() { _ = p.cmd.Process.Kill() }) // it has mostly ended
	go func() { p.done <- p.cmd.Wait() }()
	return p
}

// watch counts the answers in the journals as they grow.
type watch struct {
	dir  string
	read map[string]int64
	n    int
}

func (w *watch) answers(t *testing.T) int {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(w.dir, "*.journal"))
	require.NoError(t, err)
	for _, p := range paths {
		f, err := os.Open(p)
		require.NoError(t, err)
		info, err := f.Stat()
		require.NoError(t, err)
		if size := info.Size(); size > w.read[p] {
			news := make([]byte, size-w.read[p])
			n, err := f.ReadAt(news, w.read[p])
			require.True(t, err == nil || n > 0, "%v", err)
			w.n += bytes.Count(news[:n], []byte(`{"Answer"`))
			w.read[p] += int64(n)
		} else if size < w.read[p] {
			w.read[p] = size // a torn line was cut off
		}
		require.NoError(t, f.Close())
	}
	return w.n
}

// A load runs while backends are terminated all the time, the server is killed
// with all of its processes and started again, and the clients' process is
// killed and started again. Nothing that was acknowledged is lost, nothing is
// there twice, and what never had an answer is there once or not at all; and the
// events say the same. A relay that is killed and started again delivers each of
// them, in order.
func TestKills(t *testing.T) {
	t.Parallel()
	watchedElsewhere(t)
	rnd := random(t)
	commands, servers, processes := either(1000, 20_000), either(2, 25), either(3, 25)
	server, database := pgtest.Own(t, durable)
	dsn := server.DSN(database)
	db := pool(t, dsn)
	db.SetMaxIdleConns(0) // none that a killed server leaves broken
	relays := either(6, 60)
	p := newPlan(t, db, dsn, 8, commands)
	file, err := p.save()
	require.NoError(t, err)

	moments := func(n int) []int {
		at := make([]int, n)
		for i := range at {
			at[i] = commands/20 + rnd.IntN(commands*9/10)
		}
		slices.Sort(at)
		return at
	}
	killServer, killProcess, killRelay := moments(servers), moments(processes), moments(processes)
	lasts := make([]int, relays)
	for i := range lasts {
		lasts[i] = 1 + rnd.IntN(commands/relays)
	}
	relay := newDeliverer(t, withName(dsn, "freehold-relay"), lasts)
	var backends, orphans int
	progress, clients := &watch{dir: p.Dir, read: map[string]int64{}}, startProcess(t, envClient, file)
	for running := true; running; {
		select {
		case err := <-clients.done:
			require.NoError(t, err, clients.out.String())
			running = false
			continue
		case <-time.After(time.Duration(5+rnd.IntN(20)) * time.Millisecond):
		}
		relay.tend()
		switch n := progress.answers(t); {
		case len(killServer) > 0 && n >= killServer[0]:
			killServer = killServer[1:]
			require.NoError(t, server.Kill9())
			time.Sleep(time.Duration(rnd.IntN(200)) * time.Millisecond)
			require.NoError(t, server.Restart(t.Context()))
		case len(killProcess) > 0 && n >= killProcess[0]:
			killProcess = killProcess[1:]
			if !clients.kill() {
				continue // it had come to its end
			}
			orphans += between(t, db, p)
			clients = startProcess(t, envClient, file)
		case len(killRelay) > 0 && n >= killRelay[0]:
			killRelay = killRelay[1:]
			relay.now.kill() // tend starts it again
		case backends < n/8:
			backends += terminate(t.Context(), db, rnd)
		}
	}
	t.Logf("%d backends, %d servers and %d processes killed; %d orders were without an answer then", backends, servers, processes, orphans)
	require.Empty(t, killServer, "the load ended before the server was killed as often as planned")
	require.Empty(t, killProcess)
	require.Greater(t, backends, commands/20)
	require.Positive(t, orphans, "the process was killed with orders under way")
	end := pool(t, dsn)
	relay.delivered(end)
	settled(t, end, p)
}

// withName is a DSN whose connections have a name in pg_stat_activity.
func withName(dsn, name string) string {
	u, err := url.Parse(dsn)
	if err != nil || !strings.HasPrefix(u.Scheme, "postgres") {
		return dsn + " application_name=" + name
	}
	q := u.Query()
	q.Set("application_name", name)
	u.RawQuery = q.Encode()
	return u.String()
}

// kill ends the process with SIGKILL, and reports whether it was still running.
func (p *process) kill() bool {
	_ = p.cmd.Process.Kill()
	err := <-p.done
	p.done <- err
	return err != nil
}

// between checks the database while no client runs, and counts the orders that
// have no answer.
func between(t *testing.T, db *bun.DB, p *plan) (orphans int) {
	t.Helper()
	for { // what the server was at when the process died comes to its end
		var busy bool
		err := db.NewRaw("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'freehold' AND datname = current_database())").Scan(t.Context(), &busy)
		if err == nil && !busy {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	j, err := readJournals(p.Dir)
	require.NoError(t, err)
	wrong, err := check(t.Context(), db, j)
	require.NoError(t, err)
	require.Empty(t, wrong)
	return len(j.orders) - len(j.answers)
}

// terminate ends one of the clients' or the relay's backends that are at work.
func terminate(ctx context.Context, db *bun.DB, rnd *rand.Rand) (n int) {
	err := db.NewRaw(`SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity
		WHERE application_name IN ('freehold', 'freehold-relay') AND datname = current_database() AND state <> 'idle' ORDER BY md5(pid::text || ?) LIMIT 1) a`, rnd.IntN(1000)).Scan(ctx, &n)
	if err != nil {
		return 0 // this connection was of the server that was killed
	}
	return n
}
