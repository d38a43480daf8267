package schematest

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
)

// The document copied old events to a bare table and deleted them in a second
// statement with another now(): between the two an event was lost or doubled,
// and the archive had neither keys nor defaults. A month moves as a whole.
func TestDefect_archive(t *testing.T) {
	t.Parallel()
	db := pgtest.Clone(t)
	user := newUser(t, db)
	exec(t, db, `CREATE TABLE analytics.user_events_2023_01 PARTITION OF analytics.user_events
		FOR VALUES FROM ('2023-01-01 00:00+00') TO ('2023-02-01 00:00+00')`)
	exec(t, db, `INSERT INTO analytics.user_events (event_name, user_id, created_at)
		SELECT 'opened', ?, '2023-01-01 00:00+00'::timestamptz + n * interval '1 hour' FROM generate_series(0, 743) n`, user)
	exec(t, db, `INSERT INTO analytics.user_events (event_name, created_at) VALUES ('opened', '2023-02-01 00:00+00'), ('early', '1999-01-01')`)

	tx := inTx(t, db)
	exec(t, tx, `ALTER TABLE analytics.user_events DETACH PARTITION analytics.user_events_2023_01`)
	for _, column := range []string{"event_name", "event_value", "created_at"} {
		exec(t, tx, `ALTER TABLE analytics.user_events_2023_01 RENAME CONSTRAINT ? TO ?`,
			bun.Ident("chk_user_events_"+column), bun.Ident("chk_user_events_archive_"+column))
	}
	exec(t, tx, `ALTER TABLE analytics.user_events_archive ATTACH PARTITION analytics.user_events_2023_01
		FOR VALUES FROM ('2023-01-01 00:00+00') TO ('2023-02-01 00:00+00')`)
	require.Equal(t, "744", one(t, tx, `SELECT count(*) FROM analytics.user_events_archive`))
	require.Equal(t, "2", one(t, tx, `SELECT count(*) FROM analytics.user_events`), "what no month claims is not refused")
	require.Contains(t, plan(t, tx, `SELECT 1 FROM analytics.user_events_archive WHERE user_id = ? AND created_at < '2023-02-01'`, user), "Index")

	// The archive holds to the same rules.
	c := loadCatalog(t)
	live, past := c.relation("analytics.user_events"), c.relation("analytics.user_events_archive")
	require.Equal(t, live.columns, past.columns)
	for _, col := range live.columns {
		require.Len(t, c.checks(past, col.name), len(c.checks(live, col.name)), col.name)
	}
	require.ErrorContains(t, refused(t, tx, `INSERT INTO analytics.user_events_archive (event_name, created_at) VALUES ('', '2023-01-02')`), "chk_user_events_archive_event_name")
	require.ErrorContains(t, refused(t, tx, `INSERT INTO analytics.user_events_archive (event_name, user_id) VALUES ('x', gen_random_uuid())`), "user_id")
}
