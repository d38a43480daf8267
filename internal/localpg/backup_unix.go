//go:build linux || darwin

package localpg

import (
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"syscall"
)

// backup runs pg_basebackup into a directory of its own.
func (c *cluster) backup(ctx context.Context, program string) (dir string, held io.Closer, err error) {
	unlock, err := lock(ctx, c.base) // against the sweep of others
	if err != nil {
		return "", nil, err
	}
	dir, err = newDir(c.base, c.as)
	if err == nil {
		held, err = os.OpenFile(filepath.Join(dir, "alive"), os.O_RDWR|syscall.O_NONBLOCK, 0)
	}
	unlock()
	if err != nil {
		return "", nil, err
	}
	err = c.as.run(ctx, program, "-h", c.dir, "-p", "5432", "-U", superuser, "-D", filepath.Join(dir, "data"), "-X", "stream", "-c", "fast")
	if err != nil {
		return "", nil, errors.Join(err, held.Close(), os.RemoveAll(dir))
	}
	return dir, held, nil
}

// restored starts a server on a backup of c.
func (c *cluster) restored(ctx context.Context, bin, dir string, as Signal, more map[string]string) (*cluster, error) {
	signal := filepath.Join(dir, "data", string(as)+".signal")
	if err := os.WriteFile(signal, nil, 0o600); err != nil {
		return nil, err
	}
	if err := c.as.own(signal); err != nil {
		return nil, err
	}
	set := map[string]string{"wal_level": "replica", "max_wal_senders": "4", "hot_standby": "on"}
	if as == Standby {
		set["primary_conninfo"] = "host=" + c.dir + " port=5432 user=" + superuser
	} else {
		set["restore_command"] = "cp " + filepath.Join(c.dir, "archive") + "/%f %p"
		set["recovery_target_action"] = "promote"
	}
	maps.Copy(set, more)
	next, err := launch(ctx, &programs{dir: bin}, Options{Settings: set}, c.as, dir, 0)
	if err != nil {
		return nil, err
	}
	next.base = c.base
	return next, nil
}
