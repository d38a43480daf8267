package tabular

import (
	"fmt"
	"strings"

	"github.com/freehold-go/freehold/realestate/fault"
)

// Problem is something wrong at one place of a file. It matches
// [fault.Invalid].
type Problem struct {
	File   string
	Line   int    // from 1
	Column int    // from 1; of a CSV file in characters
	Field  string // the column's name, "" when the line as a whole is wrong
	Msg    string // for people; never quotes the file
}

// Error returns "file:line:column: field: message", a form that editors follow.
func (p *Problem) Error() string {
	if p.Field == "" {
		return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Msg)
	}
	return fmt.Sprintf("%s:%d:%d: %s: %s", p.File, p.Line, p.Column, p.Field, p.Msg)
}

// Is reports whether target is [fault.Invalid].
func (p *Problem) Is(target error) bool { return target == fault.Invalid }

// Problems is everything wrong with the files that were read.
type Problems []*Problem

// Error returns one problem a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the problems one by one.
func (ps Problems) Unwrap() []error {
	out := make([]error, len(ps))
	for i, p := range ps {
		out[i] = p
	}
	return out
}
