package schematest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
)

// place is where a table lives once the database is distributed over several machines:
// with the tables of its group, its rows apart by a column. The group deals stays
// together on one, and has no column.
type place struct{ group, column string }

const together = "deals"

// TestDistribution holds the schema to the plan migrations/distribution.txt (table, group,
// column): each table has its place, and what a distributed engine would refuse or get
// wrong is what testdata/distribution_open.tsv lists with its reason, and no more. The
// list may only shrink: a row that nothing breaks any more has to go. What only the
// database of one machine proves, and Verify proves everywhere, is in
// testdata/distribution_verified.tsv, with the invariant that does.
func TestDistribution(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	_, err := tx.ExecContext(t.Context(), "SET LOCAL search_path = pg_catalog") // names are whole
	require.NoError(t, err)
	plan, written := map[string]place{}, planOf(t)
	for _, r := range rows(t, tx, tablesQuery) {
		p, ok := written[r[0]]
		if !ok { // all of a schema that are not named
			schema, _, _ := strings.Cut(r[0], ".")
			p, ok = written[schema+".*"]
		}
		require.True(t, ok, "%s has no place in the plan", r[0])
		plan[r[0]] = p
		delete(written, r[0])
	}
	for name := range written {
		require.True(t, strings.HasSuffix(name, ".*"), "the plan names %s, which is not there", name)
	}
	var found []string
	for _, check := range []func(*testing.T, bun.IDB, map[string]place) []string{
		columnsMissing, keysWithout, referencesAcross, triggersApart, locksByName, sentByPrograms, statementsApart, rowsApart,
	} {
		found = append(found, check(t, tx, plan)...)
	}
	slices.Sort(found)
	found = slices.Compact(found)
	if os.Getenv("FREEHOLD_LIST") != "" {
		t.Log("\n" + strings.Join(found, "\n"))
	}
	open := map[string]bool{}
	for _, file := range []string{"testdata/distribution_open.tsv", "testdata/distribution_verified.tsv"} {
		for _, line := range lines(t, file) {
			cells := strings.Split(line, "\t")
			require.Len(t, cells, 2, "%q: what is open, and why", line)
			require.NotEmpty(t, cells[1], line)
			require.False(t, open[cells[0]], "%s is listed twice", cells[0])
			if open[cells[0]] = true; strings.HasSuffix(file, "verified.tsv") {
				require.True(t, verifies(t, cells[1]), "%s: there is no invariant %q", cells[0], cells[1])
			}
		}
	}
	for _, f := range found {
		require.True(t, open[f], "%s: mend it, or list it in testdata/distribution_open.tsv with the reason", f)
		delete(open, f)
	}
	require.Empty(t, open, "these hold now: take them off the list")
}

// verifies reports whether a program has an invariant of this name.
func verifies(t *testing.T, name string) (found bool) {
	t.Helper()
	eachProgram(t, func(_ string, text string) {
		found = found || strings.Contains(text, "{Name: "+strconv.Quote(name)+",")
	})
	return found
}

const tablesQuery = `SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname IN ('freehold', 'auth', 'users', 'properties', 'investments', 'financials',
		'renovations', 'media', 'market', 'events', 'documents', 'communications', 'analytics')`

func lines(t *testing.T, file string) (out []string) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimRight(line, "\n"); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
}

func planOf(t *testing.T) map[string]place {
	t.Helper()
	plan := map[string]place{}
	for _, line := range lines(t, "../../migrations/distribution.txt") {
		f := strings.Fields(line)
		require.GreaterOrEqual(t, len(f), 2, line)
		p := place{group: f[1]}
		if len(f) > 2 {
			p.column = f[2]
		}
		require.Equal(t, p.group == together, p.column == "", line)
		plan[f[0]] = p
	}
	return plan
}

// columnsMissing: the column is there and NOT NULL.
func columnsMissing(t *testing.T, tx bun.IDB, plan map[string]place) (out []string) {
	is := map[string]string{}
	for _, r := range rows(t, tx, `SELECT attrelid::regclass::text || ' ' || attname, attnotnull FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped`) {
		is[r[0]] = r[1]
	}
	for table, p := range plan {
		switch v, ok := is[table+" "+p.column]; {
		case p.column == "":
		case !ok:
			out = append(out, "R1 "+table+" lacks "+p.column)
		case v != "true":
			out = append(out, "R1 "+table+"."+p.column+" may be NULL")
		}
	}
	return out
}

// keysWithout: every primary and unique key contains the column.
func keysWithout(t *testing.T, tx bun.IDB, plan map[string]place) (out []string) {
	for _, r := range rows(t, tx, `SELECT x.indrelid::regclass::text, i.relname, COALESCE((SELECT string_agg(a.attname, ',') FROM unnest(x.indkey::int2[]) k (n)
		JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.n), '') FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
		JOIN pg_class c ON c.oid = x.indrelid WHERE x.indisunique AND NOT c.relispartition AND c.relkind IN ('r', 'p')`) {
		if p, ok := plan[r[0]]; ok && p.column != "" && !slices.Contains(strings.Split(r[2], ","), p.column) {
			out = append(out, "R2 "+r[1]+" of "+r[0]+" lacks "+p.column)
		}
	}
	return out
}

