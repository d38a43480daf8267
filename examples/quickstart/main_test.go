package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/examples/quickstart/internal/sheet"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/fault"
)

var update = flag.Bool("update", false, "write the golden files")

// Files in, paid investors out: what is printed and written is what the golden
// files say. A second run on the same database changes no row and no file.
func TestRun_twice(t *testing.T) {
	t.Parallel()

	ctx, db := t.Context(), pgtest.Clone(t)
	o := options{out: filepath.Join(t.TempDir(), "out"), dsn: pgtest.DSN(t, db)}
	golden(t, "first_run.txt", printed(t, ctx, o))
	golden(t, "report.md", read(t, o.out, "report.md"))
	golden(t, "payments.csv", read(t, o.out, "payments/2026-01-15.csv"))
	golden(t, "statement.md", read(t, o.out, "statements/achterberg-tobias.md"))
	require.Len(t, list(t, o.out), 1+4+43)

	rows, files := fingerprint(t, db), times(t, o.out)
	golden(t, "second_run.txt", printed(t, ctx, o))
	require.Equal(t, rows, fingerprint(t, db))
	require.Equal(t, files, times(t, o.out))
}

// Files that are wrong are reported place by place, before any database is
// looked for and before anything is written.
func TestRun_wrongFiles(t *testing.T) {
	t.Parallel()

	input, out := shippedCopy(t), filepath.Join(t.TempDir(), "out")
	replaceIn(t, filepath.Join(input, "rent_roll.csv"), `"$1,100.00","$1,080.00"`, `"$1,100.00",1080.5.0`)
	replaceIn(t, filepath.Join(input, "investors.csv"), `10/1/2024`, `10/32/2024`)
	require.NoError(t, os.Remove(filepath.Join(input, "classes.csv")))

	var b bytes.Buffer
	err := run(t.Context(), options{input: input, out: out, dsn: "postgres://nobody@127.0.0.1:1/none"}, &b)
	var problems sheet.Problems
	require.ErrorAs(t, err, &problems)
	require.ErrorIs(t, err, fault.Invalid)
	lines := strings.Split(err.Error(), "\n")
	require.Contains(t, lines, "rent_roll.csv:5:89: rent: an amount of dollars and cents such as $1,234.50 is wanted")
	require.Contains(t, lines, "classes.csv:1:1: the folder lacks this file")
	require.Contains(t, lines, "investors.csv:2:146: funded_on: a date such as 2026-03-31 or 3/31/2026 is wanted")
	require.Len(t, lines, 3)
	require.Empty(t, b.String())
	require.NoDirExists(t, out)
}

// A database that does not answer is one clear error.
func TestRun_noDatabase(t *testing.T) {
	t.Parallel()

	out := filepath.Join(t.TempDir(), "out")
	err := run(t.Context(), options{out: out, dsn: "postgres://nobody@127.0.0.1:1/none"}, &bytes.Buffer{})
	require.ErrorIs(t, err, fault.Unavailable)
	require.NoDirExists(t, out)
}

// Files that say something else than the database holds are refused where money
// or books are concerned.
func TestRun_changedFiles(t *testing.T) {
	t.Parallel()

	ctx, db, input := t.Context(), pgtest.Clone(t), shippedCopy(t)
	o := options{input: input, out: filepath.Join(t.TempDir(), "out"), dsn: pgtest.DSN(t, db)}
	printed(t, ctx, o)
	rows := fingerprint(t, db)

	replaceIn(t, filepath.Join(input, "distributions.csv"), `"$26,500.00"`, `"$26,500.01"`)
	err := run(ctx, o, &bytes.Buffer{})
	require.ErrorContains(t, err, "idempotency_key_reused")
	require.ErrorContains(t, err, "distributions.csv, 2025-04-15")
	require.Equal(t, rows, fingerprint(t, db))
}

func TestParse(t *testing.T) {
	t.Parallel()

	o, err := parse([]string{"-input", "in", "-out", "o", "-dsn", "postgres:///x"}, &bytes.Buffer{})
	require.NoError(t, err)
	require.Equal(t, options{input: "in", out: "o", dsn: "postgres:///x"}, o)

	o, err = parse(nil, &bytes.Buffer{})
	require.NoError(t, err)
	require.Equal(t, options{out: "freehold-quickstart"}, o)

	for _, wrong := range [][]string{{"-nope"}, {"stray"}} {
		var said bytes.Buffer
		_, err = parse(wrong, &said)
		require.ErrorIs(t, err, errUsage)
		require.Contains(t, said.String(), "-input")
	}
	_, err = parse([]string{"-h"}, &bytes.Buffer{})
	require.ErrorIs(t, err, flag.ErrHelp)
}

// printed runs the program and returns what it printed, with the folder of
// results called OUT.
func printed(t *testing.T, ctx context.Context, o options) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, run(ctx, o, &b))
	return bytes.ReplaceAll(b.Bytes(), []byte(o.out), []byte("OUT"))
}

// invariants are counted by the library, which learns further ones.
var invariants = regexp.MustCompile(`\d+ invariants`)

// golden compares got with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	got = invariants.ReplaceAll(got, []byte("N invariants"))
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	require.NoError(t, err)
	return data
}

// list names the files under dir.
func list(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	require.NoError(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			names = append(names, path)
		}
		return err
	}))
	return names
}

// times says when each file was written.
func times(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	for _, name := range list(t, dir) {
		info, err := os.Stat(name)
		require.NoError(t, err)
		out = append(out, fmt.Sprint(name, info.ModTime().UnixNano()))
	}
	return out
}

// shippedCopy copies the shipped deal to a folder of the test's own.
func shippedCopy(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "deal")
	require.NoError(t, os.CopyFS(dir, options{}.folder()))
	return dir
}

func replaceIn(t *testing.T, path, from, to string) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(data), from)
	require.NoError(t, os.WriteFile(path, bytes.Replace(data, []byte(from), []byte(to), 1), 0o600))
}
