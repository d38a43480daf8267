package pgtest

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
)

// Size is how many bytes a table or an index takes on the disk. A table's own includes what it
// keeps elsewhere of long values.
type Size struct {
	Name  string // with the schema
	Bytes int64
}

// Sizes are those of all tables and indexes outside of the server's own schemas and PostGIS, the
// largest first.
func Sizes(tb testing.TB, db bun.IDB) (all []Size, sum int64) {
	tb.Helper()
	require.NoError(tb, db.NewRaw(`SELECT c.relnamespace::regnamespace || '.' || c.relname AS name,
			CASE c.relkind WHEN 'i' THEN pg_relation_size(c.oid) ELSE pg_table_size(c.oid) END AS bytes
		FROM pg_class c WHERE c.relkind IN ('r', 'i') AND c.relnamespace NOT IN (SELECT oid FROM pg_namespace
			WHERE nspname IN ('pg_catalog', 'pg_toast', 'information_schema', 'public')) ORDER BY 2 DESC, 1`).Scan(tb.Context(), &all))
	for _, s := range all {
		sum += s.Bytes
	}
	return all, sum
}

// LogSizes tells the largest tables and indexes, in bytes for each of n rows of something.
func LogSizes(tb testing.TB, all []Size, n int) {
	tb.Helper()
	for _, s := range all[:min(10, len(all))] {
		tb.Logf("%8.1f  %s", float64(s.Bytes)/float64(n), s.Name)
	}
}
