package schematest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
)

// A rule that nothing can break proves nothing. Each is broken here on purpose,
// in a savepoint, and has to notice.
func TestRules_notice(t *testing.T) {
	t.Parallel()
	tx := inTx(t, pgtest.Clone(t))
	breaks := map[string]string{
		"POLICY Logical separation using schemas":                                                      `DROP SCHEMA media CASCADE`,
		"POLICY Read-only views for cross-service access":                                              `CREATE VIEW shared.writable AS SELECT id FROM auth.users`,
		"POLICY Temporal tables for history tracking":                                                  `ALTER TABLE properties.units ADD COLUMN added TEXT`,
		"POLICY migration scripts under version control":                                               `DELETE FROM freehold.migrations WHERE version = 1`,
		"POLICY data validation after each migration":                                                  `ALTER TABLE auth.users ADD CONSTRAINT chk_users_phone CHECK (phone <> '') NOT VALID`,
		"POLICY partition large tables":                                                                `DROP TABLE analytics.page_views`,
		"CONVENTION DECIMAL(15,2)":                                                                     `ALTER TABLE financials.loans ADD COLUMN fee NUMERIC(10,2)`,
		"CONVENTION VARCHAR(20) with check constraints":                                                `ALTER TABLE auth.users DROP CONSTRAINT chk_users_status`,
		"CONVENTION JSONB":                                                                             `ALTER TABLE auth.users ADD COLUMN added JSON`,
		"CONVENTION index foreign keys":                                                                `DROP INDEX documents.idx_document_shares_shared_by`,
		"RULE tables and columns are named in snake_case":                                              `ALTER TABLE auth.users ADD COLUMN "camelCase" TEXT`,
		"RULE constraints and indexes are named by kind and table":                                     `CREATE INDEX users_phone ON auth.users (phone)`,
		"RULE primary keys are UUIDs":                                                                  `ALTER TABLE media.files DROP CONSTRAINT pk_files`,
		"RULE rates are fractions wide enough for their use":                                           `ALTER TABLE market.market_areas ALTER vacancy_rate TYPE NUMERIC(5,2)`,
		"RULE no timestamp lacks a time zone":                                                          `ALTER TABLE auth.users ADD COLUMN added TIMESTAMP`,
		"RULE no time or date is infinite":                                                             `ALTER TABLE auth.users DROP CONSTRAINT chk_users_created_at`,
		"RULE no number is NaN or infinite":                                                            `ALTER TABLE properties.properties DROP CONSTRAINT chk_properties_purchase_price`,
		"RULE audit_trigger stands on every table that has updated_at":                                 `ALTER TABLE auth.users DISABLE TRIGGER audit_trigger`,
		"RULE deleted_at stands where a row may be taken out of sight and on no table of money or law": `ALTER TABLE investments.transactions ADD COLUMN deleted_at TIMESTAMPTZ`,
		"RULE functions fix their search_path":                                                         `ALTER FUNCTION freehold.soft_delete() SET search_path = pg_catalog`,
		"RULE only their owner runs trigger functions and what has its rights":                         `GRANT EXECUTE ON FUNCTION freehold.refuse_change() TO PUBLIC`,
		"RULE a trigger with its owner's rights stands on the one table that it checks for":            `CREATE TRIGGER more AFTER UPDATE ON users.profiles FOR EACH ROW EXECUTE FUNCTION users.record_verifications_history()`,
		"RULE every relation has a policy or a reason why not":                                         `CREATE TABLE users.notes (id UUID PRIMARY KEY)`,
		"RULE no table switches autovacuum off":                                                        `ALTER TABLE auth.users SET (autovacuum_enabled = false)`,
		"RULE a migrated database holds no data":                                                       `INSERT INTO auth.users (email, password_hash) VALUES ('admin@platform.test', '!')`,
		"RULE no index repeats another":                                                                `CREATE INDEX idx_users_status_again ON auth.users (status)`,
		"RULE a column with a default is never NULL":                                                   `ALTER TABLE auth.users ALTER email_verified DROP NOT NULL`,
		"RULE append-only tables refuse UPDATE, DELETE and TRUNCATE":                                   `DROP TRIGGER refuse_truncate ON financials.postings`,
		"RULE nothing of ours stands outside our schemas":                                              `CREATE TABLE public.stray ()`,
	}
	// These read the repository's files, or can break only with every index gone.
	unbreakable := map[string]bool{"POLICY rollback for each migration": true, "CONVENTION partial indexes": true}
	for _, r := range rules {
		if unbreakable[r.text] {
			continue
		}
		require.Contains(t, breaks, r.text)
		t.Run(r.text, func(t *testing.T) {
			exec(t, tx, "SAVEPOINT broken")
			defer exec(t, tx, "ROLLBACK TO SAVEPOINT broken")
			exec(t, tx, breaks[r.text])
			require.NotEmpty(t, r.breaches(t, readCatalog(t, tx), tx))
		})
	}
}

