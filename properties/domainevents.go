package properties

import (
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The aggregates that this package's events are about.
const (
	aggregateProperty = "property"
	aggregateUnit     = "unit"
)

// PropertyRegistered says that a property was put on record, with units.
type PropertyRegistered struct {
	Units int `json:"units"`
}

// EventType names the event.
func (PropertyRegistered) EventType() (string, int) { return "properties.property_registered", 1 }

// PropertyUpdated says that facts of a property were changed. Columns names
// them.
type PropertyUpdated struct {
	Version int64    `json:"version"`
	Columns []string `json:"columns"`
}

// EventType names the event.
func (PropertyUpdated) EventType() (string, int) { return "properties.property_updated", 1 }

// PropertyRevalued says that a property carries another value.
type PropertyRevalued struct {
	Amount        money.Amount `json:"amount"`
	ValuationDate date.Date    `json:"valuation_date"`
}

// EventType names the event.
func (PropertyRevalued) EventType() (string, int) { return "properties.property_revalued", 1 }

// PropertyDeleted says that a property is out of every list.
type PropertyDeleted struct{}

// EventType names the event.
func (PropertyDeleted) EventType() (string, int) { return "properties.property_deleted", 1 }

// UnitsAdded says that units of a property were put on record. It is the one
// event of the command.
type UnitsAdded struct {
	Units int `json:"units"`
}

// EventType names the event.
func (UnitsAdded) EventType() (string, int) { return "properties.units_added", 1 }

// FloorPlanAdded says that a floor plan of a property was put on record.
type FloorPlanAdded struct {
	FloorPlanID id.Of[FloorPlan] `json:"floor_plan_id"`
}

// EventType names the event.
func (FloorPlanAdded) EventType() (string, int) { return "properties.floor_plan_added", 1 }

// ComparableAdded says that a property is compared with another.
type ComparableAdded struct {
	ComparableID id.Of[Comparable] `json:"comparable_id"`
}

// EventType names the event.
func (ComparableAdded) EventType() (string, int) { return "properties.comparable_added", 1 }

// UnitUpdated says that facts of a unit were changed. Columns names them.
type UnitUpdated struct {
	PropertyID id.Of[Property] `json:"property_id"`
	Version    int64           `json:"version"`
	Columns    []string        `json:"columns"`
}

// EventType names the event.
func (UnitUpdated) EventType() (string, int) { return "properties.unit_updated", 1 }

// UnitOccupancyChanged says that a unit was let, renewed, given notice of,
// vacated, taken off the market for a renovation or put back on it.
type UnitOccupancyChanged struct {
	PropertyID  id.Of[Property] `json:"property_id"`
	Was         OccupancyStatus `json:"was"`
	Occupancy   OccupancyStatus `json:"occupancy_status"`
	CurrentRent *money.Amount   `json:"current_rent,omitempty"` // a month's
	LeaseStart  *date.Date      `json:"lease_start_date,omitempty"`
	LeaseEnd    *date.Date      `json:"lease_end_date,omitempty"`
	NoticeDate  *date.Date      `json:"notice_date,omitempty"`
}

// EventType names the event.
func (UnitOccupancyChanged) EventType() (string, int) { return "properties.unit_occupancy_changed", 1 }
