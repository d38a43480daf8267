package properties

import (
	"regexp"

	"github.com/freehold-go/freehold/internal/check"
)

var slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// validate returns every field error of p.
func (p *Property) validate() error {
	var c check.Fields
	c.Required("property_name", p.Name, 255)
	c.Required("slug", p.Slug, 255)
	if p.Slug != "" {
		c.Check(slugForm.MatchString(p.Slug), "slug", "slug_malformed", "lower-case letters, digits and single hyphens")
	}
	c.Required("address_line1", p.AddressLine1, 255)
	c.Required("city", p.City, 100)
	c.Required("state", p.State, 50)
	c.Required("zip_code", p.ZipCode, 20)
	c.Required("country", p.Country, 50)
	check.OptionalText(&c, "address_line2", p.AddressLine2, 255)
	check.OptionalText(&c, "property_type", p.Type, 50)
	check.OptionalText(&c, "property_subtype", p.Subtype, 50)
	check.OptionalText(&c, "management_company", p.ManagementCompany, 255)
	check.OptionalText(&c, "property_manager_name", p.ManagerName, 255)
	check.OptionalText(&c, "property_manager_phone", p.ManagerPhone, 20)
	check.OptionalText(&c, "property_manager_email", p.ManagerEmail, 255)
	check.OptionalText(&c, "pet_policy", p.PetPolicy, 255)
	check.OptionalText(&c, "market_name", p.MarketName, 100)
	check.OptionalText(&c, "submarket_name", p.SubmarketName, 100)
	check.OptionalText(&c, "description", p.Description, check.Long)
	check.OptionalText(&c, "investment_thesis", p.InvestmentThesis, check.Long)
	check.OptionalText(&c, "executive_summary", p.ExecutiveSummary, check.Long)
	c.Texts("amenities", p.Amenities)
	c.Texts("utilities_included", p.UtilitiesIncluded)
	c.Integer("year_built", p.YearBuilt, 1000, 3000)
	c.Integer("last_renovated", p.LastRenovated, 1000, 3000)
	c.Count("total_units", &p.TotalUnits)
	c.Count("total_buildings", &p.TotalBuildings)
	c.Count("total_sqft", p.TotalSqft)
	c.Count("parking_spaces", p.ParkingSpaces)
	c.Integer("walk_score", p.WalkScore, 0, 100)
	c.Integer("transit_score", p.TransitScore, 0, 100)
	c.Integer("bike_score", p.BikeScore, 0, 100)
	c.Number("lot_size_acres", p.LotSizeAcres, 4, 0, 1_000_000)
	c.Number("target_cash_on_cash", p.TargetCashOnCash, 6, -999, 1000)
	c.Number("target_irr", p.TargetIRR, 6, -1, 1000)
	c.Rate("occupancy_rate", p.OccupancyRate)
	c.Amount("purchase_price", p.PurchasePrice)
	c.Amount("current_valuation", p.CurrentValuation)
	c.Day("purchase_date", p.PurchaseDate)
	c.Day("valuation_date", p.ValuationDate)
	check.Enum(&c, "status", &p.Status)
	check.Enum(&c, "acquisition_status", p.AcquisitionStatus)
	check.Enum(&c, "property_class", p.Class)
	return c.Err()
}

// validate returns every field error of u.
func (u *Unit) validate() error {
	var c check.Fields
	c.Required("unit_number", u.Number, 20)
	check.OptionalText(&c, "building_number", u.Building, 20)
	check.OptionalText(&c, "unit_type", u.Type, 50)
	check.OptionalText(&c, "flooring_type", u.FlooringType, 50)
	check.OptionalText(&c, "view_type", u.ViewType, 50)
	check.OptionalText(&c, "notes", u.Notes, check.Long)
	c.Texts("appliances", u.Appliances)
	c.Integer("floor", u.Floor, -check.MaxInt, check.MaxInt)
	c.Count("bedrooms", u.Bedrooms)
	c.Count("sqft", u.Sqft)
	c.Integer("condition_rating", u.ConditionRating, 1, 5)
	c.Number("bathrooms", u.Bathrooms, 1, 0, 100)
	c.Amount("current_rent", u.CurrentRent)
	c.Amount("market_rent", u.MarketRent)
	c.Day("last_rent_increase", u.LastRentIncrease)
	c.Day("lease_start_date", u.LeaseStart)
	c.Day("lease_end_date", u.LeaseEnd)
	c.Day("move_in_date", u.MoveIn)
	c.Day("notice_date", u.NoticeDate)
	c.Day("last_inspection_date", u.LastInspection)
	c.Day("renovation_completed_date", u.RenovationCompleted)
	if u.LeaseStart != nil && u.LeaseEnd != nil && u.LeaseEnd.Before(*u.LeaseStart) {
		c.AddErr("", ErrLeaseDates)
	}
	check.Enum(&c, "occupancy_status", &u.OccupancyStatus)
	check.Enum(&c, "renovation_status", u.RenovationStatus)
	return c.Err()
}
