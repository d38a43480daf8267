// Package raced says whether the race detector watches a test. It makes Go code five
// to ten times as slow, so tests that have nothing concurrent in them do less of the
// same under it, or nothing; `make test` runs their whole once more without it, in the
// packages of the Makefile's PLAIN.
package raced

import "testing"

// Few is few under the race detector, and many without it.
func Few(few, many int) int {
	if Enabled {
		return few
	}
	return many
}

// Skip skips a test under the race detector, in which no two goroutines of the test's or
// of the library's meet.
func Skip(t testing.TB) {
	t.Helper()
	if Enabled {
		t.Skip("nothing is concurrent in it, so the race detector has nothing to watch; the gate runs it without")
	}
}
