package tabular

import (
	"slices"
	"strings"
	"unicode"

	"github.com/shopspring/decimal"
)

// sums are the running sums of the columns of a table that add up, and where
// sections of it begin: at its top and below each total.
type sums struct {
	head     *head
	columns  []Column // those that add up and that the file has
	now      []decimal.Decimal
	unread   []bool              // a figure of the column was no number
	sections [][]decimal.Decimal // the sums so far at the start of each section
	records  int                 // since the last total
}

// maxSections bounds the sections that a total is tried against, the whole table
// and the last ones.
const maxSections = 32

func newSums(h *head) *sums {
	s := &sums{head: h}
	for _, c := range h.columns {
		if _, found := h.at[c.Name]; found && c.Adds {
			s.columns = append(s.columns, c)
		}
	}
	s.now, s.unread = make([]decimal.Decimal, len(s.columns)), make([]bool, len(s.columns))
	s.sections = [][]decimal.Decimal{slices.Clone(s.now)}
	return s
}

// add counts a record in.
func (s *sums) add(r Row) {
	s.records++
	for i, c := range s.columns {
		if text := r.Cell(c.Name).Text; text != "" {
			v, ok := parseNumber(text)
			s.now[i], s.unread[i] = s.now[i].Add(v), s.unread[i] || !ok
		}
	}
}

// judge reports whether a row is no record: a total of rows above it, or a row
// that says it is one and is not, which it refuses.
//
// A row is a record, whatever its label, when the label is more than words of
// totals ("Total Return Holdings LLC") and everything that a record needs is
// there. Else a label of a total, or none, makes it a total, if its figures are.
func (s *sums) judge(r Row) bool {
	label := first(r.cells)
	kind := totalLabel(label.Text)
	complete := s.complete(r, label)
	for _, c := range r.cells {
		if !complete && totalLabel(c.Text) == onlyTotal {
			label, kind = c, onlyTotal
		}
	}
	switch {
	case kind == onlyTotal, kind == likeTotal && !complete:
	case s.bare(r, label):
		if off, n := s.mismatch(r, false); off == nil && n > 0 {
			s.end(label)
			return true
		}
		return false
	default:
		return false
	}
	off, n := s.mismatch(r, true)
	switch {
	case off != nil:
		s.head.file.Reject(off.cell, off.column, "the row is labeled a total, but its figure is not the total of the rows above, %s", off.want)
	case n == 0:
		s.head.file.Reject(label, "", "the row is labeled a total, but has no figure to tell by")
	default:
		s.end(label)
	}
	return true
}

// end closes a section with its total.
func (s *sums) end(label Cell) {
	s.records = 0
	s.head.file.skip(Total, label, "")
	if len(s.sections) == maxSections {
		s.sections = slices.Delete(s.sections, 1, 2)
	}
	s.sections = append(s.sections, slices.Clone(s.now))
}

// complete reports whether a row has all that a record needs besides its label
// and its figures, and whether there is any such thing.
func (s *sums) complete(r Row, label Cell) bool {
	filled := false
	for _, c := range s.head.columns {
		if _, found := s.head.at[c.Name]; !c.Required || c.Adds || !found {
			continue
		}
		switch cell := r.Cell(c.Name); {
		case cell == label:
		case cell.Text == "":
			return false
		default:
			filled = true
		}
	}
	return filled
}

// bare reports whether a row has figures and nothing else that a record needs,
// as a total without a label has, with two records above it at least.
func (s *sums) bare(r Row, label Cell) bool {
	for _, c := range s.head.columns {
		if c.Required && !c.Adds && r.Has(c.Name) {
			return false
		}
	}
	_, figure := parseNumber(label.Text)
	return figure && s.records > 1
}

// off is a figure of a total that is wrong, and what it should be.
type off struct {
	cell      Cell
	column    string
	got, want string
}

// mismatch holds the figures of a row against the sums of the sections, and
// returns the first wrong one under the section that fits best, and how many
// figures there are. Figures that are all zero tell something only where a label
// says that they are a total.
func (s *sums) mismatch(r Row, labeled bool) (worst *off, figures int) {
	best := -1
	for _, section := range slices.Backward(s.sections) {
		var wrong *off
		hits, n, zero := 0, 0, true
		for i, c := range s.columns {
			cell := r.Cell(c.Name)
			if cell.Text == "" {
				continue
			}
			n++
			want := s.now[i].Sub(section[i])
			got, ok := parseNumber(cell.Text)
			zero = zero && ok && got.IsZero()
			switch {
			case ok && got.Equal(want) && !s.unread[i]:
				hits++
			case wrong == nil && s.unread[i]:
				wrong = &off{cell: cell, column: c.Name, want: "where a figure is no number"}
			case wrong == nil:
				wrong = &off{cell: cell, column: c.Name, want: want.String()}
			}
		}
		if zero && !labeled {
			n = 0
		}
		if wrong == nil && n > 0 {
			return nil, n
		}
		figures = n
		if hits > best {
			best, worst = hits, wrong
		}
	}
	return worst, figures
}

// How much of a label says that its row is a total.
const (
	noTotal   = iota
	likeTotal // it begins or ends with such a word, as a name may
	onlyTotal // it has no other word
)

// totalWords are the words that make a label that of a total, and those that may
// stand beside them.
var (
	totalWords = []string{"total", "totals", "subtotal", "subtotals", "sum"}
	besides    = []string{"grand", "sub", "of", "all", "the", "for", "and", "units", "unit", "rows", "property", "portfolio", "report", "building", "overall"}
)

// totalLabel judges a label.
func totalLabel(s string) int {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) })
	if len(words) == 0 {
		return noTotal
	}
	is := func(w string) bool { return slices.Contains(totalWords, w) }
	if !is(words[0]) && !is(words[len(words)-1]) && !(words[0] == "grand" && len(words) > 1 && is(words[1])) {
		return noTotal
	}
	for _, w := range words {
		if !is(w) && !slices.Contains(besides, w) {
			return likeTotal
		}
	}
	return onlyTotal
}
