package properties_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

// Every move between two statuses is allowed or refused by one list; nothing
// becomes a prospect again, and nothing but a sale follows a sale.
func TestUpdateProperty_statuses(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), service()
	all := []properties.Status{properties.StatusProspect, properties.StatusActive, properties.StatusRenovating, properties.StatusSelling, properties.StatusSold}
	for _, from := range all {
		for _, to := range all {
			p := register(t, db, func(p *properties.RegisterPropertyParams) { p.Status = &from })
			got, err := svc.UpdateProperty(ctx, db, properties.UpdatePropertyParams{ID: p.ID, Version: p.Version, PropertyDetails: properties.PropertyDetails{Status: &to, WalkScore: ptr(7)}})
			switch {
			case from == to, from == properties.StatusSold && to == properties.StatusSelling,
				from != properties.StatusSold && to != properties.StatusProspect:
				require.NoError(t, err, "%s to %s", from, to)
				require.Equal(t, to, got.Status)
			default:
				require.ErrorIs(t, err, properties.ErrStatusChange, "%s to %s", from, to)
				got, err = svc.Property(ctx, db, p.ID)
				require.NoError(t, err)
				require.Equal(t, from, got.Status)
				require.Nil(t, got.WalkScore)
			}
		}
	}
}

func TestUpdateProperty_acquisition(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), service()
	p := register(t, db, func(p *properties.RegisterPropertyParams) { p.AcquisitionStatus = ptr(properties.AcquisitionOwned) })
	for _, change := range []properties.UpdatePropertyParams{
		{PropertyDetails: properties.PropertyDetails{AcquisitionStatus: ptr(properties.AcquisitionUnderContract)}},
		{Clear: []string{"acquisition_status"}},
	} {
		change.ID, change.Version = p.ID, p.Version
		_, err := svc.UpdateProperty(ctx, db, change)
		require.ErrorIs(t, err, properties.ErrAcquisitionChange)
	}
	p = register(t, db, func(p *properties.RegisterPropertyParams) {
		p.AcquisitionStatus = ptr(properties.AcquisitionUnderContract)
	})
	_, err := svc.UpdateProperty(ctx, db, properties.UpdatePropertyParams{ID: p.ID, Version: p.Version, PropertyDetails: properties.PropertyDetails{AcquisitionStatus: ptr(properties.AcquisitionEvaluating)}})
	require.NoError(t, err)
}

// A unit is occupied by somebody who pays a rent or has a lease, whichever verb
// says so.
func TestUnits_let(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), service()
	p := register(t, db, func(p *properties.RegisterPropertyParams) {})
	for _, status := range []properties.OccupancyStatus{properties.OccupancyOccupied, properties.OccupancyNotice} {
		_, err := svc.AddUnits(ctx, db, properties.AddUnitsParams{PropertyID: p.ID, Units: []properties.UnitParams{{Number: "900"}, {Number: "901", OccupancyStatus: status}}})
		require.ErrorIs(t, err, properties.ErrUnitNotLet)
		require.Equal(t, "units[1].occupancy_status", fault.FieldErrors(err)[0].Field)
	}
	rent := money.MustParse("1000")
	units, err := svc.AddUnits(ctx, db, properties.AddUnitsParams{PropertyID: p.ID, Units: []properties.UnitParams{
		{Number: "902", OccupancyStatus: properties.OccupancyOccupied, UnitDetails: properties.UnitDetails{CurrentRent: &rent}},
		{Number: "903", OccupancyStatus: properties.OccupancyOccupied, LeaseStart: day("2026-01-01")},
	}})
	require.NoError(t, err)
	_, err = svc.UpdateUnit(ctx, db, properties.UpdateUnitParams{ID: units[0].ID, Version: 1, Clear: []string{"current_rent"}})
	require.ErrorIs(t, err, properties.ErrUnitNotLet)
}

// Days are judged against the clock, within a horizon that the host sets, and
// against each other.
func TestDates_clock(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Tx(t)
	now := func() time.Time { return time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC) }
	svc, near := properties.NewService(properties.Config{Now: now}), properties.NewService(properties.Config{Now: now, Horizon: 10})
	code := func(err error) string {
		list := fault.FieldErrors(err)
		require.Len(t, list, 1, err)
		return fmt.Sprint(list[0].Field, " ", list[0].Code)
	}
	params := sample(func(p *properties.RegisterPropertyParams) { p.PurchaseDate = day("2062-01-01") })
	_, err := svc.RegisterProperty(ctx, db, params)
	require.Equal(t, "purchase_date "+check.TooFar, code(err))
	params = sample(func(p *properties.RegisterPropertyParams) {
		p.PurchaseDate, p.Units = day("2026-06-30"), []properties.UnitParams{{Number: "1", LeaseStart: day("2062-01-01")}}
	})
	_, err = svc.RegisterProperty(ctx, db, params)
	require.Equal(t, "units[0].lease_start "+check.TooFar, code(err))
	params.Units = []properties.UnitParams{{Number: "1"}}
	p, err := svc.RegisterProperty(ctx, db, params)
	require.NoError(t, err)
	_, err = svc.UpdateProperty(ctx, db, properties.UpdatePropertyParams{ID: p.ID, Version: 1, PropertyDetails: properties.PropertyDetails{PurchaseDate: day("2028-01-01")}})
	require.Equal(t, "purchase_date "+check.TooFar, code(err))
	_, err = svc.Revalue(ctx, db, properties.RevalueParams{PropertyID: p.ID, Amount: money.MustParse("1"), Date: date.MustParse("2026-03-16")})
	require.Equal(t, "date "+check.InFuture, code(err))

	units, err := svc.AddUnits(ctx, db, properties.AddUnitsParams{PropertyID: p.ID, Units: []properties.UnitParams{{Number: "2"}}})
	require.NoError(t, err)
	u := units[0].ID
	lease := properties.OccupyUnitParams{UnitID: u, Rent: money.MustParse("900"), Start: date.MustParse("2026-04-01")}
	_, err = near.OccupyUnit(ctx, db, lease)
	require.Len(t, fault.FieldErrors(err), 2, "the lease and the move-in")
	_, err = svc.OccupyUnit(ctx, db, lease)
	require.NoError(t, err)
	_, err = svc.GiveNotice(ctx, db, properties.GiveNoticeParams{UnitID: u, Date: date.MustParse("2026-03-20")})
	require.Contains(t, err.Error(), check.InFuture)
	_, err = svc.GiveNotice(ctx, db, properties.GiveNoticeParams{UnitID: u, Date: date.MustParse("2026-03-14")})
	require.ErrorIs(t, err, properties.ErrNoticeEarly)
	_, err = svc.VacateUnit(ctx, db, u)
	require.NoError(t, err)
	_, err = svc.StartRenovation(ctx, db, u)
	require.NoError(t, err)
	_, err = svc.FinishRenovation(ctx, db, properties.FinishRenovationParams{UnitID: u, Date: date.MustParse("2031-01-01")})
	require.Equal(t, "renovation_completed "+check.InFuture, code(err))
}
