// Package screen writes results for people: aligned tables, as plain text and
// as Markdown, amounts and rates, and a progress bar where somebody watches.
package screen

import (
	"io"
	"strings"
	"unicode/utf8"
)

// Table is rows under a header. The zero value is an empty table.
type Table struct {
	// Head names the columns. A name that starts with ">" is of a column that
	// is aligned to the right.
	Head []string
	Rows [][]string
}

// Add adds a row. Missing cells at its end are blank.
func (t *Table) Add(cells ...string) { t.Rows = append(t.Rows, cells) }

// Text writes the table as plain text, indented by two spaces, without spaces
// at the ends of lines.
func (t *Table) Text(w io.Writer) error {
	widths := t.widths()
	var b strings.Builder
	line := func(cell func(int) string) {
		var row strings.Builder
		for i := range t.Head {
			row.WriteString("  " + t.pad(i, cell(i), widths[i]))
		}
		b.WriteString(strings.TrimRight(row.String(), " ") + "\n")
	}
	line(func(i int) string { return t.name(i) })
	line(func(i int) string { return strings.Repeat("-", widths[i]) })
	for _, r := range t.Rows {
		line(func(i int) string { return at(r, i) })
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// Markdown writes the table as Markdown that also reads well as it stands.
func (t *Table) Markdown(w io.Writer) error {
	widths := t.widths()
	var b strings.Builder
	line := func(cell func(int) string) {
		for i := range t.Head {
			b.WriteString("| " + t.pad(i, strings.ReplaceAll(cell(i), "|", "/"), widths[i]) + " ")
		}
		b.WriteString("|\n")
	}
	line(func(i int) string { return t.name(i) })
	line(func(i int) string {
		if t.right(i) {
			return strings.Repeat("-", widths[i]-1) + ":"
		}
		return strings.Repeat("-", widths[i])
	})
	for _, r := range t.Rows {
		line(func(i int) string { return at(r, i) })
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (t *Table) right(i int) bool  { return strings.HasPrefix(t.Head[i], ">") }
func (t *Table) name(i int) string { return strings.TrimPrefix(t.Head[i], ">") }

func (t *Table) widths() []int {
	widths := make([]int, len(t.Head))
	for i := range t.Head {
		widths[i] = max(3, utf8.RuneCountInString(t.name(i)))
		for _, r := range t.Rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(at(r, i)))
		}
	}
	return widths
}

func (t *Table) pad(i int, s string, width int) string {
	gap := strings.Repeat(" ", width-utf8.RuneCountInString(s))
	if t.right(i) {
		return gap + s
	}
	return s + gap
}

func at(row []string, i int) string {
	if i < len(row) {
		return row[i]
	}
	return ""
}
