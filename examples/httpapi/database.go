package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/localpg"
	"github.com/freehold-go/freehold/migrations"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
)

// database is a pool and, when nobody named one, the server that was started.
type database struct {
	*bun.DB
	server *localpg.Server
}

// open opens the database and brings its schemas up to date. As many instances
// as there are may do so at once.
func open(ctx context.Context, dsn string, logger *slog.Logger) (*database, error) {
	var d database
	if dsn == "" {
		server, err := localpg.Start(ctx, localpg.Options{})
		if err != nil {
			return nil, err
		}
		d.server, dsn = server, server.DSN("")
	}
	db, err := realestate.OpenDB(ctx, dsn)
	if err != nil {
		return nil, errors.Join(err, d.close())
	}
	d.DB = db
	m, err := migrations.New(migrations.Config{Logger: logger})
	if err == nil {
		err = m.Up(ctx, db)
	}
	if err != nil {
		return nil, errors.Join(err, d.close())
	}
	return &d, nil
}

// throwaway reports whether the database goes away with this program.
func (d *database) throwaway() bool { return d.server != nil && d.server.Throwaway() }

func (d *database) close() error {
	var err error
	if d.DB != nil {
		err = d.Close()
	}
	if d.server != nil {
		err = errors.Join(err, d.server.Close())
	}
	return err
}

// addStaff makes sure of the two users that a distribution needs, who declares
// and who approves, and prints what to put into the header Acting-User.
func addStaff(ctx context.Context, p *realestate.Platform, db bun.IDB, w io.Writer) error {
	for _, name := range []string{"manager", "approver"} {
		u, err := p.Users.Register(ctx, db, auth.RegisterParams{Email: name + "@example.com"})
		if errors.Is(err, auth.ErrEmailTaken) {
			u, err = p.Users.UserByEmail(ctx, db, name+"@example.com")
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "Acting-User: %s   # %s\n", u.ID, name)
	}
	return nil
}
