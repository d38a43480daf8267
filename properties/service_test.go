package properties_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
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

// ptr is a pointer to a copy.
func ptr[T any](v T) *T { return &v }

func usd(s string) *money.Amount { return ptr(money.MustParse(s)) }

func day(s string) *date.Date { return ptr(date.MustParse(s)) }

func service() *properties.Service { return properties.NewService(properties.Config{}) }

// sample is a valid property with a slug of its own; change alters it.
func sample(change func(*properties.RegisterPropertyParams)) properties.RegisterPropertyParams {
	v := id.New[properties.Property]()
	p := properties.RegisterPropertyParams{
		ID: v, Name: "Riverside Garden Apartments", Slug: "riverside-" + v.String(),
		AddressLine1: "1200 Riverside Dr", City: "Austin", State: "TX", ZipCode: "78741",
	}
	if change != nil {
		change(&p)
	}
	return p
}

func register(t *testing.T, db bun.IDB, change func(*properties.RegisterPropertyParams)) *properties.Property {
	t.Helper()
	p, err := service().RegisterProperty(t.Context(), db, sample(change))
	require.NoError(t, err)
	return p
}

// numbered makes n units.
func numbered(n int) []properties.UnitParams {
	list := make([]properties.UnitParams, n)
	for i := range list {
		list[i] = properties.UnitParams{Number: fmt.Sprintf("%03d", 101+i)}
	}
	return list
}

func TestRegisterProperty_everything(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Tx(t)
	now := time.Date(2026, 3, 1, 12, 0, 0, 123_456_789, time.FixedZone("CST", -6*3600))
	svc := properties.NewService(properties.Config{Now: func() time.Time { return now }})
	params := sample(func(p *properties.RegisterPropertyParams) {
		p.Slug = ""
		p.Name = "  Été at Riverside — Phase II  " + p.ID.String()
		p.PropertyDetails = properties.PropertyDetails{
			Type: ptr(properties.TypeMultiFamily), Subtype: ptr(properties.SubtypeGarden), Class: ptr(properties.ClassB),
			AddressLine2: ptr("Leasing office"), Coordinates: at("30.2672", "-97.7431"),
			YearBuilt: ptr(1998), LastRenovated: ptr(2019), TotalBuildings: ptr(4), TotalSqft: ptr(91_000),
			LotSizeAcres: ptr(decimal.RequireFromString("6.1250")), ParkingSpaces: ptr(150),
			PurchasePrice: usd("14250000.00"), PurchaseDate: day("2024-06-28"),
			TargetIRR: ptr(decimal.RequireFromString("0.155")), TargetCashOnCash: ptr(decimal.RequireFromString("0.0725")),
			Status: ptr(properties.StatusRenovating), AcquisitionStatus: ptr(properties.AcquisitionOwned),
			ManagementCompany: ptr("Keystone"), ManagerName: ptr("Ana Ruiz"), ManagerPhone: ptr("512-555-0100"),
			ManagerEmail: ptr("ana@example.com"), Amenities: []string{"pool", `"gym", 24/7`},
			Features: map[string]any{"ev": true, "floors": []any{"1", "2"}}, UtilitiesIncluded: []string{},
			PetPolicy: ptr("cats"), MarketName: ptr("Austin"), SubmarketName: ptr("Southeast"),
			WalkScore: ptr(0), TransitScore: ptr(55), BikeScore: ptr(100),
			Description: ptr("Quiet"), InvestmentThesis: ptr("Light value-add"), ExecutiveSummary: ptr("It's good"),
		}
		p.Units = numbered(8)
	})
	got, err := svc.RegisterProperty(ctx, db, params)
	require.NoError(t, err)
	require.Equal(t, "t-at-riverside-phase-ii-"+params.ID.String(), got.Slug)
	require.Equal(t, 8, got.TotalUnits)
	require.Nil(t, got.OccupancyRate, "nobody knows whether the units are let")
	require.Equal(t, time.Date(2026, 3, 1, 18, 0, 0, 123_456_000, time.UTC), got.CreatedAt)

	read, err := svc.Property(ctx, db, got.ID)
	require.NoError(t, err)
	require.Equal(t, "14250000.00", read.PurchasePrice.String())
	require.Equal(t, date.MustParse("2024-06-28"), *read.PurchaseDate)
	require.Equal(t, params.Amenities, read.Amenities)
	require.Equal(t, []string{}, read.UtilitiesIncluded)
	require.Equal(t, params.Features, read.Features)
	require.Equal(t, 0, *read.WalkScore)
	require.True(t, decimal.RequireFromString("-97.7431").Equal(*read.Longitude))
	require.Equal(t, -97.7431, read.Location.Lon())
	require.Equal(t, got.CreatedAt, read.CreatedAt.UTC())
	require.Equal(t, int64(1), read.Version)
	require.Nil(t, read.CurrentValuation)
	require.Equal(t, "0.00", read.AmountRaised.String())
	require.Equal(t, "USA", read.Country)

	bySlug, err := svc.PropertyBySlug(ctx, db, got.Slug)
	require.NoError(t, err)
	require.Equal(t, read, bySlug)
	list, err := svc.Units(ctx, db, got.ID, properties.UnitFilter{}, page.Request{})
	require.NoError(t, err)
	require.Len(t, list.Items, 8)
	require.Equal(t, properties.OccupancyUnknown, list.Items[7].OccupancyStatus)
}

