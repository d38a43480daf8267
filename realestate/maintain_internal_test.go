package realestate

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
)

// named is what a page puts between backquotes.
var named = regexp.MustCompile("`([^`]+)`")

// listedBetween reads the rows of a table of OPERATIONS.md that stands below a line: what each
// cell names, and the last cell's text.
func listedBetween(t *testing.T, mark string) (rows [][][]string) {
	t.Helper()
	page, err := os.ReadFile("../OPERATIONS.md")
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(page), "<!-- "+mark+" -->\n")
	list, _, end := strings.Cut(rest, "<!-- end -->\n")
	require.True(t, ok && end, "the two lines around the list: %s", mark)
	for i, line := range strings.Split(strings.TrimSpace(list), "\n") {
		if i < 2 {
			continue
		}
		var row [][]string
		for cell := range strings.SplitSeq(strings.Trim(line, "| "), "|") {
			var names []string
			for _, m := range named.FindAllStringSubmatch(cell, -1) {
				names = append(names, m[1])
			}
			row = append(row, append(names, strings.TrimSpace(cell)))
		}
		rows = append(rows, row)
	}
	return rows
}

// The page for who runs it says of every table of the database either what removes its rows
// and when, as Maintain does, or why they stay; and it names no table that is not there.
func TestRetention_ofEveryTable(t *testing.T) {
	t.Parallel()
	p, err := New(Config{})
	require.NoError(t, err)
	asked := map[string][]string{}
	for _, w := range p.work() {
		service, verb, _ := strings.Cut(w.Verb, ".")
		if f := reflect.ValueOf(p).Elem().FieldByName(service); f.IsValid() {
			require.True(t, f.MethodByName(verb).IsValid(), w.Verb)
		} else {
			require.Contains(t, []string{"outbox.Prune", "Platform.Erase"}, w.Verb)
		}
		if w.Months == nil { // partitions remove nothing
			asked[w.Table] = append(asked[w.Table], w.Verb)
		}
	}
	periods := map[string]bool{}
	for i := range reflect.TypeFor[Retention]().NumField() {
		periods[reflect.TypeFor[Retention]().Field(i).Name] = true
	}
	delete(periods, "PartitionsAhead")
	told := map[string]bool{}
	for _, row := range listedBetween(t, "what has its time") { // table, verb, period, what stays
		require.Len(t, row, 4)
		table, verb := row[0][0], row[1][0]
		require.Equal(t, []string{verb}, asked[table], table)
		delete(asked, table)
		told[table] = true
		if len(row[2]) > 1 {
			_, known := reflect.TypeFor[Retention]().FieldByName(row[2][0])
			require.True(t, known, row[2][0])
			delete(periods, row[2][0])
		}
	}
	require.Empty(t, asked, "Maintain asks for them, and OPERATIONS.md does not say so")
	require.Empty(t, periods, "OPERATIONS.md does not say what they are of")
	for _, row := range listedBetween(t, "what stays") { // tables, why
		require.Len(t, row, 2)
		require.NotEmpty(t, row[1][0])
		for _, table := range row[0][:len(row[0])-1] {
			require.False(t, told[table], "%s is listed twice", table)
			told[table] = true
		}
	}
	tables := []string{}
	require.NoError(t, pgtest.Tx(t).NewRaw(`SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'public')
		AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')`).Scan(t.Context(), &tables))
	require.Greater(t, len(tables), 110)
	var missing []string
	for _, table := range tables {
		if !told[table] {
			missing = append(missing, table)
		}
		delete(told, table)
	}
	slices.Sort(missing)
	require.Empty(t, missing, "OPERATIONS.md says neither when they are removed nor why they stay")
	require.Empty(t, told, "there is no such table")
}
