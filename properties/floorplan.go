package properties

import (
	"context"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// FloorPlan is a unit layout that a property offers. Rents are a month's.
type FloorPlan struct {
	bun.BaseModel `bun:"table:properties.floor_plans,alias:fp"`

	ID             id.Of[FloorPlan] `bun:"id,pk"`
	PropertyID     id.Of[Property]  `bun:"property_id"`
	Name           string           `bun:"name"`
	UnitType       *UnitType        `bun:"unit_type"`
	Bedrooms       *int             `bun:"bedrooms"`
	Bathrooms      *decimal.Decimal `bun:"bathrooms"`
	SqftMin        *int             `bun:"sqft_min"`
	SqftMax        *int             `bun:"sqft_max"`
	BaseRent       *money.Amount    `bun:"base_rent"`
	MarketRent     *money.Amount    `bun:"market_rent"`
	TotalUnits     *int             `bun:"total_units"`
	AvailableUnits int              `bun:"available_units"`
	ImageURL       *string          `bun:"floor_plan_image_url"`
	Model3DURL     *string          `bun:"floor_plan_3d_url"`
	VirtualTourURL *string          `bun:"virtual_tour_url"`
	Features       map[string]any   `bun:"features,type:jsonb,nullzero"`
	Appliances     []string         `bun:"appliances,array"`
	CreatedAt      time.Time        `bun:"created_at"`
	UpdatedAt      time.Time        `bun:"updated_at"`
}

// DataSource names where market data came from. The list is open.
type DataSource string

// The usual data sources.
const (
	SourceCoStar DataSource = "costar"
	SourceReis   DataSource = "reis"
	SourceManual DataSource = "manual"
)

// Comparable is a nearby property that a property is compared with.
// Its class is free text, since vendors grade B+ or A-.
type Comparable struct {
	bun.BaseModel `bun:"table:properties.comparable_properties,alias:cp"`

	ID            id.Of[Comparable] `bun:"id,pk"`
	PropertyID    id.Of[Property]   `bun:"property_id"`
	Name          *string           `bun:"comp_name"`
	Address       *string           `bun:"comp_address"`
	DistanceMiles *decimal.Decimal  `bun:"distance_miles"`
	TotalUnits    *int              `bun:"total_units"`
	YearBuilt     *int              `bun:"year_built"`
	Class         *string           `bun:"property_class"`
	OccupancyRate *decimal.Decimal  `bun:"occupancy_rate"`
	AverageRent   *money.Amount     `bun:"average_rent"`
	RentPerSqft   *decimal.Decimal  `bun:"rent_per_sqft"`
	DataSource    *DataSource       `bun:"data_source"`
	LastUpdated   *date.Date        `bun:"last_updated"`
	CreatedAt     time.Time         `bun:"created_at"`
	UpdatedAt     time.Time         `bun:"updated_at"`
}

// AddFloorPlan puts a floor plan on record. A zero id is replaced by a new one
// and the times are set. It returns all field errors at once; a property that
// does not exist is one of them.
func (s *Service) AddFloorPlan(ctx context.Context, db bun.IDB, p FloorPlan) (*FloorPlan, error) {
	if p.ID.IsZero() {
		p.ID = id.New[FloorPlan]()
	}
	p.CreatedAt = s.now()
	p.UpdatedAt = p.CreatedAt
	if err := p.validate(); err != nil {
		return nil, err
	}
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		if err := floorPlans.Insert(ctx, tx, &p); err != nil {
			return err
		}
		return store.Emit(ctx, tx, p.CreatedAt, store.Event(aggregateProperty, p.PropertyID, FloorPlanAdded{p.ID}))
	})
	if err != nil {
		return nil, err
	}
	return &p, nil
}

// FloorPlans lists the floor plans of a property, the newest first, a page at a
// time.
func (s *Service) FloorPlans(ctx context.Context, db bun.IDB, v id.Of[Property], r page.Request) (page.Page[FloorPlan], error) {
	return floorPlans.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("fp.property_id = ?", v) })
}

// AddComparable puts a comparable property on record, as AddFloorPlan does.
func (s *Service) AddComparable(ctx context.Context, db bun.IDB, p Comparable) (*Comparable, error) {
	if p.ID.IsZero() {
		p.ID = id.New[Comparable]()
	}
	p.CreatedAt = s.now()
	p.UpdatedAt = p.CreatedAt
	if err := p.validate(); err != nil {
		return nil, err
	}
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		if err := comparables.Insert(ctx, tx, &p); err != nil {
			return err
		}
		return store.Emit(ctx, tx, p.CreatedAt, store.Event(aggregateProperty, p.PropertyID, ComparableAdded{p.ID}))
	})
	if err != nil {
		return nil, err
	}
	return &p, nil
}

// Comparables lists what a property is compared with, the newest first, a page
// at a time.
func (s *Service) Comparables(ctx context.Context, db bun.IDB, v id.Of[Property], r page.Request) (page.Page[Comparable], error) {
	return comparables.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("cp.property_id = ?", v) })
}

// validate returns every field error of p.
func (p *FloorPlan) validate() error {
	var c check.Fields
	c.Required("name", p.Name, 100)
	check.OptionalText(&c, "unit_type", p.UnitType, 50)
	check.OptionalText(&c, "floor_plan_image_url", p.ImageURL, 500)
	check.OptionalText(&c, "floor_plan_3d_url", p.Model3DURL, 500)
	check.OptionalText(&c, "virtual_tour_url", p.VirtualTourURL, 500)
	c.Texts("appliances", p.Appliances)
	c.Count("bedrooms", p.Bedrooms)
	c.Number("bathrooms", p.Bathrooms, 1, 0, 100)
	c.Count("sqft_min", p.SqftMin)
	c.Count("sqft_max", p.SqftMax)
	c.Count("total_units", p.TotalUnits)
	c.Count("available_units", &p.AvailableUnits)
	c.Amount("base_rent", p.BaseRent)
	c.Amount("market_rent", p.MarketRent)
	if p.SqftMin != nil && p.SqftMax != nil && *p.SqftMax < *p.SqftMin {
		c.AddErr("", ErrSqftRange)
	}
	if p.TotalUnits != nil && p.AvailableUnits > *p.TotalUnits {
		c.AddErr("", ErrAvailability)
	}
	return c.Err()
}

// validate returns every field error of p.
func (p *Comparable) validate() error {
	var c check.Fields
	check.OptionalText(&c, "comp_name", p.Name, 255)
	check.OptionalText(&c, "comp_address", p.Address, 500)
	check.OptionalText(&c, "property_class", p.Class, 10)
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
