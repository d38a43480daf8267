package properties_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// rate reads the stored occupancy rate of a property.
func rate(t *testing.T, db bun.IDB, v id.Of[properties.Property]) string {
	t.Helper()
	p, err := service().Property(t.Context(), db, v)
	require.NoError(t, err)
	if p.OccupancyRate == nil {
		return "none"
	}
	return p.OccupancyRate.String()
}

func TestAddUnits(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), service()
	p := register(t, db, func(p *properties.RegisterPropertyParams) { p.TotalUnits = ptr(2) })
	require.Equal(t, "none", rate(t, db, p.ID))

	added, err := svc.AddUnits(ctx, db, properties.AddUnitsParams{PropertyID: p.ID, Units: numbered(3)})
	require.NoError(t, err)
	require.Len(t, added, 3)
	require.Equal(t, "none", rate(t, db, p.ID), "without leases and reports nobody knows")
	read, err := svc.Property(ctx, db, p.ID)
	require.NoError(t, err)
	require.Equal(t, 3, read.TotalUnits)
	require.Equal(t, int64(1), read.Version, "rollups are nobody's edit")

	_, err = svc.AddUnits(ctx, db, properties.AddUnitsParams{PropertyID: p.ID, Units: numbered(1)})
	require.ErrorIs(t, err, properties.ErrUnitExists)
	require.Equal(t, "number", fault.FieldErrors(err)[0].Field)
	_, err = svc.AddUnits(ctx, db, properties.AddUnitsParams{PropertyID: p.ID, Units: []properties.UnitParams{
		{Number: "101", UnitDetails: properties.UnitDetails{Building: ptr("B")}}}})
	require.NoError(t, err, "the same number in another building")
	_, err = svc.AddUnits(ctx, db, properties.AddUnitsParams{PropertyID: id.New[properties.Property](), Units: numbered(1)})
	require.ErrorIs(t, err, properties.ErrPropertyNotFound)
	none, err := svc.AddUnits(ctx, db, properties.AddUnitsParams{PropertyID: p.ID})
	require.NoError(t, err)
	require.Empty(t, none)
}

// The columns of units follow what leases or a report say; the rate is known when all
// units are.
func TestProjectOccupancy(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), service()
	p := register(t, db, func(p *properties.RegisterPropertyParams) { p.Units = numbered(2) })
	list, err := svc.Units(ctx, db, p.ID, properties.UnitFilter{}, page.Request{})
	require.NoError(t, err)
	v := list.Items[0].ID
	require.Equal(t, "none", rate(t, db, p.ID))

	rent := money.MustParse("1400")
	params := properties.ProjectOccupancyParams{PropertyID: p.ID, Basis: properties.BasisLeases, AsOf: date.MustParse("2026-01-15"), Units: []properties.UnitOccupancy{
		{UnitID: v, Status: properties.OccupancyOccupied, Rent: &rent, LeaseStart: day("2026-01-01"), LeaseEnd: day("2026-12-31"), MoveIn: day("2026-01-02")}}}
	require.NoError(t, svc.ProjectOccupancy(ctx, db, params))
	require.Equal(t, "none", rate(t, db, p.ID), "the other one is unknown")
	params.Others = true
	require.NoError(t, svc.ProjectOccupancy(ctx, db, params))
	require.Equal(t, "0.5", rate(t, db, p.ID))
	u, err := svc.Unit(ctx, db, v)
	require.NoError(t, err)
	require.Equal(t, "occupied 1400.00 2026-01-01 2026-12-31 2026-01-02",
		fmt.Sprint(u.OccupancyStatus, " ", u.CurrentRent, " ", u.LeaseStart, " ", u.LeaseEnd, " ", u.MoveIn))
	require.Equal(t, int64(2), u.Version, "what is the same is not written again")
	_, err = svc.StartRenovation(ctx, db, properties.StartRenovationParams{UnitID: v, Date: date.MustParse("2026-01-10")})
	require.ErrorIs(t, err, properties.ErrUnitNotVacant)
	added, err := svc.AddUnits(ctx, db, properties.AddUnitsParams{PropertyID: p.ID, Units: []properties.UnitParams{{Number: "900"}, {Number: "901"}}})
	require.NoError(t, err)
	require.Equal(t, properties.OccupancyVacant, added[0].OccupancyStatus, "of a property with leases it is known that it has none")
	require.Equal(t, "0.25", rate(t, db, p.ID))

	_, err = svc.FinishRenovation(ctx, db, properties.FinishRenovationParams{UnitID: added[0].ID, Date: date.MustParse("2026-06-01")})
	require.ErrorIs(t, err, properties.ErrUnitNotRenovating)
	_, err = svc.StartRenovation(ctx, db, properties.StartRenovationParams{UnitID: added[0].ID, Date: date.MustParse("2026-01-10")})
	require.NoError(t, err)
	params.Units[0].Status, params.Units[0].Rent = properties.OccupancyVacant, nil
	require.NoError(t, svc.ProjectOccupancy(ctx, db, params))
	u, err = svc.Unit(ctx, db, added[0].ID)
	require.NoError(t, err)
	require.Equal(t, properties.OccupancyRenovation, u.OccupancyStatus, "a unit under renovation stays so")
	u, err = svc.FinishRenovation(ctx, db, properties.FinishRenovationParams{UnitID: u.ID, Date: date.MustParse("2026-06-01")})
	require.NoError(t, err)
	require.Equal(t, "vacant renovated", string(u.OccupancyStatus)+" "+string(*u.RenovationStatus))
	require.Equal(t, "0", rate(t, db, p.ID))

	require.Len(t, fault.FieldErrors(svc.ProjectOccupancy(ctx, db, properties.ProjectOccupancyParams{})), 4)
	params.PropertyID = id.New[properties.Property]()
	require.ErrorIs(t, svc.ProjectOccupancy(ctx, db, params), properties.ErrPropertyNotFound)
}

