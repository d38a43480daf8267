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
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
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

// A unit is occupied by somebody who pays a rent or has a lease.
func TestProjectOccupancy_let(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), service()
	p := register(t, db, func(p *properties.RegisterPropertyParams) { p.Units = numbered(2) })
	units, err := svc.Units(ctx, db, p.ID, properties.UnitFilter{}, page.Request{})
	require.NoError(t, err)
	params := properties.ProjectOccupancyParams{PropertyID: p.ID, Basis: properties.BasisReported, AsOf: date.MustParse("2026-01-31"),
		Units: []properties.UnitOccupancy{{UnitID: units.Items[0].ID, Status: properties.OccupancyVacant}, {UnitID: units.Items[1].ID, Status: properties.OccupancyNotice}}}
	err = svc.ProjectOccupancy(ctx, db, params)
	require.ErrorIs(t, err, properties.ErrUnitNotLet)
	require.Equal(t, "units[1].occupancy_status", fault.FieldErrors(err)[0].Field)
	params.Units[1].LeaseStart = day("2026-01-01")
	require.NoError(t, svc.ProjectOccupancy(ctx, db, params))
	require.Equal(t, "0.5", rate(t, db, p.ID))
	params.Units = append(params.Units, properties.UnitOccupancy{UnitID: id.New[properties.Unit](), Status: properties.OccupancyVacant})
	require.ErrorIs(t, svc.ProjectOccupancy(ctx, db, params), properties.ErrProjectedUnit)
}

// Days are judged against the clock, within a horizon that the host sets, and
// against each other.
func TestDates_clock(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Tx(t)
	now := func() time.Time { return time.Date(2026, 3, 14, 9, 0, 0, 0, time.UTC) }
	svc := properties.NewService(properties.Config{Now: now})
	code := func(err error) string {
		list := fault.FieldErrors(err)
		require.Len(t, list, 1, err)
		return fmt.Sprint(list[0].Field, " ", list[0].Code)
	}
	params := sample(func(p *properties.RegisterPropertyParams) { p.PurchaseDate = day("2062-01-01") })
	_, err := svc.RegisterProperty(ctx, db, params)
	require.Equal(t, "purchase_date "+check.TooFar, code(err))
	params = sample(func(p *properties.RegisterPropertyParams) {
		p.PurchaseDate, p.Units = day("2026-06-30"), []properties.UnitParams{{Number: "1", UnitDetails: properties.UnitDetails{LastInspection: day("2062-01-01")}}}
	})
	_, err = svc.RegisterProperty(ctx, db, params)
	require.Equal(t, "units[0].last_inspection "+check.InFuture, code(err))
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
	_, err = svc.StartRenovation(ctx, db, properties.StartRenovationParams{UnitID: u, Date: date.MustParse("2026-01-10")})
	require.NoError(t, err)
	_, err = svc.FinishRenovation(ctx, db, properties.FinishRenovationParams{UnitID: u, Date: date.MustParse("2031-01-01")})
	require.Equal(t, "renovation_completed "+check.InFuture, code(err))
}
