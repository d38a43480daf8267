package sweeptest

import (
	"errors"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/events"
	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/analytics"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/communications"
	"github.com/freehold-go/freehold/realestate/outbox"
	"github.com/freehold-go/freehold/realestate/users"
)

// personal are the tables with personal data.
func personal() (names []string) {
	for _, t := range slices.Concat(auth.PersonalTables(), users.PersonalTables(), communications.PersonalTables(), analytics.PersonalTables(),
		events.PersonalTables(), documents.PersonalTables(), investments.PersonalTables(), ledger.PersonalTables(), properties.PersonalTables(),
		outbox.PersonalTables()) {
		names = append(names, t.Name)
	}
	return names
}

// unwritten are the tables with personal data that no verb of the sweep writes, with
// the reason.
var unwritten = map[string]string{
	"auth.recovery_codes":            inSecrets,
	"auth.trusted_devices":           inSecrets,
	"auth.passkeys":                  inSecrets,
	"users.connections":              noVerb,
	"users.conversations":            noVerb,
	"users.messages":                 noVerb,
	"communications.email_sends":     noVerb,
	"communications.email_campaigns": noVerb,
	"communications.email_templates": noVerb,
	"events.registrations":           noVerb,
	"events.event_interactions":      noVerb,
	"documents.document_shares":      noVerb,
	"documents.signatures":           noVerb,
	"documents.signature_events":     noVerb,
	"analytics.user_events_archive":  "whole partitions move there",
}

const (
	noVerb    = "no verb writes it yet"
	inSecrets = "TestSecrets_nowhere refuses its writes"
)

// neverLogged makes every statement that writes a table with personal data fail, one
// table of each verb after another, as when the statement timeout strikes, and reads
// the server's log, at its default settings: nothing that a verb was told stands in it.
// What the log holds of the whole sweep, with all its bad values, is looked through too.
func (w *world) neverLogged(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	db := w.heard(t)
	_, err := db.ExecContext(ctx, `CREATE TABLE public.sweep_let (name TEXT PRIMARY KEY);
		CREATE FUNCTION public.sweep_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
			IF NOT EXISTS (SELECT FROM public.sweep_let WHERE name = TG_ARGV[0]) THEN
				RAISE EXCEPTION 'refused %', TG_ARGV[0] USING ERRCODE = 'query_canceled';
			END IF;
			RETURN NEW;
		END $$`)
	require.NoError(t, err)
	for _, name := range personal() {
		_, err := db.NewRaw("CREATE TRIGGER a_refuse BEFORE INSERT OR UPDATE ON ? FOR EACH ROW EXECUTE FUNCTION public.sweep_refuse(?)", bun.Ident(name), name).Exec(ctx)
		require.NoError(t, err)
	}
	_, err = db.NewRaw("INSERT INTO auth.users (email, password_hash) VALUES (?, NULL)", "control-"+w.m.mark+"@example.com").Exec(ctx)
	require.Error(t, err)
	require.Contains(t, w.log(t), "control-"+w.m.mark, "the log is read, and would show it")

	hit := map[string][]string{}
	for _, v := range w.verbs {
		for _, table := range v.driven(t, w, db) {
			hit[table] = append(hit[table], v.name)
		}
	}
	for what, line := range w.leaks(t) {
		t.Errorf("logged: %s\n\t%s", what, line)
	}
	var missed []string
	for _, name := range personal() {
		if _, ok := unwritten[name]; ok == (len(hit[name]) > 0) {
			missed = append(missed, name)
		}
	}
	require.Empty(t, missed, "no verb was refused there, or it is listed as unwritten and one was")
	t.Logf("%d tables with personal data refused %d writes", len(hit), len(slices.Concat(slices.Collect(maps.Values(hit))...)))

}

// driven calls a verb until no table with personal data refuses it, and returns those
// that did.
func (v *verb) driven(t *testing.T, w *world, db *bun.DB) (refused []string) {
	t.Helper()
	ctx := t.Context()
	let := func() {
		_, err := w.db.NewRaw("TRUNCATE public.sweep_let").Exec(ctx)
		require.NoError(t, err)
		for _, name := range refused {
			_, err := w.db.NewRaw("INSERT INTO public.sweep_let VALUES (?)", name).Exec(ctx)
			require.NoError(t, err)
		}
	}
	args := v.best
	if chosen, ok := v.choosing(w.m); ok {
		args = chosen
	}
	for range 20 {
		let()
		err := func() error {
			if v.pool {
				_, err := v.call(ctx, db, args)
				return err
			}
			return v.try(ctx, db, args)
		}()
		var pg *pgconn.PgError
		name, ok := "", errors.As(err, &pg)
		if ok {
			name, ok = strings.CutPrefix(pg.Message, "refused ")
		}
		if !ok || slices.Contains(refused, name) {
			return refused
		}
		refused = append(refused, name)
	}
	return refused
}

// heard is a pool on the same database whose sessions log as a server does by default,
// which the tests' cluster does not.
func (w *world) heard(t *testing.T) *bun.DB {
	t.Helper()
	u, err := url.Parse(pgtest.DSN(t, w.db))
	require.NoError(t, err)
	q := u.Query()
	for name, value := range map[string]string{"log_min_messages": "warning", "log_min_error_statement": "error", "log_error_verbosity": "default"} {
		q.Set(name, value)
	}
	u.RawQuery = q.Encode()
	db, err := pgtest.Open(u.String())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

// keys are the constraints whose violation quotes what things are called, and nobody:
// units, slugs and the like.
var keys = regexp.MustCompile(`unique constraint "uk_(units|properties|opportunities)_`)

// leaks are the lines of the log that have a mark, one for each statement or error that
// they belong to.
func (w *world) leaks(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	failed := map[string]string{} // what each process complained of last
	for _, line := range strings.Split(strings.ReplaceAll(w.log(t), "control-"+w.m.mark, ""), "\n") {
		head := logHead.FindStringSubmatch(line)
		if head == nil {
			head = []string{"", "more", ""}
		} else if head[2] == "ERROR" {
			failed[head[1]] = line[len(head[0]):]
		}
		if strings.Contains(line, w.m.mark) || strings.Contains(line, w.m.phone()) {
			if what := head[2] + " of " + failed[head[1]]; !keys.MatchString(what) {
				out[what] = line[:min(len(line), 700)]
			}
		}
	}
	return out
}

// logHead is the time, the process and the kind of a line.
var logHead = regexp.MustCompile(`^\S+ \S+ \S+ \[(\d+)\] ([A-Z]+): +`)

// log is what the server has logged.
func (w *world) log(t *testing.T) string {
	t.Helper()
	var text string
	require.NoError(t, w.db.NewRaw("SELECT coalesce(pg_read_file(current_setting('data_directory') || '/../log', 0, 1 << 28, true), '')").Scan(t.Context(), &text))
	return text
}
