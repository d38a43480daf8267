package properties

import (
	"slices"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/realestate/fault"
)

// The conditions of a property's and a unit's life.
var (
	// ErrStatusChange: the property cannot go from its status to that one. What
	// was more than a prospect is never one again, and a sold property is at most
	// offered for sale once more.
	ErrStatusChange = fault.New(fault.Illegal, "property_status_change", "the property cannot go from its status to this one").On("status")
	// ErrAcquisitionChange: what is owned is not evaluated any more.
	ErrAcquisitionChange = fault.New(fault.Illegal, "acquisition_status_change", "an owned property is not acquired again").On("acquisition_status")
	// ErrUnitNotLet: a unit is said to be occupied, but has neither a rent nor a
	// lease.
	ErrUnitNotLet = fault.New(fault.Invalid, "unit_not_let", "an occupied unit has a rent or a lease").On("occupancy_status")
)

// nextStatuses are the statuses that may follow one.
var nextStatuses = map[Status][]Status{
	StatusProspect:   {StatusActive, StatusRenovating, StatusSelling, StatusSold},
	StatusActive:     {StatusRenovating, StatusSelling, StatusSold},
	StatusRenovating: {StatusActive, StatusSelling, StatusSold},
	StatusSelling:    {StatusActive, StatusRenovating, StatusSold},
	StatusSold:       {StatusSelling},
}

// moved reports why p cannot have come from these statuses.
func (p *Property) moved(from Status, acquired *AcquisitionStatus) error {
	var f fault.Fields
	if p.Status != from && p.Status.Valid() && !slices.Contains(nextStatuses[from], p.Status) {
		f.AddErr("", ErrStatusChange.With("%s to %s", from, p.Status))
	}
	if acquired != nil && *acquired == AcquisitionOwned && (p.AcquisitionStatus == nil || *p.AcquisitionStatus != AcquisitionOwned) {
		f.AddErr("", ErrAcquisitionChange)
	}
	return f.Err()
}

// let reports why u cannot be occupied.
func (u *Unit) let() error {
	var f fault.Fields
	if u.OccupancyStatus.Occupied() && u.CurrentRent == nil && u.LeaseStart == nil {
		f.AddErr("", ErrUnitNotLet)
	}
	return f.Err()
}

// days is the clock that dates are judged by.
func (s *Service) days() check.Days { return check.NewDays(s.now(), s.horizon) }

// dates reports the days of a property that do not fit the clock.
func (p *Property) dates(days check.Days) error {
	var c check.Fields
	c.Within("purchase_date", p.PurchaseDate, days)
	c.Happened("valuation_date", p.ValuationDate, days)
	return c.Err()
}

// fits reports the days of u that do not fit the clock.
func (u *Unit) fits(days check.Days) error {
	var c check.Fields
	c.Happened("last_inspection", u.LastInspection, days)
	c.Happened("renovation_completed", u.RenovationCompleted, days)
	return c.Err()
}
