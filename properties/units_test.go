package properties_test

import (
	"fmt"
	"strconv"
	"sync"
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

	added, err := svc.AddUnits(ctx, db, properties.AddUnitsParams{PropertyID: p.ID, Units: numbered(3, 2)})
	require.NoError(t, err)
	require.Len(t, added, 3)
	require.Equal(t, "0.666667", rate(t, db, p.ID))
	read, err := svc.Property(ctx, db, p.ID)
	require.NoError(t, err)
	require.Equal(t, 3, read.TotalUnits)
	require.Equal(t, int64(1), read.Version, "rollups are nobody's edit")

	_, err = svc.AddUnits(ctx, db, properties.AddUnitsParams{PropertyID: p.ID, Units: numbered(1, 0)})
	require.ErrorIs(t, err, properties.ErrUnitExists)
	require.Equal(t, "number", fault.FieldErrors(err)[0].Field)
	_, err = svc.AddUnits(ctx, db, properties.AddUnitsParams{PropertyID: p.ID, Units: []properties.UnitParams{
		{Number: "101", UnitDetails: properties.UnitDetails{Building: ptr("B")}}}})
	require.NoError(t, err, "the same number in another building")
	_, err = svc.AddUnits(ctx, db, properties.AddUnitsParams{PropertyID: id.New[properties.Property](), Units: numbered(1, 0)})
	require.ErrorIs(t, err, properties.ErrPropertyNotFound)
	none, err := svc.AddUnits(ctx, db, properties.AddUnitsParams{PropertyID: p.ID})
	require.NoError(t, err)
	require.Empty(t, none)
}

// The life of a unit, verb by verb, with the property's occupancy rate.
func TestUnitLife(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), service()
	p := register(t, db, func(p *properties.RegisterPropertyParams) { p.Units = numbered(2, 0) })
	list, err := svc.Units(ctx, db, p.ID, properties.UnitFilter{}, page.Request{})
	require.NoError(t, err)
	v := list.Items[0].ID
	require.Equal(t, "0", rate(t, db, p.ID))

	lease := properties.OccupyUnitParams{UnitID: v, Rent: money.MustParse("1400"), Start: date.MustParse("2026-01-01"), End: day("2026-12-31")}
	u, err := svc.OccupyUnit(ctx, db, lease)
	require.NoError(t, err)
	require.Equal(t, "occupied 1400.00 2026-01-01 2026-12-31 2026-01-01",
		fmt.Sprint(u.OccupancyStatus, " ", u.CurrentRent, " ", u.LeaseStart, " ", u.LeaseEnd, " ", u.MoveIn))
	require.Equal(t, "0.5", rate(t, db, p.ID))
	_, err = svc.OccupyUnit(ctx, db, lease)
	require.ErrorIs(t, err, properties.ErrUnitNotVacant)
	_, err = svc.StartRenovation(ctx, db, v)
	require.ErrorIs(t, err, properties.ErrUnitNotVacant)

	u, err = svc.GiveNotice(ctx, db, properties.GiveNoticeParams{UnitID: v, Date: date.MustParse("2026-10-15")})
	require.NoError(t, err)
	require.Equal(t, properties.OccupancyNotice, u.OccupancyStatus)
	require.Equal(t, "0.5", rate(t, db, p.ID), "a tenant under notice is a tenant")
	_, err = svc.GiveNotice(ctx, db, properties.GiveNoticeParams{UnitID: v, Date: date.MustParse("2026-10-16")})
	require.ErrorIs(t, err, properties.ErrNoticeGiven)

	next := properties.RenewLeaseParams{UnitID: v, Rent: money.MustParse("1450"), Start: date.MustParse("2027-01-01")}
	u, err = svc.RenewLease(ctx, db, next)
	require.NoError(t, err)
	require.Equal(t, properties.OccupancyOccupied, u.OccupancyStatus)
	require.Nil(t, u.NoticeDate)
	require.Nil(t, u.LeaseEnd)
	require.Equal(t, "2027-01-01 2026-01-01", u.LastRentIncrease.String()+" "+u.MoveIn.String())

	u, err = svc.VacateUnit(ctx, db, v)
	require.NoError(t, err)
	require.Equal(t, properties.OccupancyVacant, u.OccupancyStatus)
	require.Nil(t, u.CurrentRent)
	require.Equal(t, "0", rate(t, db, p.ID))
	for _, verb := range []func() (*properties.Unit, error){
		func() (*properties.Unit, error) { return svc.VacateUnit(ctx, db, v) },
		func() (*properties.Unit, error) { return svc.RenewLease(ctx, db, next) },
		func() (*properties.Unit, error) {
			return svc.GiveNotice(ctx, db, properties.GiveNoticeParams{UnitID: v, Date: date.MustParse("2027-05-01")})
		},
	} {
		_, err = verb()
		require.ErrorIs(t, err, properties.ErrUnitNotOccupied)
	}
	_, err = svc.FinishRenovation(ctx, db, properties.FinishRenovationParams{UnitID: v, Date: date.MustParse("2026-06-01")})
	require.ErrorIs(t, err, properties.ErrUnitNotRenovating)
	_, err = svc.StartRenovation(ctx, db, v)
	require.NoError(t, err)
	u, err = svc.FinishRenovation(ctx, db, properties.FinishRenovationParams{UnitID: v, Date: date.MustParse("2026-06-01")})
	require.NoError(t, err)
	require.Equal(t, properties.RenovationRenovated, *u.RenovationStatus)
	require.Equal(t, int64(7), u.Version)

	stored, err := svc.Unit(ctx, db, v)
	require.NoError(t, err)
	require.Equal(t, u.UpdatedAt.UTC(), stored.UpdatedAt.UTC())
	require.Equal(t, properties.OccupancyVacant, stored.OccupancyStatus)

	_, err = svc.OccupyUnit(ctx, db, properties.OccupyUnitParams{UnitID: v, Rent: money.MustParse("-1"), End: day("2020-01-01")})
	require.Len(t, fault.FieldErrors(err), 2)
	lease.End = day("2020-01-01")
	_, err = svc.OccupyUnit(ctx, db, lease)
	require.ErrorIs(t, err, properties.ErrLeaseDates)
	_, err = svc.VacateUnit(ctx, db, id.New[properties.Unit]())
	require.ErrorIs(t, err, properties.ErrUnitNotFound)
}