// Everything wrong with a request is told at once, before anything is written.
func TestRegisterProperty_allFieldErrors(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Tx(t)
	params := sample(func(p *properties.RegisterPropertyParams) {
		p.Name, p.Slug, p.City, p.ZipCode = " ", "Bad Slug", "", "123456789012345678901"
		p.Coordinates = at("91", "0")
		p.YearBuilt, p.WalkScore, p.TotalUnits = ptr(99), ptr(101), ptr(1)
		p.Class, p.Status = ptr(properties.Class("E")), ptr(properties.Status("x"))
		p.PurchasePrice, p.PurchaseDate = usd("-1"), ptr(date.Date{})
		p.TargetIRR = ptr(decimal.RequireFromString("0.1234567"))
		p.OccupancyRate = ptr(decimal.RequireFromString("95.5"))
		p.LotSizeAcres = ptr(decimal.RequireFromString("1e9"))
		p.Description = ptr("a\x00b")
		p.Units = []properties.UnitParams{
			{Number: "1"}, {Number: ""}, {Number: "1"},
			{Number: "2", UnitDetails: properties.UnitDetails{Bathrooms: ptr(decimal.RequireFromString("1.25")), ConditionRating: ptr(6)}},
		}
	})
	_, err := service().RegisterProperty(ctx, db, params)
	require.ErrorIs(t, err, fault.Invalid)
	var fields []string
	for _, e := range fault.FieldErrors(err) {
		fields = append(fields, e.Field+" "+e.Code)
	}
	slices.Sort(fields)
	require.Equal(t, []string{
		"city required", "class value_not_allowed", "coordinates point_malformed", "description text_malformed", "lot_size_acres out_of_range",
		"name required", "occupancy_rate out_of_range",
		"purchase_date date_malformed", "purchase_price out_of_range", "slug slug_malformed", "status value_not_allowed",
		"target_irr too_many_decimals", "total_units out_of_range", "units[1].number required",
		"units[2].number unit_exists", "units[3].bathrooms too_many_decimals",
		"units[3].condition_rating out_of_range", "walk_score out_of_range", "year_built out_of_range",
		"zip_code text_too_long",
	}, fields)
	n, err := db.NewSelect().Model((*properties.Property)(nil)).Where("id = ?", params.ID).Count(ctx)
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestRegisterProperty_conflicts(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), service()
	first := register(t, db, nil)

	_, err := svc.RegisterProperty(ctx, db, sample(func(p *properties.RegisterPropertyParams) { p.Slug = first.Slug }))
	require.ErrorIs(t, err, properties.ErrSlugTaken)
	_, err = svc.RegisterProperty(ctx, db, sample(func(p *properties.RegisterPropertyParams) { p.ID = first.ID }))
	require.ErrorIs(t, err, properties.ErrPropertyExists)

	require.NoError(t, svc.DeleteProperty(ctx, db, first.ID))
	again := register(t, db, func(p *properties.RegisterPropertyParams) { p.Slug = first.Slug })
	require.NotEqual(t, first.ID, again.ID, "a deleted property frees its slug")
}

func TestUpdateProperty(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), service()
	p := register(t, db, func(p *properties.RegisterPropertyParams) {
		p.YearBuilt, p.PetPolicy, p.Coordinates = ptr(1998), ptr("cats"), at("30", "-97")
		p.Units = numbered(3)
	})
	got, err := svc.UpdateProperty(ctx, db, properties.UpdatePropertyParams{
		ID: p.ID, Version: 1, Name: ptr("Renamed"), Clear: []string{"pet_policy", "coordinates"},
		PropertyDetails: properties.PropertyDetails{YearBuilt: ptr(1999), TotalUnits: ptr(2)},
	})
	require.NoError(t, err)
	require.Equal(t, int64(2), got.Version)
	require.True(t, got.UpdatedAt.After(p.UpdatedAt))
	require.Equal(t, 3, got.TotalUnits, "no fewer than are on record")

	read, err := svc.Property(ctx, db, p.ID)
	require.NoError(t, err)
	require.Equal(t, "Renamed", read.Name)
	require.Equal(t, 1999, *read.YearBuilt)
	require.Nil(t, read.PetPolicy)
	require.Nil(t, read.Latitude)
	require.Nil(t, read.Longitude)
	require.Nil(t, read.Location)
	require.Equal(t, "Austin", read.City, "what is not named stays")
	require.Equal(t, got.UpdatedAt.UTC(), read.UpdatedAt.UTC(), "the verb returns what is stored")

	_, err = svc.UpdateProperty(ctx, db, properties.UpdatePropertyParams{ID: p.ID, Version: 1, Name: ptr("Too late")})
	require.ErrorIs(t, err, properties.ErrStale)
	same, err := svc.UpdateProperty(ctx, db, properties.UpdatePropertyParams{ID: p.ID, Version: 2})
	require.NoError(t, err)
	require.Equal(t, int64(2), same.Version, "nothing to do, nothing written")
	_, err = svc.UpdateProperty(ctx, db, properties.UpdatePropertyParams{ID: p.ID, Version: 2, City: ptr(""),
		PropertyDetails: properties.PropertyDetails{BikeScore: ptr(5)}, Clear: []string{"city", "bike_score", "nonsense"}})
	require.Len(t, fault.FieldErrors(err), 4)
	moved, err := svc.UpdateProperty(ctx, db, properties.UpdatePropertyParams{ID: p.ID, Version: 2,
		PropertyDetails: properties.PropertyDetails{Coordinates: at("40.7", "-74")}})
	require.NoError(t, err)
	require.Equal(t, -74.0, moved.Location.Lon())
	other := register(t, db, nil)
	_, err = svc.UpdateProperty(ctx, db, properties.UpdatePropertyParams{ID: p.ID, Version: 3, Slug: &other.Slug})
	require.ErrorIs(t, err, properties.ErrSlugTaken)
}

