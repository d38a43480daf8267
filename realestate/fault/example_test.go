package fault_test

import (
	"errors"
	"fmt"

	"github.com/freehold-go/freehold/realestate/fault"
)

// A package declares a variable per condition; callers ask for the condition or
// for its kind.
func ExampleError() {
	closed := fault.New(fault.Illegal, "offering_closed", "the offering takes no commitments")
	err := fmt.Errorf("commit: %w", closed.With("since %s", "2026-01-31"))

	fmt.Println(errors.Is(err, closed), errors.Is(err, fault.Illegal), errors.Is(err, fault.Invalid))
	fmt.Println(fault.CodeOf(err))
	fmt.Println(err)
	// Output:
	// true true false
	// offering_closed
	// commit: the offering takes no commitments: since 2026-01-31 (offering_closed)
}

// Validation reports every bad field at once.
func ExampleFields() {
	var f fault.Fields
	f.Check(false, "name", "required", "a name is needed")
	f.Check(true, "city", "required", "a city is needed")
	f.Check(false, "units", "out_of_range", "at least one unit")
	for _, e := range fault.FieldErrors(f.Err()) {
		fmt.Println(e.Field, e.Code)
	}
	// Output:
	// name required
	// units out_of_range
}