// So is the comparison of columns: any change of a column needs a row of its own.
func TestInventory_notices(t *testing.T) {
	t.Parallel()
	tx := inTx(t, pgtest.Clone(t))
	known := columnDeviations(t, readCatalog(t, tx), tx)
	for what, statement := range map[string]string{
		"a column is gone":       `ALTER TABLE users.profiles DROP COLUMN headline CASCADE`,
		"a column is renamed":    `ALTER TABLE users.profiles RENAME COLUMN headline TO title`,
		"a type":                 `ALTER TABLE auth.sessions ALTER device_id TYPE VARCHAR(99)`,
		"NOT NULL":               `ALTER TABLE auth.users ALTER password_hash DROP NOT NULL`,
		"a default":              `ALTER TABLE properties.properties ALTER country SET DEFAULT 'US'`,
		"a primary key":          `ALTER TABLE users.connections DROP CONSTRAINT pk_connections`,
		"a unique key":           `ALTER TABLE auth.sessions DROP CONSTRAINT uk_sessions_token_hash`,
		"a foreign key":          `ALTER TABLE auth.sessions DROP CONSTRAINT fk_sessions_user_id`,
		"what a DELETE does":     `ALTER TABLE auth.sessions DROP CONSTRAINT fk_sessions_user_id, ADD FOREIGN KEY (user_id) REFERENCES auth.users (id)`,
		"an enumeration is open": `ALTER TABLE users.profiles DROP CONSTRAINT chk_profiles_risk_tolerance`,
		"an enumeration gains a value": `ALTER TABLE users.profiles DROP CONSTRAINT chk_profiles_risk_tolerance,
			ADD CONSTRAINT chk_profiles_risk_tolerance CHECK (risk_tolerance IN ('conservative', 'moderate', 'aggressive', 'wild'))`,
		"a table is gone": `DROP TABLE users.connections`,
	} {
		t.Run(what, func(t *testing.T) {
			exec(t, tx, "SAVEPOINT broken")
			defer exec(t, tx, "ROLLBACK TO SAVEPOINT broken")
			exec(t, tx, statement)
			require.NotEqual(t, known, columnDeviations(t, readCatalog(t, tx), tx))
		})
	}
}

// And of objects: without one, a line no longer matches or the row that names it
// no longer holds.
func TestObjects_notice(t *testing.T) {
	t.Parallel()
	tx := inTx(t, pgtest.Clone(t))
	lines, documents := canonical(t, tx)
	c := readCatalog(t, tx)
	kept := c.rules(t)
	before := objectDeviations(c, kept, lines, documents)
	broken := func(c *catalog) bool {
		for _, d := range deviations(t) {
			if d.list == "objects" && len(d.absent(c, kept)) > 0 {
				return true
			}
		}
		return len(objectDeviations(c, kept, lines, documents)) > len(before)
	}
	require.False(t, broken(c))
	for what, statement := range map[string]string{
		"an index":               `DROP INDEX users.idx_verified_users`,
		"an index renamed":       `ALTER INDEX users.idx_verifications_status RENAME TO idx_status`,
		"a predicate":            `DROP INDEX users.idx_unread_messages; CREATE INDEX idx_unread_messages ON users.messages (recipient_id, created_at)`,
		"a check":                `ALTER TABLE events.events DROP CONSTRAINT chk_event_times`,
		"a check that says more": `ALTER TABLE events.events DROP CONSTRAINT chk_event_times, ADD CONSTRAINT chk_event_times CHECK (start_datetime <= end_datetime)`,
		"a unique constraint":    `ALTER TABLE events.registrations DROP CONSTRAINT uk_unique_registration`,
		"an unnamed constraint":  `ALTER TABLE investments.statements DROP CONSTRAINT uk_statements_investor_id_currency_type_period`,
		"a foreign key":          `ALTER TABLE users.profiles DROP CONSTRAINT fk_profile_user`,
		"a trigger":              `DROP TRIGGER soft_delete_user ON auth.users`,
		"a function":             `DROP FUNCTION freehold.enable_row_level_security()`,
		"a view":                 `DROP VIEW shared.investor_summary`,
		"a materialized view":    `DROP MATERIALIZED VIEW analytics.portfolio_performance`,
		"a table":                `DROP TABLE users.connections`,
		"an extension":           `DROP EXTENSION pg_trgm CASCADE`,
	} {
		t.Run(what, func(t *testing.T) {
			exec(t, tx, "SAVEPOINT broken")
			defer exec(t, tx, "ROLLBACK TO SAVEPOINT broken")
			for part := range strings.SplitSeq(statement, "; ") {
				exec(t, tx, part)
			}
			require.True(t, broken(readCatalog(t, tx)))
		})
	}
}

// And the table of deviations: a row that nothing needs, or that says something
// else than the catalog, does not pass.
func TestLedger(t *testing.T) {
	t.Parallel()
	row := deviation{"objects", "1", "x", "INDEX x", "INDEX y", "a reason"}
	open := func() *ledger {
		return &ledger{rows: map[string]deviation{"1 x": row}, used: map[string]bool{}}
	}
	l := open()
	_, found := l.want(row)
	require.True(t, found)
	require.Empty(t, l.missing)
	require.True(t, l.used["1 x"])

	for _, other := range []deviation{
		{"objects", "1", "x", "INDEX x", "INDEX z", ""},
		{"objects", "1", "x", "INDEX w", "INDEX y", ""},
		{"objects", "2", "x", "INDEX x", "INDEX y", ""},
	} {
		l := open()
		_, found := l.want(other)
		require.False(t, found)
		require.Len(t, l.missing, 1)
		require.Empty(t, l.used, "the row stays unused")
	}
}
