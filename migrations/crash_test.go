package migrations_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/migrations"
)

// How long, and how often, tests look for something that is about to happen.
const (
	waiting = 20 * time.Second
	poll    = 5 * time.Millisecond
)

// sleeping reports whether another session of the database is in pg_sleep.
func sleeping(t testing.TB, db bun.IDB) bool {
	var n int
	require.NoError(t, db.NewRaw(`SELECT count(*) FROM pg_stat_activity
		WHERE datname = current_database() AND wait_event = 'PgSleep'`).Scan(context.Background(), &n))
	return n > 0
}

// envDSN makes the test binary a host that migrates the database it names.
const envDSN = "FREEHOLD_TEST_MIGRATE"

// TestMain runs the tests, or, in a process that one of them has started, Up.
func TestMain(m *testing.M) {
	dsn := os.Getenv(envDSN)
	if dsn == "" {
		os.Exit(m.Run())
	}
	if err := host(dsn); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// host is one of several programs that start at once: it gets ready, says so, waits
// for the word, and migrates.
func host(dsn string) error {
	m, err := migrations.New(migrations.Config{})
	if err != nil {
		return err
	}
	db, err := pgtest.Open(dsn)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	if _, err := io.ReadAll(os.Stdin); err != nil {
		return err
	}
	if err := m.Up(context.Background(), db); err != nil {
		return err
	}
	return m.Validate(context.Background(), db)
}

// process is a host in a process of its own.
type process struct {
	cmd    *exec.Cmd
	start  io.Closer // its standard input: closing it is the word
	output *strings.Builder
}

// newHost starts a host for db and waits until it is ready.
func newHost(t *testing.T, db *bun.DB) *process {
	t.Helper()
	p := &process{cmd: exec.Command(os.Args[0]), output: &strings.Builder{}}
	p.cmd.Env = append(os.Environ(), envDSN+"="+pgtest.DSN(t, db))
	p.cmd.Stderr = p.output
	stdin, err := p.cmd.StdinPipe()
	require.NoError(t, err)
	p.start = stdin
	stdout, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, p.cmd.Start())
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "ready\n", line)
	return p
}

// Eight programs that start at once on an empty database all succeed, and the
// database is migrated once. Two rounds, twenty in `make fault`.
func TestUp_eightProcesses(t *testing.T) {
	t.Parallel()

	want := dump(t, pgtest.Clone(t))
	rounds := 2
	if long() {
		rounds = 20
	}
	for round := range rounds {
		db := pgtest.Bare(t)
		var hosts []*process
		for range 8 {
			hosts = append(hosts, newHost(t, db))
		}
		for _, h := range hosts {
			require.NoError(t, h.start.Close())
		}
		for _, h := range hosts {
			require.NoError(t, h.cmd.Wait(), "round %d: %s", round, h.output)
		}
		if round == 0 || round == rounds-1 {
			equalDumps(t, want, dump(t, db))
		}
		require.NoError(t, embedded(t).Validate(t.Context(), db))
	}
}

// Programs killed with SIGKILL at any moment leave a database that the next one
// completes.
func TestUp_killedProcesses(t *testing.T) {
	t.Parallel()

	want := dump(t, pgtest.Clone(t))
	begin := time.Now()
	require.NoError(t, embedded(t).Up(t.Context(), pgtest.Bare(t)))
	whole := time.Since(begin)

	db, killed := pgtest.Bare(t), 0
	for range 5 {
		h := newHost(t, db)
		require.NoError(t, h.start.Close())
		time.Sleep(rand.N(whole / 3))
		require.NoError(t, h.cmd.Process.Kill())
		if h.cmd.Wait() != nil { // else it had just finished
			killed++
		}
	}
	require.Positive(t, killed)
	require.NoError(t, embedded(t).Up(t.Context(), db))
	equalDumps(t, want, dump(t, db))
}

// killed is the statement that ends its own session, as an administrator or a
// crash would.
const killed = "\nSELECT pg_terminate_backend(pg_backend_pid());\n"

// The session is killed before, between and after all statements of every
// migration, up and down: never is anything left of the migration, and a rerun
// completes it. The gate takes some five places of each, and make fault all.
func TestUp_killedAtEveryStatement(t *testing.T) {
	t.Parallel()

	all := embedded(t).Migrations()
	after := make([]string, len(all)+1) // the dump after so many migrations
	db := pgtest.Empty(t)
	after[0] = dump(t, db)
	for i, step := range all {
		cutShort(t, db, step.Up, step.String()+", up", func(text string) error {
			cut := slices.Clone(all[:i+1])
			cut[i].Up = text
			return of(cut).Up(t.Context(), db)
		})
		after[i+1] = dump(t, db)
	}
	equalDumps(t, dump(t, pgtest.Clone(t)), after[len(all)]) // of one that nothing interrupted
	for i, step := range slices.Backward(all) {
		cutShort(t, db, step.Down, step.String()+", down", func(text string) error {
			cut := slices.Clone(all[:i+1])
			cut[i].Down = text
			return of(cut).Down(t.Context(), db, i)
		})
		equalDumps(t, after[i], dump(t, db))
	}
}

