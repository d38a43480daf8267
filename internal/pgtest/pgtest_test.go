package pgtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/localpg"
)

// envProcess makes the test binary a test process that makes a copy, prints its
// name and waits.
const envProcess = "FREEHOLD_TEST_PGTEST"

// TestMain runs the tests, or, in a process that one of them has started, makes a copy.
func TestMain(m *testing.M) {
	if os.Getenv(envProcess) == "" {
		os.Exit(m.Run())
	}
	name, err := func() (string, error) {
		h, err := theHost()
		if err != nil {
			return "", err
		}
		from, err := h.migrated(context.Background())
		if err != nil {
			return "", err
		}
		return h.create(context.Background(), from)
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(name)
	_, _ = io.ReadAll(os.Stdin) // until it is killed
}

// process starts another test process and returns the name of its copy.
func process(t *testing.T) (*exec.Cmd, string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envProcess+"=1")
	cmd.Stderr = os.Stderr
	_, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // most tests have done it
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	return cmd, strings.TrimSpace(line)
}

func one(t *testing.T, db bun.IDB, query string, args ...any) string {
	t.Helper()
	var answer string
	require.NoError(t, db.NewRaw(query, args...).Scan(t.Context(), &answer))
	return answer
}

// databases returns those of the given name that exist.
func databases(t *testing.T, name string) string {
	t.Helper()
	h, err := theHost()
	require.NoError(t, err)
	return one(t, h.admin, "SELECT COALESCE(string_agg(datname, ' '), '') FROM pg_database WHERE datname = ?", name)
}

// What a test writes in its transaction is gone afterwards, and unseen meanwhile.
func TestTx(t *testing.T) {
	t.Parallel()

	const insert = "CREATE TABLE public.written_by_a_test (id INTEGER)"
	const look = "SELECT COALESCE(to_regclass('public.written_by_a_test')::text, 'nothing')"
	t.Run("writes", func(t *testing.T) {
		tx, other := Tx(t), Tx(t) // this one has another database, and a later one may have the same
		_, err := tx.ExecContext(t.Context(), insert)
		require.NoError(t, err)
		require.NotEqual(t, "nothing", one(t, tx, look))
		require.Equal(t, "nothing", one(t, other, look))
	})
	require.Equal(t, "nothing", one(t, Tx(t), look))
	require.Equal(t, "properties.properties", one(t, Tx(t), "SELECT to_regclass('properties.properties')::text"))
}

// Transactions that are open at once have a database each, so that none waits for a key
// that another has inserted, here the name of a table.
func TestTx_alone(t *testing.T) {
	t.Parallel()

	one, other := Tx(t), Tx(t)
	for _, tx := range []bun.Tx{one, other} {
		_, err := tx.ExecContext(t.Context(), "SET LOCAL lock_timeout = '10s'")
		require.NoError(t, err)
		_, err = tx.ExecContext(t.Context(), "CREATE TABLE public.same_name (id INTEGER)")
		require.NoError(t, err)
	}
}

// A transaction that has ended leaves its database to the next one.
func TestTx_again(t *testing.T) {
	count := func() int {
		idle.Lock()
		defer idle.Unlock()
		return len(idle.dbs)
	}
	t.Run("first", func(t *testing.T) { Tx(t) })
	before := count()
	for range 3 {
		t.Run("next", func(t *testing.T) {
			Tx(t)
			require.Equal(t, before-1, count())
		})
		require.Equal(t, before, count())
	}
}

// A test may end its transaction itself.
func TestTx_ended(t *testing.T) {
	t.Parallel()

	require.NoError(t, Tx(t).Rollback())
}

// A clone is migrated, alone, and dropped at the end, even when connections are left.
func TestClone(t *testing.T) {
	t.Parallel()

	var name string
	t.Run("clone", func(t *testing.T) {
		db, other := Clone(t), Clone(t)
		name = one(t, db, "SELECT current_database()")
		require.NotEqual(t, name, one(t, other, "SELECT current_database()"))
		require.Equal(t, name, databases(t, name))
		require.Equal(t, "properties.properties", one(t, db, "SELECT to_regclass('properties.properties')::text"))
		left, err := Open(DSN(t, db))
		require.NoError(t, err)
		require.Equal(t, name, one(t, left, "SELECT current_database()"))
	})
	require.Empty(t, databases(t, name))
}

func TestEmpty_bare(t *testing.T) {
	t.Parallel()

	const schemas = "SELECT count(*) FROM pg_namespace WHERE nspname IN ('freehold', 'auth', 'properties')"
	const extensions = "SELECT count(*) FROM pg_extension WHERE extname IN ('postgis', 'pg_trgm')"
	empty, bare := Empty(t), Bare(t)
	require.Equal(t, "0", one(t, empty, schemas))
	require.Equal(t, "2", one(t, empty, extensions))
	require.Equal(t, "0", one(t, bare, schemas))
	require.Equal(t, "0", one(t, bare, extensions))
}

