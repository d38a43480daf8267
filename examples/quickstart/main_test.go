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
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/raced"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/tabular"
)

var update = flag.Bool("update", false, "write the golden files")

// Files in, paid investors out: what is printed and written is what the golden
// files say. A second run on the same database changes no row and no file.
func TestRun_twice(t *testing.T) {
	t.Parallel()

	ctx := t.Context()
	db := pgtest.Clone(t)
	dsn := pgtest.DSN(t, db)
	o := options{out: filepath.Join(t.TempDir(), "out"), dsn: dsn}
	golden(t, "first_run.txt", printed(t, ctx, o))
	golden(t, "report.md", read(t, o.out, "report.md"))
	golden(t, "payments.csv", read(t, o.out, "payments/2026-01-15.csv"))
	golden(t, "statement.md", read(t, o.out, "statements/achterberg-tobias.md"))            // passed units on
	golden(t, "statement_receiver.md", read(t, o.out, "statements/umberleigh-rosamund.md")) // received units
	golden(t, "statement_sponsor.md", read(t, o.out, "statements/osterveld-marguerite.md")) // gets promote
	golden(t, "noi.svg", read(t, o.out, "noi.svg"))
	golden(t, "occupancy.svg", read(t, o.out, "occupancy.svg"))
	require.Len(t, list(t, o.out), 1+2+5+44)
	receiptsAddUp(t, db, string(read(t, o.out, "report.md")))

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
	replaceIn(t, filepath.Join(input, "terms.json"), `"target": "0.20"`, `"target": "1.20"`)

	var b bytes.Buffer
	err := run(t.Context(), options{input: input, out: out, dsn: "postgres://nobody@127.0.0.1:1/none"}, &b)
	var problems tabular.Problems
	require.ErrorAs(t, err, &problems)
	require.ErrorIs(t, err, fault.Invalid)
	lines := strings.Split(err.Error(), "\n")
	require.Contains(t, lines, "rent_roll.csv:5:89: rent: an amount of dollars and cents such as $1,234.50 is wanted")
	require.Contains(t, lines, "classes.csv:1:1: the folder lacks this file")
	require.Contains(t, lines, "investors.csv:2:146: funded_on: a date such as 2026-03-31 or 3/31/2026 is wanted")
	require.Contains(t, lines, "terms.json:18:83: target: target is a fraction from 0 to 1 with at most 10 decimals")
	require.Contains(t, lines, "rent_roll.csv:61:30: rent: the row is labeled a total, but its figure is not the total of the rows above, where a figure is no number")
	require.Len(t, lines, 5)
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
	raced.Skip(t)

	ctx := t.Context()
	db := pgtest.Clone(t)
	dsn := pgtest.DSN(t, db)
	o := options{input: shippedCopy(t), out: filepath.Join(t.TempDir(), "out"), dsn: dsn}
	printed(t, ctx, o)
	rows := fingerprint(t, db)

	for _, c := range []struct{ file, from, to, code, place string }{
		{"distributions.csv", `"$26,500.00"`, `"$26,500.01"`, "idempotency_key_reused", "distributions.csv, 2025-04-15"},
		{"distributions.csv", `10/16/2025`, `10/17/2025`, "idempotency_key_reused", "distributions.csv, 2025-10-15"},
		{"transfers.csv", `40%`, `50%`, "idempotency_key_reused", "transfers.csv, 2025-12-01"},
		{"terms.json", `"rate": "0.085"`, `"rate": "0.09"`, "terms_date_distributed", "terms.json"},
		{"offering.csv", `9/16/2024`, `9/15/2024`, "terms_date_distributed", "terms.json"},
	} {
		o.input = shippedCopy(t)
		replaceIn(t, filepath.Join(o.input, c.file), c.from, c.to)
		err := run(ctx, o, &bytes.Buffer{})
		require.ErrorContains(t, err, c.code, c.from)
		require.ErrorContains(t, err, c.place, c.from)
		require.Equal(t, rows, fingerprint(t, db))
	}
}

// A folder without terms distributes pro rata, transfers and reversals
// included, and a second run changes nothing.
func TestRun_proRata(t *testing.T) {
	t.Parallel()
	raced.Skip(t)

	ctx := t.Context()
	db := pgtest.Clone(t)
	dsn := pgtest.DSN(t, db)
	o := options{input: proRataCopy(t), out: filepath.Join(t.TempDir(), "out"), dsn: dsn}
	golden(t, "pro_rata_run.txt", printed(t, ctx, o))
	golden(t, "pro_rata_statement.md", read(t, o.out, "statements/achterberg-tobias.md"))
	rows, files := fingerprint(t, db), times(t, o.out)
	require.Contains(t, string(printed(t, ctx, o)), "nothing was changed")
	require.Equal(t, rows, fingerprint(t, db))
	require.Equal(t, files, times(t, o.out))

	// Terms cannot come in behind distributions that were made without.
	o.input = shippedCopy(t)
	err := run(ctx, o, &bytes.Buffer{})
	require.ErrorContains(t, err, "terms_date_distributed")
	require.Equal(t, rows, fingerprint(t, db))
}

