package tabular

import "strings"

// Column is a column that a file may have. Upper and lower case, spaces and
// punctuation in the header do not matter, nor does the order of columns.
type Column struct {
	Name     string
	Also     []string // other names for it
	Required bool     // the file must have the column, and every record a value
	// Adds says that a total row holds the sum of this column. Such columns are
	// amounts or numbers, and they alone decide whether a row is a total.
	Adds bool
	// Past says that the column's dates are not in the future, which decides the
	// century of a year of two digits.
	Past bool
}

// Table is a file with a header line and rows.
type Table struct{ Rows []Row }

// Table reads the file as a header and the records below it. The header is the
// line that names most of the columns, one of them required. What is not a
// record is in [File.Skipped]: lines above the header, columns that are not
// among columns, repeated headers, and rows that are the total of rows above.
func (f *File) Table(columns []Column) *Table {
	known := index(columns)
	grid := f.grid(func(g [][]Cell) int { _, n := header(g, columns, known); return n })
	t := &Table{}
	at, _ := header(grid, columns, known)
	if at < 0 {
		if len(f.problems) == 0 {
			f.Reject(Cell{}, "", "there is no header line; it names the columns: %s", required(columns))
		}
		return t
	}
	for _, row := range grid[:at] {
		f.skip(Title, first(row), "")
	}
	head := &head{file: f, at: f.match(grid[at], columns, known), columns: columns, known: known, width: len(grid[at])}
	f.unused(grid[at], grid[at+1:], head)
	sums := newSums(head)
	for _, cells := range grid[at+1:] {
		if again(grid[at], cells) {
			f.skip(HeaderAgain, first(cells), "")
			continue
		}
		row := Row{cells: cells, head: head}
		if sums.judge(row) {
			continue
		}
		for _, c := range cells[min(len(cells), head.width):] {
			if c.Text != "" {
				f.Reject(c, "", "the line has more cells than the header; an amount with a comma needs quotes")
				break
			}
		}
		sums.add(row)
		t.Rows = append(t.Rows, row)
	}
	return t
}

// head is what the rows of a table share.
type head struct {
	file    *File
	at      map[string]int // the place of a column in a row
	columns []Column
	known   names
	width   int
}

// names find a column by any of its names.
type names map[string]int

func index(columns []Column) names {
	n := names{}
	for i, c := range columns {
		for _, name := range append([]string{c.Name}, c.Also...) {
			if name = Normal(name); name != "" {
				n[name] = i
			}
		}
	}
	return n
}

// find returns the column that a cell names, or -1.
func (n names) find(c Cell) int {
	if i, found := n[Normal(c.Text)]; found {
		return i
	}
	return -1
}

// header finds the header line, the one that names most of the columns, and how
// many it names; -1 when no line names a required one.
func header(grid [][]Cell, columns []Column, known names) (at, n int) {
	at = -1
	seen := make([]int, len(columns)) // the last line that named a column, from 1
	for i, cells := range grid {
		hits, needed := 0, false
		for _, c := range cells {
			if col := known.find(c); col >= 0 && seen[col] != i+1 {
				hits, needed, seen[col] = hits+1, needed || columns[col].Required, i+1
			}
		}
		if needed && hits > n {
			at, n = i, hits
		}
	}
	return at, n
}

// again reports whether a line repeats the header, as printed pages do.
func again(head, row []Cell) bool {
	for i := range max(len(head), len(row)) {
		switch {
		case i >= len(head):
			if row[i].Text != "" {
				return false
			}
		case i >= len(row):
			if head[i].Text != "" {
				return false
			}
		case head[i].Text != row[i].Text:
			return false
		}
	}
	return true
}

// match pairs the cells of the header with the columns.
func (f *File) match(head []Cell, columns []Column, known names) map[string]int {
	at := map[string]int{}
	for i, c := range head {
		col := known.find(c)
		if col < 0 {
			continue
		}
		name := columns[col].Name
		if _, twice := at[name]; twice {
			f.Reject(c, name, "the header has the column twice")
			continue
		}
		at[name] = i
	}
	for _, col := range columns {
		if _, found := at[col.Name]; !found && col.Required {
			f.Reject(head[0], col.Name, "the header lacks this column")
		}
	}
	return at
}

// unused names the columns that nobody asked for, those without a name only when
// a row fills them.
func (f *File) unused(names []Cell, rows [][]Cell, h *head) {
	used := map[int]bool{}
	for _, i := range h.at {
		used[i] = true
	}
	for i, c := range names {
		if used[i] || h.known.find(c) >= 0 { // one that is there twice is a problem already
			continue
		}
		filled := c.Text != ""
		for _, row := range rows {
			filled = filled || i < len(row) && row[i].Text != ""
		}
		if filled {
			f.skip(UnusedColumn, c, c.Text)
		}
	}
}

func required(columns []Column) string {
	var names []string
	for _, c := range columns {
		if c.Required {
			names = append(names, c.Name)
		}
	}
	return strings.Join(names, ", ")
}

// Normal reduces a name to its letters and digits in lower case, so that
// "Sq. Ft." and "sqft" are the same.
func Normal(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + ('a' - 'A')
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, s)
}
