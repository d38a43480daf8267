package tabular

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// grid reads the file as lines of cells, without the blank lines. fits says how
// well cells agree with what the caller looks for; it chooses the separator.
func (f *File) grid(fits func([][]Cell) int) [][]Cell {
	if f.cells != nil {
		return f.cells
	}
	text, ok := f.text()
	if !ok {
		return nil
	}
	separator, skipLine := f.separator(text, fits)
	grid, bad := scan(text, separator)
	if bad != nil {
		f.Reject(*bad, "", "the quotes on this line do not pair up; the rest is not read")
	}
	if skipLine && len(grid) > 0 {
		f.skip(Title, grid[0][0], "")
		grid = grid[1:]
	}
	return grid
}

// text decodes the file and reports the first line that is no text.
func (f *File) text() (string, bool) {
	data := f.data
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}):
		data = fromUTF16(data[2:], binary.LittleEndian)
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		data = fromUTF16(data[2:], binary.BigEndian)
	}
	text := strings.TrimPrefix(string(data), "\ufeff")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	if !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, "\r", "\n") // as old Macs wrote
	}
	line := 1
	for rest := range strings.SplitSeq(text, "\n") {
		if strings.Contains(rest, "\x00") {
			f.Reject(Cell{Line: line}, "", "this is no text file; save the sheet as CSV (UTF-8)")
			return "", false
		}
		if !utf8.ValidString(rest) {
			column := 1
			for i, r := range rest {
				if _, size := utf8.DecodeRuneInString(rest[i:]); r == utf8.RuneError && size <= 1 {
					break
				}
				column++
			}
			f.Reject(Cell{Line: line, Column: column}, "", "a letter is not UTF-8; save the sheet as CSV (UTF-8)")
			return "", false
		}
		line++
	}
	return text, true
}

func fromUTF16(data []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}

// separators in the order in which they win a tie.
var separators = []byte{',', ';', '\t', '|'}

// separator finds what stands between cells: what a first line "sep=;" says, or
// else the separator under which the cells fit best, or else the one under which
// most lines have the same number of cells. A title line decides nothing.
func (f *File) separator(text string, fits func([][]Cell) int) (separator byte, skipLine bool) {
	line, _, _ := strings.Cut(text, "\n")
	if rest, found := strings.CutPrefix(strings.ToLower(line), "sep="); found && len(rest) == 1 && slices.Contains(separators, rest[0]) {
		return rest[0], true
	}
	best, bestFit, bestEven := separators[0], -1, -1
	for _, s := range separators {
		if strings.IndexByte(text, s) < 0 && s != separators[0] {
			continue
		}
		grid, _ := scan(text, s)
		if fit, level := fits(grid), even(grid); fit > bestFit || fit == bestFit && level > bestEven {
			best, bestFit, bestEven = s, fit, level
		}
	}
	return best, false
}

// even counts the lines that have the most common number of cells above one.
func even(grid [][]Cell) int {
	counts := map[int]int{}
	for _, row := range grid {
		if len(row) > 1 {
			counts[len(row)]++
		}
	}
	most := 0
	for _, n := range counts {
		most = max(most, n)
	}
	return most
}

// scanner splits text into cells.
type scanner struct {
	text         string
	separator    byte
	at           int
	line, column int // of text[at]; the column in characters
}

// scan returns the lines that hold a filled cell. Where quotes do not pair up it
// stops and returns the place.
func scan(text string, separator byte) (grid [][]Cell, bad *Cell) {
	s := &scanner{text: text, separator: separator, line: 1, column: 1}
	for s.at < len(s.text) {
		row, at := s.row()
		if at != nil {
			return grid, at
		}
		if !blank(row) {
			grid = append(grid, row)
		}
	}
	return grid, nil
}

func (s *scanner) row() (row []Cell, bad *Cell) {
	for {
		c, at := s.cell()
		if at != nil {
			return nil, at
		}
		row = append(row, c)
		if s.at == len(s.text) {
			return row, nil
		}
		end := s.text[s.at] == '\n'
		s.next()
		if end {
			return row, nil
		}
	}
}

// next steps over one character.
func (s *scanner) next() {
	if s.text[s.at] == '\n' {
		s.at, s.line, s.column = s.at+1, s.line+1, 1
		return
	}
	_, size := utf8.DecodeRuneInString(s.text[s.at:])
	s.at, s.column = s.at+size, s.column+1
}

// ends reports whether a cell ends here.
func (s *scanner) ends() bool {
	return s.at == len(s.text) || s.text[s.at] == '\n' || s.text[s.at] == s.separator
}

// cell reads up to the end of a cell, which stays unread.
func (s *scanner) cell() (c Cell, bad *Cell) {
	c = Cell{Line: s.line, Column: s.column}
	start := s.at
	for !s.ends() && (s.text[s.at] == ' ' || s.text[s.at] == '=' && strings.HasPrefix(s.text[s.at:], `="`)) {
		s.next()
	}
	if s.at < len(s.text) && s.text[s.at] == '"' {
		text, closed := s.quoted()
		for closed && !s.ends() && s.text[s.at] == ' ' {
			s.next()
		}
		if !closed {
			return c, &c
		}
		if !s.ends() {
			return c, &Cell{Line: s.line, Column: s.column}
		}
		c.Text = plain(text)
		return c, nil
	}
	for !s.ends() {
		if s.text[s.at] == '"' {
			return c, &Cell{Line: s.line, Column: s.column}
		}
		s.next()
	}
	c.Text = plain(s.text[start:s.at])
	return c, nil
}

// quoted reads a text in double quotes, where two of them stand for one.
func (s *scanner) quoted() (text string, closed bool) {
	var b strings.Builder
	for s.next(); s.at < len(s.text); {
		from := s.at
		if s.text[s.at] != '"' {
			s.next()
			b.WriteString(s.text[from:s.at])
			continue
		}
		if s.next(); s.at == len(s.text) || s.text[s.at] != '"' {
			return b.String(), true
		}
		b.WriteByte('"')
		s.next()
	}
	return b.String(), false
}

// plain takes white space off a text, and the formula by which programs keep
// Excel from reading a text as a number: ="0101" is 0101.
func plain(s string) string {
	s = trim(s)
	if inner, found := strings.CutPrefix(s, `="`); found {
		if inner, found = strings.CutSuffix(inner, `"`); found && !strings.Contains(inner, `"`) {
			return trim(inner)
		}
	}
	return s
}

// trim removes white space, also the kinds that spreadsheets put between a
// currency sign and its number, and invisible marks.
func trim(s string) string {
	return strings.Trim(s, " \t\r\n\u00a0\u2007\u202f\u200b\u200e\ufeff")
}
