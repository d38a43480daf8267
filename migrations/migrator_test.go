package migrations_test

import (
	"context"
	"database/sql"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/migrations"
	"github.com/freehold-go/freehold/realestate/fault"
)

// Up, down and up again give what the first up gave, and down gives what was
// there before.
func TestUp_downUp(t *testing.T) {
	t.Parallel()

	ctx, db, m := t.Context(), pgtest.Empty(t), embedded(t)
	empty := dump(t, db)
	require.NoError(t, m.Up(ctx, db))
	require.NoError(t, m.Validate(ctx, db))
	full := dump(t, db)
	require.NotEqual(t, empty, full)
	require.Equal(t, 1, strings.Count(full, "CREATE TABLE freehold.migrations"))

	require.NoError(t, m.Up(ctx, db), "a second Up has nothing to do")
	equalDumps(t, full, dump(t, db))

	require.NoError(t, m.Down(ctx, db, 0))
	equalDumps(t, empty, dump(t, db))
	require.NoError(t, m.Down(ctx, db, 0), "a second Down has nothing to do")

	require.NoError(t, m.Up(ctx, db))
	equalDumps(t, full, dump(t, db))
}

// Each migration alone is taken back exactly.
func TestDown_stepByStep(t *testing.T) {
	t.Parallel()

	ctx, db, m := t.Context(), pgtest.Empty(t), embedded(t)
	before := map[int]string{0: dump(t, db)}
	steps := m.Migrations()
	for _, step := range steps {
		require.NoError(t, m.UpTo(ctx, db, step.Version))
		before[step.Version] = dump(t, db)
	}
	for i := len(steps) - 1; i >= 0; i-- {
		to := 0
		if i > 0 {
			to = steps[i-1].Version
		}
		require.NoError(t, m.Down(ctx, db, to))
		equalDumps(t, before[to], dump(t, db))
	}
}

// UpTx is part of the caller's transaction and leaves its search path alone.
func TestUpTx(t *testing.T) {
	t.Parallel()

	ctx, db, m := t.Context(), pgtest.Bare(t), embedded(t)
	require.ErrorIs(t, m.UpTx(ctx, db), migrations.ErrNoTransaction)

	up := func(end func(*sql.Tx) error) {
		tx, err := db.BeginTx(ctx, nil)
		require.NoError(t, err)
		_, err = tx.ExecContext(ctx, "SET LOCAL search_path = public; CREATE TABLE host_table (id INTEGER)")
		require.NoError(t, err)
		require.NoError(t, m.UpTx(ctx, tx))
		require.NoError(t, m.Validate(ctx, tx))
		var path string
		require.NoError(t, tx.NewRaw("SHOW search_path").Scan(ctx, &path))
		require.Equal(t, "public", path)
		require.NoError(t, end(tx.Tx))
	}
	up((*sql.Tx).Rollback)
	require.False(t, exists(t, db, "freehold"))
	require.False(t, exists(t, db, "public.host_table"))
	up((*sql.Tx).Commit)
	require.True(t, exists(t, db, "public.host_table"))
	require.NoError(t, m.Validate(ctx, db))
}

