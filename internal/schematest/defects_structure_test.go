package schematest

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/migrations"
)

// plan returns the plan of a query that may use an index wherever one helps.
func plan(t *testing.T, db bun.IDB, query string, args ...any) string {
	t.Helper()
	exec(t, db, "SET LOCAL enable_seqscan = off")
	var b strings.Builder
	for _, r := range rows(t, db, "EXPLAIN (COSTS OFF) "+query, args...) {
		b.WriteString(r[0] + "\n")
	}
	return b.String()
}

// Indexes that the document asks for in a way that loads and is never used, or
// does not load: B-tree over arrays and places, FULLTEXT, a predicate on now().
// Each question finds its index.
func TestDefect_indexesThatAreUsed(t *testing.T) {
	t.Parallel()
	for index, query := range map[string]string{
		"idx_profiles_sectors_of_interest": `SELECT 1 FROM users.profiles WHERE sectors_of_interest && ARRAY['office']`,
		"idx_conversations_participants":   `SELECT 1 FROM users.conversations WHERE participants @> ARRAY['00000000-0000-0000-0000-000000000000'::uuid]`,
		"idx_documents_tags":               `SELECT 1 FROM documents.documents WHERE tags @> ARRAY['k1']`,
		"idx_properties_location":          `SELECT 1 FROM properties.properties WHERE ST_DWithin(location, 'SRID=4326;POINT(-97.7 30.3)'::geography, 5000)`,
		"idx_properties_property_name":     `SELECT 1 FROM properties.properties WHERE property_name ILIKE '%maple%'`,
		"idx_profile_search": `SELECT 1 FROM users.profiles WHERE to_tsvector('english', coalesce(first_name, '') || ' ' ||
			coalesce(last_name, '') || ' ' || coalesce(bio, '') || ' ' || coalesce(headline, '')) @@ plainto_tsquery('english', 'office')`,
		"idx_properties_search": `SELECT 1 FROM properties.properties WHERE to_tsvector('english', property_name || ' ' ||
			coalesce(description, '') || ' ' || coalesce(executive_summary, '')) @@ plainto_tsquery('english', 'lake')`,
		"idx_events_search": `SELECT 1 FROM events.events WHERE to_tsvector('english', coalesce(title, '') || ' ' ||
			coalesce(description, '')) @@ plainto_tsquery('english', 'summit')`,
		"idx_documents_search": `SELECT 1 FROM documents.documents WHERE to_tsvector('english', coalesce(name, '') || ' ' ||
			coalesce(description, '')) @@ plainto_tsquery('english', 'summit')`,
		"idx_opportunity_search": `SELECT 1 FROM investments.opportunities WHERE to_tsvector('english', coalesce(name, '') || ' ' ||
			coalesce(description, '') || ' ' || coalesce(executive_summary, '')) @@ plainto_tsquery('english', 'lake')`,
		"idx_upcoming_events":  `SELECT 1 FROM events.events WHERE status = 'published' AND start_datetime > now() ORDER BY start_datetime LIMIT 5`,
		"idx_unread_messages":  `SELECT 1 FROM users.messages WHERE recipient_id = '00000000-0000-0000-0000-000000000000' AND read_at IS NULL ORDER BY created_at LIMIT 5`,
		"idx_user_investments": `SELECT 1 FROM investments.investments WHERE investor_id = '00000000-0000-0000-0000-000000000000' AND status = 'funded' ORDER BY created_at DESC LIMIT 5`,
	} {
		t.Run(index, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, plan(t, pgtest.Tx(t), query), index)
		})
	}
}

// 20 index names stood 49 times in the document, which PostgreSQL refuses: an
// index name is unique in its schema. Ours say which table they are on.
func TestDefect_indexNames(t *testing.T) {
	t.Parallel()
	seen := make(map[string]string)
	for _, i := range loadCatalog(t).indexes {
		require.Empty(t, seen[i.schema+"."+i.name], i.name)
		seen[i.schema+"."+i.name] = i.table
	}
	repeated := 0
	count := make(map[string]int)
	for _, o := range objects(t) {
		if strings.HasPrefix(o.kind, "inline ") {
			count[o.schema+"."+o.name]++
		}
	}
	for name, n := range count {
		if n > 1 {
			repeated++
			require.Empty(t, seen[name], "%s stood %d times and still stands", name, n)
		}
	}
	require.Positive(t, repeated)
}

