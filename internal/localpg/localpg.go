package localpg

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// EnvDSN names the environment variable that points to an existing server.
const EnvDSN = "FREEHOLD_DSN"

// Options tell Start and Share where to look. The zero value looks everywhere.
type Options struct {
	// Settings are server settings for a cluster started here, such as
	// {"autovacuum": "off"}. Whoever shares a cluster must pass the same ones.
	Settings map[string]string
	// NoPrograms leaves out the server programs of this machine.
	NoPrograms bool
	// Own takes nothing but the server programs of this machine, whatever [EnvDSN] says:
	// for a cluster that is killed, restarted or backed up.
	Own bool

	getenv func(string) string // instead of os.Getenv
	dirs   []string            // where to look for programs, instead of binDirs
	docker string              // the folder of the program dockerpg, instead of dockerSource
	base   string              // where clusters are kept, instead of baseDir
	linger time.Duration       // how long a shared cluster waits for users, instead of lingering
}

// Server is a PostgreSQL server to use. It is safe for concurrent use, but for
// Kill9, Restart and Close.
type Server struct {
	dsn     string   // of the maintenance database
	cluster *cluster // nil when the server is not a cluster started here
	anchor  *anchor  // nil when the server is not a container
	bin     string   // where the client programs are, "" for the PATH
}

// Start finds or starts a server for this process alone. A cluster started here
// ends with the process or at Close. The error matches [ErrNotFound] when there
// is no server to be had.
func Start(ctx context.Context, o Options) (*Server, error) {
	return o.open(ctx, 0)
}

// lingering is how long a shared cluster outlives its last user: long enough
// for `go test` to link the next package.
const lingering = 15 * time.Second

// Share is Start for a server that all processes of this user share. A cluster
// or container started by Share ends some seconds after the last process that
// uses it.
func Share(ctx context.Context, o Options) (*Server, error) {
	if o.linger == 0 {
		o.linger = lingering
	}
	return o.open(ctx, o.linger)
}

// open walks the roads in order. linger 0 asks for a server of one's own.
func (o Options) open(ctx context.Context, linger time.Duration) (_ *Server, err error) {
	if o.getenv == nil {
		o.getenv = os.Getenv
	}
	if dsn := o.getenv(EnvDSN); dsn != "" && !o.Own {
		return &Server{dsn: dsn}, nil
	}
	if o.base == "" {
		if o.base, err = baseDir(); err != nil {
			return nil, err
		}
	}
	if o.dirs == nil {
		o.dirs = binDirs()
	}
	if o.docker == "" {
		o.docker = dockerSource()
	}
	notHere := errNotTried
	if !o.NoPrograms {
		var p *programs
		if p, notHere = findPrograms(ctx, o.dirs); notHere == nil {
			c, err := openCluster(ctx, p, o, linger)
			if err != nil {
				return nil, err
			}
			return &Server{dsn: c.dsn(), cluster: c, bin: p.dir}, nil
		}
	}
	if o.Own {
		return nil, fmt.Errorf("%w\n  this machine: %w\nTo install it here: %s", ErrNotFound, notHere, installHint())
	}
	a, noDocker := openContainer(ctx, o, linger)
	if noDocker == nil {
		return &Server{dsn: a.dsn, anchor: a}, nil
	}
	return nil, fmt.Errorf("%w\n"+
		"  environment: %s is not set\n"+
		"  this machine: %s\n"+
		"  Docker: %w\n"+
		"To install it here: %s\n"+
		"Or set %s to a server of yours, such as postgres://me@localhost/postgres",
		ErrNotFound, EnvDSN, strings.ReplaceAll(notHere.Error(), "\n", "\n    "), noDocker, installHint(), EnvDSN)
}

var errNotTried = errors.New("not tried")

// DSN returns the connection string for a database of the server; "" names the
// maintenance database, which always exists.
func (s *Server) DSN(database string) string {
	if database == "" {
		return s.dsn
	}
	if u, err := url.Parse(s.dsn); err == nil && strings.HasPrefix(u.Scheme, "postgres") {
		u.Path = "/" + database
		return u.String()
	}
	// In the keyword form the last word wins.
	return s.dsn + " dbname=" + database
}

// Throwaway reports whether the server was started here, so that what is in it
// disappears with it.
func (s *Server) Throwaway() bool { return s.cluster != nil || s.anchor != nil }

// Program returns the path of a client program, such as pg_dump, that fits the
// server.
func (s *Server) Program(name string) string {
	if s.bin == "" {
		return name
	}
	return filepath.Join(s.bin, name)
}

// Close gives the server up. A cluster of one's own is gone when Close returns.
func (s *Server) Close() error {
	switch {
	case s.cluster != nil:
		return s.cluster.close()
	case s.anchor != nil:
		return s.anchor.close()
	}
	return nil
}

// errNotOwn says that a fault was asked for on a server others may be using.
var errNotOwn = errors.New("localpg: only a cluster of this process alone can be killed or restarted")

// Kill9 kills the server process of a cluster got from Start with SIGKILL, as a
// crash would. Connections break; Restart brings it back.
func (s *Server) Kill9() error {
	if s.cluster == nil || !s.cluster.own {
		return errNotOwn
	}
	return s.cluster.kill()
}

// Restart starts the server of a cluster again, stopping it first when it runs.
// It returns when the server accepts connections; what was committed is there.
func (s *Server) Restart(ctx context.Context) error {
	if s.cluster == nil || !s.cluster.own {
		return errNotOwn
	}
	return s.cluster.restart(ctx)
}
