package store_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
)

// A plan that a connection keeps since its table had one page reads all of the table, and
// growth alone does not change it; Replan does.
func TestReplan(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	require.NoError(t, store.InTx(ctx, db, func(tx bun.IDB) error {
		for _, q := range []string{"CREATE TABLE public.parents (id int PRIMARY KEY)", "INSERT INTO public.parents SELECT generate_series(1, 10)", "ANALYZE public.parents",
			"SET LOCAL plan_cache_mode = force_generic_plan", "PREPARE parent (int) AS SELECT 1 FROM public.parents WHERE id = $1", "EXECUTE parent (1)",
			"INSERT INTO public.parents SELECT generate_series(11, 100000)"} {
			_, err := tx.ExecContext(ctx, q)
			require.NoError(t, err)
		}
		plan := func() string {
			var lines []string
			require.NoError(t, tx.NewRaw("EXPLAIN EXECUTE parent (1)").Scan(ctx, &lines))
			return strings.Join(lines, "\n")
		}
		require.Contains(t, plan(), "Seq Scan")
		require.NoError(t, store.Replan(ctx, tx, store.CopyRows-1))
		require.Contains(t, plan(), "Seq Scan", "for few rows nothing is made anew")
		require.NoError(t, store.Replan(ctx, tx, store.CopyRows))
		require.Contains(t, plan(), "Index")
		_, err := tx.ExecContext(ctx, "DEALLOCATE parent")
		return err
	}))
}
