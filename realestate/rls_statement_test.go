package realestate_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// What an offering keeps back of everybody's money is told by the platform. A preview in
// an investor's session says that it is not known, and not that it is nothing.
func TestPreviewStatement_asInvestor(t *testing.T) {
	t.Parallel()
	s := newSecured(t)
	ctx, p := t.Context(), platform()
	_, err := p.Capital.RecordCash(ctx, s.platform, investments.RecordCashParams{IdempotencyKey: "roof", OfferingID: s.offering.ID, Kind: investments.CashReserve,
		Reserve: "roof", Amount: money.MustParse("1000"), Date: realestatetest.Funded(), ActorID: realestatetest.User(t, s.platform).ID})
	require.NoError(t, err)
	q := investments.PrepareStatementParams{InvestorID: s.ann, Type: investments.StatementAnnual, PeriodStart: realestatetest.Funded(), PeriodEnd: date.Must(2026, 12, 31)}
	st, err := p.Reports.PreviewStatement(ctx, s.platform, q)
	require.NoError(t, err)
	require.NotEmpty(t, st.Holdings)
	require.Equal(t, "1000.00", st.Holdings[0].Reserves.String())
	s.as(t, s.ann, func(ctx context.Context, tx bun.IDB) {
		own, err := p.Reports.PreviewStatement(ctx, tx, q)
		require.NoError(t, err)
		require.Equal(t, st.Summary, own.Summary)
		require.Len(t, own.Holdings, len(st.Holdings))
		for _, h := range own.Holdings {
			require.Nil(t, h.Reserves)
		}
	})
}
