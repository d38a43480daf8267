package properties

import (
	"context"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// FloorPlanAdded says that a floor plan of a property was put on record.
type FloorPlanAdded struct {
	FloorPlanID id.Of[FloorPlan] `json:"floor_plan_id"`
}

// EventType names the event.
func (FloorPlanAdded) EventType() (string, int) { return "properties.floor_plan_added", 1 }

// AddFloorPlanParams is a floor plan to put on record. Rents are a month's.
type AddFloorPlanParams struct {
	ID             id.Of[FloorPlan] // optional; a new one by default
	PropertyID     id.Of[Property]
	Name           string
	UnitType       *UnitType
	Bedrooms       *int
	Bathrooms      *decimal.Decimal
	SqftMin        *int
	SqftMax        *int
	BaseRent       *money.Amount
	MarketRent     *money.Amount
	TotalUnits     *int
	AvailableUnits int
	ImageURL       *string
	Model3DURL     *string
	VirtualTourURL *string
	Features       map[string]any
	Appliances     []string
}

// AddFloorPlan puts a floor plan on record. It returns all field errors at once, a
// property that does not exist among them, or already_exists when the id is another
// one's. Run again with the same id and params, it returns the floor plan.
func (s *Service) AddFloorPlan(ctx context.Context, db bun.IDB, p AddFloorPlanParams) (*FloorPlan, error) {
	now := s.now()
	row := &FloorPlan{ID: p.ID.OrNew(), PropertyID: p.PropertyID, Name: p.Name, UnitType: p.UnitType, Bedrooms: p.Bedrooms, Bathrooms: p.Bathrooms, SqftMin: p.SqftMin, SqftMax: p.SqftMax, BaseRent: p.BaseRent, MarketRent: p.MarketRent, TotalUnits: p.TotalUnits, AvailableUnits: p.AvailableUnits, ImageURL: p.ImageURL, Model3DURL: p.Model3DURL, VirtualTourURL: p.VirtualTourURL, Features: p.Features, Appliances: p.Appliances, CreatedAt: now, UpdatedAt: now}
	if err := row.validate(); err != nil {
		return nil, err
	}
	c := store.Creation[FloorPlan]{Verb: "properties.add_floor_plan", Params: p, Chosen: p.ID, Kind: "floor_plan", Rows: floorPlans}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*FloorPlan, error) {
		if err := floorPlans.Insert(ctx, tx, row); err != nil {
			return nil, err
		}
		return row, s.hooks.Emit(ctx, tx, now, store.Event(aggregateProperty, row.PropertyID, FloorPlanAdded{row.ID}))
	})
}

// validate returns every field error of p.
func (p *FloorPlan) validate() error {
	var c check.Fields
	c.Given("property_id", p.PropertyID)
	c.Required("name", p.Name, 100)
	check.OptionalText(&c, "unit_type", p.UnitType, 50)
	check.OptionalText(&c, "image_url", p.ImageURL, 500)
	check.OptionalText(&c, "model_3d_url", p.Model3DURL, 500)
	check.OptionalText(&c, "virtual_tour_url", p.VirtualTourURL, 500)
	c.Object("features", p.Features)
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
