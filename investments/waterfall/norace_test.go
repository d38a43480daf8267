//go:build !race

package waterfall_test

// raced: the race detector watches this run.
const raced = false