// Migrating step by step, all in one transaction, and by the printed script is
// the same.
func TestSQL_sameAsUp(t *testing.T) {
	t.Parallel()

	ctx, m := t.Context(), embedded(t)
	byUp, byScript := pgtest.Clone(t), pgtest.Bare(t)
	bare := dump(t, byScript)

	script := func(from, to int) {
		text, err := m.SQL(from, to)
		require.NoError(t, err)
		psql := exec.Command(pgtest.Server(t).Program("psql"), "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", pgtest.DSN(t, byScript))
		psql.Stdin = strings.NewReader("SET client_min_messages = warning;\n" + text)
		out, err := psql.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	middle := m.Migrations()[len(m.Migrations())/2].Version
	script(0, middle)
	require.ErrorIs(t, m.Validate(ctx, byScript), migrations.ErrPending)
	script(middle, m.Latest())
	require.NoError(t, m.Validate(ctx, byScript))
	equalDumps(t, dump(t, byUp), dump(t, byScript))

	script(m.Latest(), 0)
	_, err := byScript.ExecContext(ctx, "DROP EXTENSION postgis; DROP EXTENSION pg_trgm")
	require.NoError(t, err)
	equalDumps(t, bare, dump(t, byScript))
}

// A schema of ours with a stranger's object in it is refused, whatever the object,
// and nothing at all is changed.
func TestUp_foreignObjects(t *testing.T) {
	t.Parallel()

	m := embedded(t)
	for name, c := range map[string]struct{ make, names string }{
		"table":    {"CREATE SCHEMA auth; CREATE TABLE auth.users (id INTEGER)", "auth.users"},
		"view":     {"CREATE SCHEMA users; CREATE VIEW users.v AS SELECT 1 AS x", "users.v"},
		"function": {"CREATE SCHEMA events; CREATE FUNCTION events.f() RETURNS INTEGER LANGUAGE sql AS 'SELECT 1'", "events.f"},
		"enum":     {"CREATE SCHEMA media; CREATE TYPE media.kind AS ENUM ('a')", "media.kind"},
		"sequence": {"CREATE SCHEMA shared; CREATE SEQUENCE shared.s", "shared.s"},
		"freehold": {"CREATE SCHEMA freehold; CREATE TABLE freehold.things (id INTEGER)", "freehold.things"},
		"versions": {"CREATE SCHEMA freehold; CREATE TABLE freehold.migrations (id INTEGER)", "freehold.migrations"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, db := t.Context(), pgtest.Bare(t)
			_, err := db.ExecContext(ctx, c.make)
			require.NoError(t, err)
			before := dump(t, db)

			err = m.Up(ctx, db)
			require.ErrorIs(t, err, migrations.ErrForeignObjects)
			require.ErrorIs(t, err, fault.Conflict)
			require.ErrorContains(t, err, c.names)
			require.Equal(t, before, dump(t, db), "no extension, no schema, nothing")

			tx, err := db.BeginTx(ctx, nil)
			require.NoError(t, err)
			require.ErrorIs(t, m.UpTx(ctx, tx), migrations.ErrForeignObjects)
			require.NoError(t, tx.Rollback())
		})
	}
}

// Empty schemas of ours may be there: an administrator makes them for a role that
// may not.
func TestUp_emptySchemas(t *testing.T) {
	t.Parallel()

	ctx, db, m := t.Context(), pgtest.Empty(t), embedded(t)
	_, err := db.ExecContext(ctx, "CREATE SCHEMA freehold; CREATE SCHEMA auth; CREATE SCHEMA investments")
	require.NoError(t, err)
	require.NoError(t, m.Up(ctx, db))
}

// Foreign objects that turn up before a later migration are seen too; the
// migrations before stay.
func TestUp_foreignObjectsLater(t *testing.T) {
	t.Parallel()

	ctx, db, m := t.Context(), pgtest.Bare(t), migrations.Of(small())
	require.NoError(t, m.UpTo(ctx, db, 1))
	_, err := db.ExecContext(ctx, "CREATE SCHEMA two; CREATE TABLE two.theirs (id INTEGER)")
	require.NoError(t, err)
	require.ErrorIs(t, m.Up(ctx, db), migrations.ErrForeignObjects)
	require.False(t, exists(t, db, "two.b"))
	list, err := m.Status(ctx, db)
	require.NoError(t, err)
	require.NotNil(t, list[0].AppliedAt)
	require.Nil(t, list[1].AppliedAt)
}

