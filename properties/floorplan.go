package properties

import (
	"context"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// The conditions of floor plans.
var (
	// ErrFloorPlanNotFound: there is no such floor plan.
	ErrFloorPlanNotFound = fault.New(fault.NotFound, "floor_plan_not_found", "there is no such floor plan")
	// ErrSqftRange: a floor plan's largest area is below its smallest.
	ErrSqftRange = fault.New(fault.Invalid, fault.CodeInverted, "the largest area is below the smallest").On("sqft_max")
	// ErrAvailability: a floor plan offers more units than it has.
	ErrAvailability = fault.New(fault.Invalid, "too_many_available_units", "more units are available than exist").On("available_units")
)

// FloorPlan is a unit layout that a property offers. Rents are a month's.
type FloorPlan struct {
	bun.BaseModel `bun:"table:properties.floor_plans,alias:fp" json:"-"`

	ID             id.Of[FloorPlan] `bun:"id,pk" json:"id"`
	PropertyID     id.Of[Property]  `bun:"property_id" json:"property_id"`
	Name           string           `bun:"name" json:"name"`
	UnitType       *UnitType        `bun:"unit_type" json:"unit_type"`
	Bedrooms       *int             `bun:"bedrooms" json:"bedrooms"`
	Bathrooms      *decimal.Decimal `bun:"bathrooms" json:"bathrooms"`
	SqftMin        *int             `bun:"sqft_min" json:"sqft_min"`
	SqftMax        *int             `bun:"sqft_max" json:"sqft_max"`
	BaseRent       *money.Amount    `bun:"base_rent" json:"base_rent"`
	MarketRent     *money.Amount    `bun:"market_rent" json:"market_rent"`
	TotalUnits     *int             `bun:"total_units" json:"total_units"`
	AvailableUnits int              `bun:"available_units" json:"available_units"`
	ImageURL       *string          `bun:"floor_plan_image_url" json:"image_url"`
	Model3DURL     *string          `bun:"floor_plan_3d_url" json:"model_3d_url"`
	VirtualTourURL *string          `bun:"virtual_tour_url" json:"virtual_tour_url"`
	Features       map[string]any   `bun:"features,type:jsonb,nullzero" json:"features"`
	Appliances     []string         `bun:"appliances,array" json:"appliances"`
	CreatedAt      time.Time        `bun:"created_at" json:"created_at"`
	UpdatedAt      time.Time        `bun:"updated_at" json:"updated_at"`
}

// floorPlans is the repository of FloorPlan rows, newest first.
var floorPlans = store.Repo[FloorPlan]{
	NotFound:    ErrFloorPlanNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(p *FloorPlan) (time.Time, string) { return p.CreatedAt, p.ID.String() }),
}

// FloorPlans lists the floor plans of a property, the newest first, a page at a
// time.
func (s *Service) FloorPlans(ctx context.Context, db bun.IDB, property id.Of[Property], r page.Request) (page.Page[FloorPlan], error) {
	return floorPlans.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("fp.property_id = ?", property) })
}
