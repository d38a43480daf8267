//go:build linux || darwin

package localpg

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

//go:embed watch.sh
var watchScript string

// superuser is the name of the database superuser of a throw-away cluster.
const superuser = "freehold"

// settings make a server that may lose everything in a crash of the machine, though
// not in one of its own, and is fast for it.
var settings = map[string]string{
	"listen_addresses":        "",
	"unix_socket_permissions": "0700",
	"fsync":                   "off",
	"full_page_writes":        "off",
	"wal_level":               "minimal",
	"max_wal_senders":         "0",
	"max_wal_size":            "512MB",
	"max_connections":         "300",
	"shared_buffers":          "256MB",
	"jit":                     "off",
	"timezone":                "UTC",
	"log_min_messages":        "fatal",
	"logging_collector":       "off",
}

// cluster is a throw-away cluster under its watcher.
type cluster struct {
	dir   string   // holds data, log, the socket and the pipe alive
	alive *os.File // while it is open for writing, the watcher keeps the server
	own   bool     // no other process uses it
	as    *account // whom the server runs as
	base  string   // where clusters are kept; of one that was started here
}

// dsn names the maintenance database over the unix socket.
func (c *cluster) dsn() string {
	return "postgres:///postgres?" + url.Values{"host": {c.dir}, "port": {"5432"}, "user": {superuser}, "sslmode": {"disable"}}.Encode()
}

// openCluster joins the shared cluster or starts one, its own when linger is 0.
func openCluster(ctx context.Context, p *programs, o Options, linger time.Duration) (*cluster, error) {
	unlock, err := lock(ctx, o.base)
	if err != nil {
		return nil, err
	}
	defer unlock()
	as, err := unprivileged()
	if err != nil {
		return nil, err
	}
	sweep(o.base)
	current := filepath.Join(o.base, "current")
	if linger > 0 {
		if c, err := join(current, as); err == nil {
			return c, nil
		}
	}
	c, err := startCluster(ctx, p, o, as, linger)
	if err != nil {
		return nil, err
	}
	if linger > 0 {
		// rename replaces the link at once, whatever it pointed to.
		next := current + ".next"
		if err := errors.Join(os.RemoveAll(next), os.Symlink(c.dir, next), os.Rename(next, current)); err != nil {
			return nil, errors.Join(err, c.close())
		}
	}
	return c, nil
}

// join becomes one more user of the cluster that the link current points to.
func join(current string, as *account) (*cluster, error) {
	dir, err := os.Readlink(current)
	if err != nil {
		return nil, err
	}
	alive, err := openPipe(dir)
	if err != nil {
		return nil, err
	}
	c := &cluster{dir: dir, alive: alive, as: as}
	if !c.ready() {
		return nil, errors.Join(errors.New("the shared server is not running"), alive.Close())
	}
	return c, nil
}

// openPipe opens the pipe of the cluster in dir for writing. It fails when no
// watcher reads it.
func openPipe(dir string) (*os.File, error) {
	return os.OpenFile(filepath.Join(dir, "alive"), os.O_WRONLY|syscall.O_NONBLOCK, 0)
}

// startCluster makes a new cluster from the cached template and starts it.
func startCluster(ctx context.Context, p *programs, o Options, as *account, linger time.Duration) (_ *cluster, err error) {
	template, err := templateDir(ctx, p, o, as)
	if err != nil {
		return nil, err
	}
	dir, err := newDir(o.base, as)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	if err := as.run(ctx, "cp", "-Rp", template, filepath.Join(dir, "data")); err != nil {
		return nil, err
	}
	c, err := launch(ctx, p, o, as, dir, linger)
	if err != nil {
		return nil, err
	}
	c.base = o.base
	return c, nil
}

// launch starts the watcher of the cluster in dir, and through it the server.
func launch(ctx context.Context, p *programs, o Options, as *account, dir string, linger time.Duration) (*cluster, error) {
	// Opened for reading too, so that opening does not wait for the watcher.
	first, err := os.OpenFile(filepath.Join(dir, "alive"), os.O_RDWR|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = first.Close() }() // nothing of ours is buffered in a pipe

	halves := strconv.Itoa(int(linger / (500 * time.Millisecond)))
	args := []string{"-c", watchScript, "freehold-postgres-watch", dir, halves,
		filepath.Join(p.dir, "postgres"), "-D", filepath.Join(dir, "data"), "-k", dir, "-p", "5432"}
	for _, set := range []map[string]string{settings, o.Settings} {
		for _, name := range slices.Sorted(maps.Keys(set)) {
			args = append(args, "-c", name+"="+set[name])
		}
	}
	// Not CommandContext: the watcher outlives ctx. A session of its own keeps
	// it out of the reach of the terminal's Ctrl-C.
	watch := as.command(exec.Command("/bin/sh", args...))
	watch.SysProcAttr.Setsid = true
	if err := watch.Start(); err != nil {
		return nil, fmt.Errorf("starting the watcher: %w", err)
	}
	go func() { _ = watch.Wait() }() // reaps it; its end is seen through the pipe

	c := &cluster{dir: dir, own: linger == 0, as: as}
	if err := c.start(ctx, first); err != nil {
		return nil, err
	}
	c.alive, err = openPipe(dir)
	return c, err
}

