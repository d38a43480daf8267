package properties

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// PropertyRevalued says that a property carries another value.
type PropertyRevalued struct {
	Amount        money.Amount `json:"amount"`
	ValuationDate date.Date    `json:"valuation_date"`
}

// EventType names the event.
func (PropertyRevalued) EventType() (string, int) { return "properties.property_revalued", 1 }

// RevalueParams is the value of a property on a day.
type RevalueParams struct {
	PropertyID id.Of[Property]
	Amount     money.Amount
	Date       date.Date
}

// Revalue makes a valuation the property's current one. The valuation itself
// is a row of market.property_valuations, which this package may not know; the
// caller hands over its amount and date. It locks the property.
//
// A valuation of the day that the property already carries replaces it; one of
// an earlier day is [ErrLaterValuation], so that recording an old appraisal
// late does not turn the value back. It returns [ErrPropertyNotFound].
func (s *Service) Revalue(ctx context.Context, db bun.IDB, p RevalueParams) (*Property, error) {
	var c check.Fields
	c.Given("property_id", p.PropertyID)
	c.NotNegative("amount", p.Amount)
	c.Happened("date", &p.Date, s.days())
	c.Given("date", p.Date)
	if err := c.Err(); err != nil {
		return nil, err
	}
	var row *Property
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if row, err = lockLive(ctx, tx, p.PropertyID); err != nil {
			return err
		}
		if changed, err := row.revalue(p.Amount, p.Date); err != nil || !changed {
			return err
		}
		if err := saveProperty(ctx, tx, row, "current_valuation", "valuation_date"); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateProperty, row.ID, PropertyRevalued{p.Amount, p.Date}))
	})
	if err != nil {
		return nil, err
	}
	return row, nil
}

// revalue carries a value unless a later one is there, and reports whether
// anything changed.
func (p *Property) revalue(amount money.Amount, on date.Date) (bool, error) {
	if p.ValuationDate != nil {
		if on.Before(*p.ValuationDate) {
			return false, ErrLaterValuation.With("%s", *p.ValuationDate)
		}
		if on == *p.ValuationDate && p.CurrentValuation != nil && amount == *p.CurrentValuation {
			return false, nil
		}
	}
	p.CurrentValuation, p.ValuationDate = &amount, &on
	return true, nil
}
