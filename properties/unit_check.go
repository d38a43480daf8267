package properties

import "github.com/freehold-go/freehold/internal/check"

// validate returns every field error of u.
func (u *Unit) validate() error {
	var c check.Fields
	c.Required("number", u.Number, 20)
	check.OptionalText(&c, "building", u.Building, 20)
	check.OptionalText(&c, "type", u.Type, 50)
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
	c.Day("lease_start", u.LeaseStart)
	c.Day("lease_end", u.LeaseEnd)
	c.Day("move_in", u.MoveIn)
	c.Day("notice_date", u.NoticeDate)
	c.Day("last_inspection", u.LastInspection)
	c.Day("renovation_completed", u.RenovationCompleted)
	if (u.OccupancyBasis == nil) != (u.OccupancyAsOf == nil) {
		c.AddErr("", ErrOccupancyBasis)
	}
	check.Enum(&c, "occupancy_basis", u.OccupancyBasis)
	if u.LeaseStart != nil && u.LeaseEnd != nil && u.LeaseEnd.Before(*u.LeaseStart) {
		c.AddErr("", ErrLeaseDates)
	}
	check.Enum(&c, "occupancy_status", &u.OccupancyStatus)
	check.Enum(&c, "renovation_status", u.RenovationStatus)
	return c.Err()
}
