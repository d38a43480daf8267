package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/localpg"
	"github.com/freehold-go/freehold/migrations"
	"github.com/freehold-go/freehold/realestate"
)

// database is an open database and, where the program found it, its server.
type database struct {
	*bun.DB
	server  *localpg.Server // nil when the database was named by the user
	applied int             // migrations that this run applied
}

// open opens the database that the options name. Where they name none it looks
// for a server with PostGIS on this machine, or starts a throw-away one.
func open(ctx context.Context, o options) (*database, error) {
	var d database
	dsn := o.dsn
	if dsn == "" {
		server, err := localpg.Start(ctx, localpg.Options{})
		if err != nil {
			return nil, err
		}
		d.server, dsn = server, server.DSN("")
	}
	db, err := realestate.OpenDB(ctx, dsn)
	if err != nil {
		if d.server != nil {
			err = errors.Join(err, d.server.Close())
		}
		return nil, err
	}
	if o.watch != nil {
		db = db.WithQueryHook(o.watch)
	}
	d.DB = db
	return &d, nil
}

// migrate brings the schemas up to date.
func (d *database) migrate(ctx context.Context) error {
	m, err := migrations.New(migrations.Config{})
	if err != nil {
		return err
	}
	before, err := m.Status(ctx, d.DB)
	if err != nil {
		return err
	}
	for _, s := range before {
		if s.AppliedAt == nil {
			d.applied++
		}
	}
	return m.Up(ctx, d.DB)
}

// String says where the database is, without its password.
func (d *database) String() string {
	where := "as given"
	switch {
	case d.server != nil && d.server.Throwaway():
		where = "a throw-away PostgreSQL with PostGIS, gone when this program ends"
	case d.server != nil:
		where = "from $" + localpg.EnvDSN
	}
	if d.applied == 0 {
		return where + "; its schemas are up to date"
	}
	return fmt.Sprintf("%s; %d migrations applied", where, d.applied)
}

func (d *database) close() {
	_ = d.Close() // nothing is written any more
	if d.server != nil {
		_ = d.server.Close()
	}
}
