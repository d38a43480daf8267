package properties

import (
	"context"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// ComparableAdded says that a property is compared with another.
type ComparableAdded struct {
	ComparableID id.Of[Comparable] `json:"comparable_id"`
}

// EventType names the event.
func (ComparableAdded) EventType() (string, int) { return "properties.comparable_added", 1 }

// AddComparableParams is a property that another is compared with.
type AddComparableParams struct {
	ID            id.Of[Comparable] // optional; a new one by default
	PropertyID    id.Of[Property]
	Name          *string
	Address       *string
	DistanceMiles *decimal.Decimal
	TotalUnits    *int
	YearBuilt     *int
	Class         *string
	OccupancyRate *decimal.Decimal
	AverageRent   *money.Amount
	RentPerSqft   *decimal.Decimal
	DataSource    *DataSource
	LastUpdated   *date.Date
}

// AddComparable puts a comparable property on record, as [Service.AddFloorPlan]
// does with a floor plan.
func (s *Service) AddComparable(ctx context.Context, db bun.IDB, p AddComparableParams) (*Comparable, error) {
	now := s.now()
	row := &Comparable{ID: p.ID.OrNew(), PropertyID: p.PropertyID, Name: p.Name, Address: p.Address, DistanceMiles: p.DistanceMiles, TotalUnits: p.TotalUnits, YearBuilt: p.YearBuilt, Class: p.Class, OccupancyRate: p.OccupancyRate, AverageRent: p.AverageRent, RentPerSqft: p.RentPerSqft, DataSource: p.DataSource, LastUpdated: p.LastUpdated, CreatedAt: now, UpdatedAt: now}
	var f check.Fields
	f.AddErr("", row.validate())
	f.Happened("last_updated", p.LastUpdated, s.days())
	if err := f.Err(); err != nil {
		return nil, err
	}
	c := store.Creation[Comparable]{Verb: "properties.add_comparable", Params: p, Chosen: p.ID, Kind: "comparable", Rows: comparables}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*Comparable, error) {
		if err := comparables.Insert(ctx, tx, row); err != nil {
			return nil, err
		}
		return row, s.hooks.Emit(ctx, tx, now, store.Event(aggregateProperty, row.PropertyID, ComparableAdded{row.ID}))
	})
}

// validate returns every field error of p.
func (p *Comparable) validate() error {
	var c check.Fields
	c.Given("property_id", p.PropertyID)
	check.OptionalText(&c, "name", p.Name, 255)
	check.OptionalText(&c, "address", p.Address, 500)
	check.OptionalText(&c, "class", p.Class, 10)
	check.OptionalText(&c, "data_source", p.DataSource, 50)
	c.Number("distance_miles", p.DistanceMiles, 2, 0, 1_000_000)
	c.Count("total_units", p.TotalUnits)
	c.Integer("year_built", p.YearBuilt, 1000, 3000)
	c.Rate("occupancy_rate", p.OccupancyRate)
	c.Amount("average_rent", p.AverageRent)
	c.Number("rent_per_sqft", p.RentPerSqft, 4, 0, 1_000_000)
	c.Day("last_updated", p.LastUpdated)
	return c.Err()
}
