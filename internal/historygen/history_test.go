package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
)

// The migrated database has for each tracked table what this program would
// print today: a column added to a table, and not to its history, fails here.
func TestCatalogIsWhatIsGenerated(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t).DB
	for _, tb := range tracked {
		t.Run(tb.String(), func(t *testing.T) {
			t.Parallel()
			cols, err := columns(ctx, db, tb.Schema, tb.Name)
			require.NoError(t, err)
			hist, err := columns(ctx, db, tb.Schema, tb.Name+"_history")
			require.NoError(t, err)
			require.Equal(t, cols, hist[:len(cols)], "columns of the history table")
			require.Len(t, hist, len(cols)+5)

			var body string
			require.NoError(t, db.QueryRowContext(ctx, "SELECT prosrc FROM pg_proc WHERE oid = to_regproc($1::text)", tb.function()).Scan(&body))
			require.Equal(t, tb.body(cols), body, "the trigger function")

			// The stored condition is compared with the generated one as the server
			// prints it: by making a trigger from it.
			tx, err := db.BeginTx(ctx, nil)
			require.NoError(t, err)
			defer func() { _ = tx.Rollback() }()
			for trigger, when := range map[string][3]string{
				"z_keep_updated_at": {"BEFORE", tb.unchanged(cols), "freehold.keep_updated_at"},
				"history_trigger":   {"AFTER", tb.recorded(cols), tb.function()},
			} {
				stored := condition(ctx, t, tx, tb, trigger)
				_, err = tx.ExecContext(ctx, fmt.Sprintf("CREATE TRIGGER probe_%s %s UPDATE ON %s FOR EACH ROW WHEN (%s) EXECUTE FUNCTION %s()",
					trigger, when[0], tb, when[1], when[2]))
				require.NoError(t, err)
				require.Equal(t, condition(ctx, t, tx, tb, "probe_"+trigger), stored, "the condition of "+trigger)
			}
		})
	}
}

// The statement that reads what a plain change leaves no row of stands in the migration. The
// tests of package investments run it.
func TestPlainIsDocumented(t *testing.T) {
	t.Parallel()
	sql, err := os.ReadFile("../../migrations/sql/0015_history.up.sql")
	require.NoError(t, err)
	db := pgtest.Clone(t).DB
	found := 0
	for _, tb := range tracked {
		if tb.Plain == nil {
			continue
		}
		found++
		cols, err := columns(t.Context(), db, tb.Schema, tb.Name)
		require.NoError(t, err)
		require.Contains(t, string(sql), comment(tb.asOf(cols)))
		facts := tb.facts(cols)
		for _, f := range tb.Plain.Before {
			require.True(t, slices.ContainsFunc(facts, func(c column) bool { return c.Name == f.Column }), f.Column)
		}
	}
	require.Equal(t, 1, found)
}

func condition(ctx context.Context, t *testing.T, tx *sql.Tx, tb table, trigger string) string {
	t.Helper()
	var def string
	require.NoError(t, tx.QueryRowContext(ctx, "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = $1 AND tgrelid = $2::regclass",
		trigger, tb.String()).Scan(&def))
	_, def, found := strings.Cut(def, "WHEN")
	require.True(t, found)
	return def
}

// Every cache column named exists, every table has all its triggers, and no
// history is there that is not tracked.
func TestTracked(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t).DB
	for _, tb := range tracked {
		cols, err := columns(ctx, db, tb.Schema, tb.Name)
		require.NoError(t, err)
		for _, cache := range tb.Cache {
			found := false
			for _, c := range cols {
				found = found || c.Name == cache
			}
			require.True(t, found, "%s.%s", tb, cache)
		}
		var base, history string
		const triggers = "SELECT string_agg(tgname, ' ' ORDER BY tgname) FROM pg_trigger WHERE tgrelid = $1::regclass AND tgenabled = 'O' AND tgname = ANY($2)"
		ours := []string{"audit_trigger", "history_trigger", "history_trigger_delete", "z_keep_updated_at", "refuse_change", "refuse_insert", "refuse_truncate"}
		require.NoError(t, db.QueryRowContext(ctx, triggers, tb.String(), ours).Scan(&base))
		require.Equal(t, "audit_trigger history_trigger history_trigger_delete z_keep_updated_at", base, tb)
		require.NoError(t, db.QueryRowContext(ctx, triggers, tb.history(), ours).Scan(&history))
		require.Equal(t, "refuse_change refuse_insert refuse_truncate", history, tb)
	}
	var histories int
	require.NoError(t, db.QueryRowContext(ctx,
		`SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname LIKE '%\_history'`).Scan(&histories))
	require.Equal(t, len(tracked), histories)
}

