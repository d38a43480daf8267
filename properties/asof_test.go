package properties_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// Every version is found at its first and last microsecond, also when several
// were written in one transaction; before the first and after the deletion
// there is none.
func TestPropertyAsOf(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), service()
	p := register(t, db, func(p *properties.RegisterPropertyParams) {
		p.Name, p.Coordinates, p.Amenities, p.Units = "v1", at("30", "-97"), []string{"pool"}, numbered(2)
	})
	versions := []*properties.Property{p}
	for _, name := range []string{"v2", "v3"} {
		p, err := svc.UpdateProperty(ctx, db, properties.UpdatePropertyParams{ID: p.ID, Version: versions[len(versions)-1].Version, Name: &name})
		require.NoError(t, err)
		versions = append(versions, p)
	}
	valued, err := svc.Revalue(ctx, db, properties.RevalueParams{PropertyID: p.ID, Amount: money.MustParse("5"), Date: date.MustParse("2026-01-01")})
	require.NoError(t, err)
	versions = append(versions, valued)

	// Rollups move nothing.
	list, err := svc.Units(ctx, db, p.ID, properties.UnitFilter{}, page.Request{})
	require.NoError(t, err)
	rent := money.MustParse("1")
	require.NoError(t, svc.ProjectOccupancy(ctx, db, properties.ProjectOccupancyParams{PropertyID: p.ID, Basis: properties.BasisLeases, AsOf: date.MustParse("2026-01-01"),
		Others: true, Units: []properties.UnitOccupancy{{UnitID: list.Items[0].ID, Status: properties.OccupancyOccupied, Rent: &rent}}}))
	require.Equal(t, "0.5", rate(t, db, p.ID))

	for i, v := range versions {
		ends := v.UpdatedAt.Add(time.Hour)
		if i+1 < len(versions) {
			ends = versions[i+1].UpdatedAt.Add(-time.Microsecond)
		}
		require.False(t, ends.Before(v.UpdatedAt))
		for _, at := range []time.Time{v.UpdatedAt, ends} {
			got, err := svc.PropertyAsOf(ctx, db, p.ID, at)
			require.NoError(t, err, "version %d", i)
			require.Equal(t, v.Name, got.Name)
			require.Equal(t, v.Version, got.Version)
			require.Equal(t, v.CurrentValuation, got.CurrentValuation)
			require.Equal(t, []string{"pool"}, got.Amenities)
			require.Equal(t, -97.0, got.Location.Lon())
		}
	}
	_, err = svc.PropertyAsOf(ctx, db, p.ID, p.UpdatedAt.Add(-time.Microsecond))
	require.ErrorIs(t, err, properties.ErrPropertyNotFound)

	require.NoError(t, svc.DeleteProperty(ctx, db, p.ID))
	_, err = svc.PropertyAsOf(ctx, db, p.ID, time.Now().Add(time.Hour))
	require.ErrorIs(t, err, properties.ErrPropertyNotFound)
	got, err := svc.PropertyAsOf(ctx, db, p.ID, valued.UpdatedAt)
	require.NoError(t, err, "what was there is still found in the past")
	require.Equal(t, "v3", got.Name)
	_, err = svc.PropertyAsOf(ctx, db, id.New[properties.Property](), time.Now())
	require.ErrorIs(t, err, properties.ErrPropertyNotFound)
}

func TestUnitAsOf(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), service()
	p := register(t, db, func(p *properties.RegisterPropertyParams) { p.Units = numbered(1) })
	list, err := svc.Units(ctx, db, p.ID, properties.UnitFilter{}, page.Request{})
	require.NoError(t, err)
	v := list.Items[0].ID
	rent := money.MustParse("1400")
	told := func(status properties.OccupancyStatus, rent *money.Amount) *properties.Unit {
		require.NoError(t, svc.ProjectOccupancy(ctx, db, properties.ProjectOccupancyParams{PropertyID: p.ID, Basis: properties.BasisLeases,
			AsOf: date.MustParse("2026-01-01"), Units: []properties.UnitOccupancy{{UnitID: v, Status: status, Rent: rent}}}))
		u, err := svc.Unit(ctx, db, v)
		require.NoError(t, err)
		return u
	}
	in := told(properties.OccupancyOccupied, &rent)
	out := told(properties.OccupancyVacant, nil)

	then, err := svc.UnitAsOf(ctx, db, v, in.UpdatedAt)
	require.NoError(t, err)
	require.Equal(t, "1400.00", then.CurrentRent.String())
	now, err := svc.UnitAsOf(ctx, db, v, out.UpdatedAt)
	require.NoError(t, err)
	require.Nil(t, now.CurrentRent)
	_, err = svc.UnitAsOf(ctx, db, v, list.Items[0].UpdatedAt.Add(-time.Second))
	require.ErrorIs(t, err, properties.ErrUnitNotFound)
}
