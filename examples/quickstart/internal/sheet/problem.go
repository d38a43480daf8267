package sheet

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
	Column int    // in characters, from 1
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

// maxProblems bounds the report of one file: a wrong delimiter would otherwise
// say the same of every cell.
const maxProblems = 40

// Log collects the problems of one file.
type Log struct {
	file string
	list Problems
	more bool // problems beyond the bound were left out
}

// NewLog makes the log of a file.
func NewLog(file string) *Log { return &Log{file: file} }

// Add records a problem at a cell. field is "" when it concerns the whole line.
func (l *Log) Add(at Cell, field, format string, args ...any) {
	if len(l.list) >= maxProblems {
		l.more = true
		return
	}
	line, column := max(at.Line, 1), max(at.Column, 1)
	l.list = append(l.list, &Problem{File: l.file, Line: line, Column: column, Field: field, Msg: fmt.Sprintf(format, args...)})
}

// Problems returns what was recorded.
func (l *Log) Problems() Problems {
	if !l.more {
		return l.list
	}
	last := l.list[len(l.list)-1]
	return append(l.list[:len(l.list):len(l.list)], &Problem{File: l.file, Line: last.Line, Column: last.Column, Msg: "further problems of this file are left out"})
}
