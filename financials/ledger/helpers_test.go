package ledger_test

import (
	"context"

	"github.com/uptrace/bun"

	st "github.com/freehold-go/freehold/internal/store"
)

// store runs fn in a savepoint, so that an expected error leaves the test's
// transaction usable.
func store(ctx context.Context, tx bun.IDB, fn func(bun.IDB) error) error { return st.InTx(ctx, tx, fn) }