// A test process that is killed leaves its copies to the next one, which leaves
// those of living processes alone.
func TestSweep(t *testing.T) {
	t.Parallel()

	dead, lost := process(t)
	_, kept := process(t)
	require.Equal(t, lost, databases(t, lost))
	require.NoError(t, dead.Process.Kill())
	_ = dead.Wait() // it was killed

	h, err := theHost()
	require.NoError(t, err)
	require.Eventually(t, func() bool { // the server may see the end a moment later
		next, err := newHost(t.Context(), h.server)
		require.NoError(t, err)
		require.NoError(t, errors.Join(next.admin.Close(), next.anchor.Close(t.Context())))
		return databases(t, lost) == ""
	}, 10*time.Second, 10*time.Millisecond)
	require.Equal(t, kept, databases(t, kept))
}

// Test processes that start at once on a new server migrate one template and all
// get their copies; old templates go. The server is the user's own here, which the
// environment names.
func TestTemplate_atOnce(t *testing.T) {
	t.Parallel()

	server, err := localpg.Start(t.Context(), localpg.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	cmds := make([]*exec.Cmd, 6)
	output := make([]strings.Builder, len(cmds))
	for i := range cmds {
		cmds[i] = exec.Command(os.Args[0])
		cmds[i].Env = append(os.Environ(), envProcess+"=1", localpg.EnvDSN+"="+server.DSN(""))
		cmds[i].Stdout, cmds[i].Stderr = &output[i], &output[i]
		require.NoError(t, cmds[i].Start())
	}
	for i, cmd := range cmds { // each ends by itself: its input is empty
		require.NoError(t, cmd.Wait(), "%s", &output[i])
	}
	h, err := newHost(t.Context(), server)
	require.NoError(t, err)
	const templates = "SELECT COALESCE(string_agg(datname, ' '), '') FROM pg_database WHERE starts_with(datname, 'freehold_')"
	name := one(t, h.admin, templates)
	require.Regexp(t, `^freehold_template_migrated_[0-9a-f]{16}$`, name, "one template, and no copy of the dead")

	for db, made := range map[string]time.Time{
		"freehold_template_migrated_young": time.Now(), "freehold_template_migrated_old": time.Now().Add(-2 * keep),
	} {
		_, err = h.admin.ExecContext(t.Context(), "CREATE DATABASE "+db)
		require.NoError(t, err)
		_, err = h.admin.ExecContext(t.Context(), fmt.Sprintf("COMMENT ON DATABASE %s IS '%d'", db, made.Unix()))
		require.NoError(t, err)
	}
	require.NoError(t, h.prune(t.Context(), templatePrefix+"migrated_", name))
	require.Equal(t, "freehold_template_migrated_young "+name, one(t, h.admin, strings.Replace(templates, "' ')", "' ' ORDER BY datname DESC)", 1)))
	require.NoError(t, errors.Join(h.admin.Close(), h.anchor.Close(t.Context())))
}

// The same works on a server in a container.
func TestHost_container(t *testing.T) {
	t.Parallel()

	server, err := localpg.Start(t.Context(), localpg.Options{NoPrograms: true})
	if errors.Is(err, localpg.ErrNoDaemon) {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	h, err := newHost(t.Context(), server)
	require.NoError(t, err)
	from, err := h.migrated(t.Context())
	require.NoError(t, err)
	begin := time.Now()
	name, err := h.create(t.Context(), from)
	require.NoError(t, err)
	t.Logf("a clone in the container: %s", time.Since(begin).Round(time.Millisecond))
	require.NoError(t, h.drop(t.Context(), name))
	require.NoError(t, errors.Join(h.admin.Close(), h.anchor.Close(t.Context())))
}

// verdict records how a test would have ended.
type verdict struct {
	testing.TB
	skipped, failed bool
}

func (v *verdict) Helper()               {}
func (v *verdict) Name() string          { return "judged" }
func (v *verdict) Errorf(string, ...any) {}
func (v *verdict) Skip(...any)           { v.skipped = true; runtime.Goexit() }
func (v *verdict) FailNow()              { v.failed = true; runtime.Goexit() }

// Without a server a test is skipped on a desk and fails in CI; another error fails
// anywhere.
func TestStopWithout(t *testing.T) {
	judge := func(err error) *verdict {
		v := &verdict{}
		done := make(chan struct{})
		go func() {
			defer close(done)
			stopWithout(v, err)
		}()
		<-done
		return v
	}
	none := fmt.Errorf("nothing here: %w", localpg.ErrNotFound)
	for _, ci := range []string{"true", "1"} {
		t.Setenv("CI", ci)
		require.Equal(t, &verdict{failed: true}, judge(none))
		require.Equal(t, &verdict{}, judge(nil))
	}
	for _, desk := range []string{"", "false"} {
		t.Setenv("CI", desk)
		require.Equal(t, &verdict{skipped: true}, judge(none))
		require.Equal(t, &verdict{failed: true}, judge(errors.New("broken")))
	}
}

func BenchmarkTx(b *testing.B) {
	for b.Loop() {
		db, err := borrow()
		require.NoError(b, err)
		tx, err := db.BeginTx(b.Context(), nil)
		require.NoError(b, err)
		require.NoError(b, tx.Rollback())
		giveBack(db)
	}
}

func BenchmarkClone(b *testing.B) {
	h, err := theHost()
	require.NoError(b, err)
	from, err := h.migrated(b.Context())
	require.NoError(b, err)
	for b.Loop() {
		name, err := h.create(b.Context(), from)
		require.NoError(b, err)
		b.StopTimer()
		require.NoError(b, h.drop(b.Context(), name))
		b.StartTimer()
	}
}