// While the property is not sold its holders keep their positions; a sale that
// follows ends them.
func TestRun_exitLater(t *testing.T) {
	t.Parallel()
	raced.Skip(t)

	ctx := t.Context()
	db := pgtest.Clone(t)
	dsn := pgtest.DSN(t, db)
	sold, o := proRataCopy(t), options{input: proRataCopy(t), out: filepath.Join(t.TempDir(), "out"), dsn: dsn}
	statuses := func() (s string) {
		require.NoError(t, db.NewRaw(`SELECT string_agg(DISTINCT status, ' ' ORDER BY status) FROM investments.property_investments WHERE investment_amount > 0`).Scan(ctx, &s))
		return s
	}
	replaceIn(t, filepath.Join(o.input, "distributions.csv"), `4/15/2026,,"$3,428,104.34",pro_rata,sale_proceeds,,,Sale of the property on 4/1/2026`, "")
	held := string(printed(t, ctx, o))
	require.Contains(t, held, "Exit             none, the property is not sold\n")
	require.NotContains(t, strings.ToLower(held+string(read(t, o.out, "report.md"))+string(read(t, o.out, "statements/achterberg-tobias.md"))), "realized gain")
	require.Equal(t, "funded", statuses())
	rows := fingerprint(t, db)
	require.Contains(t, string(printed(t, ctx, o)), "nothing was changed")
	require.Equal(t, rows, fingerprint(t, db))

	o.input = sold
	said := string(printed(t, ctx, o))
	require.Contains(t, said, "Exit             45 positions on 2026-04-15; realized gain $478,104.34\n")
	require.Contains(t, said, "Portfolios       44, up to date already\n") // the exit saw to them
	require.Equal(t, "exited", statuses())
	rows = fingerprint(t, db)
	require.Contains(t, string(printed(t, ctx, o)), "nothing was changed")
	require.Equal(t, rows, fingerprint(t, db))
}

// While a commitment waits for its money nobody exits, and the run says so.
func TestRun_exitWaits(t *testing.T) {
	t.Parallel()
	raced.Skip(t)

	ctx := t.Context()
	db := pgtest.Clone(t)
	dsn := pgtest.DSN(t, db)
	o := options{input: shippedCopy(t), out: filepath.Join(t.TempDir(), "out"), dsn: dsn}
	replaceIn(t, filepath.Join(o.input, "investors.csv"), "11/4/2024,11/18/2024", "11/4/2024,")
	require.Contains(t, string(printed(t, ctx, o)), "Exit             not yet, a commitment still waits for its money\n")
	rows := fingerprint(t, db)
	require.Contains(t, string(printed(t, ctx, o)), "nothing was changed")
	require.Equal(t, rows, fingerprint(t, db))
}

// proRataCopy is the shipped deal without terms, but with a record date.
func proRataCopy(t *testing.T) string {
	t.Helper()
	dir := shippedCopy(t)
	require.NoError(t, os.Remove(filepath.Join(dir, "terms.json")))
	path := filepath.Join(dir, "distributions.csv")
	replaceIn(t, path, "date,amount", "date,record date,amount")
	for _, day := range []string{"4/15/2025", "7/15/2025", "10/15/2025", "10/17/2025", "1/15/2026", "4/15/2026"} {
		record := ""
		if day == "7/15/2025" {
			record = "6/30/2025"
		}
		replaceIn(t, path, day+`,"`, day+","+record+`,"`)
		replaceIn(t, path, "waterfall", "pro_rata")
	}
	return dir
}

// dollars undoes the form in which amounts are printed.
var dollars = strings.NewReplacer("$", "", ",", "", "(", "-", ")", "")

// receiptsAddUp holds the report's table of who got what against the database.
func receiptsAddUp(t *testing.T, db *bun.DB, report string) {
	t.Helper()
	ctx := t.Context()
	var paid, invested, gained money.Amount
	require.NoError(t, db.NewRaw(`SELECT sum(net_distribution + tax_withholding) FROM investments.investor_distributions WHERE payment_status = 'completed'`).Scan(ctx, &paid))
	require.NoError(t, db.NewRaw(`SELECT sum(investment_amount) FROM investments.property_investments`).Scan(ctx, &invested))
	require.NoError(t, db.NewRaw(`SELECT sum(realized_gains) FROM investments.property_investments WHERE status = 'exited'`).Scan(ctx, &gained))
	_, table, _ := strings.Cut(report, "## Who got what\n\n")
	table, _, _ = strings.Cut(table, "\n\n")
	rows := strings.Split(table, "\n")
	sums := make([]money.Amount, 8)
	for i, row := range rows[2:] {
		cells := strings.Split(strings.Trim(row, "|"), "|")
		require.Len(t, cells, 1+len(sums))
		for n, c := range cells[1:] {
			if c = strings.TrimSpace(c); c == "" {
				continue
			}
			a, err := money.Parse(dollars.Replace(c))
			require.NoError(t, err, c)
			if i == len(rows)-3 { // the total
				require.Equal(t, sums[n], a)
				continue
			}
			sums[n], err = sums[n].Add(a)
			require.NoError(t, err)
		}
	}
	require.Equal(t, invested, sums[0])
	require.Equal(t, paid, sums[6])
	require.Equal(t, gained, sums[7])
	require.Equal(t, "361670.67", gained.String())
	require.Equal(t, "3543397.67", paid.String())
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

// invariants are counted by the library, which learns further ones. The head of
// a hash chain is another one in each database, and each of its links has an
// event.
var (
	invariants = regexp.MustCompile(`\d+ invariants`)
	delivered  = regexp.MustCompile(`\d+ domain events delivered, in order`)
	chainHead  = regexp.MustCompile(`chain head \d+:[0-9a-f]{16}\b`)
)

// masked puts letters for what differs from database to database.
func masked(text string) string {
	text = delivered.ReplaceAllString(text, "N domain events delivered, in order")
	return chainHead.ReplaceAllString(invariants.ReplaceAllString(text, "N invariants"), "chain head HASH")
}

// golden compares got with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	got = []byte(masked(string(got)))
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
