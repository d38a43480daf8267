package localpg

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
)

// anchor is the connection that keeps a container from stopping by itself.
type anchor struct {
	dsn  string
	conn *pgx.Conn
}

// openContainer returns the container that is shared, when one answers, or
// starts one. With linger 0 it always starts one.
func openContainer(ctx context.Context, o Options, linger time.Duration) (*anchor, error) {
	unlock, err := lock(ctx, o.base)
	if err != nil {
		return nil, err
	}
	defer unlock()
	state := filepath.Join(o.base, "container")
	if linger > 0 {
		if dsn, err := os.ReadFile(state); err == nil {
			if a, err := dropAnchor(ctx, string(dsn)); err == nil {
				return a, nil
			}
		}
	}
	// Time enough to connect after the container says it is ready.
	dsn, err := o.startContainer(ctx, max(linger, 5*time.Second))
	if err != nil {
		return nil, err
	}
	a, err := dropAnchor(ctx, dsn)
	if err != nil {
		return nil, err
	}
	if linger > 0 {
		if err := os.WriteFile(state, []byte(dsn), 0o600); err != nil {
			return nil, fmt.Errorf("remembering the container: %w", err)
		}
	}
	return a, nil
}

// dropAnchor connects to the container at dsn.
func dropAnchor(ctx context.Context, dsn string) (*anchor, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return nil, fmt.Errorf("connecting to the container: %w", err)
	}
	return &anchor{dsn: dsn, conn: conn}, nil
}

// close lets the container go.
func (a *anchor) close() error { return a.conn.Close(context.Background()) }
