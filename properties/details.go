package properties

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

// PropertyDetails are the optional facts of a property. Nil leaves a fact out
// when a property is registered and as it is when one is updated; an empty but
// non-nil slice or map is stored as such.
type PropertyDetails struct {
	Type         *PropertyType
	Subtype      *PropertySubtype
	Class        *Class
	AddressLine2 *string
	Coordinates  *Coordinates

	YearBuilt      *int
	LastRenovated  *int
	TotalUnits     *int // at registration, nil is the number of units given
	TotalBuildings *int // at registration, nil is 1
	TotalSqft      *int
	LotSizeAcres   *decimal.Decimal // at most 4 decimals
	ParkingSpaces  *int

	PurchasePrice    *money.Amount
	PurchaseDate     *date.Date
	TargetIRR        *decimal.Decimal // a fraction, at most 6 decimals
	TargetCashOnCash *decimal.Decimal // a fraction, at most 6 decimals

	Status            *Status // at registration, nil is active
	AcquisitionStatus *AcquisitionStatus
	// OccupancyRate is a fraction, for a property whose units are not on
	// record; with units on record it is computed from them.
	OccupancyRate *decimal.Decimal

	ManagementCompany *string
	ManagerName       *string
	ManagerPhone      *string
	ManagerEmail      *string

	Amenities         []string
	Features          map[string]any
	UtilitiesIncluded []string
	PetPolicy         *string

	MarketName    *string
	SubmarketName *string
	WalkScore     *int
	TransitScore  *int
	BikeScore     *int

	Description      *string
	InvestmentThesis *string
	ExecutiveSummary *string
}

// change is one field of a row that a caller may set or clear.
type change struct {
	column string
	given  bool
	set    func()
	clear  func() // nil where the column must have a value
}

// optional is the change of a nullable field.
func optional[T any](column string, dst **T, src *T) change {
	return change{column, src != nil, func() { v := *src; *dst = &v }, func() { *dst = nil }}
}

// needed is the change of a field that always has a value.
func needed[T any](column string, dst *T, src *T) change {
	return change{column, src != nil, func() { *dst = *src }, nil}
}

// list is the change of an array.
func list(column string, dst *[]string, src []string) change {
	return change{column, src != nil, func() { *dst = slices.Clone(src) }, func() { *dst = nil }}
}

// changes pairs the details with p's fields.
func (d *PropertyDetails) changes(p *Property) []change {
	return []change{
		optional("property_type", &p.Type, d.Type),
		optional("property_subtype", &p.Subtype, d.Subtype),
		optional("property_class", &p.Class, d.Class),
		optional("address_line2", &p.AddressLine2, d.AddressLine2),
		optional("year_built", &p.YearBuilt, d.YearBuilt),
		optional("last_renovated", &p.LastRenovated, d.LastRenovated),
		needed("total_units", &p.TotalUnits, d.TotalUnits),
		needed("total_buildings", &p.TotalBuildings, d.TotalBuildings),
		optional("total_sqft", &p.TotalSqft, d.TotalSqft),
		optional("lot_size_acres", &p.LotSizeAcres, d.LotSizeAcres),
		optional("parking_spaces", &p.ParkingSpaces, d.ParkingSpaces),
		optional("purchase_price", &p.PurchasePrice, d.PurchasePrice),
		optional("purchase_date", &p.PurchaseDate, d.PurchaseDate),
		optional("target_irr", &p.TargetIRR, d.TargetIRR),
		optional("target_cash_on_cash", &p.TargetCashOnCash, d.TargetCashOnCash),
		needed("status", &p.Status, d.Status),
		optional("acquisition_status", &p.AcquisitionStatus, d.AcquisitionStatus),
		optional("occupancy_rate", &p.OccupancyRate, d.OccupancyRate),
		optional("management_company", &p.ManagementCompany, d.ManagementCompany),
		optional("property_manager_name", &p.ManagerName, d.ManagerName),
		optional("property_manager_phone", &p.ManagerPhone, d.ManagerPhone),
		optional("property_manager_email", &p.ManagerEmail, d.ManagerEmail),
		list("amenities", &p.Amenities, d.Amenities),
		{"features", d.Features != nil, func() { p.Features = d.Features }, func() { p.Features = nil }},
		list("utilities_included", &p.UtilitiesIncluded, d.UtilitiesIncluded),
		optional("pet_policy", &p.PetPolicy, d.PetPolicy),
		optional("market_name", &p.MarketName, d.MarketName),
		optional("submarket_name", &p.SubmarketName, d.SubmarketName),
		optional("walk_score", &p.WalkScore, d.WalkScore),
		optional("transit_score", &p.TransitScore, d.TransitScore),
		optional("bike_score", &p.BikeScore, d.BikeScore),
		optional("description", &p.Description, d.Description),
		optional("investment_thesis", &p.InvestmentThesis, d.InvestmentThesis),
		optional("executive_summary", &p.ExecutiveSummary, d.ExecutiveSummary),
	}
}

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

	CurrentRent      *money.Amount // a month's
	MarketRent       *money.Amount // a month's
	LastRentIncrease *date.Date

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
		optional("current_rent", &u.CurrentRent, d.CurrentRent),
		optional("market_rent", &u.MarketRent, d.MarketRent),
		optional("last_rent_increase", &u.LastRentIncrease, d.LastRentIncrease),
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

// apply carries changes out, clears the named columns, and returns the columns
// that it wrote. A name to clear that is unknown, must have a value or is set
// at the same time is a field error.
func apply(changes []change, clear []string) ([]string, error) {
	var f fault.Fields
	var columns []string
	for _, c := range changes {
		if c.given {
			c.set()
			columns = append(columns, c.column)
		}
	}
	for i, name := range clear {
		j := slices.IndexFunc(changes, func(c change) bool { return c.column == name })
		if j < 0 || changes[j].clear == nil || slices.Contains(columns, name) {
			f.Add(fmt.Sprintf("clear[%d]", i), "not_clearable", "not the name of an optional field that is left alone otherwise")
			continue
		}
		changes[j].clear()
		columns = append(columns, name)
	}
	return columns, f.Err()
}
