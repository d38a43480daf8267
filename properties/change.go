package properties

import (
	"fmt"
	"slices"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/realestate/fault"
)

// change is one field of a row that a caller may set or clear.
type change struct {
	column string
	given  bool
	set    func()
	clear  func() // nil where the column must have a value
}

// optional is the change of a nullable field.
func optional[T any](column string, dst **T, src *T) change {
	return change{column, src != nil, func() { v := *src; *dst = &v }, func() { *dst = nil }}
}

// needed is the change of a field that always has a value.
func needed[T any](column string, dst *T, src *T) change {
	return change{column, src != nil, func() { *dst = *src }, nil}
}

// list is the change of an array.
func list(column string, dst *[]string, src []string) change {
	return change{column, src != nil, func() { *dst = slices.Clone(src) }, func() { *dst = nil }}
}

// apply carries changes out, clears the named columns, and returns the columns
// that it wrote. A name to clear that is unknown, must have a value or is set
// at the same time is a field error.
func apply(changes []change, clear []string) ([]string, error) {
	var f fault.Fields
	var columns []string
	for _, c := range changes {
		if c.given {
			c.set()
			columns = append(columns, c.column)
		}
	}
	for i, name := range clear {
		j := slices.IndexFunc(changes, func(c change) bool { return c.column == name })
		if j < 0 || changes[j].clear == nil || slices.Contains(columns, name) {
			f.Add(fmt.Sprintf("clear[%d]", i), check.NotClearable, "not the name of an optional field that is left alone otherwise")
			continue
		}
		changes[j].clear()
		columns = append(columns, name)
	}
	return columns, f.Err()
}
