package arch

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/schema"
)

// pin keeps the search path out of what the server prints: a type or a function
// outside pg_catalog bears its schema.
func pin(t *testing.T, db bun.IDB) {
	t.Helper()
	_, err := db.ExecContext(t.Context(), "SET LOCAL search_path = pg_catalog")
	require.NoError(t, err)
}

func tables() *schema.Tables { return pgdialect.New().Tables() }

// name is the table with its schema.
func name(t *schema.Table) string { return strings.ReplaceAll(string(t.SQLName), `"`, "") }

type column struct {
	Tab, Col, Typ string
	Nn            bool
}

// catalog lists the columns of our tables and views, partitions, history tables and what
// the database makes itself aside.
func catalog(t *testing.T, db bun.IDB, kinds string) []column {
	t.Helper()
	var cols []column
	pin(t, db)
	require.NoError(t, db.NewRaw(`SELECT n.nspname || '.' || c.relname AS tab, a.attname AS col, format_type(a.atttypid, a.atttypmod) AS typ, a.attnotnull AS nn
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attidentity = '' AND a.attgenerated = '' AND c.relkind::text = ANY (string_to_array(?, ',')) AND NOT c.relispartition
		AND n.nspname IN (?) ORDER BY 1, a.attnum`, kinds, bun.List(schemas())).Scan(t.Context(), &cols))
	require.NotEmpty(t, cols)
	return cols
}

func schemas() []string {
	var all []string
	for _, s := range schemaOf {
		all = append(all, s...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func isHistory(table string) bool { return strings.HasSuffix(table, "_history") }
