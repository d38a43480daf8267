package localpg

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// envBase makes the test binary a program that uses a server, kept in the
// directory it names.
const envBase = "FREEHOLD_TEST_LOCALPG"

// TestMain runs the tests, or, in a process that one of them has started, the program.
func TestMain(m *testing.M) {
	base := os.Getenv(envBase)
	if base == "" {
		code := m.Run()
		if made, err := template(); err == nil {
			_ = os.RemoveAll(made) // it is in the directory for temporary files
		}
		os.Exit(code)
	}
	open := Start
	if os.Getenv(envBase+"_SHARE") != "" {
		open = Share
	}
	linger, err := time.ParseDuration(os.Getenv(envBase + "_LINGER"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	s, err := open(context.Background(), Options{base: base, linger: linger, getenv: unset})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(s.DSN(""))
	_, _ = io.ReadAll(os.Stdin) // until it is told to end
}

// unset is an environment without variables.
func unset(string) string { return "" }

// noServer is the environment without a server of the user's.
func noServer(name string) string {
	if name == EnvDSN {
		return ""
	}
	return os.Getenv(name)
}

// template is a base directory in which a cluster has been started once, so that not
// each test waits for initdb.
var template = sync.OnceValues(func() (string, error) {
	base, err := os.MkdirTemp("", "fh-")
	if err != nil {
		return "", err
	}
	if err := os.Chmod(base, 0o755); err != nil {
		return "", err
	}
	s, err := Start(context.Background(), Options{base: base, getenv: unset})
	if err != nil {
		return "", errors.Join(err, os.RemoveAll(runDirs(base)[0]), os.RemoveAll(base))
	}
	return base, errors.Join(s.Close(), os.RemoveAll(runDirs(base)[0]))
})

// here is fresh with the template already in the directory.
func here(t *testing.T) Options {
	t.Helper()
	o := fresh(t)
	base, err := template()
	require.NoError(t, err)
	made, err := filepath.Glob(filepath.Join(base, "template-*"))
	require.NoError(t, err)
	out, err := exec.Command("cp", append(append([]string{"-Rp"}, made...), o.base)...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return o
}

// fresh returns Options for the programs of this machine that keep everything in
// a directory of the test's own.
func fresh(t *testing.T) Options {
	t.Helper()
	base, err := os.MkdirTemp("", "fh-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(base, 0o755))
	t.Cleanup(func() {
		for _, run := range runDirs(base) {
			require.NoError(t, os.RemoveAll(run))
		}
		require.NoError(t, os.RemoveAll(base))
	})
	o := Options{base: base, linger: time.Second, getenv: unset}
	if !filepath.IsAbs(dockerSource()) { // built with -trimpath, which keeps no folders
		o.docker, err = filepath.Abs("dockerpg")
		require.NoError(t, err)
	}
	return o
}

func start(t *testing.T, o Options) *Server {
	t.Helper()
	s, err := Start(t.Context(), o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) }) // it may be dead by then
	return conn
}

func ask(t *testing.T, conn *pgx.Conn, query string) string {
	t.Helper()
	var answer string
	require.NoError(t, conn.QueryRow(t.Context(), query).Scan(&answer))
	return answer
}

// program starts the test binary as a program that uses a server and returns the
// server's DSN.
func program(t *testing.T, o Options, share bool) (*exec.Cmd, string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envBase+"="+o.base, envBase+"_LINGER="+o.linger.String())
	if share {
		cmd.Env = append(cmd.Env, envBase+"_SHARE=1")
	}
	cmd.Stderr = os.Stderr
	_, err := cmd.StdinPipe() // stays open: the program waits
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // most tests have done it
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	return cmd, strings.TrimSpace(line)
}

// killProgram ends a program as nothing can prevent.
func killProgram(cmd *exec.Cmd) {
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // its error says that it was killed
}

// clusterOf returns the cluster behind a DSN.
func clusterOf(t *testing.T, dsn string) *cluster {
	t.Helper()
	config, err := pgx.ParseConfig(dsn)
	require.NoError(t, err)
	return &cluster{dir: config.Host}
}

// gone reports that nothing of the cluster is left, neither process nor file.
func gone(c *cluster, pid int) func() bool {
	return func() bool {
		_, err := os.Stat(c.dir)
		return os.IsNotExist(err) && !running(pid)
	}
}

func TestStart(t *testing.T) {
	t.Parallel()

	o := fresh(t)
	begin := time.Now()
	s := start(t, o)
	t.Logf("first cluster, initdb included: %s", time.Since(begin).Round(time.Millisecond))
	begin = time.Now()
	other := start(t, o)
	t.Logf("next cluster: %s", time.Since(begin).Round(time.Millisecond))
	require.NotEqual(t, s.DSN(""), other.DSN(""))
	require.True(t, s.Throwaway())

	conn := connect(t, s.DSN(""))
	require.Empty(t, ask(t, conn, "SHOW listen_addresses"), "no network")
	require.Equal(t, "UTF8", ask(t, conn, "SHOW server_encoding"))
	require.Equal(t, "é", ask(t, conn, "SELECT lower('É')"))
	_, err := conn.Exec(t.Context(), "CREATE DATABASE other")
	require.NoError(t, err)
	require.NotEmpty(t, ask(t, connect(t, s.DSN("other")), "SELECT postgis_version()"), "new databases have PostGIS")

	// Nobody else may enter, and root does not serve.
	info, err := os.Stat(s.cluster.dir)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	pid, _ := s.cluster.pidFile()
	owner, err := os.Stat(fmt.Sprintf("/proc/%d", pid))
	if err == nil {
		require.NotZero(t, owner.Sys().(*syscall.Stat_t).Uid)
	}
	out, err := exec.Command(s.Program("pg_dump"), "--version").Output()
	require.NoError(t, err)
	require.Contains(t, string(out), "pg_dump")

	require.NoError(t, s.Close())
	require.True(t, gone(s.cluster, pid)())
	require.NoError(t, connect(t, other.DSN("")).Ping(t.Context()), "the other is not concerned")
}

// Settings of the caller reach the server.
func TestStart_settings(t *testing.T) {
	t.Parallel()

	o := here(t)
	o.Settings = map[string]string{"autovacuum": "off", "application_name": "two words"}
	conn := connect(t, start(t, o).DSN(""))
	require.Equal(t, "off", ask(t, conn, "SHOW autovacuum"))
	require.Equal(t, "two words", ask(t, conn, "SHOW application_name"))
}

// A setting the server refuses is an error with the server's words, at once.
func TestStart_wrongSetting(t *testing.T) {
	t.Parallel()

	o := here(t)
	o.Settings = map[string]string{"no_such_setting": "1"}
	begin := time.Now()
	_, err := Start(t.Context(), o)
	require.ErrorContains(t, err, "no_such_setting")
	require.Less(t, time.Since(begin), 10*time.Second)
}

// A program killed with SIGKILL takes its cluster with it.
func TestStart_killedProgram(t *testing.T) {
	t.Parallel()

	cmd, dsn := program(t, here(t), false)
	c := clusterOf(t, dsn)
	pid, ready := c.pidFile()
	require.True(t, ready)
	connect(t, dsn) // a client does not keep it
	killProgram(cmd)
	require.Eventually(t, gone(c, pid), 10*time.Second, 5*time.Millisecond)
}

// A server that starts behind a killed one is not refused because of what a connection of
// the old one says as it goes.
func TestRefused(t *testing.T) {
	t.Parallel()
	orphan := "2026-11-29 20:48:43.810 UTC [20979] FATAL:  terminating connection due to unexpected postmaster exit\n"
	require.False(t, refused(""))
	require.False(t, refused("2026-11-29 20:48:43.812 UTC [21000] LOG:  starting PostgreSQL\n"+orphan))
	require.True(t, refused(orphan+"2026-11-29 20:48:43.830 UTC [21001] FATAL:  lock file \"postmaster.pid\" already exists\n"))
}

// A server that crashes comes back with what was committed.
func TestServer_kill9(t *testing.T) {
	t.Parallel()

	s := start(t, here(t))
	conn := connect(t, s.DSN(""))
	_, err := conn.Exec(t.Context(), "CREATE TABLE kept (x TEXT); INSERT INTO kept VALUES ('yes')")
	require.NoError(t, err)
	for range 3 {
		require.NoError(t, s.Kill9())
		// A session ends when it notices that its server is gone, on a busy machine a
		// statement later.
		require.Eventually(t, func() bool { _, err := conn.Exec(t.Context(), "SELECT 1"); return err != nil }, 10*time.Second, 5*time.Millisecond)
		require.NoError(t, s.Restart(t.Context()))
		conn = connect(t, s.DSN(""))
		require.Equal(t, "yes", ask(t, conn, "SELECT x FROM kept"))
	}
	require.NoError(t, s.Restart(t.Context()), "a running server is stopped first")
	require.Equal(t, "yes", ask(t, connect(t, s.DSN("")), "SELECT x FROM kept"))
}

// Programs share one cluster, whichever of them started it, for as long as one of
// them runs. It outlives a pause, then goes.
func TestShare(t *testing.T) {
	t.Parallel()

	o := here(t)
	o.linger = 4 * time.Second // a third program must start within it, on a busy machine too
	first, dsn := program(t, o, true)
	second, same := program(t, o, true)
	require.Equal(t, dsn, same)
	c := clusterOf(t, dsn)
	pid, _ := c.pidFile()

	killProgram(first)
	time.Sleep(o.linger + time.Second)
	require.NoError(t, connect(t, dsn).Ping(t.Context()), "the second still uses it")
	killProgram(second)

	third, same := program(t, o, true)
	require.Equal(t, dsn, same, "it lingers")
	s, err := Share(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, dsn, s.DSN(""))
	require.ErrorIs(t, s.Kill9(), errNotOwn)
	require.ErrorIs(t, s.Restart(t.Context()), errNotOwn)
	killProgram(third)
	require.NoError(t, s.Close())
	require.Eventually(t, gone(c, pid), 30*time.Second, 5*time.Millisecond)

	_, next := program(t, o, true)
	require.NotEqual(t, dsn, next)
}

// Many programs that start at once get one cluster.
func TestShare_atOnce(t *testing.T) {
	t.Parallel()

	o := here(t)
	dsns := make(chan string, 8)
	for range cap(dsns) {
		go func() {
			s, err := Share(context.Background(), o)
			if err != nil {
				dsns <- err.Error()
				return
			}
			dsns <- s.DSN("")
			time.Sleep(o.linger)
			_ = s.Close() // nothing is buffered in a pipe
		}()
	}
	one := <-dsns
	require.Contains(t, one, "postgres://")
	for range cap(dsns) - 1 {
		require.Equal(t, one, <-dsns)
	}
	c := clusterOf(t, one)
	pid, _ := c.pidFile()
	require.Eventually(t, gone(c, pid), 15*time.Second, 5*time.Millisecond)
}

// Even a cluster whose watcher was killed is cleared away, by whoever comes next.
func TestShare_killedWatcher(t *testing.T) {
	t.Parallel()

	o := here(t)
	cmd, dsn := program(t, o, true)
	c := clusterOf(t, dsn)
	pid, _ := c.pidFile()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Skip("no /proc to find the watcher by")
	}
	var watcher int
	_, rest, _ := strings.Cut(string(stat), ") ")
	_, err = fmt.Sscanf(rest[2:], "%d", &watcher)
	require.NoError(t, err)
	killProgram(cmd)
	require.NoError(t, syscall.Kill(watcher, syscall.SIGKILL))
	time.Sleep(50 * time.Millisecond)
	require.True(t, running(pid), "the server is an orphan")

	s := start(t, o)
	require.NotEqual(t, c.dir, s.cluster.dir)
	require.Eventually(t, gone(c, pid), 10*time.Second, 5*time.Millisecond)
}

