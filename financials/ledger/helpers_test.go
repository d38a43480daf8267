package ledger_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	st "github.com/freehold-go/freehold/internal/store"
)

// store runs fn in a savepoint, so that an expected error leaves the test's
// transaction usable.
func store(ctx context.Context, tx bun.IDB, fn func(bun.IDB) error) error {
	return st.InTx(ctx, tx, fn)
}

// eventually waits for what depends on other sessions of the server.
func eventually(t *testing.T, fn func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !fn(); time.Sleep(5 * time.Millisecond) {
		require.True(t, time.Now().Before(end), "waited too long")
	}
}
