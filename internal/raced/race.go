//go:build race

package raced

// Enabled is true: the race detector watches.
const Enabled = true