// Updates of one transaction, and updates across transactions, make versions
// that neither overlap nor leave gaps; a delete ends the last one.
func TestVersions(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t).DB
	exec := func(q string, args ...any) {
		t.Helper()
		_, err := db.ExecContext(ctx, q, args...)
		require.NoError(t, err)
	}
	const p, u = "0190a000-0000-7000-8000-000000000001", "0190a000-0000-7000-8000-000000000002"
	exec(`INSERT INTO properties.properties (id, property_name, slug, address_line1, city, state, zip_code, total_units)
		VALUES ($1, 'n', 's', 'a', 'c', 's', 'z', 1)`, p)
	exec(`INSERT INTO properties.units (id, property_id, unit_number) VALUES ($1, $2, '0')`, u, p)

	tx, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	_, err = tx.ExecContext(ctx, "SELECT set_config('freehold.actor', 'ana', true)")
	require.NoError(t, err)
	for i := range 5 {
		_, err = tx.ExecContext(ctx, "UPDATE properties.units SET unit_number = $1, version = version + 1 WHERE id = $2", fmt.Sprint(i+1), u)
		require.NoError(t, err)
	}
	require.NoError(t, tx.Commit())
	exec("UPDATE properties.units SET unit_number = '6' WHERE id = $1", u)

	// What changes no fact makes no version and does not move the present one.
	exec("UPDATE properties.units SET version = version + 1, created_at = now() WHERE id = $1", u)
	exec("UPDATE properties.units SET unit_number = '6' WHERE id = $1", u)
	exec("UPDATE properties.properties SET amount_raised = 5, investor_count = 1, investment_open = TRUE, occupancy_rate = 0.5 WHERE id = $1", p)
	var n int
	require.NoError(t, db.QueryRowContext(ctx, "SELECT count(*) FROM properties.properties_history").Scan(&n))
	require.Zero(t, n)
	require.NoError(t, db.QueryRowContext(ctx, "SELECT count(*) FROM properties.units_history").Scan(&n))
	require.Equal(t, 6, n)

	// A value that only the last trigger in line sees counts as a change too.
	exec(`UPDATE properties.properties SET latitude = 1, longitude = 2, location = 'SRID=4326;POINT(2 1)'::geography WHERE id = $1`, p)
	exec(`UPDATE properties.properties SET location = 'SRID=4326;POINT(2 1.5)'::geography WHERE id = $1`, p)
	require.NoError(t, db.QueryRowContext(ctx, "SELECT count(*) FROM properties.properties_history").Scan(&n))
	require.Equal(t, 2, n)

	exec("DELETE FROM properties.properties WHERE id = $1", p) // takes the unit along

	rows, err := db.QueryContext(ctx, `
		SELECT unit_number, op, COALESCE(changed_by, '-'), valid_from < valid_to, valid_from = updated_at,
			COALESCE(valid_to = lead(valid_from) OVER (ORDER BY valid_from), op = 'D')
		FROM properties.units_history WHERE id = $1 ORDER BY valid_from`, u)
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	var got []string
	for rows.Next() {
		var number, op, by string
		var some, starts, meets bool
		require.NoError(t, rows.Scan(&number, &op, &by, &some, &starts, &meets))
		require.True(t, some && starts && meets, "version %s", number)
		got = append(got, number+op+by)
	}
	require.NoError(t, rows.Err())
	require.Equal(t, []string{"0Uana", "1Uana", "2Uana", "3Uana", "4Uana", "5U-", "6D-"}, got)

	// At every instant at which a version starts or ends, exactly one is found,
	// and none once the row is gone.
	var found string
	require.NoError(t, db.QueryRowContext(ctx, `
		SELECT string_agg(c::text, '' ORDER BY t) FROM (
			SELECT t, (SELECT count(*) FROM properties.units_history h WHERE h.id = $1 AND h.valid_from <= t AND t < h.valid_to) AS c
			FROM (SELECT valid_from AS t FROM properties.units_history UNION SELECT max(valid_to) FROM properties.units_history) AS s) AS r`, u).Scan(&found))
	require.Equal(t, "11111110", found)
}

// Nobody writes history but the triggers.
func TestHistoryIsAppendOnly(t *testing.T) {
	t.Parallel()
	db := pgtest.Clone(t).DB
	_, err := db.ExecContext(t.Context(), `INSERT INTO properties.properties (id, property_name, slug, address_line1, city, state, zip_code, total_units)
		VALUES ('0190a000-0000-7000-8000-000000000001', 'n', 's', 'a', 'c', 's', 'z', 1)`)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), "UPDATE properties.properties SET city = 'x'")
	require.NoError(t, err)
	for _, tb := range tracked {
		h := tb.history()
		statements := []string{
			"INSERT INTO " + h + " (id, valid_from, valid_to, op, tx_id) VALUES (gen_random_uuid(), now(), now() + interval '1 day', 'U', 1)",
			"TRUNCATE " + h,
		}
		if tb.String() == "properties.properties" { // row triggers need a row
			statements = append(statements, "UPDATE "+h+" SET op = 'D'", "DELETE FROM "+h)
		}
		for _, q := range statements {
			_, err := db.ExecContext(t.Context(), q)
			var pg *pgconn.PgError
			require.True(t, errors.As(err, &pg), "%s: %v", q, err)
			require.Equal(t, "FH001", pg.Code, q)
		}
	}
}

// The text that goes into a migration loads where the histories are missing,
// and goes away without a trace.
func TestPrintedSQLLoads(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	var up, down, again strings.Builder
	dsn := pgtest.DSN(t, db)
	require.NoError(t, run(ctx, &up, dsn, "", false))
	require.NoError(t, run(ctx, &down, dsn, "", true))
	for _, script := range []string{down.String(), up.String()} {
		_, err := db.DB.ExecContext(ctx, script)
		require.NoError(t, err)
	}
	require.NoError(t, run(ctx, &again, dsn, "", false))
	require.Equal(t, up.String(), again.String())
	require.ErrorContains(t, func() error { _, err := columns(ctx, db.DB, "no", "such"); return err }(), "no table")
}
