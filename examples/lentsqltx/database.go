package main

import (
	"context"
	"database/sql"
	"errors"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/freehold-go/freehold/internal/localpg"
	"github.com/freehold-go/freehold/migrations"
)

// open opens the host's pool as the host always did, and brings the library's
// schemas up to date beside its own. Without a DSN it starts a throw-away
// server, which a host of yours would not do.
func open(ctx context.Context, dsn string) (*sql.DB, func(), error) {
	end := func() {}
	if dsn == "" {
		server, err := localpg.Start(ctx, localpg.Options{})
		if err != nil {
			return nil, nil, err
		}
		dsn, end = server.DSN(""), func() { _ = server.Close() }
	}
	db, err := sql.Open("pgx", dsn)
	if err == nil {
		if err = migrate(ctx, db); err == nil {
			return db, func() { _ = db.Close(); end() }, nil
		}
		err = errors.Join(err, db.Close())
	}
	end()
	return nil, nil, err
}

// migrate is the one place where the host meets bun: the migrator takes a pool,
// and any *sql.DB is one.
func migrate(ctx context.Context, db *sql.DB) error {
	m, err := migrations.New(migrations.Config{})
	if err != nil {
		return err
	}
	return m.Up(ctx, bun.NewDB(db, pgdialect.New()))
}