// cutShort runs a step with a text in which the session is killed, at each of some places,
// and then whole.
func cutShort(t *testing.T, db *bun.DB, text, step string, run func(text string) error) {
	t.Helper()
	pieces, before := split(t, db, text), fingerprint(t, db)
	for _, k := range places(len(pieces)) {
		requireKilled(t, run(strings.Join(pieces[:k], "")+killed+strings.Join(pieces[k:], "")), "%s, before statement %d", step, k+1)
		require.Equal(t, before, fingerprint(t, db), "%s, before statement %d", step, k+1)
	}
	require.NoError(t, run(text), step)
}

func long() bool { return os.Getenv("FREEHOLD_FAULT") == "long" }

// places are where a migration of n statements is cut: the first, the last and others at
// random, or all in the long version.
func places(n int) (out []int) {
	for k := range n + 1 {
		if long() || k == 0 || k == n || rand.IntN(n) < 3 {
			out = append(out, k)
		}
	}
	return out
}

// The session is killed while it writes the version row, and while it commits.
func TestUp_killedAtTheEnd(t *testing.T) {
	t.Parallel()

	for name, trigger := range map[string]string{
		"version row": "CREATE TRIGGER cut BEFORE INSERT ON freehold.migrations FOR EACH ROW EXECUTE FUNCTION public.cut()",
		"commit": `CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON freehold.migrations
			DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.cut()`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, db, m := t.Context(), pgtest.Bare(t), migrations.Of(small())
			require.NoError(t, m.UpTo(ctx, db, 1))
			_, err := db.ExecContext(ctx, `CREATE FUNCTION public.cut() RETURNS trigger LANGUAGE plpgsql AS
				$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$; `+trigger)
			require.NoError(t, err)
			before := fingerprint(t, db)
			requireKilled(t, m.Up(ctx, db), "%s", name)
			require.Equal(t, before, fingerprint(t, db))
			_, err = db.ExecContext(ctx, "DROP TRIGGER cut ON freehold.migrations")
			require.NoError(t, err)
			require.NoError(t, m.Up(ctx, db))
			require.NoError(t, m.Validate(ctx, db))
		})
	}
}

// of is a Migrator of part of the embedded migrations.
func of(all []migrations.Migration) *migrations.Migrator {
	return migrations.Of(all, "postgis", "pg_trgm")
}

// requireKilled checks that the session was ended by an administrator's command,
// not by a mistake in the statements.
func requireKilled(t testing.TB, err error, format string, args ...any) {
	t.Helper()
	var pg *pgconn.PgError
	require.ErrorAs(t, err, &pg, fmt.Sprintf(format, args...))
	require.Equal(t, "57P01", pg.Code, fmt.Sprintf(format, args...))
}

// fingerprint tells whether anything in the catalog has changed, quicker than a
// dump: how many rows each of its tables has and which transactions wrote them.
func fingerprint(t testing.TB, db bun.IDB) string {
	t.Helper()
	var parts []string
	for _, table := range []string{"pg_class", "pg_attribute", "pg_proc", "pg_namespace", "pg_constraint", "pg_trigger",
		"pg_type", "pg_policy", "pg_index", "pg_attrdef", "pg_extension", "pg_rewrite"} {
		parts = append(parts, fmt.Sprintf("SELECT '%s' AS name, count(*), sum(xmin::text::bigint) AS written FROM %s", table, table))
	}
	var print string
	require.NoError(t, db.NewRaw("SELECT string_agg(concat_ws(' ', name, count, written), ', ' ORDER BY name) FROM ("+
		strings.Join(parts, " UNION ALL ")+") catalog").Scan(t.Context(), &print))
	return print
}

// split cuts a file into its statements, with the comments before them. The
// server confirms their number.
func split(t testing.TB, db *bun.DB, text string) []string {
	t.Helper()
	pieces := statements(text)
	require.Equal(t, text, strings.Join(pieces, "")+text[len(strings.Join(pieces, "")):])

	var ran int
	conn, err := pgx.Connect(t.Context(), pgtest.DSN(t, db))
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(context.Background())) }()
	// Within a transaction that is never committed.
	results := conn.PgConn().Exec(t.Context(), "BEGIN;"+text)
	for results.NextResult() {
		_, err := results.ResultReader().Close()
		require.NoError(t, err)
		ran++
	}
	require.NoError(t, results.Close())
	require.Equal(t, ran-1, len(pieces), "statements found")
	return pieces
}

// dollar begins a dollar-quoted string.
var dollar = regexp.MustCompile(`^\$(?:[A-Za-z_]\w*)?\$`)

// statements splits SQL after each semicolon that ends a statement. It knows
// comments, strings, quoted names and dollar quotes.
func statements(text string) []string {
	var pieces []string
	begin := 0
	for i := 0; i < len(text); {
		switch rest := text[i:]; {
		case strings.HasPrefix(rest, "--"):
			i += upTo(rest, "\n", 0)
		case strings.HasPrefix(rest, "/*"):
			i += upTo(rest, "*/", 2)
		case rest[0] == '\'' || rest[0] == '"':
			i += upTo(rest, rest[:1], 1) // a doubled quote is two strings side by side
		case dollar.MatchString(rest):
			tag := dollar.FindString(rest)
			i += upTo(rest, tag, len(tag))
		case rest[0] == ';':
			i++
			pieces = append(pieces, text[begin:i])
			begin = i
		default:
			i++
		}
	}
	return pieces
}

// upTo returns the length of s up to and with the next end after offset.
func upTo(s, end string, offset int) int {
	if i := strings.Index(s[offset:], end); i >= 0 {
		return offset + i + len(end)
	}
	return len(s)
}
