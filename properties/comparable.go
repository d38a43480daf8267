package properties

import (
	"context"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// ErrComparableNotFound: there is no such comparable property.
var ErrComparableNotFound = fault.New(fault.NotFound, "comparable_not_found", "there is no such comparable property")

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

// comparables is the repository of Comparable rows, newest first.
var comparables = store.Repo[Comparable]{
	NotFound:    ErrComparableNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(p *Comparable) (time.Time, string) { return p.CreatedAt, p.ID.String() }),
}

// Comparables lists what a property is compared with, the newest first, a page
// at a time.
func (s *Service) Comparables(ctx context.Context, db bun.IDB, property id.Of[Property], r page.Request) (page.Page[Comparable], error) {
	return comparables.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("cp.property_id = ?", property) })
}
