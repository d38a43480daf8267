package market

import (
	"context"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// AreaAdded says that a market area was put on record.
type AreaAdded struct{}

// EventType names the event.
func (AreaAdded) EventType() (string, int) { return "market.area_added", 1 }

// AddAreaParams is a market area to put on record.
type AddAreaParams struct {
	ID                    id.Of[Area] // optional; a new one by default
	Name                  string
	State                 *string
	MetroArea             *string
	Population            *int
	PopulationGrowthRate  *decimal.Decimal
	MedianHouseholdIncome *money.Amount
	UnemploymentRate      *decimal.Decimal
	MedianHomePrice       *money.Amount
	MedianRent            *money.Amount
	VacancyRate           *decimal.Decimal
	DataDate              *date.Date
	DataSource            *properties.DataSource
}

// AddArea puts a market area on record. It returns [ErrAreaExists], already_exists
// when the id is another area's, or all field errors at once. Run again with the
// same id and params, it returns the area.
func (s *Service) AddArea(ctx context.Context, db bun.IDB, p AddAreaParams) (*Area, error) {
	now := s.now()
	row := &Area{ID: p.ID.OrNew(), Name: p.Name, State: p.State, MetroArea: p.MetroArea, Population: p.Population, PopulationGrowthRate: p.PopulationGrowthRate, MedianHouseholdIncome: p.MedianHouseholdIncome, UnemploymentRate: p.UnemploymentRate, MedianHomePrice: p.MedianHomePrice, MedianRent: p.MedianRent, VacancyRate: p.VacancyRate, DataDate: p.DataDate, DataSource: p.DataSource, CreatedAt: now, UpdatedAt: now}
	if err := row.validate(); err != nil {
		return nil, err
	}
	c := store.Creation[Area]{Verb: "market.add_area", Params: p, Chosen: p.ID, Kind: "market_area", Rows: areas}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*Area, error) {
		if err := areas.Insert(ctx, tx, row); err != nil {
			return nil, err
		}
		return row, s.hooks.Emit(ctx, tx, now, store.Event(aggregateArea, row.ID, AreaAdded{}))
	})
}

// validate returns every field error of a.
func (a *Area) validate() error {
	var c check.Fields
	c.Required("name", a.Name, 100)
	check.OptionalText(&c, "state", a.State, 50)
	check.OptionalText(&c, "metro_area", a.MetroArea, 100)
	check.OptionalText(&c, "data_source", a.DataSource, 50)
	c.Count("population", a.Population)
	c.Number("population_growth_rate", a.PopulationGrowthRate, 6, -1, 1000)
	c.Rate("unemployment_rate", a.UnemploymentRate)
	c.Rate("vacancy_rate", a.VacancyRate)
	c.Amount("median_household_income", a.MedianHouseholdIncome)
	c.Amount("median_home_price", a.MedianHomePrice)
	c.Amount("median_rent", a.MedianRent)
	c.Day("data_date", a.DataDate)
	return c.Err()
}
