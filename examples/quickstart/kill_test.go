package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/localpg"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/raced"
	"github.com/freehold-go/freehold/realestate/outbox"
)

// childEnv makes the test program behave as the program itself; its value is
// the number of the statement before which the process kills itself, or 0.
const childEnv = "FREEHOLD_QUICKSTART_CHILD"

func TestMain(m *testing.M) {
	n, err := strconv.Atoi(os.Getenv(childEnv))
	if err != nil {
		os.Exit(m.Run())
	}
	o, err := parse(os.Args[1:], os.Stderr)
	if err == nil {
		o.watch = &killer{at: n}
		err = run(context.Background(), o, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// killer counts statements, BEGIN and COMMIT included, and kills the process
// with SIGKILL when it comes to one of them. Nothing can be cleaned up then.
type killer struct{ n, at int }

func (k *killer) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context {
	if k.n++; k.n == k.at {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		time.Sleep(time.Minute) // the signal is on its way
	}
	return ctx
}

func (k *killer) AfterQuery(context.Context, *bun.QueryEvent) {}

// child runs the program in a process of its own, and reports whether it was
// killed.
func child(t *testing.T, o options, killAt int, w io.Writer) (killed bool) {
	t.Helper()
	args := []string{"-out", o.out}
	if o.dsn != "" {
		args = append(args, "-dsn", o.dsn)
	}
	c := exec.CommandContext(t.Context(), os.Args[0], args...)
	var stderr strings.Builder
	c.Stdout, c.Stderr = w, &stderr
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, localpg.EnvDSN+"=") {
			c.Env = append(c.Env, v)
		}
	}
	c.Env = append(c.Env, childEnv+"="+strconv.Itoa(killAt))
	err := c.Run()
	if status, ok := c.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return true
	}
	require.NoError(t, err, stderr.String())
	return false
}

// Killed again and again at statements all over the run, on one database, the
// program goes on where it was, completes, and leaves what an uninterrupted run
// leaves: the same content of every table, and the same files.
func TestRun_killed(t *testing.T) {
	t.Parallel()
	raced.Skip(t)

	dir := t.TempDir()
	whole := pgtest.Clone(t)
	wholeDSN := pgtest.DSN(t, whole)
	statements := func() int {
		count := &killer{}
		o := options{out: filepath.Join(dir, "whole"), dsn: wholeDSN, watch: count}
		require.NoError(t, run(t.Context(), o, io.Discard))
		return count.n
	}
	first, again := statements(), statements()
	require.Greater(t, first, again)

	cut := pgtest.Clone(t)
	cutDSN := pgtest.DSN(t, cut)
	o := options{out: filepath.Join(dir, "cut"), dsn: cutDSN}
	const rounds = 11
	random := rand.New(rand.NewPCG(19, 84))
	kills := 0
	for i := range rounds {
		// What the rounds before did costs this one less; then come further steps.
		if child(t, o, (again*i+first)/(rounds+1)+random.IntN(first/(2*rounds)), io.Discard) {
			kills++
		}
	}
	require.GreaterOrEqual(t, kills, rounds-3)
	require.False(t, child(t, o, 0, io.Discard))

	require.Equal(t, content(t, whole), content(t, cut))
	left, err := outbox.Pending(t.Context(), cut)
	require.NoError(t, err)
	require.Equal(t, outbox.Backlog{}, left)
	want, got := list(t, filepath.Join(dir, "whole")), list(t, filepath.Join(dir, "cut"))
	require.Len(t, got, len(want))
	for i := range want {
		require.Equal(t, string(read(t, want[i], "")), string(read(t, got[i], "")))
	}
}

// Without a database the program finds or starts one, migrates it, and does the
// same.
func TestRun_embedded(t *testing.T) {
	t.Parallel()
	raced.Skip(t)

	var b strings.Builder
	out := filepath.Join(t.TempDir(), "out")
	require.False(t, child(t, options{out: out}, 0, &b))
	want, err := os.ReadFile("testdata/first_run.txt")
	require.NoError(t, err)
	_, wanted, _ := strings.Cut(string(want), "Property ")
	said := masked(strings.ReplaceAll(b.String(), out, "OUT"))
	database, said, found := strings.Cut(said, "Property ")
	require.True(t, found)
	require.Contains(t, database, "migrations applied")
	require.Equal(t, wanted, said)
}
