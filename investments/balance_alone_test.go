package investments_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// The balance of one position, from its own movements where they are enough, is what the
// balances of all say of it: before and after others' receipts, a refund, a transfer and
// a distribution.
func TestPositionBalance_alone(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	o, creator := crowd(t, db, 5)
	same := func(days ...string) {
		t.Helper()
		for _, day := range days {
			all, err := svc.Positions.PositionBalances(ctx, db, o.ID, date.MustParse(day))
			require.NoError(t, err)
			for i := range all {
				one, err := svc.Positions.PositionBalance(ctx, db, all[i].PositionID, date.MustParse(day))
				require.NoError(t, err)
				require.Equal(t, all[i], *one, day)
			}
		}
	}
	days := []string{"2025-01-16", "2025-02-28", "2025-07-15", "2026-01-31"}
	same(days...)
	sub, err := svc.Commitments.Commit(ctx, db, commitment(o, investor(t, db), "100000"))
	require.NoError(t, err)
	for key, part := range map[string][2]string{"a": {"60000.01", "2026-01-12"}, "b": {"20000", "2026-01-20"}} {
		_, err = svc.Commitments.ReceiveContribution(ctx, db, investments.ReceiveContributionParams{IdempotencyKey: key, SubscriptionID: sub.ID,
			Amount: money.MustParse(part[0]), Date: date.MustParse(part[1]), ActorID: staff})
		require.NoError(t, err)
	}
	back := refund(sub, "back", "30000")
	back.Date = date.MustParse("2026-01-25")
	_, err = svc.Commitments.RefundContribution(ctx, db, back)
	require.NoError(t, err)
	days = append(days, "2026-01-15", "2026-02-01")
	same(days...)

	moved := approvedTransfer(t, db, *sub.PositionID, investor(t, db), "0.5", "2026-01-28")
	_, err = complete(ctx, db, moved.ID, "move")
	require.NoError(t, err)
	same(days...)
	d, err := svc.Distributions.Declare(ctx, db, declaration(o, "q", "2026-01-31", "5000", creator))
	require.NoError(t, err)
	_, err = svc.Distributions.Approve(ctx, db, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: investor(t, db)})
	require.NoError(t, err)
	same(days...)
	none, err := svc.Positions.PositionBalance(ctx, db, *sub.PositionID, date.MustParse("2025-06-30"))
	require.NoError(t, err)
	require.True(t, none.Contributed.IsZero())
}
