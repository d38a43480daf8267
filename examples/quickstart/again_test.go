package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/raced"
	"github.com/freehold-go/freehold/internal/wirefault"
)

// Each unit of work is run again, after a COMMIT that failed or that was done without
// an answer, and the deal comes to the same.
func TestRun_again(t *testing.T) {
	t.Parallel()
	raced.Skip(t)
	for _, fault := range wirefault.Faults() {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			dsn := pgtest.DSN(t, pgtest.Clone(t))
			e := &wirefault.EveryOther{Fault: fault, Skip: 2} // the migrator's
			o := options{out: filepath.Join(t.TempDir(), "out"), dsn: wirefault.Proxy(t, dsn, e)}
			printed(t, t.Context(), o)
			golden(t, "report.md", read(t, o.out, "report.md"))
			golden(t, "payments.csv", read(t, o.out, "payments/2026-01-15.csv"))
			require.Greater(t, e.Failed.Load(), int64(20))
		})
	}
}
