package financials_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/id"
)

// Reserves are cash in an account of their own, and never below zero on any day; what may
// be distributed leaves out deposits, reserves that are missing and debt service, and is
// nothing while a breach is open.
func TestCash(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Tx(t)
	svc, l, actor := lent(t, db)
	cash := financials.NewCash(financials.Config{})
	p := financials.SetAsideReserveParams{IdempotencyKey: newKey(), PropertyID: l.PropertyID, Purpose: "roof", Amount: usd("20000"), Date: day("2025-02-10"), ActorID: actor}
	e, err := cash.SetAsideReserve(ctx, db, p)
	require.NoError(t, err)
	again, err := cash.SetAsideReserve(ctx, db, p)
	require.NoError(t, err)
	require.Equal(t, e.ID, again.ID)
	release := financials.ReleaseReserveParams(p)
	release.IdempotencyKey, release.Amount, release.Date = newKey(), usd("5000"), day("2025-02-09")
	_, err = cash.ReleaseReserve(ctx, db, release)
	require.ErrorIs(t, err, financials.ErrReserveEmpty, "it was not there on that day")
	release.Date = day("2025-02-20")
	_, err = cash.ReleaseReserve(ctx, db, release)
	require.NoError(t, err)
	balances, err := cash.ReserveBalances(ctx, db, financials.ReserveBalancesParams{PropertyID: l.PropertyID, On: day("2025-02-28")})
	require.NoError(t, err)
	require.Equal(t, []financials.ReserveBalance{{Purpose: "roof", Amount: usd("15000")}}, balances)

	want := financials.PrepareWorksheetParams{ID: id.New[financials.Worksheet](), PropertyID: l.PropertyID, AsOf: day("2025-02-28"), DebtDays: 31, ReservesRequired: usd("18000"), MinimumCash: usd("1000"), ActorID: actor}
	w, err := cash.PrepareWorksheet(ctx, db, want)
	require.NoError(t, err)
	require.Equal(t, "85000.00 15000.00 599.55 80400.45", w.Cash.String()+" "+w.Reserves.String()+" "+w.DebtServiceDue.String()+" "+w.Distributable.String())
	same, err := cash.PrepareWorksheet(ctx, db, want)
	require.NoError(t, err)
	require.Equal(t, w.ID, same.ID)
	holds(t, db)

	value := usd("120000")
	_, err = svc.AgreeCovenant(ctx, db, financials.AgreeCovenantParams{LoanID: l.ID, Kind: financials.CovenantLTV, Threshold: dec("0.5"), StartsOn: day("2025-01-01"), ActorID: actor})
	require.NoError(t, err)
	state(t, db, l.PropertyID, "2024-01-01", "2024-12-31", "10000", "0", "0")
	tests, err := svc.TestCovenants(ctx, db, financials.TestCovenantsParams{LoanID: l.ID, AsOf: day("2025-01-15"), Value: &value, ActorID: actor})
	require.NoError(t, err)
	want.ID = id.New[financials.Worksheet]()
	w, err = cash.PrepareWorksheet(ctx, db, want)
	require.NoError(t, err)
	require.True(t, w.Trapped)
	require.True(t, w.Distributable.IsZero())
	_, err = svc.WaiveBreach(ctx, db, financials.WaiveBreachParams{TestID: tests[0].ID, Date: day("2025-01-20"), Reason: "agreed", ActorID: actor})
	require.NoError(t, err)
	want.ID = id.New[financials.Worksheet]()
	w, err = cash.PrepareWorksheet(ctx, db, want)
	require.NoError(t, err)
	require.False(t, w.Trapped)
	holds(t, db)
}
