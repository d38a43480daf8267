// Package raced says whether the race detector watches a test. It makes Go code five
// to ten times as slow, so tests that have nothing concurrent in them do less of the
// same under it; `make test` runs their whole once more without it.
package raced

// Few is few under the race detector, and many without it.
func Few(few, many int) int {
	if Enabled {
		return few
	}
	return many
}
