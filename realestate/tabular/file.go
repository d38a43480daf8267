package tabular

import (
	"fmt"
	"slices"

	"github.com/freehold-go/freehold/realestate/date"
)

// Cell is one value of a file and where it stands. Text is without surrounding
// white space; a text formula (="0101") is its text.
type Cell struct {
	Text         string
	Line, Column int // from 1; of a CSV file the column is in characters
}

// File is one file that is read: what is wrong with it and what of it was not
// used. It is not safe for concurrent use.
type File struct {
	name     string
	today    date.Date
	data     []byte
	cells    [][]Cell // of a workbook
	problems Problems
	more     bool // problems beyond the bound were left out
	skipped  []Skip
}

// New makes a file of CSV data. The name is for problems. Years of two digits
// are judged as of today; with a zero day they are refused.
func New(name string, data []byte, today date.Date) *File {
	return &File{name: name, data: data, today: today}
}

// NewSheet makes a file of the cells of a workbook's sheet, whose columns are
// numbered from 1. Dates are given as 2006-01-02, numbers without grouping. The
// other arguments are those of [New].
func NewSheet(name string, rows [][]string, today date.Date) *File {
	f := &File{name: name, today: today, cells: [][]Cell{}}
	for i, row := range rows {
		line := make([]Cell, len(row))
		for j, text := range row {
			line[j] = Cell{Text: plain(text), Line: i + 1, Column: j + 1}
		}
		if !blank(line) {
			f.cells = append(f.cells, line)
		}
	}
	return f
}

// maxProblems bounds the report of one file: a wrong separator would otherwise
// say the same of every cell.
const maxProblems = 40

// Reject records a problem at a cell. field is the name of its column, or "" when
// the problem concerns the whole line. The text must not quote the file.
func (f *File) Reject(at Cell, field, format string, args ...any) {
	if len(f.problems) >= maxProblems {
		f.more = true
		return
	}
	line, column := max(at.Line, 1), max(at.Column, 1)
	f.problems = append(f.problems, &Problem{File: f.name, Line: line, Column: column, Field: field, Msg: fmt.Sprintf(format, args...)})
}

// Problems returns everything that is wrong with the file so far, nil when
// nothing is.
func (f *File) Problems() Problems {
	if !f.more {
		return f.problems
	}
	last := f.problems[len(f.problems)-1]
	return append(slices.Clip(f.problems), &Problem{File: f.name, Line: last.Line, Column: last.Column, Msg: "further problems of this file are left out"})
}

// Skipped returns what of the file was not used, in the order of its lines.
func (f *File) Skipped() Skips {
	out := slices.Clone(f.skipped)
	slices.SortStableFunc(out, func(a, b Skip) int { return a.Line - b.Line })
	return out
}

func (f *File) skip(what What, at Cell, name string) {
	f.skipped = append(f.skipped, Skip{What: what, Line: at.Line, Column: at.Column, Name: name})
}

// blank reports whether no cell of a line is filled.
func blank(row []Cell) bool {
	return !slices.ContainsFunc(row, func(c Cell) bool { return c.Text != "" })
}

// first is the first filled cell of a line that has one.
func first(row []Cell) Cell {
	for _, c := range row {
		if c.Text != "" {
			return c
		}
	}
	return row[0]
}