// A machine without any server is told what to do.
func TestStart_nothing(t *testing.T) {
	t.Parallel()

	o := fresh(t)
	o.dirs, o.docker = []string{t.TempDir()}, t.TempDir()
	_, err := Start(t.Context(), o)
	require.ErrorIs(t, err, ErrNotFound)
	for _, part := range []string{"FREEHOLD_DSN is not set", "no postgres program", "Docker: ", "To install it here: "} {
		require.ErrorContains(t, err, part)
	}
}

// A daemon that is named but does not answer is found out by the program that would
// start the container.
func TestStart_noDaemon(t *testing.T) {
	o := fresh(t)
	o.NoPrograms, o.getenv = true, noServer
	t.Setenv("DOCKER_HOST", "unix://"+filepath.Join(o.base, "nobody"))
	_, err := Start(t.Context(), o)
	require.ErrorIs(t, err, ErrNotFound)
	require.ErrorIs(t, err, ErrNoDaemon)
}

// Where the module with that program is not there, as in the module cache of a host, the
// message says what to do instead.
func TestStart_dockerAbsent(t *testing.T) {
	t.Parallel()

	o := fresh(t)
	o.NoPrograms, o.docker = true, filepath.Join(o.base, "dockerpg")
	o.getenv = func(name string) string { return map[string]string{"DOCKER_HOST": "unix:///there"}[name] }
	_, err := Start(t.Context(), o)
	require.ErrorIs(t, err, ErrNotFound)
	require.NotErrorIs(t, err, ErrNoDaemon)
	for _, part := range []string{o.docker + " is not there", "docker run ", EnvDSN + "=postgres://"} {
		require.ErrorContains(t, err, part)
	}
}

