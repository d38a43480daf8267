package tabular

import (
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// Form is what a statement may hold: its line items, in sections, and the totals
// that follow from them.
type Form struct {
	Months   int // how many months in a row are wanted; 0 is any number above one
	Sections []Section
	Totals   []FormTotal
}

// Section is a group of lines that are stated with one sign.
type Section struct {
	Name  string
	Lines []Line
	// Reduces says that the section's figures are taken off, and may be stated as
	// positive or as negative numbers, one way for the whole section.
	Reduces bool
}

// Line is a line item. The first of its names is the one that results and
// problems use; they are compared as the columns of a [Table] are.
type Line struct {
	Names    []string
	Required bool
	// EitherSign says that the line may be a gain as well as a loss, as
	// "Loss/Gain to Lease" is, and tells nothing of its section's sign.
	EitherSign bool
}

// FormTotal is a row that follows from the sections. Of are the sums that it may
// be, each the sections that it adds (1) or takes off (-1).
type FormTotal struct {
	Names []string
	Of    []map[string]int
}

// Statement is a file of line items with months as columns.
type Statement struct {
	Months []date.Date // the first days
	lines  map[string][]money.Amount
}

// Line returns the figures of a line by month, zeros when the file lacks it. In a
// section that reduces, a figure that is taken off is positive.
func (s *Statement) Line(name string) []money.Amount {
	if values, found := s.lines[name]; found {
		return values
	}
	return make([]money.Amount, len(s.Months))
}

// Statement reads the file as a statement: a header with months, and perhaps a
// total as a further column, then a line item on each row.
//
// The sign of a section that reduces is told by its lines together: all lines of
// one sign tell it, and where they differ, the totals of the file. Where neither
// does, the lines that differ are refused. A total is held against its lines,
// whether it is a column, a row of form.Totals, or another row that is labeled
// one, which has to be the sum of rows directly above it. Rows without amounts
// are headings. Where something is wrong, the result is nil.
func (f *File) Statement(form Form) *Statement {
	grid := f.grid(func(g [][]Cell) int { _, n := f.monthHeader(g); return n })
	at, _ := f.monthHeader(grid)
	if at < 0 {
		if len(f.problems) == 0 {
			f.Reject(Cell{}, "", "there is no header line with months such as 2025-01, Jan 2025 or 1/31/2025")
		}
		return nil
	}
	r := &statementReader{file: f, form: form, known: form.known(), lines: map[string]*statementRow{}, labels: map[int]bool{}}
	if !r.readHeader(grid[at]) {
		return nil
	}
	for _, row := range grid[:at] {
		f.skip(Title, first(row), "")
	}
	for _, row := range grid[at+1:] {
		r.readRow(grid[at], row)
	}
	r.unused(grid[at], grid[at+1:])
	r.required(grid[at][0])
	if r.broken { // a line that could not be read would upset every total
		return nil
	}
	return r.finish()
}

// monthHeader finds the line with the longest run of months that follow one
// another, two at least, and the length of the run; -1 when there is none.
func (f *File) monthHeader(grid [][]Cell) (at, run int) {
	at = -1
	for i, row := range grid {
		last, n := date.Date{}, 0
		for _, c := range row {
			m, ok := parseMonth(c.Text, f.today)
			switch {
			case ok && n > 0 && m == last.AddMonths(1):
				n++
			case ok:
				n = 1
			default:
				n = 0
			}
			if last = m; n > max(run, 1) {
				at, run = i, n
			}
		}
	}
	return at, run
}
