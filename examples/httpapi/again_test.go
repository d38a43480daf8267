package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/wirefault"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// A client hears nothing of a COMMIT that failed or that was done without an answer.
func TestAPI_again(t *testing.T) {
	t.Parallel()
	for _, fault := range wirefault.Faults() {
		c := newClient(t)
		e := &wirefault.EveryOther{Fault: fault}
		db, err := wirefault.Open(realestatetest.DSN(t, c.api.db), e)
		require.NoError(t, err)
		c.api.db = db
		c.deal()
		require.NoError(t, db.Close())
		require.Greater(t, e.Failed.Load(), int64(5))
	}
}
