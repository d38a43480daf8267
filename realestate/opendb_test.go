package realestate_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// A pool names the statements of reads that come again only where its DSN says so, and then one
// for all values.
func TestOpenDB_names(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	u, users := realestatetest.User(t, db), platform().Users
	for option, want := range map[string]int{
		"": 0, "&default_query_exec_mode=cache_statement": 1, "&default_query_exec_mode=cache_statement&statement_cache_capacity=0": 0,
		"&default_query_exec_mode=cache_describe": 0, "&default_query_exec_mode=simple_protocol": 0,
	} {
		pool, err := realestate.OpenDB(ctx, pgtest.DSN(t, db)+option)
		require.NoError(t, err)
		pool.SetMaxOpenConns(1)
		for range 3 {
			got, err := users.User(ctx, pool, u.ID)
			require.NoError(t, err)
			require.Equal(t, u.ID, got.ID)
			_, err = users.User(ctx, pool, id.New[auth.User]())
			require.ErrorIs(t, err, auth.ErrUserNotFound)
		}
		require.NoError(t, realestate.InTx(ctx, pool, func(tx bun.IDB) error {
			_, err := users.User(ctx, tx, u.ID)
			return err
		}))
		var named []string
		require.NoError(t, pool.NewRaw("SELECT statement FROM pg_prepared_statements").Scan(ctx, &named))
		require.Len(t, named, want, option)
		for _, q := range named {
			require.NotContains(t, q, u.ID.String())
			require.Contains(t, q, "$1")
		}
		require.NoError(t, pool.Close())
	}
}
