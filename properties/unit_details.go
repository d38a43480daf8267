package properties

import (
	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// UnitDetails are the optional facts of a unit. Nil leaves a fact out when a
// unit is added and as it is when one is updated; an empty but non-nil slice is
// stored as such.
type UnitDetails struct {
	Building  *string
	Floor     *int
	Type      *UnitType
	Bedrooms  *int
	Bathrooms *decimal.Decimal // at most 1 decimal
	Sqft      *int

	MarketRent *money.Amount // a month's

	ConditionRating     *int // 1 to 5
	LastInspection      *date.Date
	RenovationStatus    *RenovationStatus
	RenovationCompleted *date.Date

	Appliances   []string
	FlooringType *string
	HasBalcony   *bool
	HasPatio     *bool
	ViewType     *string
	Notes        *string
}

// changes pairs the details with u's fields.
func (d *UnitDetails) changes(u *Unit) []change {
	return []change{
		optional("building_number", &u.Building, d.Building),
		optional("floor", &u.Floor, d.Floor),
		optional("unit_type", &u.Type, d.Type),
		optional("bedrooms", &u.Bedrooms, d.Bedrooms),
		optional("bathrooms", &u.Bathrooms, d.Bathrooms),
		optional("sqft", &u.Sqft, d.Sqft),
		optional("market_rent", &u.MarketRent, d.MarketRent),
		optional("condition_rating", &u.ConditionRating, d.ConditionRating),
		optional("last_inspection_date", &u.LastInspection, d.LastInspection),
		optional("renovation_status", &u.RenovationStatus, d.RenovationStatus),
		optional("renovation_completed_date", &u.RenovationCompleted, d.RenovationCompleted),
		list("appliances", &u.Appliances, d.Appliances),
		optional("flooring_type", &u.FlooringType, d.FlooringType),
		needed("has_balcony", &u.HasBalcony, d.HasBalcony),
		needed("has_patio", &u.HasPatio, d.HasPatio),
		optional("view_type", &u.ViewType, d.ViewType),
		optional("notes", &u.Notes, d.Notes),
	}
}
