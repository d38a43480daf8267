package users

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// base is before the database's clock, whatever the machine's says.
var base = time.Now().Add(-time.Hour).UTC().Truncate(time.Microsecond)

func service() *Service { return NewService(Config{Now: func() time.Time { return base }}) }

// person registers a user whose address is unlike every other test's.
func person(t *testing.T, db bun.IDB) id.Of[auth.User] {
	t.Helper()
	u, err := auth.NewService(auth.Config{}).Register(t.Context(), db,
		auth.RegisterParams{Email: id.New[auth.User]().String() + "@example.com"})
	require.NoError(t, err)
	return u.ID
}

// insert writes a row in a savepoint of its own.
func insert(t *testing.T, db bun.IDB, row any) error {
	t.Helper()
	return store.InTx(t.Context(), db, func(tx bun.IDB) error {
		_, err := tx.NewInsert().Model(row).Exec(t.Context())
		return store.Err(err, constraints)
	})
}

func ptr[T any](v T) *T { return &v }
