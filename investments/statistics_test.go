package investments_test

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/date"
)

// rowsRead runs fn in a transaction that is kept, and counts the rows of tables and the entries
// of indexes that its statements and their triggers read.
func rowsRead(t *testing.T, db *bun.DB, fn func(ctx context.Context, tx bun.IDB) error) int64 {
	t.Helper()
	var before, after int64
	require.NoError(t, store.InTx(t.Context(), db, func(tx bun.IDB) error {
		const read = `SELECT (SELECT sum(COALESCE(seq_tup_read, 0)) FROM pg_stat_xact_user_tables)
			+ (SELECT sum(pg_stat_get_xact_tuples_returned(i.indexrelid)) FROM pg_index i JOIN pg_stat_user_tables t ON t.relid = i.indrelid)`
		if err := tx.NewRaw(read).Scan(t.Context(), &before); err != nil {
			return err
		}
		if err := fn(t.Context(), tx); err != nil {
			return err
		}
		return tx.NewRaw(read).Scan(t.Context(), &after)
	}))
	return after - before
}

// countCycle runs the verbs of an offering of n positions and counts the rows that each reads
// for a position.
func countCycle(t *testing.T, db *bun.DB, n int, record func(verb string, rows float64)) {
	t.Helper()
	svc := newService()
	o, creator := loaded(t, db, n)
	key := o.ID.String()
	count := func(name string, fn func(ctx context.Context, tx bun.IDB) error) {
		record(name, float64(rowsRead(t, db, fn))/float64(n))
	}
	var d *investments.Distribution
	declare := func(key, day, amount string) func(context.Context, bun.IDB) error {
		return func(ctx context.Context, tx bun.IDB) (err error) {
			p := declaration(o, key, day, amount, creator)
			p.Type = investments.DistributionSaleProceeds
			d, err = svc.Distributions.Declare(ctx, tx, p)
			return err
		}
	}
	approver := investor(t, db)
	count("declare", declare(key+"q1", "2026-01-15", "5000000"))
	count("approve", func(ctx context.Context, tx bun.IDB) error {
		_, err := svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: approver})
		return err
	})
	count("pay", func(ctx context.Context, tx bun.IDB) error {
		_, err := svc.Distributions.Pay(ctx, tx, investments.PayParams{IdempotencyKey: key + "p", DistributionID: d.ID, Date: date.MustParse("2026-01-20"), Method: investments.PayACH, ActorID: staff})
		return err
	})
	count("declare the next", declare(key+"q2", "2026-04-15", "500000"))
	count("balances", func(ctx context.Context, tx bun.IDB) error {
		_, err := svc.Positions.PositionBalances(ctx, tx, o.ID, date.MustParse("2026-02-01"))
		return err
	})
	count("review", func(ctx context.Context, tx bun.IDB) error {
		_, err := svc.Distributions.Review(ctx, tx, o.ID)
		return err
	})
	count("ownership", func(ctx context.Context, tx bun.IDB) error { return svc.Positions.RefreshOwnership(ctx, tx, o.ID) })
	count("process", func(ctx context.Context, tx bun.IDB) error {
		if _, err := svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: approver}); err != nil {
			return err
		}
		_, err := svc.Distributions.Process(ctx, tx, investments.ProcessDistributionParams{IdempotencyKey: key + "s", DistributionID: d.ID, Date: date.MustParse("2026-04-15"), Method: investments.PayACH, ActorID: staff})
		return err
	})
	count("confirm", func(ctx context.Context, tx bun.IDB) error {
		_, err := svc.Distributions.ConfirmPayments(ctx, tx, investments.ConfirmPaymentsParams{IdempotencyKey: key + "c", DistributionID: d.ID, Date: date.MustParse("2026-04-15"), ActorID: staff})
		return err
	})
	count("reverse", func(ctx context.Context, tx bun.IDB) error {
		_, err := reverse(ctx, tx, svc.Distributions, investments.ReverseDistributionParams{IdempotencyKey: key + "r", DistributionID: d.ID, Date: date.MustParse("2026-04-16"), Reason: "wrong", ActorID: approver})
		return err
	})
	count("exit", func(ctx context.Context, tx bun.IDB) error {
		if _, err := svc.Offerings.Close(ctx, tx, investments.CloseOfferingParams{OfferingID: o.ID, ActorID: staff}); err != nil {
			return err
		}
		_, err := svc.Capital.ExitOffering(ctx, tx, investments.ExitOfferingParams{IdempotencyKey: key + "x", OfferingID: o.ID, Date: date.MustParse("2026-04-30"), ActorID: staff})
		return err
	})
	count("how it came out", func(ctx context.Context, tx bun.IDB) error { _, err := svc.Capital.Exit(ctx, tx, o.ID); return err })
	count("portfolios", func(ctx context.Context, tx bun.IDB) error {
		return svc.Reports.RefreshPortfolios(ctx, tx, investments.RefreshPortfoliosParams{AsOf: date.MustParse("2026-02-01")})
	})
}

