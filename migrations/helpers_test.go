package migrations_test

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/migrations"
)

// embedded returns the Migrator of the library's own migrations.
func embedded(t testing.TB) *migrations.Migrator {
	t.Helper()
	m, err := migrations.New(migrations.Config{})
	require.NoError(t, err)
	return m
}

// small returns two migrations that take no time: schema one with a table, and a
// second table in schema two that refers to it.
func small() []migrations.Migration {
	return []migrations.Migration{
		{Version: 1, Name: "one", Checksum: "c1",
			Up:   "CREATE SCHEMA one;\nCREATE TABLE one.a (id INTEGER PRIMARY KEY);",
			Down: "DROP TABLE one.a;\nDROP SCHEMA one;"},
		{Version: 2, Name: "two", Checksum: "c2",
			Up:   "CREATE SCHEMA IF NOT EXISTS two;\nCREATE TABLE two.b (a_id INTEGER REFERENCES one.a);",
			Down: "DROP TABLE two.b;\nDROP SCHEMA two;"},
	}
}

// pg_dump writes a random word into these lines.
var restrict = regexp.MustCompile(`(?m)^\\(un)?restrict .*\n`)

// dump returns the whole schema of the database, as pg_dump writes it.
func dump(t testing.TB, db *bun.DB) string {
	t.Helper()
	cmd := exec.Command(pgtest.Server(t).Program("pg_dump"), "--schema-only", "--dbname", pgtest.DSN(t, db))
	out, err := cmd.Output()
	require.NoError(t, err)
	return restrict.ReplaceAllString(string(out), "")
}

// equalDumps fails with the first lines that differ, since whole dumps are long.
func equalDumps(t testing.TB, want, got string) {
	t.Helper()
	if want == got {
		return
	}
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			require.Failf(t, "the dumps differ", "line %d:\n%s\nand:\n%s", i+1,
				strings.Join(a[max(0, i-5):min(len(a), i+5)], "\n"), strings.Join(b[max(0, i-5):min(len(b), i+5)], "\n"))
		}
	}
	require.Failf(t, "the dumps differ", "one has %d lines, the other %d", len(a), len(b))
}

// exists reports whether there is such a schema, or such a table in a schema.
func exists(t testing.TB, db bun.IDB, name string) bool {
	t.Helper()
	lookup := "to_regnamespace"
	if strings.Contains(name, ".") {
		lookup = "to_regclass"
	}
	var there bool
	require.NoError(t, db.NewRaw("SELECT "+lookup+"(?) IS NOT NULL", name).Scan(t.Context(), &there))
	return there
}
