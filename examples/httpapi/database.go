package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/localpg"
	"github.com/freehold-go/freehold/migrations"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
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

// staff is who works with the API: one makes the others, and whoever declares a
// distribution does not approve it.
var staff = []struct {
	email string
	roles []auth.Role
}{
	{"admin@example.com", []auth.Role{auth.RoleAdministrator}},
	{"manager@example.com", []auth.Role{auth.RoleAdministrator, auth.RoleSponsor, auth.RoleAccountant}},
	{"approver@example.com", []auth.Role{auth.RoleApprover}},
}

// addStaff makes sure of the staff and prints the password of whoever is new: drawn
// anew each time, since an account with a password that everybody knows is everybody's.
func addStaff(ctx context.Context, p *realestate.Platform, db bun.IDB, w io.Writer) error {
	var admin id.Of[auth.User]
	for i, s := range staff {
		u, err := p.Users.Register(ctx, db, auth.RegisterParams{Email: s.email})
		if errors.Is(err, auth.ErrEmailTaken) {
			u, err = p.Users.UserByEmail(ctx, db, s.email)
		}
		if err != nil {
			return err
		}
		if i == 0 {
			admin = u.ID
		}
		if u.HasPassword() {
			fmt.Fprintf(w, "%s has a password\n", s.email)
			continue
		}
		for _, role := range s.roles {
			grant := auth.GrantRoleParams{UserID: u.ID, Role: role}
			if i > 0 {
				grant.GrantedBy = admin
			}
			if _, err := p.Access.GrantRole(ctx, db, grant); err != nil {
				return err
			}
		}
		password := rand.Text()
		if _, err := p.Users.SetPassword(ctx, db, auth.SetPasswordParams{UserID: u.ID, New: auth.NewSecret(password)}); err != nil {
			return err
		}
		fmt.Fprintf(w, "%s  password: %s\n", s.email, password)
	}
	return nil
}
