package realestate_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/page"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// Where a session reads backslashes in values as escapes, a value could end its
// quotes: on a pool of the host's that has it so every verb and read refuses, in a
// transaction of the host's too, and leaves that as it was. OpenDB pins the setting,
// whatever the DSN or the database say.
func TestStringEscapes(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	made := realestatetest.Property(t, db)
	var name string
	require.NoError(t, db.NewRaw("SELECT current_database()").Scan(ctx, &name))
	_, err := db.ExecContext(ctx, "ALTER DATABASE ? SET standard_conforming_strings = off", bun.Ident(name))
	require.NoError(t, err)
	cfg, err := pgx.ParseConfig(pgtest.DSN(t, db))
	require.NoError(t, err)
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
	host := bun.NewDB(stdlib.OpenDB(*cfg), pgdialect.New())
	defer func() { require.NoError(t, host.Close()) }()

	p := platform()
	const evil = `\'; UPDATE properties.properties SET property_name = 'taken' --`
	calls := map[string]func(db bun.IDB) error{
		"a verb": func(db bun.IDB) error {
			_, err := p.Users.Register(ctx, db, auth.RegisterParams{Email: "a@example.test"})
			return err
		},
		"a patch": func(db bun.IDB) error {
			text := evil
			_, err := p.Properties.UpdateProperty(ctx, db, properties.UpdatePropertyParams{ID: made.ID, Version: made.Version, Name: &text})
			return err
		},
	}
	reads := map[string]func(db bun.IDB) error{
		"a read":   func(db bun.IDB) error { _, err := p.Properties.PropertyBySlug(ctx, db, evil); return err },
		"a search": func(db bun.IDB) error { _, err := p.Properties.Search(ctx, db, evil, 5); return err },
		"a search of offerings": func(db bun.IDB) error {
			_, err := p.Offerings.Search(ctx, db, evil, investments.OfferingFilter{}, page.Request{})
			return err
		},
		"a list": func(db bun.IDB) error {
			_, err := p.Properties.Properties(ctx, db, properties.PropertyFilter{City: evil}, page.Request{})
			return err
		},
	}
	for what, call := range calls {
		require.ErrorIs(t, call(host), store.ErrStringEscapes, what)
		tx, err := host.BeginTx(ctx, nil)
		require.NoError(t, err)
		require.ErrorIs(t, call(tx), store.ErrStringEscapes, what)
		_, err = tx.ExecContext(ctx, "SELECT 1")
		require.NoError(t, err, "the transaction goes on")
		require.NoError(t, tx.Rollback())
	}
	for what, call := range reads {
		require.ErrorIs(t, call(host), store.ErrStringEscapes, what)
	}

	pinned, err := realestate.OpenDB(ctx, pgtest.DSN(t, db))
	require.NoError(t, err)
	defer func() { require.NoError(t, pinned.Close()) }()
	require.NoError(t, calls["a verb"](pinned))
	require.NoError(t, calls["a patch"](pinned))
	got, err := p.Properties.Property(ctx, pinned, made.ID)
	require.NoError(t, err)
	require.Equal(t, evil, got.Name)
}