// investments.distributions was created twice. One table has the columns of
// both; where both have a name for one fact, either may be written, both can be
// read, and two that disagree are refused.
func TestDefect_distributionsTwice(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	property := newProperty(t, tx)
	opportunity := newOpportunity(t, tx, property)
	const read = `SELECT property_id, distribution_date::text, payment_date::text, per_unit_amount::text = per_share_amount::text,
		processed_date = processed_at FROM investments.distributions WHERE id = ?`
	v2 := one(t, tx, `INSERT INTO investments.distributions (property_id, distribution_type, distribution_date, total_amount, per_unit_amount, processed_date)
		VALUES (?, 'quarterly', '2024-03-31', 1000, 1.25, now()) RETURNING id`, property)
	require.Equal(t, [][]string{{property, "2024-03-31", "2024-03-31", "true", "true"}}, rows(t, tx, read, v2))
	v1 := one(t, tx, `INSERT INTO investments.distributions (opportunity_id, type, payment_date, total_amount, per_share_amount, processed_at)
		VALUES (?, 'dividend', '2024-06-30', 1000, 1.25, now()) RETURNING id`, opportunity)
	require.Equal(t, [][]string{{property, "2024-06-30", "2024-06-30", "true", "true"}}, rows(t, tx, read, v1))

	exec(t, tx, `UPDATE investments.distributions SET payment_date = '2024-07-01', per_share_amount = 2 WHERE id = ?`, v1)
	require.Equal(t, [][]string{{property, "2024-07-01", "2024-07-01", "true", "true"}}, rows(t, tx, read, v1))
	require.ErrorContains(t, refused(t, tx, `UPDATE investments.distributions SET payment_date = '2024-07-02', distribution_date = '2024-07-03' WHERE id = ?`, v1),
		"chk_distributions_aliases")
	require.ErrorContains(t, refused(t, tx, `INSERT INTO investments.distributions (property_id, distribution_date, total_amount)
		VALUES (?, '2024-03-31', 1000)`, property), "chk_distributions_purpose")
}

// The document created its functions wherever the host's search_path pointed,
// and they in turn used whatever it found first. Ours stand in the schemas that
// they serve and look nowhere else: a function and a table of the host with the names
// that ours use change nothing.
func TestDefect_functionsInPublic(t *testing.T) {
	t.Parallel()
	c, tx := loadCatalog(t), pgtest.Tx(t)
	require.Empty(t, openSearchPaths(t, c, tx))
	require.Empty(t, strays(t, c, tx))
	for _, f := range c.functions {
		require.Contains(t, schemas, f.schema, f.name)
	}

	exec(t, tx, `CREATE SCHEMA hostile`)
	for _, f := range []string{"now()", "clock_timestamp()", "sum(numeric)", "current_setting(text, boolean)"} {
		result := map[bool]string{true: "numeric", false: "timestamptz"}[strings.HasPrefix(f, "sum")]
		if strings.HasPrefix(f, "current_setting") {
			result = "text"
		}
		exec(t, tx, `CREATE FUNCTION hostile.`+f+` RETURNS `+result+` LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'hijacked'; END $$`)
	}
	exec(t, tx, `CREATE TEMPORARY TABLE opportunities (id uuid)`)
	exec(t, tx, `SET LOCAL search_path = hostile, pg_catalog, public`)
	user := newUser(t, tx)
	opportunity := newOpportunity(t, tx, newProperty(t, tx))
	position := newPosition(t, tx, opportunity, user, "funded", "100")
	exec(t, tx, `UPDATE investments.property_investments SET investment_amount = 120 WHERE id = ?`, position)
	exec(t, tx, `DELETE FROM auth.users WHERE id = ?`, user)
	exec(t, tx, `SET LOCAL search_path = public`)
	require.Equal(t, "120.00/1", raised(t, tx, opportunity))
}

// Tables stood before those they refer to, sections were numbered twice, and the
// document's last act was to drop three of its schemas. The migrations run from
// nothing, and on schemas that a careful host has made beforehand.
func TestDefect_orderOfStatements(t *testing.T) {
	t.Parallel()
	db := pgtest.Empty(t)
	for _, s := range schemas {
		exec(t, db, "CREATE SCHEMA "+s)
	}
	m, err := migrations.New(migrations.Config{})
	require.NoError(t, err)
	require.NoError(t, m.Up(t.Context(), db))
	require.Equal(t, "43", one(t, db, `SELECT count(*) FROM unnest(string_to_array(?, ',')) n WHERE to_regclass(n) IS NOT NULL`,
		strings.Join(documentTables(t), ",")))
	require.Empty(t, emptySchemas(t, readCatalog(t, inTx(t, db)), nil))
}

// inTx begins a transaction that is rolled back with the test.
func inTx(t *testing.T, db *bun.DB) bun.IDB {
	t.Helper()
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = tx.Rollback() })
	return tx
}

// documentTables are the tables that the document defines.
func documentTables(t *testing.T) []string {
	t.Helper()
	names := make(map[string]bool)
	for _, l := range inventory(t) {
		names[l.schema+"."+l.table] = true
	}
	return slices.Sorted(maps.Keys(names))
}
