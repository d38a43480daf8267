package migrations_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/migrations"
	"github.com/freehold-go/freehold/realestate/fault"
)

// What cannot be distributed is refused before anything is changed.
func TestDistribute_refused(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	before := dump(t, db)
	_, err := migrations.Distribute(ctx, db, migrations.Plan{})
	require.ErrorIs(t, err, migrations.ErrNoCluster)
	_, err = migrations.Distribute(ctx, db, migrations.Plan{Groups: []migrations.Group{"deals"}, DryRun: true})
	require.ErrorIs(t, err, migrations.ErrGroup)
	for _, shards := range []int{-1, 1025} {
		_, err = migrations.Distribute(ctx, db, migrations.Plan{Shards: shards, DryRun: true})
		require.ErrorIs(t, err, migrations.ErrShards)
		var f *fault.Error
		require.ErrorAs(t, err, &f)
		require.Equal(t, "shards", f.Field)
	}
	equalDumps(t, before, dump(t, db))
	require.NoError(t, embedded(t).Down(ctx, db, embedded(t).Latest()-1))
	_, err = migrations.Distribute(ctx, db, migrations.Plan{DryRun: true})
	require.ErrorIs(t, err, migrations.ErrPending)
}

// A dry run says what would be done, and does nothing: foreign keys go, each table of the
// group is distributed by its column with the others, and the foreign keys inside the
// group come back. What one machine can run of it, it runs.
func TestDistribute_dryRun(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	before := dump(t, db)
	steps, err := migrations.Distribute(ctx, db, migrations.Plan{Shards: 8, DryRun: true})
	require.NoError(t, err)
	equalDumps(t, before, dump(t, db))

	at := func(text string) int {
		return slices.IndexFunc(steps, func(s string) bool { return strings.Contains(s, text) })
	}
	require.Equal(t, 13, countOf(steps, "create_distributed_table"))
	require.Contains(t, steps, "SELECT create_distributed_table('financials.books', 'id', shard_count => 8, colocate_with => 'none')")
	require.Contains(t, steps, "SELECT create_distributed_table('financials.postings', 'book_id', colocate_with => 'financials.books')")
	require.Contains(t, steps, "CREATE INDEX idx_books_code ON financials.books (code)")
	for _, gone := range []string{"fk_opportunities_book_id", "fk_capital_movements_journal_id", "fk_books_property_id", "fk_periods_closed_by"} {
		require.Equal(t, 1, countOf(steps, gone), gone)
		require.Less(t, at("DROP CONSTRAINT "+gone), at("create_distributed_table"))
	}
	for _, stays := range []string{"fk_postings_journal_id", "fk_sealed_journals_position", "fk_account_balances_account_id"} {
		require.Less(t, at("DROP CONSTRAINT "+stays), at("create_distributed_table"))
		require.Greater(t, at("ADD CONSTRAINT "+stays+" "), at("'freehold.sealed_journals', 'book_id'"), stays)
	}

	for _, s := range steps {
		if !strings.Contains(s, "citus") && !strings.Contains(s, "create_distributed_table") {
			_, err := db.ExecContext(ctx, s)
			require.NoError(t, err, s)
		}
	}
	for line := range strings.Lines(dump(t, db)) {
		if strings.HasPrefix(line, "    ADD CONSTRAINT fk_") && !strings.Contains(before, line) {
			require.Fail(t, "a foreign key came back as another one", line)
		}
	}
	again, err := migrations.Distribute(ctx, db, migrations.Plan{Shards: 8, DryRun: true})
	require.NoError(t, err)
	require.Zero(t, countOf(again, "fk_opportunities_book_id"), "what is done is not done again")
}

func countOf(steps []string, text string) (n int) {
	for _, s := range steps {
		if strings.Contains(s, text) {
			n++
		}
	}
	return n
}