// referencesAcross: a foreign key stays in its group and carries the column at the same
// place on both sides.
func referencesAcross(t *testing.T, tx bun.IDB, plan map[string]place) (out []string) {
	for _, r := range rows(t, tx, `SELECT conrelid::regclass::text, conname, (SELECT string_agg(a.attname, ',' ORDER BY k.o) FROM unnest(conkey) WITH ORDINALITY k (n, o)
			JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = k.n), confrelid::regclass::text, (SELECT string_agg(a.attname, ',' ORDER BY k.o)
			FROM unnest(confkey) WITH ORDINALITY k (n, o) JOIN pg_attribute a ON a.attrelid = confrelid AND a.attnum = k.n), confdeltype
		FROM pg_constraint WHERE contype = 'f' AND conparentid = 0`) {
		from, ok := plan[r[0]]
		to, known := plan[r[3]]
		if !ok || !known {
			continue
		}
		local, other := strings.Split(r[2], ","), strings.Split(r[4], ",")
		at := slices.Index(local, from.column)
		switch {
		case from.group != to.group:
			out = append(out, "R4 "+r[1]+" of "+r[0]+" leads to "+r[3])
		case from.column != "" && (at < 0 || other[at] != to.column):
			out = append(out, "R3 "+r[1]+" of "+r[0]+" does not carry "+from.column)
		case from.column != "" && r[5] != "r" && r[5] != "a" && r[5] != "c":
			out = append(out, "R3 "+r[1]+" of "+r[0]+" empties "+from.column)
		}
	}
	return out
}

// triggersApart: a trigger of a distributed table neither reads nor writes a table, also
// not its own, and does not join the rows that it is given.
func triggersApart(t *testing.T, tx bun.IDB, plan map[string]place) (out []string) {
	for _, r := range rows(t, tx, `SELECT t.tgrelid::regclass::text, t.tgname, COALESCE(t.tgoldtable, t.tgnewtable) IS NOT NULL, regexp_replace(p.prosrc, '\s+', ' ', 'g')
		FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal AND NOT c.relispartition`) {
		p, ok := plan[r[0]]
		if !ok || p.group == together {
			continue
		}
		var why string
		for table := range plan {
			if strings.Contains(r[3], table) {
				why = "by a table"
			}
		}
		switch {
		case why != "":
		case writes.MatchString(r[3]):
			why = "what to write"
		case strings.Contains(r[3], "xact_id"), strings.Contains(r[3], "txid_"):
			why = "by a transaction's number"
		case r[2] == "true" && strings.Contains(r[3], "JOIN"):
			why = "by a join of its rows"
		}
		if why != "" {
			out = append(out, "R6 "+r[1]+" of "+r[0]+" decides "+why)
		}
	}
	return out
}

// writes is a statement that changes a table.
var writes = regexp.MustCompile(`\b(INSERT INTO|UPDATE|DELETE FROM)\b`)

// alone are the words of what one machine knows for itself: names that are locked,
// transactions' numbers, how deep a trigger is in others.
var alone = []string{"advisory", "pg_current_xact_id", "txid_", "pg_snapshot_", "pg_current_snapshot", "pg_trigger_depth"}

// locksByName: no function locks a name, asks for a transaction's number or for the
// depth of triggers, since each machine has its own; and none selects no column.
func locksByName(t *testing.T, tx bun.IDB, _ map[string]place) (out []string) {
	const ours = `n.nspname IN ('freehold', 'auth', 'users', 'properties', 'investments', 'financials',
		'renovations', 'media', 'market', 'events', 'documents', 'communications', 'analytics')`
	for _, r := range rows(t, tx, `SELECT p.oid::regproc::text, p.prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE `+ours+`
		UNION ALL SELECT g.tgname || ' of ' || g.tgrelid::regclass::text, pg_get_triggerdef(g.oid) FROM pg_trigger g
		JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE NOT g.tgisinternal AND NOT c.relispartition AND `+ours) {
		out = append(out, knownAlone(r[0], r[1])...)
	}
	return out
}

// knownAlone names what a text of SQL, or of a program that sends it, asks one machine
// for, and a select without columns.
func knownAlone(name, text string) (out []string) {
	for _, w := range alone {
		if strings.Contains(text, w) {
			out = append(out, "R7 "+name+" uses "+w)
		}
	}
	if noColumn.MatchString(text) {
		out = append(out, "R8 "+name+" selects no column")
	}
	return out
}

var noColumn = regexp.MustCompile(`SELECT\s+FROM\b`)

// sentByPrograms holds the library's Go files to the same: all but tests, the migrator,
// which locks before there are tables, and what makes the databases of tests.
func sentByPrograms(t *testing.T, _ bun.IDB, _ map[string]place) (out []string) {
	eachProgram(t, func(name, text string) { out = append(out, knownAlone(name, text)...) })
	return out
}

// eachProgram calls do with the name and the text of each Go file of the library.
func eachProgram(t *testing.T, do func(name, text string)) {
	t.Helper()
	root := filepath.Join("..", "..")
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		name := filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator)))
		switch {
		case err != nil:
			return err
		case d.IsDir():
			if slices.Contains([]string{"migrations", "examples", "internal/pgtest", "internal/localpg", "internal/historygen"}, name) || strings.HasPrefix(d.Name(), ".") && name != root {
				return fs.SkipDir
			}
			return nil
		case !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(path)
		do(name, string(text))
		return err
	}))
}
