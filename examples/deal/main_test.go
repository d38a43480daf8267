package main

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
)

var update = flag.Bool("update", false, "write testdata/output.txt")

// The program prints what the repository shows.
func TestRun(t *testing.T) {
	t.Parallel()
	var got bytes.Buffer
	require.NoError(t, run(t.Context(), pgtest.DSN(t, pgtest.Empty(t)), &got))
	if *update {
		require.NoError(t, os.WriteFile("testdata/output.txt", got.Bytes(), 0o644))
	}
	want, err := os.ReadFile("testdata/output.txt")
	require.NoError(t, err)
	require.Equal(t, string(want), got.String())
}
