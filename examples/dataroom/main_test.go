package main

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/wirefault"
	"github.com/freehold-go/freehold/realestate/fault"
)

// printed is what the program prints.
const printed = `uploaded Legal/Subscription agreement: application/pdf, 34 bytes
uploaded Legal/Operating agreement: application/pdf, 31 bytes
uploaded Reports/Appraisal: application/pdf, 21 bytes
shared 3 papers with the investor
the investor commits: refused, the agreement is not signed
the investor signs version 1
the sponsor signs version 1
the envelope is completed
the investor commits: accepted
the investor sees [{Legal 2} {Reports 1}]
a stranger sees []
somebody who is not signed in sees []
the chain of signatures has 9 links, all whole: true; the agreement was opened 2 times
`

// The whole program, twice on one database.
func TestRun(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t, pgtest.Clone(t))
	for range 2 {
		var out bytes.Buffer
		require.NoError(t, run(t.Context(), dsn, &out))
		require.Equal(t, printed, out.String())
	}
}

// A COMMIT that fails, or whose answer never comes, ends the program with an error of its
// kind, wherever it strikes. Nothing is half done: the program runs whole on the same
// database afterwards, and what it proves at its end holds.
func TestRun_failedCommit(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t, pgtest.Clone(t))
	for f, want := range map[wirefault.Fault]error{wirefault.Serialization: fault.Unavailable, wirefault.Lost: fault.Unknown} {
		for _, skip := range []int64{2, 6, 11, 16} { // the migrator's two are let through
			e := &wirefault.EveryOther{Fault: f, Skip: skip}
			require.ErrorIs(t, run(t.Context(), wirefault.Proxy(t, dsn, e), io.Discard), want, "%s %d", f, skip)
			require.Positive(t, e.Failed.Load())
			var out bytes.Buffer
			require.NoError(t, run(t.Context(), dsn, &out), "%s %d", f, skip)
			require.Equal(t, printed, out.String())
		}
	}
}
