package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The output is what testdata/output.txt says; UPDATE=1 writes it.
func TestRun(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	require.NoError(t, run(&b))
	path := filepath.Join("testdata", "output.txt")
	if os.Getenv("UPDATE") == "1" {
		require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), b.String())
	require.Len(t, structures, 10)
}
