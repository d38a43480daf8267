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
)

// ValuationRecorded says that a property was valued. The property's own event
// says whether the property carries that value.
type ValuationRecorded struct {
	PropertyID    id.Of[properties.Property] `json:"property_id"`
	Amount        money.Amount               `json:"amount"`
	ValuationDate date.Date                  `json:"valuation_date"`
}

// EventType names the event.
func (ValuationRecorded) EventType() (string, int) { return "market.valuation_recorded", 1 }

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
// errors at once. Run again with the same id and params, it returns the valuation
// as it is then.
func (s *Service) RecordValuation(ctx context.Context, db bun.IDB, p RecordValuationParams) (*Valuation, error) {
	now := s.now()
	v := &Valuation{
		ID: p.ID.OrNew(), PropertyID: p.PropertyID, Date: p.Date, Type: p.Type, Amount: &p.Amount, Method: p.Method,
		CapRateUsed: p.CapRateUsed, NOIUsed: p.NOIUsed, ComparableSales: p.ComparableSales,
		AppraiserName: p.AppraiserName, AppraiserLicense: p.AppraiserLicense, ReportURL: p.ReportURL,
		Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	if err := v.validate(now); err != nil {
		return nil, err
	}
	c := store.Creation[Valuation]{Verb: "market.record_valuation", Params: p, Chosen: p.ID, Kind: "valuation", Rows: valuations, Taken: ErrValuationExists}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*Valuation, error) {
		if _, err := s.properties.LockProperty(ctx, tx, p.PropertyID); err != nil {
			return nil, err
		}
		if err := valuations.Insert(ctx, tx, v); err != nil {
			return nil, err
		}
		if err := s.revalue(ctx, tx, p.PropertyID); err != nil {
			return nil, err
		}
		return v, s.hooks.Emit(ctx, tx, now, store.Event(aggregateValuation, v.ID, ValuationRecorded{v.PropertyID, p.Amount, v.Date}))
	})
}

// revalue makes the latest valuation of a locked property its current one. Of
// two on one day the one recorded later counts.
func (s *Service) revalue(ctx context.Context, tx bun.IDB, property id.Of[properties.Property]) error {
	latest, err := latestOf(ctx, tx, property, func(q *bun.SelectQuery) *bun.SelectQuery { return q })
	if err != nil {
		return err
	}
	_, err = s.properties.Revalue(ctx, tx, properties.RevalueParams{PropertyID: property, Amount: *latest.Amount, Date: latest.Date})
	if errors.Is(err, properties.ErrLaterValuation) { // a value that came with the property, without a valuation behind it
		return nil
	}
	return err
}

// validate returns every field error of v. A sale that is compared has happened by now,
// perhaps after the day of the valuation, which may be written long after it.
func (v *Valuation) validate(now time.Time) error {
	var c check.Fields
	c.Given("property_id", v.PropertyID)
	c.Given("date", v.Date)
	c.Amount("amount", v.Amount)
	check.Enum(&c, "type", v.Type)
	check.Enum(&c, "method", v.Method)
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
		c.Happened(at+"date", sale.Date, check.NewDays(now, 0))
		c.Count(at+"units", sale.Units)
		c.Count(at+"sqft", sale.Sqft)
		c.Rate(at+"cap_rate", sale.CapRate)
	}
	return c.Err()
}
