package market

import (
	"context"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// The conditions of market areas.
var (
	// ErrAreaNotFound: there is no such market area.
	ErrAreaNotFound = fault.New(fault.NotFound, "market_area_not_found", "there is no such market area")
	// ErrAreaExists: the state has a market of this name.
	ErrAreaExists = fault.New(fault.Conflict, "market_area_exists", "the state has a market of this name").On("name")
)

// Area is a market and what is known of its people and rents. Rates are
// fractions; population growth may be negative. MedianRent is a month's.
type Area struct {
	bun.BaseModel `bun:"table:market.market_areas,alias:ma"`

	ID                    id.Of[Area]            `bun:"id,pk"`
	Name                  string                 `bun:"market_name"`
	State                 *string                `bun:"state"`
	MetroArea             *string                `bun:"metro_area"`
	Population            *int                   `bun:"population"`
	PopulationGrowthRate  *decimal.Decimal       `bun:"population_growth_rate"`
	MedianHouseholdIncome *money.Amount          `bun:"median_household_income"`
	UnemploymentRate      *decimal.Decimal       `bun:"unemployment_rate"`
	MedianHomePrice       *money.Amount          `bun:"median_home_price"`
	MedianRent            *money.Amount          `bun:"median_rent"`
	VacancyRate           *decimal.Decimal       `bun:"vacancy_rate"`
	DataDate              *date.Date             `bun:"data_date"`
	DataSource            *properties.DataSource `bun:"data_source"`
	CreatedAt             time.Time              `bun:"created_at"`
	UpdatedAt             time.Time              `bun:"updated_at"`
}

// areas is the repository of Area rows, the newest first.
var areas = store.Repo[Area]{
	NotFound:    ErrAreaNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(a *Area) (time.Time, string) { return a.CreatedAt, a.ID.String() }),
}

// AreaByName reads a market area by its name and state; a nil state is the
// market without one. It returns [ErrAreaNotFound].
func (s *Service) AreaByName(ctx context.Context, db bun.IDB, name string, state *string) (*Area, error) {
	return areas.One(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("ma.market_name = ?", name).Where("COALESCE(ma.state, '') = COALESCE(?::text, '')", state)
	})
}

// Areas lists market areas, the newest first, a page at a time.
func (s *Service) Areas(ctx context.Context, db bun.IDB, r page.Request) (page.Page[Area], error) {
	return areas.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q })
}
