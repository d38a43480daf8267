package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
)

// The whole program, twice on one database.
func TestRun(t *testing.T) {
	t.Parallel()
	dsn := pgtest.DSN(t, pgtest.Clone(t))
	for range 2 {
		var out bytes.Buffer
		require.NoError(t, run(t.Context(), dsn, &out))
		require.Equal(t, `uploaded Legal/Subscription agreement: application/pdf, 34 bytes
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
`, out.String())
	}
}