// A renovation that ends after a tenant has moved in is recorded, and the unit stays
// theirs.
func TestFinishRenovation_let(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), service()
	p := register(t, db, func(p *properties.RegisterPropertyParams) { p.Units = numbered(1) })
	list, err := svc.Units(ctx, db, p.ID, properties.UnitFilter{}, page.Request{})
	require.NoError(t, err)
	v, rent := list.Items[0].ID, money.MustParse("1400")
	_, err = svc.StartRenovation(ctx, db, properties.StartRenovationParams{UnitID: v, Date: date.MustParse("2026-01-10")})
	require.NoError(t, err)
	require.NoError(t, svc.ProjectOccupancy(ctx, db, properties.ProjectOccupancyParams{PropertyID: p.ID, Basis: properties.BasisLeases, AsOf: date.MustParse("2026-01-15"),
		Units: []properties.UnitOccupancy{{UnitID: v, Status: properties.OccupancyOccupied, Rent: &rent, LeaseStart: day("2026-01-01")}}}))
	u, err := svc.FinishRenovation(ctx, db, properties.FinishRenovationParams{UnitID: v, Date: date.MustParse("2026-01-10")})
	require.NoError(t, err)
	require.Equal(t, "occupied renovated 2026-01-10 1400.00", fmt.Sprint(u.OccupancyStatus, " ", *u.RenovationStatus, " ", u.RenovationCompleted, " ", u.CurrentRent))
	require.Equal(t, "1", rate(t, db, p.ID))
	_, err = svc.FinishRenovation(ctx, db, properties.FinishRenovationParams{UnitID: v, Date: date.MustParse("2026-01-10")})
	require.ErrorIs(t, err, properties.ErrUnitNotRenovating)
}

