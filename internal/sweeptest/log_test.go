package sweeptest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// refusing is a trigger on every table that refuses, as the server itself may, what a
// session asks it to refuse.
const refusing = `CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
		IF current_setting('sweep.refuse', true) = format('%s.%s', TG_TABLE_SCHEMA, TG_TABLE_NAME) THEN
			RAISE EXCEPTION 'refused by %.%', TG_TABLE_SCHEMA, TG_TABLE_NAME;
		END IF;
		RETURN NEW;
	END $$;
	DO $$ DECLARE r RECORD; BEGIN
		FOR r IN SELECT c.oid::regclass AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname NOT IN ('public', 'pg_catalog', 'information_schema') LOOP
			EXECUTE format('CREATE TRIGGER a_refuse BEFORE INSERT OR UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION public.refuse()', r.name);
		END LOOP;
	END $$`

// refusals has each table that a verb writes refuse the row, verb by verb, so that the
// server logs the statement.
func (w *world) refusals(t *testing.T) {
	_, err := w.db.ExecContext(t.Context(), refusing)
	require.NoError(t, err)
	for _, v := range w.verbs {
		if v.err == nil && !v.pool {
			for _, table := range w.writes(t, v) {
				w.refused(t, v, table)
			}
		}
	}
	_, err = w.db.ExecContext(t.Context(), "DROP FUNCTION public.refuse CASCADE")
	require.NoError(t, err)
}

// logsNothing looks for what people told in the server's log: in the statements, details
// and contexts of refusals, and of whatever else has failed in the sweep.
func (w *world) logsNothing(t *testing.T) {
	_, err := w.db.NewRaw("SELECT 1 FROM auth.users WHERE email = ? AND id = 'x'", "control-"+w.m.mark).Exec(t.Context())
	require.Error(t, err)
	text := w.log()
	require.True(t, strings.Contains(text, "control-"+w.m.mark), "the log is read, and would show it")
	met := map[string]bool{}
	for _, m := range regexp.MustCompile(`refused by ([a-z_.0-9]+)`).FindAllStringSubmatch(text, -1) {
		met[m[1]] = true
	}
	t.Logf("%d tables refused rows: %v", len(met), slices.Sorted(maps.Keys(met)))
	require.Greater(t, len(met), 70, "tables that refused")
	shown, cause := map[string]string{}, ""
	for line := range strings.Lines(text) {
		_, what, _ := strings.Cut(line, "] ")
		if strings.HasPrefix(what, "ERROR:") {
			cause = strings.TrimSpace(what)
		}
		if (strings.Contains(line, w.m.mark) || strings.Contains(line, w.m.phone())) && !strings.Contains(line, "control-"+w.m.mark) {
			shown[cause] = line
		}
	}
	for cause, line := range shown {
		if !slices.ContainsFunc(impersonal, func(s string) bool { return strings.Contains(cause, s) }) {
			t.Errorf("the server's log has what was given: %s\n\t%s", cause, line)
		}
	}
}

// impersonal are the errors in which the server quotes what names no person: a market, a
// unit, an offering, an event, a loan, a book, a line of a chart, a key of the host's.
var impersonal = []string{`"uk_market_areas_market_name_state"`, `"uk_units_property_id_building_number_unit_number"`, `"uk_loans_property_id_loan_number"`,
	`"uk_books_code"`, `"uk_pending_journals_book_id_idempotency_key"`, `"uk_journals_book_id_idempotency_key"`, `"uk_opportunities_slug"`, `"uk_events_slug"`, `"chk_opportunities_raise_goals"`, "refused by financials.accounts"}

// writes are the tables that the verb writes.
func (w *world) writes(t *testing.T, v *verb) (tables []string) {
	t.Helper()
	tx, err := w.db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer func() { _ = tx.Rollback() }()
	const counts = `SELECT schemaname || '.' || relname AS name, n_tup_ins + n_tup_upd AS n FROM pg_stat_xact_user_tables`
	read := func() map[string]int {
		var rows []struct {
			Name string
			N    int
		}
		require.NoError(t, tx.NewRaw(counts).Scan(t.Context(), &rows))
		out := map[string]int{}
		for _, r := range rows {
			out[r.Name] = r.N
		}
		return out
	}
	before := read()
	if _, err := v.call(t.Context(), tx, v.best); err != nil {
		return nil // the search's last arguments are gone, or it was done once
	}
	for name, n := range read() {
		if n > before[name] {
			tables = append(tables, name)
		}
	}
	return tables
}

// refused calls the verb while the table refuses.
func (w *world) refused(t *testing.T, v *verb, table string) {
	t.Helper()
	tx, err := w.db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer func() { _ = tx.Rollback() }()
	_, err = tx.NewRaw("SELECT set_config('sweep.refuse', ?, true)", table).Exec(t.Context())
	require.NoError(t, err)
	if _, err := v.call(t.Context(), tx, v.best); err != nil {
		for _, mark := range []string{w.m.mark, w.m.phone()} {
			require.False(t, strings.Contains(err.Error(), mark), "%s says what it was given: %v", v.name, fmt.Sprintf("%T", err))
		}
	}
}
