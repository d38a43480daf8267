package schematest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
)

// definers is the functions that run with their owner's rights, and the table
// whose trigger each is, if any.
const definers = `SELECT n.nspname || '.' || p.proname, p.prosrc, p.prorettype = 'trigger'::regtype AS fires,
		(SELECT string_agg(DISTINCT format('%s.%s', tn.nspname, tc.relname), ' ') FROM pg_trigger g JOIN pg_class tc ON tc.oid = g.tgrelid
			JOIN pg_namespace tn ON tn.oid = tc.relnamespace WHERE g.tgfoid = p.oid AND g.tgparentid = 0) AS tables
	FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
	WHERE n.nspname IN (?) AND p.prosecdef ORDER BY 1`

// openFunctions finds functions that run with their owner's rights, or can be
// made the trigger of a table, and may be run by everybody.
func openFunctions(t *testing.T, _ *catalog, tx bun.IDB) []string {
	var bad []string
	for _, r := range rows(t, tx, `SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace,
			LATERAL aclexplode(COALESCE(p.proacl, acldefault('f', p.proowner))) AS a
		WHERE n.nspname IN (?) AND (p.prosecdef OR p.prorettype = 'trigger'::regtype) AND a.grantee = 0 AND a.privilege_type = 'EXECUTE'`, bun.List(schemas)) {
		bad = append(bad, r[0])
	}
	return bad
}

// straying finds trigger functions with their owner's rights that stand on other
// tables than the one that they check for, or check for none.
func straying(t *testing.T, _ *catalog, tx bun.IDB) []string {
	var bad []string
	for _, r := range rows(t, tx, definers, bun.List(schemas)) {
		if r[2] == "true" && !strings.Contains(r[1], fmt.Sprintf("\nBEGIN\n    IF TG_RELID <> '%s'::regclass THEN\n        RAISE EXCEPTION", r[3])) {
			bad = append(bad, r[0]+" on "+r[3])
		}
	}
	return bad
}

// unprotected finds relations that have no policy and no reason, or both, and
// reasons for what is not there.
func unprotected(t *testing.T, c *catalog, tx bun.IDB) []string {
	var bad []string
	reasons := make(map[string]bool)
	for _, r := range table(t, "open_relations.tsv", 2) {
		reasons[r[0]] = true
		if c.relation(r[0]) == nil {
			bad = append(bad, r[0]+" is not there")
		}
	}
	protected := make(map[string]bool)
	for _, r := range rows(t, tx, "SELECT schema_name || '.' || table_name FROM freehold.protected_tables()") {
		protected[r[0]] = true
	}
	for _, r := range c.relations {
		if protected[r.String()] == reasons[r.String()] {
			bad = append(bad, r.String())
		}
	}
	return bad
}

// attack is the statements of somebody who may little and wants to run code as
// the owner of a definer function: a table with a type of their own, whose cast or
// check runs their code when the function handles a row.
func attack(function string) []string {
	return []string{
		"CREATE TEMP TABLE bait (id uuid, updated_at timestamptz)",
		"INSERT INTO bait VALUES (gen_random_uuid(), now())",
		"CREATE TRIGGER bait AFTER UPDATE ON bait FOR EACH ROW EXECUTE FUNCTION " + function + "()",
		"UPDATE bait SET updated_at = now()",
	}
}

// A member of the weakest role cannot make any definer function the trigger of a
// table of their own; and were they allowed to, it would refuse to fire.
func TestEscalation_trigger(t *testing.T) {
	t.Parallel()
	tx := inTx(t, pgtest.Clone(t))
	exec(t, tx, "SELECT freehold.create_roles()")
	exec(t, tx, "CREATE ROLE weakest_of_all IN ROLE freehold_market")
	fired := 0
	for _, r := range rows(t, tx, definers, bun.List(schemas)) {
		if r[2] != "true" {
			continue
		}
		fired++
		for _, granted := range []bool{false, true} {
			exec(t, tx, "SAVEPOINT attack")
			if granted {
				exec(t, tx, "GRANT EXECUTE ON FUNCTION "+r[0]+"() TO weakest_of_all")
				exec(t, tx, "GRANT USAGE ON SCHEMA "+strings.Split(r[0], ".")[0]+" TO weakest_of_all")
			}
			exec(t, tx, "SET LOCAL ROLE weakest_of_all")
			var err error
			for _, statement := range attack(r[0]) {
				if _, err = tx.ExecContext(t.Context(), statement); err != nil {
					break
				}
			}
			require.Error(t, err, r[0])
			if granted {
				require.ErrorContains(t, err, "bait is not for pg_temp", r[0])
			} else {
				require.ErrorContains(t, err, "permission denied", r[0])
			}
			exec(t, tx, "ROLLBACK TO SAVEPOINT attack")
		}
	}
	require.GreaterOrEqual(t, fired, 13)
	exec(t, tx, "DROP ROLE weakest_of_all")
}

