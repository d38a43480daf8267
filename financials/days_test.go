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

// A rent roll is of a day that has come, of a property that was built by then.
func TestCloseRentRoll_days(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), serviceOn("2026-02-01")
	prop, units := building(t, tx)
	roll := func(day string, told ...financials.Tenancy) error {
		_, err := svc.CloseRentRoll(ctx, tx, financials.CloseRentRollParams{PropertyID: prop.ID, AsOf: date.MustParse(day), Tenancies: told})
		return err
	}
	require.Equal(t, check.InFuture, fault.FieldErrors(roll("2031-01-31"))[0].Code)
	built := 2026
	_, err := properties.NewService(properties.Config{}).UpdateProperty(ctx, tx, properties.UpdatePropertyParams{
		ID: prop.ID, Version: 1, PropertyDetails: properties.PropertyDetails{YearBuilt: &built}})
	require.NoError(t, err)
	require.ErrorIs(t, roll("2025-12-31"), financials.ErrRentRollUnbuilt)
	require.ErrorIs(t, roll("2026-01-31", financials.Tenancy{UnitID: units[0].ID, Status: properties.OccupancyOccupied}), financials.ErrRentRollNotLet)
	require.NoError(t, roll("2026-01-31"))
}

// Units of which nothing is told are unknown, and so is the occupancy. What is told
// shows in the units, and a restated roll keeps the one before.
func TestRestateRentRoll(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), serviceOn("2026-02-28")
	prop, units := building(t, tx)
	assets := properties.NewService(properties.Config{})
	day := date.MustParse("2026-01-31")
	roll, err := svc.CloseRentRoll(ctx, tx, financials.CloseRentRollParams{PropertyID: prop.ID, AsOf: day, Tenancies: reported(units)[:2]})
	require.NoError(t, err)
	require.Equal(t, 2, roll.Metrics.UnknownUnits)
	require.Nil(t, roll.Metrics.PhysicalOccupancy, "two of four are known to be let, which is not all")
	require.Equal(t, properties.BasisReported, roll.Basis)
	p, err := assets.Property(ctx, tx, prop.ID)
	require.NoError(t, err)
	require.Nil(t, p.OccupancyRate)

	again := financials.RestateRentRollParams{PropertyID: prop.ID, AsOf: day, Tenancies: reported(units), Version: 1}
	roll, err = svc.RestateRentRoll(ctx, tx, again)
	require.NoError(t, err)
	require.Equal(t, int64(2), roll.Version)
	require.Equal(t, "0.75", roll.Metrics.PhysicalOccupancy.String())
	_, err = svc.RestateRentRoll(ctx, tx, again)
	require.ErrorIs(t, err, financials.ErrStale)
	before, err := svc.RentRollVersion(ctx, tx, prop.ID, day, 1)
	require.NoError(t, err)
	require.Equal(t, 2, before.Metrics.UnknownUnits)
	require.NotNil(t, before.Entries[0].SupersededAt)
	u, err := assets.Unit(ctx, tx, units[0].ID)
	require.NoError(t, err)
	require.Equal(t, "occupied 1500.00 reported 2026-01-31", string(u.OccupancyStatus)+" "+u.CurrentRent.String()+" "+string(*u.OccupancyBasis)+" "+u.OccupancyAsOf.String())
	p, err = assets.Property(ctx, tx, prop.ID)
	require.NoError(t, err)
	require.Equal(t, "0.75", p.OccupancyRate.String())

	// A roll of an earlier day tells nothing of the units now.
	_, err = svc.CloseRentRoll(ctx, tx, financials.CloseRentRollParams{PropertyID: prop.ID, AsOf: date.MustParse("2025-12-31"),
		Tenancies: []financials.Tenancy{{UnitID: units[0].ID, Status: properties.OccupancyVacant}}})
	require.NoError(t, err)
	u, err = assets.Unit(ctx, tx, units[0].ID)
	require.NoError(t, err)
	require.Equal(t, properties.OccupancyOccupied, u.OccupancyStatus)
	_, err = svc.RestateRentRoll(ctx, tx, financials.RestateRentRollParams{PropertyID: prop.ID, AsOf: date.MustParse("2025-11-30"), Version: 1})
	require.ErrorIs(t, err, financials.ErrRentRollNotFound)
	_, err = svc.StoreRentRoll(ctx, tx, financials.StoreRentRollParams{PropertyID: prop.ID, AsOf: day, Basis: properties.BasisLeases, Version: 3,
		Entries: []financials.RentRollEntry{{UnitID: units[0].ID, OccupancyStatus: properties.OccupancyVacant}}})
	require.NoError(t, err)
	again.Version = 3
	_, err = svc.RestateRentRoll(ctx, tx, again)
	require.ErrorIs(t, err, financials.ErrRentRollOther)
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
