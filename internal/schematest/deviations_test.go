package schematest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// deviation is a row of deviations.tsv.
type deviation struct {
	list, line, name, document, database, reason string
}

func (d deviation) String() string {
	return strings.Join([]string{d.list, d.line, d.name, d.document, d.database, d.reason}, "\t")
}

// table reads a file of testdata with tab-separated columns, without its head.
func table(t *testing.T, name string, columns int) [][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	all := make([][]string, 0, len(lines))
	for i, line := range lines[1:] {
		row := strings.Split(line, "\t")
		require.Lenf(t, row, columns, "%s:%d", name, i+2)
		all = append(all, row)
	}
	return all
}

func deviations(t *testing.T) []deviation {
	t.Helper()
	var all []deviation
	for _, r := range table(t, "deviations.tsv", 6) {
		all = append(all, deviation{r[0], r[1], r[2], r[3], r[4], r[5]})
	}
	return all
}

// ledger keeps count of which rows of deviations.tsv the lines of one list need.
type ledger struct {
	rows    map[string]deviation
	used    map[string]bool
	missing []string
}

func openLedger(t *testing.T, list string) *ledger {
	t.Helper()
	l := &ledger{rows: make(map[string]deviation), used: make(map[string]bool)}
	for _, d := range deviations(t) {
		if d.list != list {
			continue
		}
		key := d.line + " " + d.name
		require.NotContainsf(t, l.rows, key, "deviations.tsv: two rows for %s line %s %s", list, d.line, d.name)
		l.rows[key] = d
	}
	return l
}

// want notes that a line of the list needs the row d. An empty d.database
// leaves what the row says of the database to the caller, who gets it back.
func (l *ledger) want(d deviation) (deviation, bool) {
	key := d.line + " " + d.name
	row, found := l.rows[key]
	if found && row.document == d.document && (d.database == "" || row.database == d.database) {
		l.used[key] = true
		return row, true
	}
	d.reason = "REASON"
	l.missing = append(l.missing, d.String())
	return deviation{}, false
}

// close fails the test for rows that are missing and rows that nothing needs.
func (l *ledger) close(t *testing.T) {
	t.Helper()
	for key, d := range l.rows {
		if !l.used[key] {
			t.Errorf("no line of the document needs this row of deviations.tsv:\n%s", d)
		}
	}
	if len(l.missing) > 0 {
		t.Errorf("%d lines of the document match neither the catalog nor a row of deviations.tsv; rows to add:\n%s",
			len(l.missing), strings.Join(l.missing, "\n"))
	}
}

func TestDeviations_reasons(t *testing.T) {
	t.Parallel()
	for _, d := range deviations(t) {
		require.Contains(t, []string{"inventory", "objects"}, d.list)
		require.NotEmpty(t, d.database, d)
		require.Greater(t, len(d.reason), 10, d)
		require.NotContains(t, d.reason, "REASON", d)
		require.NotEqual(t, d.document, d.database, d)
	}
}