// The server that the environment names is used as it is.
func TestStart_environment(t *testing.T) {
	t.Parallel()

	o := Options{getenv: func(string) string { return "postgres://me@example.org:1/mine?sslmode=disable" }}
	s, err := Start(t.Context(), o)
	require.NoError(t, err)
	require.False(t, s.Throwaway())
	require.Equal(t, "postgres://me@example.org:1/mine?sslmode=disable", s.DSN(""))
	require.Equal(t, "postgres://me@example.org:1/other?sslmode=disable", s.DSN("other"))
	require.Equal(t, "pg_dump", s.Program("pg_dump"))
	require.ErrorIs(t, s.Kill9(), errNotOwn)
	require.NoError(t, s.Close())

	o.getenv = func(string) string { return "host=here dbname=mine" }
	s, err = Start(t.Context(), o)
	require.NoError(t, err)
	config, err := pgx.ParseConfig(s.DSN("other"))
	require.NoError(t, err)
	require.Equal(t, "other", config.Database)
	require.Equal(t, "here", config.Host)
}

// Without programs here, Docker is next; programs share its container too.
func TestShare_container(t *testing.T) {
	t.Parallel()

	o := fresh(t)
	o.NoPrograms, o.getenv = true, noServer
	one, err := Share(t.Context(), o)
	if errors.Is(err, ErrNoDaemon) {
		t.Skip(err)
	}
	require.NoError(t, err)
	two, err := Share(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, one.DSN(""), two.DSN(""))
	require.True(t, one.Throwaway())
	require.NoError(t, connect(t, one.DSN("template1")).Ping(t.Context()))
	require.NoError(t, one.Close())
	require.NoError(t, two.Close())
}

