package properties

import (
	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/date"
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
