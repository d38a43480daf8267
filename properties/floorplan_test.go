package properties_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

func TestFloorPlans(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), service()
	p := register(t, db, nil)
	_, err := svc.AddFloorPlan(ctx, db, properties.AddFloorPlanParams{PropertyID: p.ID, Name: "The Oak", UnitType: ptr(properties.Unit2BR), Bedrooms: ptr(2),
		Bathrooms: ptr(decimal.RequireFromString("1.5")), SqftMin: ptr(850), SqftMax: ptr(900), BaseRent: usd("1500"), TotalUnits: ptr(20), AvailableUnits: 3,
		Features: map[string]any{"balcony": true}, Appliances: []string{"oven"}})
	require.NoError(t, err)
	list, err := svc.FloorPlans(ctx, db, p.ID, page.Request{})
	require.NoError(t, err)
	require.Len(t, list.Items, 1)
	got := list.Items[0]
	require.Equal(t, "1.5 1500.00", got.Bathrooms.String()+" "+got.BaseRent.String())
	require.Equal(t, map[string]any{"balcony": true}, got.Features)

	_, err = svc.AddFloorPlan(ctx, db, properties.AddFloorPlanParams{PropertyID: p.ID, Name: "", SqftMin: ptr(2), SqftMax: ptr(1), TotalUnits: ptr(1), AvailableUnits: 2})
	require.Len(t, fault.FieldErrors(err), 3)
	require.ErrorIs(t, err, properties.ErrSqftRange)
	require.ErrorIs(t, err, properties.ErrAvailability)
	_, err = svc.AddFloorPlan(ctx, db, properties.AddFloorPlanParams{PropertyID: id.New[properties.Property](), Name: "x"})
	require.Equal(t, "property_id", fault.FieldErrors(err)[0].Field)
}

func TestComparables(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), service()
	p := register(t, db, nil)
	_, err := svc.AddComparable(ctx, db, properties.AddComparableParams{PropertyID: p.ID, Name: ptr("Lakeview"), Class: ptr("B+"),
		DistanceMiles: ptr(decimal.RequireFromString("1.25")), OccupancyRate: ptr(decimal.RequireFromString("0.945")), AverageRent: usd("1488.10"),
		RentPerSqft: ptr(decimal.RequireFromString("1.7350")), DataSource: ptr(properties.SourceManual), LastUpdated: day("2026-01-31")})
	require.NoError(t, err)
	list, err := svc.Comparables(ctx, db, p.ID, page.Request{})
	require.NoError(t, err)
	require.Len(t, list.Items, 1)
	got := list.Items[0]
	require.Equal(t, "B+ 1.25 0.945 1.735", *got.Class+" "+got.DistanceMiles.String()+" "+got.OccupancyRate.String()+" "+got.RentPerSqft.String())

	_, err = svc.AddComparable(ctx, db, properties.AddComparableParams{PropertyID: p.ID, DistanceMiles: ptr(decimal.RequireFromString("1.255")),
		RentPerSqft: ptr(decimal.NewFromInt(-1)), OccupancyRate: ptr(decimal.NewFromInt(95)), YearBuilt: ptr(1)})
	require.Len(t, fault.FieldErrors(err), 4)
	_, err = svc.AddComparable(ctx, db, properties.AddComparableParams{PropertyID: id.New[properties.Property]()})
	require.ErrorIs(t, err, fault.Invalid)
}