// start tells the watcher to start the server and waits until it is ready. A
// server that was just killed needs its old children gone first, so a start
// that fails for that is tried again.
func (c *cluster) start(ctx context.Context, pipe *os.File) error {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	read := len(c.log())
	for told := false; ; {
		if !told {
			if _, err := pipe.WriteString("start\n"); err != nil {
				return fmt.Errorf("telling the watcher to start the server: %w", err)
			}
			told = true
		}
		pid, ready := c.pidFile()
		if ready && running(pid) {
			return nil
		}
		if news := c.log()[read:]; !running(pid) && refused(news) {
			if !strings.Contains(news, "lock file") && !strings.Contains(news, "shared memory block") {
				return fmt.Errorf("the server does not start: %s", news)
			}
			read += len(news)
			told = false
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for the server in %s: %w\n%s", c.dir, ctx.Err(), c.log()[read:])
		case <-time.After(2 * time.Millisecond):
		}
	}
}

// refused reports whether a server that was to start has said why it does not. What the
// connections of a killed one say when they find it gone is fatal to them alone.
func refused(news string) bool {
	for line := range strings.Lines(news) {
		if strings.Contains(line, "FATAL:") && !strings.Contains(line, "terminating connection") {
			return true
		}
	}
	return false
}

// log returns what the server has written so far.
func (c *cluster) log() string {
	text, err := os.ReadFile(filepath.Join(c.dir, "log"))
	if err != nil {
		return "" // nothing yet
	}
	return string(text)
}

// pidFile reads the server's lock file: its process and whether it is ready.
func (c *cluster) pidFile() (pid int, ready bool) {
	text, err := os.ReadFile(filepath.Join(c.dir, "data", "postmaster.pid"))
	if err != nil {
		return 0, false
	}
	lines := strings.Split(string(text), "\n")
	pid, _ = strconv.Atoi(lines[0]) // 0 when half written
	return pid, pid > 0 && len(lines) > 7 && strings.TrimSpace(lines[7]) == "ready"
}

// ready reports whether the server runs and accepts connections.
func (c *cluster) ready() bool {
	pid, ready := c.pidFile()
	return ready && running(pid)
}

// running reports whether the process exists and has not ended.
func running(pid int) bool {
	if pid <= 0 || syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return syscall.Kill(pid, 0) == nil // no /proc here, or it has just ended
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return state == "" || !strings.Contains("ZXx", state[:1]) // ended: a zombie, or just being reaped
}

// kill ends the server with SIGKILL, and its children with it: left alone, they would
// answer for a moment longer. Where there is no pgrep they are left alone.
func (c *cluster) kill() error {
	pid, _ := c.pidFile()
	if !running(pid) {
		return errors.New("localpg: the server is not running")
	}
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil { // no new children
		return err
	}
	children, _ := exec.Command("pgrep", "-P", strconv.Itoa(pid)).Output()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		return err
	}
	for _, field := range strings.Fields(string(children)) {
		if child, err := strconv.Atoi(field); err == nil {
			_ = syscall.Kill(child, syscall.SIGKILL) // it may have gone by itself
		}
	}
	return waitFor(10*time.Second, func() bool { return !running(pid) })
}

// stop shuts the server down in order and waits for its end.
func (c *cluster) stop() error {
	pid, ready := c.pidFile()
	if !ready || !running(pid) {
		return nil
	}
	if err := syscall.Kill(pid, syscall.SIGINT); err != nil {
		return err
	}
	return waitFor(30*time.Second, func() bool { return !running(pid) })
}

// restart stops the server when it runs, and starts it.
func (c *cluster) restart(ctx context.Context) error {
	if err := c.stop(); err != nil {
		return err
	}
	return c.start(ctx, c.alive)
}

// close lets go of the pipe; when no other process may use the cluster, it waits
// until the watcher has removed it.
func (c *cluster) close() error {
	err := c.alive.Close()
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	if !c.own {
		return err
	}
	return errors.Join(err, waitFor(30*time.Second, func() bool {
		_, err := os.Stat(c.dir)
		return os.IsNotExist(err)
	}))
}

// waitFor polls until done, at most for the given time.
func waitFor(most time.Duration, done func() bool) error {
	for end := time.Now().Add(most); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			return fmt.Errorf("localpg: no end after %s", most)
		}
	}
	return nil
}