func TestUpdateUnit(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), service()
	p := register(t, db, func(p *properties.RegisterPropertyParams) { p.Units = numbered(2, 0) })
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
	register(t, db, func(p *properties.RegisterPropertyParams) { p.Units = numbered(5, 0) })

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
	for u, err := range svc.AllUnits(ctx, db, p.ID, properties.UnitFilter{OccupancyStatuses: []properties.OccupancyStatus{properties.OccupancyVacant}}) {
		require.NoError(t, err)
		require.Equal(t, p.ID, u.PropertyID)
		n++
	}
	require.Equal(t, len(list), n)
	none, err := svc.Units(ctx, db, p.ID, properties.UnitFilter{Types: []properties.UnitType{"loft"}}, page.Request{})
	require.NoError(t, err)
	require.Empty(t, none.Items)
}

// Tenants move into all units of a property at once; the rate ends up exact,
// which a rate computed from a stale read would not.
func TestOccupyUnit_concurrently(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), service()
	p := register(t, db, func(p *properties.RegisterPropertyParams) { p.Units = numbered(16, 0) })
	list, err := svc.Units(ctx, db, p.ID, properties.UnitFilter{}, page.Request{})
	require.NoError(t, err)

	var wg sync.WaitGroup
	errs := make(chan error, 16)
	for _, u := range list.Items {
		wg.Go(func() {
			_, err := svc.OccupyUnit(ctx, db, properties.OccupyUnitParams{UnitID: u.ID, Rent: money.MustParse("1000"), Start: date.MustParse("2026-01-01")})
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		require.NoError(t, err)
	}
	require.Equal(t, "1", rate(t, db, p.ID))
}

// Two tenants race for one unit; one gets it.
func TestOccupyUnit_race(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), service()
	p := register(t, db, func(p *properties.RegisterPropertyParams) { p.Units = numbered(1, 0) })
	list, err := svc.Units(ctx, db, p.ID, properties.UnitFilter{}, page.Request{})
	require.NoError(t, err)
	var wg sync.WaitGroup
	errs := make(chan error, 8)
	for i := range 8 {
		wg.Go(func() {
			rent, err := money.FromCents(int64(i))
			if err == nil {
				_, err = svc.OccupyUnit(ctx, db, properties.OccupyUnitParams{UnitID: list.Items[0].ID, Rent: rent, Start: date.MustParse("2026-01-01")})
			}
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	won := 0
	for err := range errs {
		if err == nil {
			won++
			continue
		}
		require.ErrorIs(t, err, properties.ErrUnitNotVacant)
	}
	require.Equal(t, 1, won)
}
