package localpg

import (
	"context"
	"errors"
	"io"
)

// Replicated are the settings of a cluster that backups are taken of, for Options. It
// archives its log into the folder archive beside its data.
func Replicated() map[string]string {
	return map[string]string{"wal_level": "replica", "max_wal_senders": "4", "archive_mode": "on",
		"archive_command": "mkdir -p ../archive && cp %p ../archive/%f"}
}

// Signal says what a server that begins with a backup is to become.
type Signal string

// The signals, as the server names their files.
const (
	Standby  Signal = "standby"  // follows the server that the backup is of
	Recovery Signal = "recovery" // reads the archive up to a target, and is then a primary
)

// Backup is a base backup of a cluster. A server begins with it once.
type Backup struct {
	of   *Server
	dir  string
	held io.Closer // while it is open, nobody takes the directory for an abandoned one
}

var errNoBackup = errors.New("localpg: only a cluster of this process alone can be backed up")

// Backup takes a base backup of a cluster got from Start with the settings
// [Replicated].
func (s *Server) Backup(ctx context.Context) (*Backup, error) {
	if s.cluster == nil || !s.cluster.own {
		return nil, errNoBackup
	}
	dir, held, err := s.cluster.backup(ctx, s.Program("pg_basebackup"))
	if err != nil {
		return nil, err
	}
	return &Backup{of: s, dir: dir, held: held}, nil
}

// Start starts a server with the backup. A standby follows the cluster that the backup
// is of; one that recovers reads the archive of that cluster, which has to be there
// still, up to the recovery target among the settings.
func (b *Backup) Start(ctx context.Context, as Signal, more map[string]string) (*Server, error) {
	defer func() { _ = b.held.Close() }() // from now on the watcher of the new server holds it
	c, err := b.of.cluster.restored(ctx, b.of.bin, b.dir, as, more)
	if err != nil {
		return nil, err
	}
	return &Server{dsn: c.dsn(), cluster: c, bin: b.of.bin}, nil
}
