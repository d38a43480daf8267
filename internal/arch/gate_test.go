package arch

import (
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A package whose tests do less under the race detector is one that the gate runs without
// it, too, or what is left out would be run nowhere.
func TestGate_runsWhole(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../Makefile")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(text), "\nPLAIN = ")
	require.True(t, found)
	line, _, _ := strings.Cut(rest, "\n")
	require.Contains(t, string(text), "$(GO) test -vet=off -timeout 15m -json $(PLAIN)")

	less := map[string]bool{}
	walk(t, func(p string, src []byte) {
		if strings.HasSuffix(p, "_test.go") && strings.Contains(string(src), "freehold/internal/raced\"\n") {
			less["./"+path.Dir(p)] = true
		}
	})
	require.Equal(t, slices.Sorted(maps.Keys(less)), slices.Sorted(slices.Values(strings.Fields(line))))
}
