//go:build !race

package raced

// Enabled is false: nothing watches.
const Enabled = false
