//go:build linux || darwin

package localpg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// account is whom server programs run as; nil is the user of this process.
type account struct{ uid, gid int }

// unprivileged returns nil, or, when this process is root (whom PostgreSQL
// refuses to serve), the account postgres or nobody.
func unprivileged() (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.Atoi(u.Uid)
		gid, gidErr := strconv.Atoi(u.Gid)
		if uidErr == nil && gidErr == nil {
			return &account{uid: uid, gid: gid}, nil
		}
	}
	return nil, errors.New("localpg: PostgreSQL does not run as root, and there is neither a user postgres nor nobody")
}

// own gives the file or directory to the account.
func (a *account) own(path string) error {
	if a == nil {
		return nil
	}
	return os.Chown(path, a.uid, a.gid)
}

// private makes sure that dir is a directory that belongs to the account and that
// nobody else may write to; it is made when missing. What is above it may be
// everybody's, as the directory for temporary files is.
func (a *account) private(dir string) error {
	uid, mode := os.Geteuid(), os.FileMode(0o700)
	if uid == 0 {
		mode = 0o755 // the other account must be able to pass
	}
	if err := os.Mkdir(dir, mode); err == nil {
		return a.own(dir)
	} else if !os.IsExist(err) {
		return err
	}
	if a != nil {
		uid = a.uid
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || int(stat.Uid) != uid || info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("localpg: %s must be a directory that only user %d may write to", dir, uid)
	}
	return nil
}

// command makes cmd run as the account, with nothing of this process's
// environment but the PATH, so that no PG* variable leads the server astray.
func (a *account) command(cmd *exec.Cmd) *exec.Cmd {
	cmd.Dir = "/" // the account may not be allowed where this process is
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	if a != nil {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
	return cmd
}

// run runs a program to its end as the account; the error holds what it printed.
func (a *account) run(ctx context.Context, name string, args ...string) error {
	cmd := a.command(exec.CommandContext(ctx, name, args...))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, bytes.TrimSpace(out))
	}
	return nil
}
