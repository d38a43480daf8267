//go:build !linux && !darwin

package localpg

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"
)

// cluster is for Linux and macOS; elsewhere the other
// roads remain.
type cluster struct{ own bool }

var errElsewhere = errors.New("localpg: throw-away clusters need Linux or macOS; use Docker or " + EnvDSN)

func openCluster(context.Context, *programs, Options, time.Duration) (*cluster, error) {
	return nil, errElsewhere
}

func (c *cluster) dsn() string                   { return "" }
func (c *cluster) close() error                  { return errElsewhere }
func (c *cluster) kill() error                   { return errElsewhere }
func (c *cluster) restart(context.Context) error { return errElsewhere }

func (c *cluster) backup(context.Context, string) (string, io.Closer, error) {
	return "", nil, errElsewhere
}
func (c *cluster) restored(context.Context, string, string, Signal, map[string]string) (*cluster, error) {
	return nil, errElsewhere
}

// baseDir returns the directory that holds this user's state.
func baseDir() (string, error) {
	dir := filepath.Join(os.TempDir(), "freehold")
	return dir, os.MkdirAll(dir, 0o700)
}

// lock is not needed where clusters are not shared.
func lock(context.Context, string) (unlock func(), err error) { return func() {}, nil }
