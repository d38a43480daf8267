package financials

import (
	"strings"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
)

// The conditions of days and of what is on a rent roll.
var (
	// ErrRentRollEarly: the rent roll is of a day on which the tenancies were not
	// yet there that it would be closed from. A rent roll is closed from the units
	// as they are now.
	ErrRentRollEarly = fault.New(fault.Invalid, "rent_roll_before_tenancy", "units are let since a later day").On("as_of_date")
	// ErrRentRollNotLet: units count as occupied that have neither a rent nor a
	// lease.
	ErrRentRollNotLet = fault.New(fault.Illegal, "rent_roll_unit_not_let", "units count as occupied that have neither rent nor lease")
	// ErrRentRollUnbuilt: the rent roll is of a year before the property was built.
	ErrRentRollUnbuilt = fault.New(fault.Invalid, "rent_roll_before_construction", "the property was built later").On("as_of_date")
)

// days is the clock that dates are judged by.
func (s *Service) days() check.Days { return check.NewDays(s.now(), s.horizon) }

// listed bounds the units that an error names.
const listed = 10

// closable reports why units as they are now do not make a rent roll of a day.
func closable(p *properties.Property, units []properties.Unit, asOf date.Date) error {
	if p.YearBuilt != nil && asOf.Year() < *p.YearBuilt {
		return ErrRentRollUnbuilt.With("in %d", *p.YearBuilt)
	}
	var early, empty []string
	for i := range units {
		u := &units[i]
		if !u.OccupancyStatus.Occupied() {
			continue
		}
		if u.CurrentRent == nil && u.LeaseStart == nil {
			empty = append(empty, u.Number)
		}
		if since := letSince(u); since != nil && since.After(asOf) {
			early = append(early, u.Number)
		}
	}
	switch {
	case len(empty) > 0:
		return ErrRentRollNotLet.With("%s", numbers(empty))
	case len(early) > 0:
		return ErrRentRollEarly.With("%s", numbers(early))
	}
	return nil
}

// letSince is the first day that is known of the tenancy of a unit, or nil.
func letSince(u *properties.Unit) *date.Date {
	if u.MoveIn == nil || u.LeaseStart != nil && u.LeaseStart.Before(*u.MoveIn) {
		return u.LeaseStart
	}
	return u.MoveIn
}

// numbers lists the numbers of units.
func numbers(list []string) string {
	if len(list) > listed {
		return strings.Join(list[:listed], ", ") + " and others"
	}
	return strings.Join(list, ", ")
}