func TestStatus_validate(t *testing.T) {
	t.Parallel()

	ctx, db, all := t.Context(), pgtest.Bare(t), small()
	newer, older := migrations.Of(all), migrations.Of(all[:1])

	list, err := newer.Status(ctx, db)
	require.NoError(t, err)
	require.Equal(t, []migrations.Status{{Version: 1, Name: "one"}, {Version: 2, Name: "two"}}, list)
	require.ErrorIs(t, newer.Validate(ctx, db), migrations.ErrPending)
	require.False(t, exists(t, db, "freehold"), "Status and Validate change nothing")

	require.NoError(t, older.Up(ctx, db))
	require.NoError(t, older.Validate(ctx, db))
	require.ErrorIs(t, newer.Validate(ctx, db), migrations.ErrPending)
	require.NoError(t, newer.Up(ctx, db))
	require.NoError(t, newer.Validate(ctx, db))

	// A host with the older library meets the newer database.
	for name, refused := range map[string]error{
		"Up": older.Up(ctx, db), "Validate": older.Validate(ctx, db), "Down": older.Down(ctx, db, 0),
	} {
		require.ErrorIs(t, refused, migrations.ErrDatabaseNewer, name)
		require.ErrorIs(t, refused, fault.Illegal, name)
		require.ErrorContains(t, refused, "it has migration 2, this version ends with 1", name)
	}
	list, err = older.Status(ctx, db)
	require.NoError(t, err)
	require.Len(t, list, 2)
	require.False(t, list[0].Unknown)
	require.True(t, list[1].Unknown)
	require.Equal(t, "two", list[1].Name)
	require.True(t, exists(t, db, "two.b"))

	// One whose migration says something else.
	all[0].Checksum = "other"
	other := migrations.Of(all)
	require.ErrorIs(t, other.Up(ctx, db), migrations.ErrMigrationChanged)
	require.ErrorIs(t, other.Validate(ctx, db), migrations.ErrMigrationChanged)
	require.ErrorIs(t, other.Down(ctx, db, 0), migrations.ErrMigrationChanged)
	list, err = other.Status(ctx, db)
	require.NoError(t, err)
	require.True(t, list[0].Changed)
	require.False(t, list[1].Changed)

	// One that lacks the first.
	require.ErrorIs(t, migrations.Of(all[1:]).Up(ctx, db), migrations.ErrMigrationChanged)
}

func TestUpTo_unknownVersion(t *testing.T) {
	t.Parallel()

	ctx, db, m := t.Context(), pgtest.Bare(t), migrations.Of(small())
	require.ErrorIs(t, m.UpTo(ctx, db, 3), migrations.ErrUnknownVersion)
	require.ErrorIs(t, m.Down(ctx, db, 3), migrations.ErrUnknownVersion)
	require.NoError(t, m.Up(ctx, db))
	require.NoError(t, m.Down(ctx, db, 1))
	require.True(t, exists(t, db, "one.a"))
	require.False(t, exists(t, db, "two"))
}

// A statement that fails says which one it was and leaves its migration undone,
// and the ones before done.
func TestUp_failure(t *testing.T) {
	t.Parallel()

	ctx, db, all := t.Context(), pgtest.Bare(t), small()
	all[1].Up += "\n-- ü\nCREATE TABLE two.c (id INTEGER REFERENCES two.nothing);"
	err := migrations.Of(all).Up(ctx, db)
	require.ErrorContains(t, err, "0002_two, up")
	require.False(t, exists(t, db, "two"))
	require.True(t, exists(t, db, "one.a"))

	// The server points at some errors, and then the line is known.
	all[1].Up = "CREATE SCHEMA two;\n-- ü\nCREATE TABLE two.b (id INTEGR);"
	require.ErrorContains(t, migrations.Of(all).Up(ctx, db), "0002_two, up, line 3")

	// A name without its schema does not land in the host's.
	all[1].Up = "CREATE TABLE b (id INTEGER);"
	require.Error(t, migrations.Of(all).Up(ctx, db))

	require.NoError(t, migrations.Of(small()).Up(ctx, db))
}

// A cancelled Up leaves nothing of the migration it was in.
func TestUp_cancelled(t *testing.T) {
	t.Parallel()

	db, all := pgtest.Bare(t), small()
	all[1].Up += "\nSELECT pg_sleep(60);"
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- migrations.Of(all).Up(ctx, db) }()
	require.Eventually(t, func() bool { return sleeping(t, db) }, waiting, poll)
	cancel()
	require.Error(t, <-done)
	require.False(t, exists(t, db, "two"))
	require.NoError(t, migrations.Of(small()).Up(t.Context(), db))
}