// Types of a session's own that bear the names of the catalog's do not come before
// those in any function of ours. The same attack does work where a function's
// path leaves the session's schema in its place, which is the first.
func TestEscalation_types(t *testing.T) {
	t.Parallel()
	tx := inTx(t, pgtest.Clone(t))
	property := newProperty(t, tx)
	offering := newOpportunity(t, tx, property)
	position := newPosition(t, tx, offering, newUser(t, tx), "funded", "100")
	exec(t, tx, "SELECT freehold.create_roles()")
	exec(t, tx, "CREATE ROLE shadow_of_types IN ROLE freehold_investments")
	ran := func(path string) string {
		exec(t, tx, "SAVEPOINT attack")
		defer exec(t, tx, "ROLLBACK TO SAVEPOINT attack")
		if path != "" {
			exec(t, tx, "ALTER FUNCTION investments.update_opportunity_metrics() SET search_path = "+path)
		}
		exec(t, tx, "SET LOCAL ROLE shadow_of_types")
		exec(t, tx, "CREATE TEMP TABLE seen (who text)")
		exec(t, tx, "GRANT ALL ON seen TO PUBLIC")
		exec(t, tx, `CREATE FUNCTION pg_temp.evil(v pg_catalog.uuid) RETURNS boolean LANGUAGE plpgsql AS
			$$ BEGIN INSERT INTO pg_temp.seen VALUES (current_user); RETURN TRUE; END $$`)
		exec(t, tx, "CREATE DOMAIN pg_temp.uuid AS pg_catalog.uuid CHECK (pg_temp.evil(VALUE))")
		exec(t, tx, "UPDATE investments.property_investments SET investment_amount = 101 WHERE id = ?", position)
		return one(t, tx, "SELECT string_agg(DISTINCT who, ' ') FROM seen WHERE who <> 'shadow_of_types'")
	}
	require.NotEmpty(t, ran("pg_catalog"), "the control")
	require.Empty(t, ran(""))
	exec(t, tx, "DROP OWNED BY shadow_of_types; DROP ROLE shadow_of_types")
}

// Nobody but a trigger writes history: not directly, and not from a trigger of
// their own, below which the guard of depth no longer stands.
func TestForgedHistory(t *testing.T) {
	t.Parallel()
	tx := inTx(t, pgtest.Clone(t))
	exec(t, tx, "SELECT freehold.create_roles()")
	exec(t, tx, "CREATE ROLE forger_of_history IN ROLE freehold_platform")
	exec(t, tx, "SET LOCAL ROLE forger_of_history")
	histories := 0
	for _, r := range loadCatalog(t).tables() {
		if !r.isHistory() {
			continue
		}
		histories++
		forge := fmt.Sprintf("INSERT INTO %s (id, valid_from, valid_to, op, tx_id) VALUES (gen_random_uuid(), now() - interval '1 day', now(), 'U', 1)", r)
		require.ErrorContains(t, refused(t, tx, forge), "permission denied", r)
		exec(t, tx, "SAVEPOINT forge")
		exec(t, tx, "CREATE TEMP TABLE bait (n int)")
		exec(t, tx, "CREATE FUNCTION pg_temp.forge() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "+forge+"; RETURN NULL; END $$")
		exec(t, tx, "CREATE TRIGGER forge AFTER INSERT ON bait FOR EACH ROW EXECUTE FUNCTION pg_temp.forge()")
		require.ErrorContains(t, refused(t, tx, "INSERT INTO bait VALUES (1)"), "permission denied", r)
		exec(t, tx, "ROLLBACK TO SAVEPOINT forge")
	}
	require.Equal(t, 10, histories)
	exec(t, tx, "RESET ROLE")
	exec(t, tx, "DROP ROLE forger_of_history")
}

