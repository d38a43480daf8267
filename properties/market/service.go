package market

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// Config is what a [Service] needs. The zero value is ready for use.
type Config struct {
	// Now is the clock, read once per call; nil is time.Now.
	Now func() time.Time
}

// Service is the verbs and reads of this domain. It holds no connection, is
// immutable and safe for concurrent use.
type Service struct {
	clock      func() time.Time
	properties *properties.Service
}

// NewService makes a Service.
func NewService(cfg Config) *Service {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Service{clock: cfg.Now, properties: properties.NewService(properties.Config{Now: cfg.Now})}
}

// now is the time of a call as the database keeps it.
func (s *Service) now() time.Time { return s.clock().UTC().Truncate(time.Microsecond) }

// RecordValuationParams is a valuation of a property.
type RecordValuationParams struct {
	// ID is the id to give the valuation, for callers that may have to try
	// again; zero makes a new one.
	ID         id.Of[Valuation]
	PropertyID id.Of[properties.Property]
	Date       date.Date
	Amount     money.Amount

	Type             *ValuationType
	Method           *ValuationMethod
	CapRateUsed      *decimal.Decimal // a fraction from 0 to 1, at most 6 decimals
	NOIUsed          *money.Amount    // a year's
	ComparableSales  []ComparableSale
	AppraiserName    *string
	AppraiserLicense *string
	ReportURL        *string
}

// RecordValuation records a valuation and, unless the property carries the
// value of a later day, makes it the property's current one. It locks the
// property.
//
// It returns [properties.ErrPropertyNotFound], [ErrValuationExists] or all field
// errors at once.
func (s *Service) RecordValuation(ctx context.Context, db bun.IDB, p RecordValuationParams) (*Valuation, error) {
	now := s.now()
	v := &Valuation{
		ID: p.ID, PropertyID: p.PropertyID, Date: p.Date, Type: p.Type, Amount: &p.Amount, Method: p.Method,
		CapRateUsed: p.CapRateUsed, NOIUsed: p.NOIUsed, ComparableSales: p.ComparableSales,
		AppraiserName: p.AppraiserName, AppraiserLicense: p.AppraiserLicense, ReportURL: p.ReportURL,
		Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	if v.ID.IsZero() {
		v.ID = id.New[Valuation]()
	}
	if err := v.validate(); err != nil {
		return nil, err
	}
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		if _, err := s.properties.LockProperty(ctx, tx, p.PropertyID); err != nil {
			return err
		}
		if err := valuations.Insert(ctx, tx, v); err != nil {
			return err
		}
		if err := s.revalue(ctx, tx, p.PropertyID); err != nil {
			return err
		}
		return store.Emit(ctx, tx, now, store.Event(aggregateValuation, v.ID, ValuationRecorded{v.PropertyID, p.Amount, v.Date}))
	})
	if err != nil {
		return nil, err
	}
	return v, nil
}

// CorrectValuation puts the amount of a recorded valuation right; what it said
// before stays in its history. The property's current value follows if this is
// where it comes from. It locks the property and the valuation.
//
// It returns [ErrValuationNotFound], [ErrStale] when the version is not the one
// given, or the field errors.
func (s *Service) CorrectValuation(ctx context.Context, db bun.IDB, v id.Of[Valuation], version int64, amount money.Amount) (*Valuation, error) {
	var row *Valuation
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		read, err := valuations.Get(ctx, tx, v)
		if err != nil {
			return err
		}
		if _, err := s.properties.LockProperty(ctx, tx, read.PropertyID); err != nil {
			return err
		}
		if row, err = valuations.Lock(ctx, tx, v); err != nil {
			return err
		}
		row.Amount = &amount
		if err := row.validate(); err != nil {
			return err
		}
		if err := valuations.UpdateVersion(ctx, tx, row, version, "valuation_amount"); err != nil {
			return err
		}
		if row, err = valuations.Get(ctx, tx, v); err != nil {
			return err
		}
		if err := s.revalue(ctx, tx, row.PropertyID); err != nil {
			return err
		}
		return store.Emit(ctx, tx, s.now(), store.Event(aggregateValuation, row.ID, ValuationCorrected{row.PropertyID, amount, row.Date, row.Version}))
	})
	if err != nil {
		return nil, err
	}
	return row, nil
}

// revalue makes the latest valuation of a locked property its current one. Of
// two on one day the one recorded later counts.
func (s *Service) revalue(ctx context.Context, tx bun.IDB, v id.Of[properties.Property]) error {
	latest, err := valuations.One(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("mv.property_id = ?", v).Where("mv.valuation_amount IS NOT NULL").
			OrderExpr("mv.valuation_date DESC, mv.created_at DESC, mv.id DESC")
	})
	if err != nil {
		return err
	}
	_, err = s.properties.Revalue(ctx, tx, properties.RevalueParams{PropertyID: v, Amount: *latest.Amount, Date: latest.Date})
	if errors.Is(err, properties.ErrLaterValuation) { // a value that came with the property, without a valuation behind it
		return nil
	}
	return err
}

// Valuation reads a valuation. It returns [ErrValuationNotFound].
func (s *Service) Valuation(ctx context.Context, db bun.IDB, v id.Of[Valuation]) (*Valuation, error) {
	return valuations.Get(ctx, db, v)
}

// Valuations lists the valuations of a property, the latest date first, a page
// at a time.
func (s *Service) Valuations(ctx context.Context, db bun.IDB, v id.Of[properties.Property], r page.Request) (page.Page[Valuation], error) {
	return valuations.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("mv.property_id = ?", v) })
}

// AddArea puts a market area on record. ID, version and times are set by the
// library. It returns [ErrAreaExists] or all field errors at once.
func (s *Service) AddArea(ctx context.Context, db bun.IDB, a Area) (*Area, error) {
	if a.ID.IsZero() {
		a.ID = id.New[Area]()
	}
	a.CreatedAt = s.now()
	a.UpdatedAt = a.CreatedAt
	if err := a.validate(); err != nil {
		return nil, err
	}
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		if err := areas.Insert(ctx, tx, &a); err != nil {
			return err
		}
		return store.Emit(ctx, tx, a.CreatedAt, store.Event(aggregateArea, a.ID, AreaAdded{}))
	})
	if err != nil {
		return nil, err
	}
	return &a, nil
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

// validate returns every field error of v.
func (v *Valuation) validate() error {
	var c check.Fields
	c.Day("valuation_date", &v.Date)
	c.Amount("valuation_amount", v.Amount)
	check.Enum(&c, "valuation_type", v.Type)
	check.Enum(&c, "valuation_method", v.Method)
	c.Rate("cap_rate_used", v.CapRateUsed)
	check.OptionalText(&c, "appraiser_name", v.AppraiserName, 255)
	check.OptionalText(&c, "appraiser_license", v.AppraiserLicense, 100)
	check.OptionalText(&c, "report_url", v.ReportURL, 500)
	for i := range v.ComparableSales {
		sale, at := &v.ComparableSales[i], fmt.Sprintf("comparable_sales[%d].", i)
		c.Text(at+"name", sale.Name, check.Long)
		c.Text(at+"address", sale.Address, check.Long)
		c.Amount(at+"price", &sale.Price)
		c.Day(at+"date", sale.Date)
		c.Count(at+"units", sale.Units)
		c.Count(at+"sqft", sale.Sqft)
		c.Rate(at+"cap_rate", sale.CapRate)
	}
	return c.Err()
}

// validate returns every field error of a.
func (a *Area) validate() error {
	var c check.Fields
	c.Required("market_name", a.Name, 100)
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