// A base directory that somebody else could write to is refused.
func TestPrivate(t *testing.T) {
	t.Parallel()

	dir := t.TempDir()
	mine := filepath.Join(dir, "mine")
	require.NoError(t, (*account)(nil).private(mine))
	require.NoError(t, (*account)(nil).private(mine))
	require.NoError(t, os.Chmod(mine, 0o777))
	require.Error(t, (*account)(nil).private(mine))

	link := filepath.Join(dir, "link")
	require.NoError(t, os.Symlink(dir, link))
	require.Error(t, (*account)(nil).private(link))
	require.Error(t, (&account{uid: 12345}).private(dir), "somebody else's")
}

// A directory for clusters that is somebody else's is passed over, and where there is
// no other the error says what to do.
func TestStart_directoryTaken(t *testing.T) {
	t.Parallel()

	dir := t.TempDir()
	taken, free := filepath.Join(dir, "taken"), filepath.Join(dir, "free")
	require.NoError(t, os.Mkdir(taken, 0o700))
	require.NoError(t, os.Chmod(taken, 0o777)) // as if another had made it
	made, err := firstUsable([]string{taken, free}, nil)
	require.NoError(t, err)
	require.Equal(t, free, filepath.Dir(made))
	_, err = firstUsable([]string{taken}, nil)
	require.ErrorContains(t, err, taken)
	require.ErrorContains(t, err, "TMPDIR")

	o := here(t)
	if first := runDirs(o.base)[0]; filepath.Dir(first) != o.base {
		require.NoError(t, os.MkdirAll(first, 0o700))
		t.Cleanup(func() { _ = os.RemoveAll(first) })
		require.NoError(t, os.Chmod(first, 0o777))
	}
	s, err := Start(t.Context(), o)
	require.NoError(t, err)
	require.NoError(t, connect(t, s.DSN("")).Ping(t.Context()))
	require.True(t, strings.HasPrefix(clusterOf(t, s.DSN("")).dir, o.base))
	require.NoError(t, s.Close())
}
