package schematest

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
)

// rule is what the whole database holds to. Those whose text begins with POLICY
// or CONVENTION are the document's own, in the form of [object.document]; rows
// of deviations.tsv name the others.
type rule struct {
	text string
	// breaches lists what breaks the rule.
	breaches func(t *testing.T, c *catalog, tx bun.IDB) []string
}

var rules = []rule{
	{"POLICY Logical separation using schemas", emptySchemas},
	{"POLICY Read-only views for cross-service access", writableShared},
	{"POLICY Temporal tables for history tracking", historyGaps},
	{"POLICY migration scripts under version control", unrecordedMigrations},
	{"POLICY rollback for each migration", oneWayMigrations},
	{"POLICY data validation after each migration", unvalidated},
	{"POLICY partition large tables", unpartitioned},
	{"CONVENTION DECIMAL(15,2)", looseMoney},
	{"CONVENTION VARCHAR(20) with check constraints", openStatuses},
	{"CONVENTION JSONB", plainJSON},
	{"CONVENTION index foreign keys", uncoveredKeys},
	{"CONVENTION partial indexes", func(_ *testing.T, c *catalog, _ bun.IDB) []string {
		if slices.ContainsFunc(c.indexes, func(i *index) bool { return i.predicate != "" }) {
			return nil
		}
		return []string{"no index is partial"}
	}},
	{"RULE tables and columns are named in snake_case", oddNames},
	{"RULE constraints and indexes are named by kind and table", misnamed},
	{"RULE primary keys are UUIDs", oddKeys},
	{"RULE rates are fractions wide enough for their use", narrowRates},
	{"RULE no timestamp lacks a time zone", zoneless},
	{"RULE no time or date is infinite", infiniteTimes},
	{"RULE no number is NaN or infinite", endlessNumbers},
	{"RULE audit_trigger stands on every table that has updated_at", unaudited},
	{"RULE deleted_at stands where a row may be taken out of sight and on no table of money or law", oddDeletions},
	{"RULE functions fix their search_path", openSearchPaths},
	{"RULE only their owner runs trigger functions and what has its rights", openFunctions},
	{"RULE a trigger with its owner's rights stands on the one table that it checks for", straying},
	{"RULE every relation has a policy or a reason why not", unprotected},
	{"RULE no table switches autovacuum off", unvacuumed},
	{"RULE a migrated database holds no data", seeded},
	{"RULE no index repeats another", redundantIndexes},
	{"RULE a column with a default is never NULL", absentDefaults},
	{"RULE append-only tables refuse UPDATE, DELETE and TRUNCATE", changeable},
	{"RULE nothing of ours stands outside our schemas", strays},
}

// rules returns the texts of the rules that hold.
func (c *catalog) rules(t *testing.T) map[string]bool {
	t.Helper()
	tx, kept := pgtest.Tx(t), make(map[string]bool)
	for _, r := range rules {
		if len(r.breaches(t, c, tx)) == 0 {
			kept[r.text] = true
		}
	}
	return kept
}

func TestRules(t *testing.T) {
	t.Parallel()
	c := loadCatalog(t)
	for _, r := range rules {
		t.Run(r.text, func(t *testing.T) {
			t.Parallel()
			require.Empty(t, r.breaches(t, c, pgtest.Tx(t)))
		})
	}
}

func emptySchemas(_ *testing.T, c *catalog, _ bun.IDB) []string {
	return slices.DeleteFunc(slices.Clone(schemas), func(s string) bool {
		return slices.ContainsFunc(c.relations, func(r *relation) bool { return r.schema == s })
	})
}

func writableShared(t *testing.T, c *catalog, tx bun.IDB) []string {
	var bad []string
	for _, r := range c.relations {
		if r.schema == "shared" && r.kind != "VIEW" && r.kind != "MATERIALIZED VIEW" {
			bad = append(bad, r.String())
		}
	}
	for _, r := range rows(t, tx, `SELECT table_name FROM information_schema.tables
		WHERE table_schema = 'shared' AND is_insertable_into = 'YES'`) {
		bad = append(bad, "shared."+r[0])
	}
	return bad
}

