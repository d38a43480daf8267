package financials_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
)

// A rent roll is closed from the units as they are now, so its day is neither
// ahead nor before the tenancies began.
func TestCloseRentRoll_days(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), serviceOn("2026-02-01")
	prop, units := building(t, tx)
	roll := func(day string) error {
		_, err := svc.CloseRentRoll(ctx, tx, financials.CloseRentRollParams{PropertyID: prop.ID, AsOf: date.MustParse(day)})
		return err
	}
	require.Equal(t, check.InFuture, fault.FieldErrors(roll("2031-01-31"))[0].Code)
	require.ErrorIs(t, roll("2001-01-31"), financials.ErrRentRollEarly)
	require.ErrorIs(t, roll("2025-01-31"), financials.ErrRentRollEarly)

	built := 2026
	_, err := properties.NewService(properties.Config{}).UpdateProperty(ctx, tx, properties.UpdatePropertyParams{
		ID: prop.ID, Version: 1, PropertyDetails: properties.PropertyDetails{YearBuilt: &built}})
	require.NoError(t, err)
	require.ErrorIs(t, roll("2025-12-31"), financials.ErrRentRollUnbuilt)
	require.NoError(t, roll("2026-01-31"))

	// Rows that somebody wrote past the verbs are not counted as let.
	_, err = tx.NewUpdate().Model((*properties.Unit)(nil)).Set("current_rent = NULL, lease_start_date = NULL, lease_end_date = NULL").
		Where("id = ?", units[0].ID).Exec(ctx)
	require.NoError(t, err)
	require.ErrorIs(t, roll("2026-02-01"), financials.ErrRentRollNotLet)
}

func TestPostStatement_future(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), serviceOn("2026-02-01")
	prop, _ := building(t, tx)
	p := january(prop)
	p.PeriodStart, p.PeriodEnd = date.MustParse("2026-02-01"), date.MustParse("2026-02-28") // the month that runs
	_, err := svc.PostStatement(ctx, tx, p)
	require.NoError(t, err)
	p.PeriodStart, p.PeriodEnd = date.MustParse("2062-01-01"), date.MustParse("2062-01-31")
	_, err = svc.PostStatement(ctx, tx, p)
	require.Equal(t, check.InFuture, fault.FieldErrors(err)[0].Code)
	_, err = svc.CorrectStatement(ctx, tx, financials.CorrectStatementParams(p))
	require.Equal(t, check.InFuture, fault.FieldErrors(err)[0].Code)
	_, err = svc.AddLoan(ctx, tx, financials.AddLoanParams{PropertyID: prop.ID, Lender: "Bank", TermMonths: 12, InterestOnlyMonths: 12, StartDate: date.MustParse("2062-01-01")})
	require.Contains(t, err.Error(), check.TooFar)
}
