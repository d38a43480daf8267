package screen

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/realestate/money"
)

func TestTable(t *testing.T) {
	t.Parallel()
	table := &Table{Head: []string{"Name", ">Amount", "Note"}}
	table.Add("José", "$1.00")
	table.Add("Ann", "($20,000.00)", "a|b")

	var text, markdown strings.Builder
	require.NoError(t, table.Text(&text))
	require.Equal(t, `  Name        Amount  Note
  ----  ------------  ----
  José         $1.00
  Ann   ($20,000.00)  a|b
`, text.String())
	require.NoError(t, table.Markdown(&markdown))
	require.Equal(t, `| Name |       Amount | Note |
| ---- | -----------: | ---- |
| José |        $1.00 |      |
| Ann  | ($20,000.00) | a/b  |
`, markdown.String())
}

func TestFormats(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"0": "$0.00", "5": "$5.00", "999.99": "$999.99", "1000": "$1,000.00", "-1234567.8": "($1,234,567.80)"} {
		require.Equal(t, want, Dollars(money.MustParse(in)))
	}
	d := func(s string) *decimal.Decimal { v := decimal.RequireFromString(s); return &v }
	require.Equal(t, "6.20 %", Percent(d("0.06195501")))
	require.Equal(t, "-0.50 %", Percent(d("-0.005")))
	require.Equal(t, Undefined, Percent(nil))
	require.Equal(t, "1.42x", Times(d("1.4224")))
	require.Equal(t, Undefined, Times(nil))
	require.Equal(t, "1,520.312496", Units(d("1520.312496")))
	require.Equal(t, "50", Units(d("50.000000")))
	require.Equal(t, "", Units(nil))
	require.Equal(t, "Pro rata", Sentence("pro rata"))
	require.Equal(t, "Étage", Sentence("étage"))
	require.Empty(t, Sentence(""))
	require.Equal(t, "$1,000.00", Price(*d("1000.0000000000")))
	require.Equal(t, "$9.605", Price(*d("9.6050")))
	require.Equal(t, "-1,000", Count(-1000))
	require.Equal(t, "100", Count(100))
}

// Where nobody watches, a step is one line, and nothing moves.
func TestSteps_noTerminal(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	s := NewSteps(&b)
	s.Start("Funding", 3)
	s.Advance()
	require.Empty(t, b.String())
	s.Done("%d new", 3)
	s.Start("Verify", 0)
	s.Break()
	require.Equal(t, "  Funding          3 new\n", b.String())

	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	require.False(t, NewSteps(f).terminal)
}

// On a terminal a bar is drawn over itself, not more often than it can be seen,
// and gone when the step is done or has failed.
func TestSteps_terminal(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	s := &Steps{w: &b, terminal: true}
	s.Start("Funding", 4)
	require.Equal(t, "\r  Funding          ["+strings.Repeat(" ", barWidth)+"] 0/4\x1b[K", b.String())
	b.Reset()
	s.Advance()
	require.Empty(t, b.String())
	s.drawn = time.Now().Add(-time.Second)
	s.Advance()
	require.Equal(t, "\r  Funding          ["+strings.Repeat("=", barWidth/2)+strings.Repeat(" ", barWidth/2)+"] 2/4\x1b[K", b.String())
	b.Reset()
	s.Done("4 new")
	require.Equal(t, "\r\x1b[K  Funding          4 new\n", b.String())
	b.Reset()
	s.Break()
	require.Empty(t, b.String())
	s.Start("Verify", 0)
	b.Reset()
	s.Break()
	require.Equal(t, "\r\x1b[K", b.String())
}

// A file is written whole, left alone when it says the same, and what a killed
// process left of it is cleared away.
func TestFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "out")
	f := NewFolder(dir)
	require.NoError(t, f.Write("statements/a.md", []byte("one")))
	before, err := os.Stat(f.Path("statements/a.md"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), before.Mode().Perm())

	require.NoError(t, os.WriteFile(filepath.Join(dir, "statements", ".a.md.part"), []byte("o"), 0o600))
	require.NoError(t, f.Write("statements/a.md", []byte("one")))
	after, err := os.Stat(f.Path("statements/a.md"))
	require.NoError(t, err)
	require.Equal(t, before.ModTime(), after.ModTime())
	require.Equal(t, []int{1, 1}, []int{f.Written, f.Current})

	require.NoError(t, os.WriteFile(filepath.Join(dir, "statements", ".a.md.part"), []byte("tw"), 0o600))
	require.NoError(t, f.Write("statements/a.md", []byte("two")))
	data, err := os.ReadFile(f.Path("statements/a.md"))
	require.NoError(t, err)
	require.Equal(t, "two", string(data))
	entries, err := os.ReadDir(filepath.Join(dir, "statements"))
	require.NoError(t, err)
	require.Len(t, entries, 1)

	require.Error(t, NewFolder(f.Path("statements/a.md")).Write("x", nil)) // a file where a folder should be
}

// A paragraph is broken between words, by characters and not by bytes.
func TestWrap(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	require.NoError(t, Wrap(&b, "- "+strings.Repeat("ébène ", 40)))
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	require.Len(t, lines, 3)
	require.Equal(t, strings.TrimSpace("- "+strings.Repeat("ébène ", 18)), lines[0])
	require.Equal(t, strings.TrimRight("  "+strings.Repeat("ébène ", 18), " "), lines[1])
	require.NotContains(t, b.String(), " \n")
}
