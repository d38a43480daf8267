package paper

import (
	"fmt"

	"github.com/freehold-go/freehold/realestate/fault"
)

// Align is where a text stands between two edges.
type Align string

// The alignments.
const (
	AlignLeft   Align = "left" // the default
	AlignRight  Align = "right"
	AlignCenter Align = "center"
)

// Valid reports whether a is one of the alignments.
func (a Align) Valid() bool {
	switch a {
	case AlignLeft, AlignRight, AlignCenter:
		return true
	}
	return false
}

func (a Align) letter() string {
	switch a {
	case AlignRight:
		return "R"
	case AlignCenter:
		return "C"
	}
	return "L"
}

func checkAlign(f *fault.Fields, at string, a Align) {
	f.Check(a == "" || a.Valid(), at, fault.CodeInvalid, "left, right or center")
}

// Heading is a heading, with which a part of the document begins. It never stands alone at
// the foot of a page.
type Heading struct {
	Text  string
	Level int // 1 is the document's, 2 (the default) and 3 are those of its parts
}

func (h Heading) level() int {
	if h.Level == 0 {
		return 2
	}
	return h.Level
}

func (h Heading) check(f *fault.Fields, at string, fonts *fonts) {
	f.Check(h.Text != "", at+".text", fault.CodeRequired, "a heading says something")
	f.Check(h.level() >= 1 && h.level() <= 3, at+".level", fault.CodeOutOfRange, "1 to 3")
	fonts.checkText(f, at+".text", h.Text, bold)
}

func (h Heading) draw(s *sheet) {
	size := s.theme.FontSize * [...]float64{1: 1.7, 2: 1.25, 3: 1.05}[h.level()]
	line := s.font(bold, size)
	lines := s.wrap(h.Text, s.width())
	s.room(line*float64(len(lines)) + 3*s.theme.FontSize*1.35*points)
	if s.y > s.theme.Margin {
		s.y += line * 0.5
	}
	s.accent()
	s.pdf.Bookmark(h.Text, 0, s.y) // one that begins with a lower level would hang under nothing
	s.lines(lines, bold, size, AlignLeft)
	s.plain()
	s.y += line * 0.25
}

// Text is a paragraph; a line break in it is one.
type Text struct {
	Text   string
	Align  Align
	Italic bool
	Small  bool
}

func (t Text) style() int {
	if t.Italic {
		return italic
	}
	return regular
}

func (t Text) check(f *fault.Fields, at string, fonts *fonts) {
	checkAlign(f, at+".align", t.Align)
	fonts.checkText(f, at+".text", t.Text, t.style())
}

func (t Text) draw(s *sheet) {
	size := s.theme.FontSize
	if t.Small {
		size *= 0.85
	}
	line := s.font(t.style(), size)
	s.lines(s.wrap(t.Text, s.width()), t.style(), size, t.Align)
	s.y += line * 0.6
}

// Space is room on a page, such as for a signature by hand.
type Space struct {
	Height float64 // in millimeters, up to 150
	Line   bool    // with a line at its end
}

func (v Space) check(f *fault.Fields, at string, _ *fonts) {
	f.Check(v.Height > 0 && v.Height <= 150, at+".height", fault.CodeOutOfRange, "up to 150 millimeters")
}

func (v Space) draw(s *sheet) {
	s.room(v.Height)
	s.y += v.Height
	if v.Line {
		s.plain()
		s.rule(s.y, 0.2)
	}
}

// Column is a column of a table.
type Column struct {
	Title string
	Share float64 // of the width, beside the others; the default is 1
	Align Align
}

// Table is rows under a head that stands on each of its pages.
type Table struct {
	Columns []Column
	Rows    [][]string // each with as many cells as there are columns
	Totals  bool       // the last row is set off, as a sum
}

func (t Table) check(f *fault.Fields, at string, fonts *fonts) {
	f.Check(len(t.Columns) > 0 && len(t.Columns) <= 20, at+".columns", fault.CodeOutOfRange, "1 to 20 columns")
	for i, c := range t.Columns {
		f.Check(c.Share >= 0 && c.Share <= 1000, fmt.Sprintf("%s.columns[%d].share", at, i), fault.CodeOutOfRange, "0 to 1,000")
		checkAlign(f, fmt.Sprintf("%s.columns[%d].align", at, i), c.Align)
		fonts.checkText(f, fmt.Sprintf("%s.columns[%d].title", at, i), c.Title, bold)
	}
	for i, row := range t.Rows {
		f.Check(len(row) == len(t.Columns), fmt.Sprintf("%s.rows[%d]", at, i), fault.CodeMalformed, "a cell for each column")
		for j, cell := range row {
			fonts.checkText(f, fmt.Sprintf("%s.rows[%d][%d]", at, i, j), cell, t.style(i))
		}
	}
}

// style is how a row is set.
func (t Table) style(row int) int {
	if t.Totals && row == len(t.Rows)-1 {
		return bold
	}
	return regular
}

// gutter is the room between two columns, in millimeters.
const gutter = 3

// widths are those of the columns.
func (t Table) widths(width float64) []float64 {
	sum, out := 0.0, make([]float64, len(t.Columns))
	for i, c := range t.Columns {
		if out[i] = c.Share; c.Share == 0 {
			out[i] = 1
		}
		sum += out[i]
	}
	width -= gutter * float64(len(t.Columns)-1)
	for i := range out {
		out[i] *= width / sum
	}
	return out
}

func (t Table) draw(s *sheet) {
	size := s.theme.FontSize * 0.92
	titles := make([]string, len(t.Columns))
	headed := false
	for i, c := range t.Columns {
		titles[i], headed = c.Title, headed || c.Title != ""
	}
	head := func() {
		if headed {
			s.row(t, titles, bold, size, nil)
			s.accent()
			s.rule(s.y, 0.3)
			s.plain()
			s.y++
		}
	}
	s.room(4 * s.font(bold, size))
	head()
	for i, row := range t.Rows {
		if t.Totals && i == len(t.Rows)-1 {
			if s.y+1+s.font(bold, size) > s.bottom() && s.y > s.theme.Margin {
				s.newPage() // the rule stays with its sum
				head()
			}
			s.plain()
			s.rule(s.y, 0.2)
			s.y++
		}
		s.row(t, row, t.style(i), size, head)
	}
	s.y += s.font(regular, s.theme.FontSize) * 0.6
}

// row draws the cells of a row side by side, over as many pages as the longest takes.
func (s *sheet) row(t Table, cells []string, style int, size float64, again func()) {
	line := s.font(style, size)
	widths, left := t.widths(s.width()), make([][]string, len(cells))
	most := 0
	for i, c := range cells {
		left[i] = s.wrap(c, widths[i])
		most = max(most, len(left[i]))
	}
	for n := range most {
		if s.y+line > s.bottom()+0.01 && s.y > s.theme.Margin && again != nil {
			s.newPage()
			again()
		}
		s.font(style, size)
		x := s.theme.Margin
		for i := range cells {
			if n < len(left[i]) {
				s.pdf.SetXY(x, s.y)
				s.pdf.CellFormat(widths[i], line, left[i][n], "", 0, t.Columns[i].Align.letter(), false, 0, "")
			}
			x += widths[i] + gutter
		}
		s.y += line
	}
	s.y += line * 0.2
}
