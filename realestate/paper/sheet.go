package paper

import (
	"fmt"
	"strings"

	"codeberg.org/go-pdf/fpdf"
)

// points is how many millimeters a point is.
const points = 25.4 / 72

// sheet is the pages that are drawn, from the top down.
type sheet struct {
	pdf   *fpdf.Fpdf
	theme Theme
	y     float64
}

func (s *sheet) size() (width, height float64) {
	width, height = s.pdf.GetPageSize()
	return width, height
}

// width is that of the text.
func (s *sheet) width() float64 {
	w, _ := s.size()
	return w - 2*s.theme.Margin
}

// bottom is where the text of a page ends.
func (s *sheet) bottom() float64 {
	_, h := s.size()
	return h - s.theme.Margin
}

// font sets a style and a size in points, and returns the height of a line.
func (s *sheet) font(style int, size float64) (line float64) {
	s.pdf.SetFont(family, [...]string{regular: "", bold: "B", italic: "I"}[style], size)
	return size * 1.35 * points
}

// newPage begins a page.
func (s *sheet) newPage() {
	s.pdf.AddPage()
	s.y = s.theme.Margin
	if s.theme.Header != "" {
		line := s.font(regular, s.theme.FontSize*0.8)
		s.pdf.SetTextColor(110, 110, 110)
		s.pdf.SetXY(s.theme.Margin, s.theme.Margin-line*1.6)
		s.pdf.CellFormat(s.width(), line, s.fit(s.theme.Header, s.width()), "", 0, "L", false, 0, "")
		s.pdf.SetTextColor(0, 0, 0)
	}
	if s.pdf.PageNo() == 1 && s.theme.Logo != nil {
		Image{Data: s.theme.Logo, Width: 40}.draw(s)
	}
}

// feet writes the foot of every page, when it is known how many there are.
func (s *sheet) feet() {
	pages := s.pdf.PageCount()
	for n := 1; n <= pages; n++ {
		s.pdf.SetPage(n)
		s.font(bold, 1) // a font that is set already would not be set in this page
		line := s.font(regular, s.theme.FontSize*0.8)
		s.pdf.SetTextColor(110, 110, 110)
		number := fmt.Sprintf("%d / %d", n, pages)
		room := s.width() - s.pdf.GetStringWidth(number) - 4
		s.pdf.SetXY(s.theme.Margin, s.bottom()+line)
		s.pdf.CellFormat(room, line, s.fit(s.theme.Footer, room), "", 0, "L", false, 0, "")
		s.pdf.SetXY(s.theme.Margin, s.bottom()+line)
		s.pdf.CellFormat(s.width(), line, number, "", 0, "R", false, 0, "")
	}
}

// room begins another page unless so much of this one is left, or nothing is on it yet.
func (s *sheet) room(height float64) {
	if s.y+height > s.bottom()+0.01 && s.y > s.theme.Margin {
		s.newPage()
	}
}

// fit cuts a text of one line to a width in the font that is set.
func (s *sheet) fit(text string, width float64) string {
	lines := s.wrap(text, width)
	if len(lines) == 0 {
		return ""
	}
	return lines[0]
}

// wrap cuts a text into lines of a width in the font that is set: between words where
// that can be, and inside one that is longer than a line.
func (s *sheet) wrap(text string, width float64) (lines []string) {
	for paragraph := range strings.SplitSeq(text, "\n") {
		line := ""
		for word := range strings.FieldsSeq(paragraph) {
			if whole := strings.TrimPrefix(line+" "+word, " "); s.pdf.GetStringWidth(whole) <= width {
				line = whole
				continue
			}
			if line != "" {
				lines = append(lines, line)
			}
			parts := s.cut(word, width)
			lines = append(lines, parts[:len(parts)-1]...)
			line = parts[len(parts)-1]
		}
		lines = append(lines, line)
	}
	return lines
}

// cut cuts a word into parts of a width, each of at least one letter.
func (s *sheet) cut(word string, width float64) (parts []string) {
	part := ""
	for _, r := range word {
		if next := part + string(r); part == "" || s.pdf.GetStringWidth(next) <= width {
			part = next
			continue
		}
		parts = append(parts, part)
		part = string(r)
	}
	return append(parts, part)
}

// lines draws lines of text one below the other, over as many pages as they take.
func (s *sheet) lines(lines []string, style int, size float64, align Align) {
	for _, l := range lines {
		height := s.font(style, size)
		s.room(height)
		s.font(style, size) // a new page has set another
		s.pdf.SetXY(s.theme.Margin, s.y)
		s.pdf.CellFormat(s.width(), height, l, "", 0, align.letter(), false, 0, "")
		s.y += height
	}
}

// rule draws a line across the text.
func (s *sheet) rule(y, width float64) {
	s.pdf.SetLineWidth(width)
	s.pdf.Line(s.theme.Margin, y, s.theme.Margin+s.width(), y)
}

func (s *sheet) accent() {
	c := s.theme.Accent
	s.pdf.SetTextColor(int(c[0]), int(c[1]), int(c[2]))
	s.pdf.SetDrawColor(int(c[0]), int(c[1]), int(c[2]))
}

func (s *sheet) plain() {
	s.pdf.SetTextColor(0, 0, 0)
	s.pdf.SetDrawColor(160, 160, 160)
}
