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
)

// The conditions of units.
var (
	// ErrUnitNotFound: there is no such unit.
	ErrUnitNotFound = fault.New(fault.NotFound, "unit_not_found", "there is no such unit")
	// ErrUnitExists: the building has a unit of this number, or a unit with
	// this id exists.
	ErrUnitExists = fault.New(fault.Conflict, "unit_exists", "the building has a unit of this number").On("number")
	// ErrUnitNotVacant: the verb needs a vacant unit.
	ErrUnitNotVacant = fault.New(fault.Illegal, "unit_not_vacant", "the unit is not vacant")
	// ErrUnitNotOccupied: the verb needs a unit with a tenant.
	ErrUnitNotOccupied = fault.New(fault.Illegal, "unit_not_occupied", "the unit has no tenant")
	// ErrUnitNotRenovating: the unit is not under renovation.
	ErrUnitNotRenovating = fault.New(fault.Illegal, "unit_not_renovating", "the unit is not under renovation")
	// ErrNoticeGiven: the tenant has given notice already.
	ErrNoticeGiven = fault.New(fault.Illegal, "notice_given", "the tenant has given notice already")
	// ErrLeaseDates: a lease ends before it starts.
	ErrLeaseDates = fault.New(fault.Invalid, fault.CodeInverted, "the lease ends before it starts").On("lease_end")
)

// UnitType names a unit by its number of bedrooms. The list is open.
type UnitType string

// The usual unit types.
const (
	UnitStudio UnitType = "studio"
	Unit1BR    UnitType = "1br"
	Unit2BR    UnitType = "2br"
	Unit3BR    UnitType = "3br"
	Unit4BR    UnitType = "4br"
)

// OccupancyStatus says whether a unit earns rent.
type OccupancyStatus string

// The occupancy statuses. Occupied and notice have rent in place; vacant and
// renovation stay in the denominator of an occupancy rate.
const (
	OccupancyOccupied   OccupancyStatus = "occupied"
	OccupancyVacant     OccupancyStatus = "vacant"
	OccupancyNotice     OccupancyStatus = "notice"
	OccupancyRenovation OccupancyStatus = "renovation"
)

// Valid reports whether s is one of the occupancy statuses.
func (s OccupancyStatus) Valid() bool {
	switch s {
	case OccupancyOccupied, OccupancyVacant, OccupancyNotice, OccupancyRenovation:
		return true
	}
	return false
}

// Occupied reports whether a tenant is in place, with or without notice.
func (s OccupancyStatus) Occupied() bool {
	return s == OccupancyOccupied || s == OccupancyNotice
}

// RenovationStatus says how modern a unit is.
type RenovationStatus string

// The renovation statuses.
const (
	RenovationClassic    RenovationStatus = "classic"
	RenovationRenovated  RenovationStatus = "renovated"
	RenovationInProgress RenovationStatus = "in_progress"
)

// Valid reports whether s is one of the renovation statuses.
func (s RenovationStatus) Valid() bool {
	switch s {
	case RenovationClassic, RenovationRenovated, RenovationInProgress:
		return true
	}
	return false
}

// Unit is a rentable unit of a property. Rents are a month's, areas square
// feet. A unit number is unique within its building.
type Unit struct {
	bun.BaseModel `bun:"table:properties.units,alias:u" json:"-"`

	ID         id.Of[Unit]     `bun:"id,pk" json:"id"`
	PropertyID id.Of[Property] `bun:"property_id" json:"property_id"`
	Number     string          `bun:"unit_number" json:"number"`
	Building   *string         `bun:"building_number" json:"building"`
	Floor      *int            `bun:"floor" json:"floor"`

	Type      *UnitType        `bun:"unit_type" json:"type"`
	Bedrooms  *int             `bun:"bedrooms" json:"bedrooms"`
	Bathrooms *decimal.Decimal `bun:"bathrooms" json:"bathrooms"`
	Sqft      *int             `bun:"sqft" json:"sqft"`

	CurrentRent      *money.Amount `bun:"current_rent" json:"current_rent"`
	MarketRent       *money.Amount `bun:"market_rent" json:"market_rent"`
	LastRentIncrease *date.Date    `bun:"last_rent_increase" json:"last_rent_increase"`

	OccupancyStatus OccupancyStatus `bun:"occupancy_status" json:"occupancy_status"`
	LeaseStart      *date.Date      `bun:"lease_start_date" json:"lease_start"`
	LeaseEnd        *date.Date      `bun:"lease_end_date" json:"lease_end"`
	MoveIn          *date.Date      `bun:"move_in_date" json:"move_in"`
	NoticeDate      *date.Date      `bun:"notice_date" json:"notice_date"`

	ConditionRating     *int              `bun:"condition_rating" json:"condition_rating"`
	LastInspection      *date.Date        `bun:"last_inspection_date" json:"last_inspection"`
	RenovationStatus    *RenovationStatus `bun:"renovation_status" json:"renovation_status"`
	RenovationCompleted *date.Date        `bun:"renovation_completed_date" json:"renovation_completed"`

	Appliances   []string `bun:"appliances,array" json:"appliances"`
	FlooringType *string  `bun:"flooring_type" json:"flooring_type"`
	HasBalcony   bool     `bun:"has_balcony" json:"has_balcony"`
	HasPatio     bool     `bun:"has_patio" json:"has_patio"`
	ViewType     *string  `bun:"view_type" json:"view_type"`

	Notes     *string   `bun:"notes" json:"notes"`
	Version   int64     `bun:"version" json:"version"`
	CreatedAt time.Time `bun:"created_at" json:"created_at"`
	UpdatedAt time.Time `bun:"updated_at" json:"updated_at"`
}

// units is the repository of Unit rows, by number within a property.
var units = store.Repo[Unit]{
	NotFound:    ErrUnitNotFound,
	Constraints: constraints,
	Sort: store.Sort[Unit]{
		Columns: []store.Column{{Name: "unit_number", Type: "text"}, {Name: "id", Type: "uuid"}},
		Key:     func(u *Unit) []string { return []string{u.Number, u.ID.String()} },
	},
}

// lockUnit locks a unit and, before it, its property, in the order in which
// every verb of this package locks them.
func lockUnit(ctx context.Context, tx bun.IDB, unit id.Of[Unit]) (*Property, *Unit, error) {
	u, err := units.Get(ctx, tx, unit)
	if err != nil {
		return nil, nil, err
	}
	p, err := lockLive(ctx, tx, u.PropertyID)
	if err != nil {
		return nil, nil, err
	}
	u, err = units.Lock(ctx, tx, unit)
	return p, u, err
}

// saveUnit is saveProperty for a locked unit.
func saveUnit(ctx context.Context, tx bun.IDB, u *Unit, columns ...string) error {
	u.Version++
	return units.Save(ctx, tx, u, &u.UpdatedAt, append(columns, "version")...)
}
