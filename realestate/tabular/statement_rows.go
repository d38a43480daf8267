package tabular

import (
	"fmt"
	"slices"
	"strings"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// statementReader is a statement while it is read.
type statementReader struct {
	file    *File
	form    Form
	known   map[string]knownRow
	months  []date.Date
	start   int // the column of the first month
	total   int // the column of the total, or -1
	labels  map[int]bool
	written []*statementRow          // the lines as they stand
	lines   map[string]*statementRow // the same by name
	totals  []*statementRow          // those of the form
	others  []*statementRow          // rows that are labeled totals otherwise
	section bool                     // a heading or a total stood last
	broken  bool                     // a line was not read or is not there
}

// statementRow is a row with figures, as written.
type statementRow struct {
	cells  []Cell
	label  Cell
	name   string         // of a line or of the form's total, "" of another total
	values []money.Amount // by month
	starts bool           // of a line: a heading or a total stands directly above
	above  int            // of another total: how many lines stand above
}

// readHeader finds the months and the total.
func (r *statementReader) readHeader(head []Cell) bool {
	month := func(c Cell) (date.Date, bool) { return parseMonth(c.Text, r.file.today) }
	r.start, r.total = slices.IndexFunc(head, func(c Cell) bool { _, ok := month(c); return ok }), -1
	if r.start == 0 {
		r.file.Reject(head[0], "", "the first column is that of the lines, not a month")
		return false
	}
	i := r.start
	for ; i < len(head); i++ {
		m, ok := month(head[i])
		if !ok {
			break
		}
		r.months = append(r.months, m)
	}
	for ; i < len(head) && r.total < 0; i++ {
		if totalLabel(head[i].Text) != noTotal {
			r.total = i
		}
	}
	if r.form.Months > 0 && len(r.months) != r.form.Months {
		r.file.Reject(head[0], "", "%d months in a row are wanted, the header has %d", r.form.Months, len(r.months))
		return false
	}
	for i := range r.months[1:] {
		if r.months[i].AddMonths(1) != r.months[i+1] {
			r.file.Reject(head[r.start+i+1], "", "the months follow one another")
			return false
		}
	}
	return true
}

// reject records a problem after which no total can be checked.
func (r *statementReader) reject(at Cell, field, msg string) {
	r.broken = true
	r.file.Reject(at, field, "%s", msg)
}

// readRow reads a row below the header.
func (r *statementReader) readRow(head, cells []Cell) {
	if again(head, cells) {
		r.file.skip(HeaderAgain, first(cells), "")
		return
	}
	row := &statementRow{cells: cells, label: first(cells[:min(r.start, len(cells))]), starts: r.section}
	figures := cells[min(r.start, len(cells)):min(r.start+len(r.months), len(cells))]
	if blank(figures) && r.cell(row, r.total).Text == "" {
		r.file.skip(Heading, first(cells), "")
		r.section = true
		return
	}
	switch kind := r.identify(row); {
	case kind == aLine && r.lines[row.name] != nil:
		r.reject(row.label, "", "the statement has this line twice")
	case kind == aLine:
		r.lines[row.name], r.section = row, false
		r.written = append(r.written, row)
		r.readFigures(row)
	case kind == aTotal:
		r.totals, r.section = append(r.totals, row), true
		r.readFigures(row)
	case kind == labeledTotal:
		row.above = len(r.written)
		r.others, r.section = append(r.others, row), true
		r.readFigures(row)
	default:
		r.reject(row.label, "", "there is no such line of the statement")
	}
}

// What a row of figures is.
const (
	unknown = iota
	aLine
	aTotal       // of the form
	labeledTotal // by its label alone
)

// identify finds the cell that names a row, and what it names.
func (r *statementReader) identify(row *statementRow) int {
	cells := row.cells[:min(r.start, len(row.cells))]
	for i, c := range cells {
		if known, found := r.known[Normal(c.Text)]; found {
			row.label, row.name, r.labels[i] = c, known.name, true
			return known.kind
		}
	}
	for i, c := range cells {
		word, _, _ := strings.Cut(strings.ToLower(c.Text), " ")
		if totalLabel(c.Text) != noTotal || word == "net" {
			row.label, r.labels[i] = c, true
			return labeledTotal
		}
	}
	return unknown
}

// knownRow is what a label of the form names.
type knownRow struct {
	kind int
	name string
}

// known are the labels of a form.
func (f Form) known() map[string]knownRow {
	out := map[string]knownRow{}
	add := func(kind int, labels []string) {
		for _, label := range labels {
			if label = Normal(label); label != "" {
				out[label] = knownRow{kind, labels[0]}
			}
		}
	}
	for _, s := range f.Sections {
		for _, l := range s.Lines {
			add(aLine, l.Names)
		}
	}
	for _, t := range f.Totals {
		add(aTotal, t.Names)
	}
	return out
}

// cell is a cell of a row, blank beyond its end.
func (r *statementReader) cell(row *statementRow, i int) Cell {
	if i < 0 || i >= len(row.cells) {
		return Cell{Line: row.label.Line, Column: row.label.Column}
	}
	return row.cells[i]
}

// readFigures reads the figures of a row and holds its total against them.
func (r *statementReader) readFigures(row *statementRow) {
	row.values = make([]money.Amount, len(r.months))
	sum := money.Zero
	read := func(i int) (money.Amount, bool) {
		c := r.cell(row, i)
		if c.Text == "" {
			return money.Zero, true
		}
		v, ok := parseAmount(c.Text)
		if !ok {
			r.reject(c, row.name, wantAmount)
		}
		return v, ok
	}
	for i := range row.values {
		v, ok := read(r.start + i)
		if !ok {
			return
		}
		row.values[i] = v
		var err error
		if sum, err = sum.Add(v); err != nil {
			r.reject(row.label, row.name, "the sum of the months is out of range")
			return
		}
	}
	if c := r.cell(row, r.total); c.Text != "" {
		if v, ok := read(r.total); ok && v != sum {
			r.file.Reject(c, row.name, "the total is %s, but the months add up to %s", v, sum)
		}
	}
}

// required reports the lines that a statement must have.
func (r *statementReader) required(at Cell) {
	for _, s := range r.form.Sections {
		for _, l := range s.Lines {
			if l.Required && r.lines[l.Names[0]] == nil {
				r.reject(at, "", fmt.Sprintf("the statement lacks the line %q", l.Names[0]))
			}
		}
	}
}

// unused names the filled columns that told nothing.
func (r *statementReader) unused(head []Cell, rows [][]Cell) {
	width := len(head)
	for _, row := range rows {
		width = max(width, len(row))
	}
	for i := range width {
		if i >= r.start && i < r.start+len(r.months) || i == r.total || r.labels[i] {
			continue
		}
		at, filled := Cell{Line: head[0].Line, Column: i + 1}, false
		if i < len(head) {
			at, filled = head[i], head[i].Text != ""
		}
		for _, row := range rows {
			if i < len(row) && row[i].Text != "" {
				if i >= len(head) && !filled {
					at.Line, at.Column = row[i].Line, row[i].Column
				}
				filled = true
			}
		}
		if filled && !(i < r.start && len(r.labels) == 0) {
			r.file.skip(UnusedColumn, at, at.Text)
		}
	}
}
