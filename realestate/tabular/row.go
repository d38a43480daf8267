package tabular

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// Row is a record of a [Table]. Its methods read the cell of a column by name
// and record what is wrong with it; a cell or column that is not there reads as
// blank. Names are those of the columns that the table was read with.
type Row struct {
	cells []Cell
	head  *head
}

// Cell returns the cell of a column; where the row has none, an empty one at
// the row's start.
func (r Row) Cell(column string) Cell {
	if i, ok := r.head.at[column]; ok && i < len(r.cells) {
		return r.cells[i]
	}
	return Cell{Line: r.cells[0].Line, Column: r.cells[0].Column}
}

// Has reports whether the cell of a column is filled.
func (r Row) Has(column string) bool { return r.Cell(column).Text != "" }

// Missing reports whether the file lacks the column as a whole, which has been
// reported where it is required.
func (r Row) Missing(column string) bool { _, found := r.head.at[column]; return !found }

// Reject records that the cell of a column is wrong. The text must not quote the
// file.
func (r Row) Reject(column, format string, args ...any) {
	r.head.file.Reject(r.Cell(column), column, format, args...)
}

// Text reads a text, "" when the cell is blank.
func (r Row) Text(column string) string {
	s := r.Cell(column).Text
	switch {
	case !printable(s):
		r.Reject(column, "a text of at most %d bytes without control characters is wanted", maxCell)
	case strings.HasPrefix(s, "="):
		r.Reject(column, "the cell holds a formula; save the sheet with its values")
	case slices.Contains(sheetErrors, s):
		r.Reject(column, "the cell holds an error of the sheet")
	default:
		return s
	}
	return ""
}

// sheetErrors are what a cell shows when its formula failed.
var sheetErrors = []string{"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"}

// NeedText is Text for a cell that must not be blank.
func (r Row) NeedText(column string) string { return need(r, column, r.Text(column)) }

const wantAmount = "an amount of dollars and cents such as $1,234.50 is wanted"

// Amount reads an amount of money, nil when the cell is blank.
func (r Row) Amount(column string) *money.Amount {
	return optional(r, column, parseAmount, wantAmount)
}

// NeedAmount is Amount for a cell that must not be blank.
func (r Row) NeedAmount(column string) money.Amount { return value(r, column, r.Amount(column)) }

// Date reads a date, nil when the cell is blank. Excel's serial number of a day
// is a date too, from 1954 to 2119. A year of two digits is that of a column's
// past where the column says so, but if that is a hundred years before a day of the next
// two years; else the one between 50 years ago and in 20 years. Where there is none such,
// the cell is refused.
func (r Row) Date(column string) *date.Date {
	c := r.Cell(column)
	if c.Text == "" {
		return nil
	}
	past := slices.ContainsFunc(r.head.columns, func(col Column) bool { return col.Name == column && col.Past })
	d, ok, sure := parseDate(c.Text, r.head.file.today, past)
	switch {
	case !ok:
		r.Reject(column, "a date such as 2026-03-31 or 3/31/2026 is wanted")
		return nil
	case !sure:
		r.Reject(column, "the year has two digits and may be of this century or of the last; four are wanted")
		return nil
	}
	return &d
}

// NeedDate is Date for a cell that must not be blank.
func (r Row) NeedDate(column string) date.Date { return value(r, column, r.Date(column)) }

// Rate reads a fraction, nil when the cell is blank.
func (r Row) Rate(column string) *decimal.Decimal {
	return optional(r, column, parseRate, "a rate such as 7.25% or 0.0725 is wanted")
}

// NeedRate is Rate for a cell that must not be blank.
func (r Row) NeedRate(column string) decimal.Decimal { return value(r, column, r.Rate(column)) }

// Number reads a decimal number, nil when the cell is blank.
func (r Row) Number(column string) *decimal.Decimal {
	return optional(r, column, parseNumber, "a number is wanted")
}

// Count reads a whole number, nil when the cell is blank.
func (r Row) Count(column string) *int {
	return optional(r, column, parseCount, "a whole number of zero or more is wanted")
}

// NeedCount is Count for a cell that must not be blank.
func (r Row) NeedCount(column string) int { return value(r, column, r.Count(column)) }

// Bool reads yes or no; blank is no.
func (r Row) Bool(column string) bool {
	b := optional(r, column, parseBool, "yes or no is wanted")
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
