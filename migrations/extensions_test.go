package migrations_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/migrations"
	"github.com/freehold-go/freehold/realestate/fault"
)

// as opens the database of db as a new role that owns it but is no superuser.
func as(t *testing.T, db *bun.DB) *bun.DB {
	t.Helper()
	var name string
	require.NoError(t, db.NewRaw("SELECT current_database()").Scan(t.Context(), &name))
	role := "owner_of_" + name
	_, err := db.ExecContext(t.Context(), "CREATE ROLE "+role+" LOGIN PASSWORD 'owner'; ALTER DATABASE "+name+" OWNER TO "+role)
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := db.ExecContext(context.Background(), "ALTER DATABASE "+name+" OWNER TO CURRENT_USER; "+
			"REASSIGN OWNED BY "+role+" TO CURRENT_USER; DROP OWNED BY "+role+"; DROP ROLE "+role)
		require.NoError(t, err)
	})
	config, err := pgx.ParseConfig(pgtest.DSN(t, db))
	require.NoError(t, err)
	config.User, config.Password = role, "owner"
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	owner := bun.NewDB(stdlib.OpenDB(*config), pgdialect.New())
	t.Cleanup(func() { require.NoError(t, owner.Close()) })
	return owner
}

// A role that may not create PostGIS is told what to ask for. Once an administrator has done
// it, the role does the rest; it need not be a superuser.
func TestUp_ordinaryRole(t *testing.T) {
	t.Parallel()

	ctx, admin, m := t.Context(), pgtest.Bare(t), embedded(t)
	owner := as(t, admin)

	before := dump(t, admin)
	err := m.Up(ctx, owner)
	require.ErrorIs(t, err, migrations.ErrExtensionRights)
	require.ErrorIs(t, err, fault.Forbidden)
	require.ErrorContains(t, err, "CREATE EXTENSION IF NOT EXISTS postgis")
	require.Equal(t, before, dump(t, admin))

	require.NoError(t, m.Extensions(ctx, admin))
	require.False(t, exists(t, admin, "freehold"), "the extensions come alone")
	require.NoError(t, m.Up(ctx, owner))
	require.NoError(t, m.Validate(ctx, owner))
	require.NoError(t, m.Down(ctx, owner, 0))
}

// The extensions may live in any schema, on the search path or not.
func TestUp_extensionsElsewhere(t *testing.T) {
	t.Parallel()

	ctx, db, m := t.Context(), pgtest.Bare(t), embedded(t)
	_, err := db.ExecContext(ctx, `CREATE SCHEMA gis; CREATE SCHEMA "Text Search";
		CREATE EXTENSION postgis SCHEMA gis; CREATE EXTENSION pg_trgm SCHEMA "Text Search"`)
	require.NoError(t, err)
	require.NoError(t, m.Up(ctx, db))
	text := dump(t, db)
	require.Contains(t, text, "gis.geography(Point,4326)")
	require.False(t, strings.Contains(text, "public.geography"))
	require.NoError(t, m.Down(ctx, db, 0))
}

func TestUp_extensionMissing(t *testing.T) {
	t.Parallel()

	ctx, db := t.Context(), pgtest.Bare(t)
	err := migrations.Of(small(), "no_such_extension").Up(ctx, db)
	require.ErrorIs(t, err, migrations.ErrExtensionMissing)
	require.ErrorContains(t, err, "no_such_extension")
	require.False(t, exists(t, db, "freehold"))
}

// An extension that the server has and cannot load is not one that is missing: the
// error says what the server says.
func TestExtensionError_notLoaded(t *testing.T) {
	t.Parallel()

	db := pgtest.Bare(t)
	_, err := db.ExecContext(t.Context(), "LOAD 'no_such_library'") // what CREATE EXTENSION runs into
	require.Error(t, err)
	err = migrations.ExtensionError("postgis", "CREATE EXTENSION postgis", err)
	require.ErrorIs(t, err, migrations.ErrExtensionLoad)
	require.NotErrorIs(t, err, migrations.ErrExtensionMissing)
	require.ErrorContains(t, err, "no_such_library")
}
