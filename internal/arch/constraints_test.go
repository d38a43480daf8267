package arch

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/fault"
)

// ownRules is the constraints of schema freehold that only a statement of the
// library's own could violate. That would be a bug, which an error of its own
// would dress up as a condition.
var ownRules = []string{
	"chk_idempotency_result_reference", "chk_outbox_outcome", "chk_outbox_lease", "chk_outbox_skip",
	"chk_approval_requests_decision", "chk_approval_requests_alone", "uk_approval_requests_pending",
	"chk_ledger_seals_chain", "chk_ledger_seals_span", "chk_ledger_marks_chain",
}

// constraint is one rule of the catalog, with its table and columns.
type constraint struct{ Sch, Tab, Con, Typ, Cols string }

// constraints lists what the tables declare: checks, keys, and what else is
// unique, by constraint or by index.
func constraints(t *testing.T, db bun.IDB) []constraint {
	t.Helper()
	pin(t, db)
	var cons []constraint
	require.NoError(t, db.NewRaw(`SELECT n.nspname AS sch, c.relname AS tab, k.conname AS con, k.contype::text AS typ,
			COALESCE((SELECT string_agg(a.attname, ',') FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (k.conkey)), '') AS cols
		FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname IN (?) AND NOT c.relispartition AND k.contype IN ('c', 'f', 'u', 'p')
		UNION ALL
		SELECT n.nspname, c.relname, i.relname, 'u', COALESCE((SELECT string_agg(a.attname, ',') FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (x.indkey)), '')
		FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE x.indisunique AND n.nspname IN (?) AND c.relkind <> 'm' AND NOT c.relispartition AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.oid)`,
		bun.List(schemas()), bun.List(schemas())).Scan(t.Context(), &cons))
	require.Greater(t, len(cons), 500)
	return slices.DeleteFunc(cons, func(c constraint) bool { return isHistory(c.Tab) }) // written by triggers only
}

// raised lists the constraints that trigger functions raise by name, because they
// compare rows of several tables.
func raised(t *testing.T, db bun.IDB) []string {
	t.Helper()
	var names []string
	require.NoError(t, db.NewRaw(`SELECT DISTINCT m[1] FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace,
		regexp_matches(p.prosrc, 'CONSTRAINT = ''([a-z0-9_]+)''', 'g') AS m WHERE n.nspname IN (?)`, bun.List(schemas())).Scan(t.Context(), &names))
	require.NotEmpty(t, names)
	return names
}

// Every named constraint of the database becomes a typed error: one that its
// package names, or one that its name tells (see store.ByName) about a column
// that exists.
func TestConstraints_allHaveErrors(t *testing.T) {
	t.Parallel()
	db := pgtest.Tx(t)
	columns := map[string]map[string]bool{}
	for _, c := range catalog(t, db, "r,p") {
		if columns[c.Tab] == nil {
			columns[c.Tab] = map[string]bool{}
		}
		columns[c.Tab][c.Col] = true
	}
	known := realestate.Constraints()
	known["freehold"] = map[string]*fault.Error{}
	seen := map[string]map[string]bool{}
	for _, c := range constraints(t, db) {
		require.Contains(t, known, c.Sch, "no package answers for the schema")
		if seen[c.Sch] == nil {
			seen[c.Sch] = map[string]bool{}
		}
		require.False(t, seen[c.Sch][c.Con], "two constraints of %s are named %s", c.Sch, c.Con)
		seen[c.Sch][c.Con] = true
		if c.Typ == "p" || known[c.Sch][c.Con] != nil || c.Sch == "freehold" && slices.Contains(ownRules, c.Con) {
			continue
		}
		field := store.ByName(c.Tab, c.Con).Field
		if c.Typ == "u" {
			require.NotEmpty(t, field, "%s.%s: %s needs an error of its own", c.Sch, c.Tab, c.Con)
			continue
		}
		named := slices.ContainsFunc(slices.Collect(maps.Keys(columns[c.Sch+"."+c.Tab])), func(col string) bool { return store.WireName(col) == field })
		require.True(t, named, "%s.%s: %s needs an error of its own (columns %s)", c.Sch, c.Tab, c.Con, c.Cols)
	}
	byTrigger := raised(t, db)
	for _, con := range byTrigger {
		require.True(t, slices.ContainsFunc(slices.Collect(maps.Values(known)), func(m map[string]*fault.Error) bool { return m[con] != nil }),
			"a trigger raises %s, which has no error", con)
	}
	for sch, owner := range known {
		for con := range owner {
			require.True(t, seen[sch][con] || slices.Contains(byTrigger, con), "%s: an error for %s, which no table has", sch, con)
		}
	}
	for _, con := range ownRules {
		require.True(t, seen["freehold"][con], "no table has %s", con)
	}
}