// What a role may use is its own schema; the key of investor tokens is nobody's.
func TestRoles_useLittle(t *testing.T) {
	t.Parallel()
	tx := inTx(t, pgtest.Clone(t))
	exec(t, tx, "SELECT freehold.enable_row_level_security()")
	uses := make(map[string][]string)
	for _, r := range rows(t, tx, `SELECT r.rolname, n.nspname FROM pg_namespace n, LATERAL aclexplode(n.nspacl) a JOIN pg_roles r ON r.oid = a.grantee
		WHERE n.nspname IN (?) AND starts_with(r.rolname, 'freehold_') AND a.privilege_type = 'USAGE' ORDER BY 1, 2`, bun.List(schemas)) {
		uses[r[0]] = append(uses[r[0]], r[1])
	}
	for _, s := range schemas {
		role := "freehold_" + s
		if s == "freehold" {
			role = "freehold_core"
		}
		require.Equal(t, []string{s}, uses[role], role)
		delete(uses, role)
	}
	require.Equal(t, map[string][]string{
		"freehold_platform": {"freehold"},
		"freehold_investor": {"auth", "communications", "documents", "events", "investments", "properties", "users"},
	}, uses)
	// Of auth an investor reads their address, whether they are active and which roles they hold, for reads that name their viewer.
	require.Equal(t, [][]string{{"auth.role_grants.expires_at"}, {"auth.role_grants.object_id"}, {"auth.role_grants.object_kind"}, {"auth.role_grants.revoked_at"},
		{"auth.role_grants.role"}, {"auth.role_grants.user_id"}, {"auth.users.email"}, {"auth.users.id"}, {"auth.users.status"}},
		rows(t, tx, `SELECT c.oid::regclass::text || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
			WHERE c.relnamespace = 'auth'::regnamespace AND c.relkind IN ('r', 'p') AND has_column_privilege('freehold_investor', c.oid, a.attnum, 'SELECT') ORDER BY 1`))
	require.Equal(t, "0", one(t, tx, `SELECT count(*)::text FROM pg_roles r WHERE starts_with(r.rolname, 'freehold_')
		AND has_table_privilege(r.oid, 'freehold.row_security_keys', 'SELECT,INSERT,UPDATE,DELETE')`))
}

// With row-level security on every table that is protected has it, its partitions
// too, and every policy names roles; off, none has but the key's.
func TestRowSecurity_catalog(t *testing.T) {
	t.Parallel()
	tx := inTx(t, pgtest.Clone(t))
	const secured = `SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname IN (?) AND c.relrowsecurity AND NOT c.relispartition ORDER BY 1`
	require.Equal(t, [][]string{{"freehold.row_security_keys"}}, rows(t, tx, secured, bun.List(schemas)))
	exec(t, tx, "SELECT freehold.enable_row_level_security()")
	want := [][]string{{"freehold.row_security_keys"}}
	want = append(want, rows(t, tx, "SELECT schema_name || '.' || table_name FROM freehold.protected_tables()")...)
	slices.SortFunc(want, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	require.Equal(t, want, rows(t, tx, secured, bun.List(schemas)))
	require.Empty(t, rows(t, tx, `SELECT c.oid::regclass::text FROM pg_class c, LATERAL pg_partition_ancestors(c.oid) a JOIN pg_class p ON p.oid = a.relid
		WHERE c.relispartition AND p.relrowsecurity AND NOT c.relrowsecurity AND c.relkind = 'r'`))
	require.Empty(t, rows(t, tx, `SELECT p.polname::text FROM pg_policy p WHERE 0 = ANY (p.polroles)`), "policies for everybody")
	if one(t, tx, "SELECT current_setting('server_version_num')::int >= 150000") == "true" {
		require.Empty(t, rows(t, tx, `SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE n.nspname IN (?) AND c.relkind = 'v' AND NOT COALESCE('security_invoker=true' = ANY (c.reloptions), FALSE)`, bun.List(schemas)), "views that read as their owner")
	}
	exec(t, tx, "SELECT freehold.disable_row_level_security()")
	require.Equal(t, [][]string{{"freehold.row_security_keys"}}, rows(t, tx, secured, bun.List(schemas)))
}
