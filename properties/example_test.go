package properties_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// A property is registered with its units in one call.
func ExampleService_RegisterProperty() {
	ctx, db, done := exampleDB()
	defer done()
	svc := properties.NewService(properties.Config{})

	rent := money.MustParse("1395.00")
	p, err := svc.RegisterProperty(ctx, db, properties.RegisterPropertyParams{
		Name: "Maple Court Apartments", AddressLine1: "410 Maple Ave", City: "Columbus", State: "OH", ZipCode: "43215",
		PropertyDetails: properties.PropertyDetails{
			Coordinates: &properties.Coordinates{
				Latitude: decimal.RequireFromString("39.9612"), Longitude: decimal.RequireFromString("-82.9988")},
		},
		Units: []properties.UnitParams{
			{Number: "101", UnitDetails: properties.UnitDetails{MarketRent: &rent}},
			{Number: "102"},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Slug, p.TotalUnits, "units")
	// Output: maple-court-apartments 2 units
}

// Everything wrong with a request is told at once, by field.
func ExampleService_RegisterProperty_invalid() {
	ctx, db, done := exampleDB()
	defer done()
	svc := properties.NewService(properties.Config{})

	_, err := svc.RegisterProperty(ctx, db, properties.RegisterPropertyParams{
		Name: "Maple Court", City: "Columbus", State: "OH", ZipCode: "43215",
		Units: []properties.UnitParams{{Number: "101"}, {Number: "101"}},
	})
	for _, e := range fault.FieldErrors(err) {
		fmt.Println(e.Field, e.Code)
	}
	// Output:
	// address_line1 required
	// units[1].number unit_exists
}

// Two people edit one property; the second is told to read it again.
func ExampleService_UpdateProperty() {
	ctx, db, done := exampleDB()
	defer done()
	svc := properties.NewService(properties.Config{})
	p := exampleProperty(ctx, db)

	name, year := "Maple Court on the Park", 1987
	_, err := svc.UpdateProperty(ctx, db, properties.UpdatePropertyParams{ID: p.ID, Version: p.Version, Name: &name})
	fmt.Println(err)
	_, err = svc.UpdateProperty(ctx, db, properties.UpdatePropertyParams{ID: p.ID, Version: p.Version,
		PropertyDetails: properties.PropertyDetails{YearBuilt: &year}})
	fmt.Println(errors.Is(err, properties.ErrStale), errors.Is(err, fault.Conflict))
	// Output:
	// <nil>
	// true true
}

// A unit is taken off the market, and the past can still be read.
func ExampleService_StartRenovation() {
	ctx, db, done := exampleDB()
	defer done()
	svc := properties.NewService(properties.Config{})
	p := exampleProperty(ctx, db)
	list, err := svc.Units(ctx, db, p.ID, properties.UnitFilter{}, page.Request{})
	if err != nil {
		fmt.Println(err)
		return
	}
	before := list.Items[0]
	unit, err := svc.StartRenovation(ctx, db, properties.StartRenovationParams{UnitID: before.ID, Date: date.MustParse("2026-01-10")})
	if err != nil {
		fmt.Println(err)
		return
	}
	was, err := svc.UnitAsOf(ctx, db, before.ID, before.UpdatedAt)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(unit.Number, was.OccupancyStatus, "then,", unit.OccupancyStatus, "now")
	// Output: 101 unknown then, renovation now
}

// The nearest properties come first.
func ExampleService_Within() {
	ctx, db, done := exampleDB()
	defer done()
	svc := properties.NewService(properties.Config{})
	exampleProperty(ctx, db)

	found, err := svc.Within(ctx, db, properties.WithinParams{
		Center: properties.Coordinates{Latitude: decimal.RequireFromString("39.97"), Longitude: decimal.RequireFromString("-83")},
		Meters: 5000, Limit: 10,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, n := range found {
		fmt.Printf("%s, %.0f m\n", n.Name, n.Meters)
	}
	// Output: Maple Court, 982 m
}

// All properties of a filter, page by page behind the scenes.
func ExampleService_AllProperties() {
	ctx, db, done := exampleDB()
	defer done()
	svc := properties.NewService(properties.Config{})
	exampleProperty(ctx, db)

	for p, err := range svc.AllProperties(ctx, db, properties.PropertyFilter{State: "OH"}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(p.Name, p.City)
	}
	// Output: Maple Court Columbus
}

func ExampleSlug() {
	fmt.Println(properties.Slug("O'Hara's Place, Phase II"))
	// Output: o-hara-s-place-phase-ii
}

// exampleProperty registers a property with one vacant unit.
func exampleProperty(ctx context.Context, db bun.IDB) *properties.Property {
	p, err := properties.NewService(properties.Config{}).RegisterProperty(ctx, db, properties.RegisterPropertyParams{
		Name: "Maple Court", AddressLine1: "410 Maple Ave", City: "Columbus", State: "OH", ZipCode: "43215",
		PropertyDetails: properties.PropertyDetails{Coordinates: &properties.Coordinates{
			Latitude: decimal.RequireFromString("39.9612"), Longitude: decimal.RequireFromString("-82.9988")}},
		Units: []properties.UnitParams{{Number: "101"}},
	})
	if err != nil {
		panic(err)
	}
	return p
}

// exampleDB is a transaction of the example's own.
func exampleDB() (context.Context, bun.IDB, func()) {
	ctx, tx, end := pgtest.ExampleTx()
	return ctx, tx, end
}