// A unit of which nobody knows whether it is let can be renovated, and is unknown after.
func TestStartRenovation_unknown(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), service()
	p := register(t, db, func(p *properties.RegisterPropertyParams) { p.Units = numbered(1) })
	list, err := svc.Units(ctx, db, p.ID, properties.UnitFilter{}, page.Request{})
	require.NoError(t, err)
	u, err := svc.StartRenovation(ctx, db, properties.StartRenovationParams{UnitID: list.Items[0].ID, Date: date.MustParse("2026-01-10")})
	require.NoError(t, err)
	require.Equal(t, "0", rate(t, db, p.ID))
	u, err = svc.FinishRenovation(ctx, db, properties.FinishRenovationParams{UnitID: u.ID, Date: date.MustParse("2026-06-01")})
	require.NoError(t, err)
	require.Equal(t, properties.OccupancyUnknown, u.OccupancyStatus)
	require.Equal(t, "none", rate(t, db, p.ID))
}

func TestUpdateUnit(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), service()
	p := register(t, db, func(p *properties.RegisterPropertyParams) { p.Units = numbered(2) })
	list, err := svc.Units(ctx, db, p.ID, properties.UnitFilter{}, page.Request{})
	require.NoError(t, err)
	v := list.Items[0].ID
	u, err := svc.UpdateUnit(ctx, db, properties.UpdateUnitParams{ID: v, Version: 1,
		UnitDetails: properties.UnitDetails{MarketRent: usd("1500"), HasBalcony: ptr(true), Notes: ptr("corner"), Appliances: []string{"washer"}}})
	require.NoError(t, err)
	require.Equal(t, int64(2), u.Version)
	_, err = svc.UpdateUnit(ctx, db, properties.UpdateUnitParams{ID: v, Version: 1, Number: ptr("900")})
	require.ErrorIs(t, err, properties.ErrStale)
	_, err = svc.UpdateUnit(ctx, db, properties.UpdateUnitParams{ID: v, Version: 2, Number: ptr("102")})
	require.ErrorIs(t, err, properties.ErrUnitExists)
	_, err = svc.UpdateUnit(ctx, db, properties.UpdateUnitParams{ID: v, Version: 2, Clear: []string{"has_balcony"}})
	require.ErrorIs(t, err, fault.Invalid)
	u, err = svc.UpdateUnit(ctx, db, properties.UpdateUnitParams{ID: v, Version: 2, Clear: []string{"notes", "appliances"}})
	require.NoError(t, err)
	require.Nil(t, u.Notes)
	stored, err := svc.Unit(ctx, db, v)
	require.NoError(t, err)
	require.Nil(t, stored.Appliances)
	require.True(t, stored.HasBalcony)
	require.Equal(t, "1500.00", stored.MarketRent.String())
}

// Pages are complete and in order, also where numbers tie across buildings.
func TestUnits_pages(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), service()
	var list []properties.UnitParams
	for b := range 3 {
		for n := range 11 {
			list = append(list, properties.UnitParams{Number: strconv.Itoa(100 + n),
				UnitDetails: properties.UnitDetails{Building: ptr(strconv.Itoa(b)), Type: ptr(properties.Unit2BR)}})
		}
	}
	p := register(t, db, func(p *properties.RegisterPropertyParams) { p.Units = list })
	register(t, db, func(p *properties.RegisterPropertyParams) { p.Units = numbered(5) })

	seen := map[id.Of[properties.Unit]]bool{}
	last, req := "", page.Request{Limit: 4}
	for {
		got, err := svc.Units(ctx, db, p.ID, properties.UnitFilter{Types: []properties.UnitType{properties.Unit2BR}}, req)
		require.NoError(t, err)
		for _, u := range got.Items {
			require.False(t, seen[u.ID])
			require.LessOrEqual(t, last, u.Number)
			seen[u.ID], last = true, u.Number
		}
		if got.Next == "" {
			break
		}
		req.After = got.Next
	}
	require.Len(t, seen, len(list))

	n := 0
	for u, err := range svc.AllUnits(ctx, db, p.ID, properties.UnitFilter{OccupancyStatuses: []properties.OccupancyStatus{properties.OccupancyUnknown}}) {
		require.NoError(t, err)
		require.Equal(t, p.ID, u.PropertyID)
		n++
	}
	require.Equal(t, len(list), n)
	none, err := svc.Units(ctx, db, p.ID, properties.UnitFilter{Types: []properties.UnitType{"loft"}}, page.Request{})
	require.NoError(t, err)
	require.Empty(t, none.Items)
}
