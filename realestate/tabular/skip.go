package tabular

import (
	"fmt"
	"strconv"
	"strings"
)

// What says why a part of a file was not used.
type What string

// The parts of a file that hold no record.
const (
	Title        What = "title"           // a line above the header
	Heading      What = "heading"         // a line of a statement without amounts
	Total        What = "total"           // a row whose figures are the total of rows above it
	HeaderAgain  What = "repeated header" // of a further page
	UnusedColumn What = "column"          // a column that the caller did not name
)

// Skip is a part of a file that was not used.
type Skip struct {
	What         What
	Line, Column int    // as in [Problem]
	Name         string // of a column, as the header spells it; "" when it has none
}

// Skips is all that was not used of a file.
type Skips []Skip

// plural are the words of [Skips.String] for more than one.
var plural = map[What]string{
	Title: "titles", Heading: "headings", Total: "totals, which agree", HeaderAgain: "repeated headers",
}

// String counts and names what was not used: "2 titles (lines 1, 2), 1 total,
// which agrees (line 61), 1 column (Notes)". Nothing gives "".
func (ss Skips) String() string {
	var parts []string
	for _, what := range []What{Title, HeaderAgain, Heading, Total} {
		var lines []string
		for _, s := range ss {
			if s.What == what {
				lines = append(lines, strconv.Itoa(s.Line))
			}
		}
		switch noun := string(what); {
		case len(lines) > 1:
			parts = append(parts, fmt.Sprintf("%d %s (lines %s)", len(lines), plural[what], strings.Join(lines, ", ")))
		case len(lines) == 1:
			if what == Total {
				noun += ", which agrees"
			}
			parts = append(parts, fmt.Sprintf("1 %s (line %s)", noun, lines[0]))
		}
	}
	if names := ss.columns(); len(names) == 1 {
		parts = append(parts, fmt.Sprintf("1 column (%s)", names[0]))
	} else if len(names) > 1 {
		parts = append(parts, fmt.Sprintf("%d columns (%s)", len(names), strings.Join(names, ", ")))
	}
	return strings.Join(parts, ", ")
}

func (ss Skips) columns() []string {
	var names []string
	for _, s := range ss {
		switch {
		case s.What != UnusedColumn:
		case s.Name == "":
			names = append(names, fmt.Sprintf("one without a name at %d:%d", s.Line, s.Column))
		default:
			names = append(names, s.Name)
		}
	}
	return names
}