func TestRevalue(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), service()
	p := register(t, db, nil)
	revalue := func(amount, on string) (*properties.Property, error) {
		return svc.Revalue(ctx, db, properties.RevalueParams{PropertyID: p.ID, Amount: money.MustParse(amount), Date: date.MustParse(on)})
	}
	got, err := revalue("15000000", "2026-01-31")
	require.NoError(t, err)
	require.Equal(t, int64(2), got.Version)
	_, err = revalue("14000000", "2025-12-31")
	require.ErrorIs(t, err, properties.ErrLaterValuation)
	require.ErrorIs(t, err, fault.Illegal)
	got, err = revalue("15000000.00", "2026-01-31")
	require.NoError(t, err)
	require.Equal(t, int64(2), got.Version, "the same value again changes nothing")
	_, err = revalue("15100000.00", "2026-01-31")
	require.NoError(t, err)
	read, err := svc.Property(ctx, db, p.ID)
	require.NoError(t, err)
	require.Equal(t, "15100000.00 2026-01-31", read.CurrentValuation.String()+" "+read.ValuationDate.String())
	_, err = revalue("-1", "2026-02-01")
	require.Len(t, fault.FieldErrors(err), 1)
}

func TestDeletedPropertyIsGone(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Tx(t), service()
	p := register(t, db, func(p *properties.RegisterPropertyParams) {
		p.Name, p.Coordinates, p.Units = "Zanzibar Court", at("10", "10"), numbered(1)
	})
	require.NoError(t, svc.DeleteProperty(ctx, db, p.ID))

	_, err := svc.Property(ctx, db, p.ID)
	require.ErrorIs(t, err, properties.ErrPropertyNotFound)
	_, err = svc.PropertyBySlug(ctx, db, p.Slug)
	require.ErrorIs(t, err, fault.NotFound)
	_, err = svc.LockProperty(ctx, db, p.ID)
	require.ErrorIs(t, err, properties.ErrPropertyNotFound)
	_, err = svc.AddUnits(ctx, db, properties.AddUnitsParams{PropertyID: p.ID, Units: numbered(1)})
	require.ErrorIs(t, err, properties.ErrPropertyNotFound)
	require.ErrorIs(t, svc.DeleteProperty(ctx, db, p.ID), properties.ErrPropertyNotFound)
	found, err := svc.Search(ctx, db, "zanzibar", 10)
	require.NoError(t, err)
	require.Empty(t, found)
	near, err := svc.Within(ctx, db, properties.WithinParams{Center: *at("10", "10"), Meters: 10, Limit: 5})
	require.NoError(t, err)
	require.Empty(t, near)
	list, err := svc.Properties(ctx, db, properties.PropertyFilter{}, page.Request{})
	require.NoError(t, err)
	require.Empty(t, list.Items)
}

// A deadline that strikes in the middle of a verb leaves none of its writes in
// the caller's transaction.
func TestRegisterProperty_cancelledInCallersTransaction(t *testing.T) {
	t.Parallel()
	db := pgtest.Tx(t)
	ctx, cancel := context.WithCancel(t.Context())
	svc := properties.NewService(properties.Config{})
	params := sample(func(p *properties.RegisterPropertyParams) { p.Units = numbered(3) })
	_, err := svc.RegisterProperty(ctx, cancelling{db, cancel}, params)
	require.Error(t, err)
	n, err := db.NewSelect().Model((*properties.Property)(nil)).Where("id = ?", params.ID).Count(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
}

// cancelling is a transaction whose context ends when a row is about to be
// inserted.
type cancelling struct {
	bun.Tx
	cancel context.CancelFunc
}

func (c cancelling) NewInsert() *bun.InsertQuery {
	defer c.cancel()
	return c.Tx.NewInsert()
}
