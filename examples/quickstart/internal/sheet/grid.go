package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// Cell is one value of a file and where it stands. Text is without surrounding
// white space.
type Cell struct {
	Text         string
	Line, Column int
}

// Grid reads data as lines of cells, without the blank lines. What is wrong
// with the file as such goes to log.
func Grid(data []byte, log *Log) [][]Cell {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !bytes.ContainsRune(data, '\n') {
		data = bytes.ReplaceAll(data, []byte("\r"), []byte("\n")) // as old Macs wrote
	}
	lines := bytes.Split(data, []byte("\n"))
	if !clean(lines, log) {
		return nil
	}
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma, r.FieldsPerRecord = delimiter(lines), -1
	var grid [][]Cell
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return grid
		}
		if err != nil {
			var at *csv.ParseError
			if errors.As(err, &at) {
				if at.Line > at.StartLine { // a quote that nothing closes, found at the end
					at.Line, at.Column = at.StartLine, 1
				}
				log.Add(Cell{Line: at.Line, Column: inCharacters(lines, at.Line, at.Column)}, "", "the quotes on this line do not pair up; the rest is not read")
			}
			return grid
		}
		row, blank := make([]Cell, len(record)), true
		for i, text := range record {
			line, column := r.FieldPos(i)
			row[i] = Cell{Text: trim(text), Line: line, Column: inCharacters(lines, line, column)}
			blank = blank && row[i].Text == ""
		}
		if !blank {
			grid = append(grid, row)
		}
	}
}

// clean reports the first line that is no text.
func clean(lines [][]byte, log *Log) bool {
	for i, line := range lines {
		if bytes.IndexByte(line, 0) >= 0 {
			log.Add(Cell{Line: i + 1}, "", "this is no text file; save the sheet as CSV (UTF-8)")
			return false
		}
		if utf8.Valid(line) {
			continue
		}
		column := 1
		for rest := line; ; column++ {
			r, size := utf8.DecodeRune(rest)
			if r == utf8.RuneError && size <= 1 {
				break
			}
			rest = rest[size:]
		}
		log.Add(Cell{Line: i + 1, Column: column}, "", "a letter is not UTF-8; save the sheet as CSV (UTF-8)")
		return false
	}
	return true
}

// delimiter is the one of comma, semicolon and tab that the first line to have
// any of them has most.
func delimiter(lines [][]byte) rune {
	for _, line := range lines {
		comma, semicolon, tab := bytes.Count(line, []byte(",")), bytes.Count(line, []byte(";")), bytes.Count(line, []byte("\t"))
		switch {
		case comma+semicolon+tab == 0:
			continue
		case tab > comma && tab >= semicolon:
			return '\t'
		case semicolon > comma:
			return ';'
		}
		return ','
	}
	return ','
}

// inCharacters turns a column in bytes into one in characters.
func inCharacters(lines [][]byte, line, column int) int {
	if line < 1 || line > len(lines) || column < 1 || column-1 > len(lines[line-1]) {
		return column
	}
	return utf8.RuneCount(lines[line-1][:column-1]) + 1
}

// trim removes white space, also the kinds that spreadsheets put between a
// currency sign and its number, and invisible marks.
func trim(s string) string {
	return strings.Trim(s, " \t\r\n\u00a0\u2007\u202f\u200b\u200e\ufeff")
}