// Right after a load, when no statistics tell the planner how many rows there are, a
// verb reads no more of them for each position of a large offering than of a small one.
func TestVerbs_withoutStatistics(t *testing.T) {
	t.Parallel()
	read := map[string][]float64{}
	for _, n := range []int{500, 2000} {
		db := pgtest.Clone(t)
		countCycle(t, db, n, func(verb string, rows float64) {
			if verb == "declare" {
				var analyzed int
				require.NoError(t, db.NewRaw("SELECT count(*) FROM pg_stats WHERE schemaname = 'investments' AND tablename IN ('property_investments', 'capital_movements')").Scan(t.Context(), &analyzed))
				require.Zero(t, analyzed)
			}
			read[verb] = append(read[verb], rows)
		})
	}
	for name, each := range read {
		t.Logf("%s: %.1f rows for each position", name, each)
		assert.LessOrEqual(t, slices.Max(each), 300.0, name)
		assert.LessOrEqual(t, each[1], 1.4*each[0]+1, name)
	}
}

// A connection that has prepared its statements over a few rows, and whose server has statistics
// of these, reads no more of many rows afterwards: no plan that it keeps is good for few only.
func TestVerbs_preparedOverFew(t *testing.T) {
	t.Parallel()
	db, err := realestate.OpenDB(t.Context(), withOption(pgtest.DSN(t, pgtest.Clone(t)), "default_query_exec_mode=cache_statement"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	db.SetMaxOpenConns(1)
	hire(t, db)
	for i := range 12 { // a plan that does not know the values is considered from the sixth time on
		if i == 6 {
			_, err = db.ExecContext(t.Context(), "ANALYZE")
			require.NoError(t, err)
		}
		countCycle(t, db, 3, func(string, float64) {})
	}
	var kept int
	require.NoError(t, db.NewRaw("SELECT count(*) FROM pg_prepared_statements WHERE generic_plans > 0").Scan(t.Context(), &kept))
	require.Greater(t, kept, 20)
	read := map[string][]float64{}
	for _, n := range []int{250, 1000} {
		countCycle(t, db, n, func(verb string, rows float64) { read[verb] = append(read[verb], rows) })
	}
	for verb, each := range read {
		t.Logf("%s: %.1f rows for each position", verb, each)
		// A plan for few would read four times as many. Of plans that cost nearly the same the
		// server takes now one and now another, by how full its pages are.
		assert.LessOrEqual(t, each[1], 2*each[0]+1, verb)
	}
}

// A payment changes each line and each position once, and no index needs another entry for it.
func TestPay_keepsIndexes(t *testing.T) {
	t.Parallel()
	const n = 300
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	o, creator := loaded(t, db, n)
	d, err := svc.Distributions.Declare(ctx, db, declaration(o, "q1", "2026-01-15", "50000", creator))
	require.NoError(t, err)
	_, err = svc.Distributions.Approve(ctx, db, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: investor(t, db)})
	require.NoError(t, err)
	require.NoError(t, store.InTx(ctx, db, func(tx bun.IDB) error {
		_, err := svc.Distributions.Pay(ctx, tx, investments.PayParams{IdempotencyKey: "pay", DistributionID: d.ID, Date: date.MustParse("2026-01-20"), Method: investments.PayACH, ActorID: staff})
		require.NoError(t, err)
		for _, table := range []string{"investor_distributions", "property_investments"} {
			var updated, inPlace int
			require.NoError(t, tx.NewRaw("SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_xact_user_tables WHERE schemaname = 'investments' AND relname = ?", table).Scan(ctx, &updated, &inPlace))
			require.GreaterOrEqual(t, updated, n, table)
			require.Equal(t, updated, inPlace, table)
		}
		return nil
	}))
}
