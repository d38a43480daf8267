package main

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/wirefault"
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

// It comes to the same when a COMMIT fails, and when it is done and nobody hears of it.
// The migrator's two are let through: they are no units of work of Do's.
func TestRun_again(t *testing.T) {
	t.Parallel()
	want, err := os.ReadFile("testdata/output.txt")
	require.NoError(t, err)
	for _, fault := range wirefault.Faults() {
		var got bytes.Buffer
		e := &wirefault.EveryOther{Fault: fault, Skip: 2}
		require.NoError(t, run(t.Context(), wirefault.Proxy(t, pgtest.DSN(t, pgtest.Clone(t)), e), &got), fault)
		require.Equal(t, string(want), got.String(), fault)
		require.EqualValues(t, 16, e.Failed.Load(), "each step")
	}
}
