//go:build linux || darwin

package localpg

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// longestBase leaves room in the 104 bytes of a socket's path for the
// cluster's directory and the socket's name.
const longestBase = 60

// baseDir returns the directory that keeps this user's clusters, their template
// and the lock.
func baseDir() (string, error) {
	tmp := os.TempDir()
	if len(tmp) > longestBase {
		tmp = "/tmp"
	}
	dir := filepath.Join(tmp, fmt.Sprintf("freehold-%d", os.Geteuid()))
	return dir, (*account)(nil).private(dir)
}

// roomy is how many bytes must be free in memory before clusters are put there.
const roomy = 2 << 30

// runDirs lists the directories that may hold the clusters of base, the best
// first: in memory, where the system has room for that, a copy of a database
// takes a tenth of the time that a busy disk needs for its thousand files.
func runDirs(base string) []string {
	dirs := []string{filepath.Join(base, "run")}
	var shm syscall.Statfs_t
	const memory = "/dev/shm"
	if syscall.Statfs(memory, &shm) == nil && uint64(shm.Bavail)*uint64(shm.Bsize) >= roomy {
		dirs = append([]string{filepath.Join(memory, filepath.Base(base))}, dirs...)
	}
	return dirs
}

// lock takes the lock of the directory base for this process. It goes with the
// process, however that ends.
func lock(ctx context.Context, base string) (unlock func(), err error) {
	f, err := os.OpenFile(filepath.Join(base, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		switch err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err {
		case nil:
			return func() { _ = f.Close() }, nil // closing it is the unlock
		case syscall.EWOULDBLOCK, syscall.EINTR:
		default:
			return nil, errors.Join(err, f.Close())
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), f.Close())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// sweep removes clusters whose watcher is gone too, as after the machine's
// reboot or a kill of everything. The caller holds the lock, so no cluster is
// half started.
func sweep(base string) {
	var dirs []string
	for _, run := range runDirs(base) {
		found, _ := filepath.Glob(filepath.Join(run, "*")) // the pattern is well formed
		dirs = append(dirs, found...)
	}
	for _, dir := range dirs {
		pipe, err := openPipe(dir)
		if err == nil {
			_ = pipe.Close() // its watcher lives
			continue
		}
		if !errors.Is(err, syscall.ENXIO) {
			continue // the watcher is about to remove it
		}
		c := &cluster{dir: dir}
		if pid, _ := c.pidFile(); pid > 0 && running(pid) && syscall.Kill(pid, syscall.SIGQUIT) == nil {
			_ = waitFor(5*time.Second, func() bool { return !running(pid) })
		}
		_ = os.RemoveAll(dir) // what cannot be removed is tried again next time
	}
}

// newDir makes the directory of a new cluster, with its pipe. The directory
// above it belongs to the account too, so that the watcher can remove it.
func newDir(base string, as *account) (string, error) {
	dir, err := firstUsable(runDirs(base), as)
	if err != nil {
		return "", err
	}
	pipe := filepath.Join(dir, "alive")
	return dir, errors.Join(syscall.Mkfifo(pipe, 0o600), as.own(dir), as.own(pipe))
}

// firstUsable makes a directory in the first of the given ones that is the account's
// own. One that is somebody else's is passed over: a container may share the memory of
// its host, and a server that was installed anew has its user under another number.
func firstUsable(dirs []string, as *account) (string, error) {
	var refused error
	for _, run := range dirs {
		err := as.private(run)
		if err == nil {
			var dir string
			if dir, err = os.MkdirTemp(run, ""); err == nil {
				return dir, nil
			}
		}
		refused = errors.Join(refused, err)
	}
	return "", fmt.Errorf("localpg: there is no place for a cluster: %w\nremove these directories, or set TMPDIR to a directory of your own", refused)
}

// templateDir returns the data directory that new clusters are copied from,
// made on first use: initdb and PostGIS take seconds, the copy a tenth of one.
// The name changes with whatever went into it. The caller holds the lock.
func templateDir(ctx context.Context, p *programs, o Options, as *account) (string, error) {
	sum := sha256.Sum256([]byte(p.version + "\n" + p.dir + "\n" + superuser))
	dir := filepath.Join(o.base, fmt.Sprintf("template-%x", sum[:6]))
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	work, err := newDir(o.base, as)
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(work) }() // the watcher may have done it, the next sweep would
	data := filepath.Join(work, "data")
	if err := as.run(ctx, filepath.Join(p.dir, "initdb"), "-D", data, "--no-sync", "--auth=trust",
		"--username="+superuser, "--encoding=UTF8", "--locale="+locale()); err != nil {
		return "", err
	}
	c, err := launch(ctx, p, o, as, work, 0)
	if err != nil {
		return "", err
	}
	if err := c.installExtensions(ctx); err != nil {
		return "", errors.Join(err, c.close())
	}
	// cp instead of a rename: the two may be on different file systems. The name
	// appears when all is there.
	next := dir + ".next"
	if err := errors.Join(os.RemoveAll(next), as.private(next), as.run(ctx, "cp", "-Rp", data+"/.", next), os.Chmod(next, 0o700)); err != nil {
		return "", errors.Join(err, c.close())
	}
	return dir, errors.Join(os.Rename(next, dir), c.close())
}

// locale is one that sorts by code point and knows the case of all letters,
// where the system has it.
func locale() string {
	if runtime.GOOS == "darwin" {
		return "en_US.UTF-8"
	}
	return "C.UTF-8"
}

// installExtensions puts PostGIS and pg_trgm into template1, so that every
// database of the cluster has them, and stops the server.
func (c *cluster) installExtensions(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, (&Server{dsn: c.dsn()}).DSN("template1"))
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "CREATE EXTENSION postgis; CREATE EXTENSION pg_trgm")
	if err := errors.Join(err, conn.Close(ctx)); err != nil {
		return fmt.Errorf("installing PostGIS: %w", err)
	}
	return c.stop()
}