// historyGaps compares each table whose past is kept with its history.
func historyGaps(_ *testing.T, c *catalog, _ bun.IDB) []string {
	var bad []string
	for _, name := range []string{
		"properties.properties", "properties.units", "investments.opportunities", "investments.property_investments",
		"investments.distributions", "investments.investor_distributions", "documents.documents",
		"users.verifications", "renovations.projects", "market.property_valuations",
	} {
		base, past := c.relation(name), c.relation(name+"_history")
		if past == nil {
			bad = append(bad, name+" has no history")
			continue
		}
		for _, col := range base.columns {
			if p := past.column(col.name); !col.generated && (p == nil || p.typ != col.typ) { // a generated one follows from the others
				bad = append(bad, past.String()+"."+col.name)
			}
		}
		for _, extra := range []string{"valid_from", "valid_to", "op", "changed_by"} {
			if past.column(extra) == nil {
				bad = append(bad, past.String()+"."+extra)
			}
		}
	}
	return bad
}

// migrationFiles returns the names of the migrations in one direction.
func migrationFiles(t *testing.T, direction string) []string {
	t.Helper()
	files, err := filepath.Glob("../../migrations/sql/*." + direction + ".sql")
	require.NoError(t, err)
	for i, f := range files {
		files[i] = strings.TrimSuffix(filepath.Base(f), "."+direction+".sql")
	}
	return files
}

func unrecordedMigrations(t *testing.T, _ *catalog, tx bun.IDB) []string {
	recorded := make(map[string]bool)
	for _, r := range rows(t, tx, `SELECT to_char(version, 'FM0000') || '_' || name FROM freehold.migrations`) {
		recorded[r[0]] = true
	}
	files := migrationFiles(t, "up")
	if len(files) != len(recorded) {
		return []string{fmt.Sprintf("%d files, %d recorded", len(files), len(recorded))}
	}
	return slices.DeleteFunc(files, func(f string) bool { return recorded[f] })
}

func oneWayMigrations(t *testing.T, _ *catalog, _ bun.IDB) []string {
	down := migrationFiles(t, "down")
	return slices.DeleteFunc(migrationFiles(t, "up"), func(f string) bool { return slices.Contains(down, f) })
}

func unvalidated(_ *testing.T, c *catalog, _ bun.IDB) []string {
	var bad []string
	for _, k := range c.constraints {
		if !k.validated {
			bad = append(bad, k.name)
		}
	}
	for _, i := range c.indexes {
		if !i.valid {
			bad = append(bad, i.name)
		}
	}
	return bad
}

func unpartitioned(_ *testing.T, c *catalog, _ bun.IDB) []string {
	names := []string{"analytics.user_events", "analytics.page_views", "auth.login_attempts", "analytics.user_events_archive"}
	return slices.DeleteFunc(names, func(n string) bool { return c.objects["PARTITIONED TABLE "+n] })
}

func unaudited(_ *testing.T, c *catalog, _ bun.IDB) []string {
	var bad []string
	for _, r := range c.tables() {
		if r.column("updated_at") == nil || r.isHistory() {
			continue
		}
		want := fmt.Sprintf("TRIGGER audit_trigger BEFORE INSERT OR UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION freehold.audit_trigger_function()", r)
		if !slices.ContainsFunc(c.triggers, func(g *trigger) bool { return g.def == want && g.enabled }) {
			bad = append(bad, r.String())
		}
	}
	return bad
}

