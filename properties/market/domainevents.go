package market

import (
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The aggregates that this package's events are about.
const (
	aggregateValuation = "valuation"
	aggregateArea      = "market_area"
)

// ValuationRecorded says that a property was valued. Whether it carries that
// value is told by the property's own event.
type ValuationRecorded struct {
	PropertyID    id.Of[properties.Property] `json:"property_id"`
	Amount        money.Amount               `json:"amount"`
	ValuationDate date.Date                  `json:"valuation_date"`
}

// EventType names the event.
func (ValuationRecorded) EventType() (string, int) { return "market.valuation_recorded", 1 }

// ValuationCorrected says that the amount of a valuation was put right.
type ValuationCorrected struct {
	PropertyID    id.Of[properties.Property] `json:"property_id"`
	Amount        money.Amount               `json:"amount"`
	ValuationDate date.Date                  `json:"valuation_date"`
	Version       int64                      `json:"version"`
}

// EventType names the event.
func (ValuationCorrected) EventType() (string, int) { return "market.valuation_corrected", 1 }

// AreaAdded says that a market area was put on record.
type AreaAdded struct{}

// EventType names the event.
func (AreaAdded) EventType() (string, int) { return "market.area_added", 1 }
