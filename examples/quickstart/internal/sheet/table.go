package sheet

import (
	"strings"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// Column is a column that a file may have. Upper and lower case, spaces and
// punctuation in the header do not matter, nor does the order of columns.
type Column struct {
	Name     string
	Also     []string // other names for it
	Required bool     // the file must have the column
}

// Table is a file with a header line and rows.
type Table struct {
	Rows []Row
	log  *Log
}

// Row is a line of a [Table]. Its methods read the cell of a column by name
// and record what is wrong with it; a cell or column that is not there reads as
// blank. Names are those of the columns the table was read with.
type Row struct {
	cells []Cell
	at    map[string]int
	log   *Log
}

// Read reads data as a table. Lines above the first one that holds a required
// column are titles and skipped, columns that nobody asked for are ignored, and
// so are rows whose first cell says "total".
func Read(data []byte, columns []Column, log *Log) *Table {
	grid := Grid(data, log)
	t := &Table{log: log}
	head := header(grid, columns)
	if head < 0 {
		if len(log.list) == 0 {
			log.Add(Cell{}, "", "there is no header line; it names the columns: %s", required(columns))
		}
		return t
	}
	at := match(grid[head], columns, log)
	for _, cells := range grid[head+1:] {
		if strings.HasPrefix(Normal(cells[0].Text), "total") {
			continue
		}
		for _, c := range cells[min(len(cells), len(grid[head])):] {
			if c.Text != "" {
				log.Add(c, "", "the line has more cells than the header; an amount with a comma needs quotes")
				break
			}
		}
		t.Rows = append(t.Rows, Row{cells: cells, at: at, log: log})
	}
	return t
}

// header finds the header line: the first one with a required column, or -1.
func header(grid [][]Cell, columns []Column) int {
	for i, cells := range grid {
		for _, c := range cells {
			for _, col := range columns {
				if col.Required && col.is(Normal(c.Text)) {
					return i
				}
			}
		}
	}
	return -1
}

// match pairs the cells of the header with the columns.
func match(head []Cell, columns []Column, log *Log) map[string]int {
	at := map[string]int{}
	for _, col := range columns {
		for i, c := range head {
			if !col.is(Normal(c.Text)) {
				continue
			}
			if _, twice := at[col.Name]; twice {
				log.Add(c, col.Name, "the header has the column twice")
				continue
			}
			at[col.Name] = i
		}
		if _, found := at[col.Name]; !found && col.Required {
			log.Add(head[0], col.Name, "the header lacks this column")
		}
	}
	return at
}

func (c Column) is(name string) bool {
	if name == "" {
		return false
	}
	for _, also := range c.Also {
		if Normal(also) == name {
			return true
		}
	}
	return Normal(c.Name) == name
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

// Cell returns the cell of a column; where the row has none, an empty one at
// the row's start.
func (r Row) Cell(column string) Cell {
	if i, ok := r.at[column]; ok && i < len(r.cells) {
		return r.cells[i]
	}
	return Cell{Line: r.cells[0].Line, Column: r.cells[0].Column}
}

// Reject records that the cell of a column is wrong.
func (r Row) Reject(column, format string, args ...any) {
	r.log.Add(r.Cell(column), column, format, args...)
}

// Text reads a text, "" when the cell is blank.
func (r Row) Text(column string) string {
	s := r.Cell(column).Text
	if !printable(s) {
		r.Reject(column, "a text of at most %d bytes without control characters is wanted", maxCell)
		return ""
	}
	return s
}

// NeedText is Text for a cell that must not be blank.
func (r Row) NeedText(column string) string { return need(r, column, r.Text(column)) }

// Amount reads an amount of money, nil when the cell is blank.
func (r Row) Amount(column string) *money.Amount {
	return optional(r, column, ParseAmount, "an amount of dollars and cents such as $1,234.50 is wanted")
}

// NeedAmount is Amount for a cell that must not be blank.
func (r Row) NeedAmount(column string) money.Amount { return value(r, column, r.Amount(column)) }

// Date reads a date, nil when the cell is blank.
func (r Row) Date(column string) *date.Date {
	return optional(r, column, ParseDate, "a date such as 2026-03-31 or 3/31/2026 is wanted")
}

// NeedDate is Date for a cell that must not be blank.
func (r Row) NeedDate(column string) date.Date { return value(r, column, r.Date(column)) }

// Rate reads a fraction, nil when the cell is blank.
func (r Row) Rate(column string) *decimal.Decimal {
	return optional(r, column, ParseRate, "a rate such as 7.25% or 0.0725 is wanted")
}

// NeedRate is Rate for a cell that must not be blank.
func (r Row) NeedRate(column string) decimal.Decimal { return value(r, column, r.Rate(column)) }

// Number reads a decimal number, nil when the cell is blank.
func (r Row) Number(column string) *decimal.Decimal {
	return optional(r, column, ParseNumber, "a number is wanted")
}

// Count reads a whole number, nil when the cell is blank.
func (r Row) Count(column string) *int {
	return optional(r, column, ParseCount, "a whole number of zero or more is wanted")
}

// NeedCount is Count for a cell that must not be blank.
func (r Row) NeedCount(column string) int { return value(r, column, r.Count(column)) }

// Bool reads yes or no; blank is no.
func (r Row) Bool(column string) bool {
	b := optional(r, column, ParseBool, "yes or no is wanted")
	return b != nil && *b
}

// Choice reads one of a list of words, compared as headers are; words maps
// every spelling to its value. Blank is "".
func Choice[T ~string](r Row, column string, words map[string]T, wanted string) T {
	c := r.Cell(column)
	if c.Text == "" {
		return ""
	}
	v, ok := words[Normal(c.Text)]
	if !ok {
		r.Reject(column, "one of %s is wanted", wanted)
	}
	return v
}

// NeedChoice is [Choice] for a cell that must not be blank.
func NeedChoice[T ~string](r Row, column string, words map[string]T, wanted string) T {
	need(r, column, "")
	return Choice(r, column, words, wanted)
}

func optional[T any](r Row, column string, parse func(string) (T, bool), wanted string) *T {
	c := r.Cell(column)
	if c.Text == "" {
		return nil
	}
	v, ok := parse(c.Text)
	if !ok {
		r.Reject(column, "%s", wanted)
		return nil
	}
	return &v
}

// value is a required cell's value; a blank cell is reported, a wrong one has
// been already.
func value[T any](r Row, column string, v *T) T {
	if v != nil {
		return *v
	}
	need(r, column, "")
	var zero T
	return zero
}

func need(r Row, column, text string) string {
	if text == "" && !r.Has(column) && !r.Missing(column) {
		r.Reject(column, "a value is missing")
	}
	return text
}
