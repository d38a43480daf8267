package analytics_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/analytics"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

func TestRefreshPerformance(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	investor := newUser(t, db)
	offering, property := newOffering(t, db)
	exec(t, db, `INSERT INTO investments.property_investments (property_id, opportunity_id, investor_id, investment_amount, status, funding_date)
		VALUES (?, ?, ?, 250000.50, 'funded', CURRENT_DATE - 10)`, property, offering, investor)

	_, err := svc.Performance(ctx, db, investor)
	require.ErrorIs(t, err, analytics.ErrPerformanceNotFound, "as of the last refresh")
	require.NoError(t, svc.RefreshPerformance(ctx, db))
	p, err := svc.Performance(ctx, db, investor)
	require.NoError(t, err)
	require.Equal(t, "250000.50", p.TotalInvested.String())
	require.Equal(t, 1, p.InvestmentCount)
	require.EqualValues(t, 10, p.AvgHoldingPeriod.IntPart())

	errs := make(chan error)
	for range 2 {
		go func() { errs <- svc.RefreshPerformance(ctx, db) }()
	}
	require.NoError(t, <-errs)
	require.NoError(t, <-errs)

	exec(t, db, "REFRESH MATERIALIZED VIEW analytics.portfolio_performance WITH NO DATA") // as after a restore
	tx, err := db.BeginTx(ctx, nil)
	require.NoError(t, err)
	require.NoError(t, svc.RefreshPerformance(ctx, tx), "in a caller's transaction")
	require.NoError(t, tx.Commit())
	_, err = svc.Performance(ctx, db, investor)
	require.NoError(t, err)
}

func TestReports(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), newService()
	investor := newUser(t, db)
	offering, property := newOffering(t, db)
	exec(t, db, `INSERT INTO investments.property_investments (property_id, opportunity_id, investor_id, investment_amount, status)
		VALUES (?, ?, ?, 400000, 'funded')`, property, offering, investor)

	sum, err := svc.InvestorSummary(ctx, db, investor)
	require.NoError(t, err)
	require.Equal(t, 1, sum.InvestmentCount)
	require.Equal(t, "400000.00", sum.TotalInvested.String())
	_, err = svc.InvestorSummary(ctx, db, id.New[auth.User]())
	require.ErrorIs(t, err, analytics.ErrSummaryNotFound)

	newOffering(t, db)
	one, err := svc.ActiveOfferings(ctx, db, page.Request{Limit: 1})
	require.NoError(t, err)
	two, err := svc.ActiveOfferings(ctx, db, page.Request{Limit: 1, After: one.Next})
	require.NoError(t, err)
	both := append(one.Items, two.Items...)
	require.Len(t, both, 2)
	require.NotEqual(t, both[0].ID, both[1].ID)
	for _, o := range both {
		if o.ID == offering {
			require.Equal(t, "400000.00", o.TotalRaised.String())
			require.Equal(t, "600000.00", o.RemainingAmount.String())
		}
	}
}