// oddDeletions compares the tables that can hide a row with the list of those
// that should. What moves money or proves a right is reversed, not hidden; a
// position may be hidden while it is only a draft of one.
func oddDeletions(_ *testing.T, c *catalog, _ bun.IDB) []string {
	want := set([]string{
		"auth.users", "users.messages", "properties.properties", "investments.opportunities",
		"investments.property_investments", "investments.investor_accounts", "events.events", "documents.documents",
	})
	var bad []string
	for _, r := range c.tables() {
		if !r.isHistory() && (r.column("deleted_at") != nil) != want[r.String()] {
			bad = append(bad, r.String())
		}
	}
	return bad
}

func openSearchPaths(_ *testing.T, c *catalog, _ bun.IDB) []string {
	var bad []string
	for _, f := range c.functions {
		if !slices.Contains(strings.Split(f.config, "; "), "search_path=pg_catalog, pg_temp") {
			bad = append(bad, f.schema+"."+f.name)
		}
	}
	return bad
}

func unvacuumed(t *testing.T, _ *catalog, tx bun.IDB) []string {
	var bad []string
	for _, r := range rows(t, tx, `SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname IN (?) AND 'autovacuum_enabled=false' = ANY (c.reloptions)`, bun.List(schemas)) {
		bad = append(bad, r[0])
	}
	return bad
}

func seeded(t *testing.T, c *catalog, tx bun.IDB) []string {
	var bad []string
	for _, r := range c.tables() {
		if r.String() != "freehold.migrations" && one(t, tx, "SELECT EXISTS (SELECT FROM "+r.String()+")") == "true" {
			bad = append(bad, r.String())
		}
	}
	return bad
}

// absentDefaults finds columns of the document that have a default and may
// still be NULL.
func absentDefaults(_ *testing.T, c *catalog, _ bun.IDB) []string {
	var bad []string
	for _, r := range c.tables() {
		for _, col := range r.columns {
			if col.def != "" && !col.notNull {
				bad = append(bad, r.String()+"."+col.name)
			}
		}
	}
	return bad
}

// changeable finds append-only tables that a statement could still change: the
// ledger, history, evidence, seals, and the lines of a past calculation. Only a
// trigger adds to a history.
func changeable(_ *testing.T, c *catalog, _ bun.IDB) []string {
	only := []string{
		"financials.journals", "financials.postings", "documents.signature_events", "documents.signature_evidence", "documents.access_log", "investments.offering_terms",
		"investments.distribution_calculations", "investments.distribution_tiers", "freehold.approvals",
		"freehold.ledger_seals", "freehold.sealed_journals", "freehold.ledger_marks",
	}
	for _, r := range c.tables() {
		if r.isHistory() {
			only = append(only, r.String())
		}
	}
	var bad []string
	for _, name := range only {
		wanted := []string{
			"TRIGGER refuse_change BEFORE DELETE OR UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION freehold.refuse_change()",
			"TRIGGER refuse_truncate BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION freehold.refuse_change()",
		}
		if strings.HasSuffix(name, "_history") {
			wanted = append(wanted, "TRIGGER refuse_insert BEFORE INSERT ON %s FOR EACH STATEMENT WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION freehold.refuse_change()")
		}
		for _, want := range wanted {
			def := fmt.Sprintf(want, name)
			if !slices.ContainsFunc(c.triggers, func(g *trigger) bool { return g.def == def && g.enabled }) {
				bad = append(bad, def)
			}
		}
	}
	return bad
}

// strays finds functions, tables and types outside our schemas that no
// extension owns.
func strays(t *testing.T, _ *catalog, tx bun.IDB) []string {
	var bad []string
	for _, r := range rows(t, tx, `
		SELECT 'pg_proc'::regclass AS class, p.oid, n.nspname || '.' || p.proname AS name
		FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
		WHERE n.nspname NOT IN (?0) AND n.nspname NOT IN ('pg_catalog', 'information_schema')
			AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
		UNION ALL
		SELECT 'pg_class'::regclass, c.oid, n.nspname || '.' || c.relname
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
			AND n.nspname NOT IN (?0) AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
			AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')`,
		bun.List(schemas)) {
		bad = append(bad, r[2])
	}
	return bad
}
