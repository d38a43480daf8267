package properties

import (
	"maps"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// The conditions of this package.
var (
	// ErrPropertyNotFound: there is no such property, or it is deleted.
	ErrPropertyNotFound = fault.New(fault.NotFound, "property_not_found", "there is no such property")
	// ErrUnitNotFound: there is no such unit.
	ErrUnitNotFound = fault.New(fault.NotFound, "unit_not_found", "there is no such unit")
	// ErrPropertyExists: a property with this id was registered before.
	ErrPropertyExists = fault.New(fault.Conflict, "property_exists", "a property with this id exists")
	// ErrSlugTaken: another property has the slug.
	ErrSlugTaken = fault.New(fault.Conflict, "slug_taken", "another property has this slug").On("slug")
	// ErrStale: the version given is not the stored one; somebody else changed
	// the row meanwhile.
	ErrStale = store.ErrStale
	// ErrUnitExists: the building has a unit of this number, or a unit with
	// this id exists.
	ErrUnitExists = fault.New(fault.Conflict, "unit_exists", "the building has a unit of this number").On("unit_number")
	// ErrUnitNotVacant: the verb needs a vacant unit.
	ErrUnitNotVacant = fault.New(fault.Illegal, "unit_not_vacant", "the unit is not vacant")
	// ErrUnitNotOccupied: the verb needs a unit with a tenant.
	ErrUnitNotOccupied = fault.New(fault.Illegal, "unit_not_occupied", "the unit has no tenant")
	// ErrUnitNotRenovating: the unit is not under renovation.
	ErrUnitNotRenovating = fault.New(fault.Illegal, "unit_not_renovating", "the unit is not under renovation")
	// ErrNoticeGiven: the tenant has given notice already.
	ErrNoticeGiven = fault.New(fault.Illegal, "notice_given", "the tenant has given notice already")
	// ErrLaterValuation: the property carries the value of a later day.
	ErrLaterValuation = fault.New(fault.Illegal, "later_valuation", "the property has a later valuation")
	// ErrLeaseDates: a lease ends before it starts.
	ErrLeaseDates = fault.New(fault.Invalid, "lease_dates_reversed", "the lease ends before it starts").On("lease_end_date")
	// ErrCoordinates: latitude, longitude and location are given in part.
	ErrCoordinates = fault.New(fault.Invalid, "coordinates_incomplete", "latitude, longitude and location belong together").On("latitude")
	// ErrSqftRange: a floor plan's largest area is below its smallest.
	ErrSqftRange = fault.New(fault.Invalid, "sqft_range_reversed", "the largest area is below the smallest").On("sqft_max")
	// ErrAvailability: a floor plan offers more units than it has.
	ErrAvailability = fault.New(fault.Invalid, "too_many_available_units", "more units are available than exist").On("available_units")
)

// constraints maps what the names of constraints do not tell.
var constraints = store.Constraints{
	"pk_properties":              ErrPropertyExists,
	"uk_properties_slug":         ErrSlugTaken,
	"chk_properties_coordinates": ErrCoordinates,
	"pk_units":                   ErrUnitExists,
	"uk_units_property_id_building_number_unit_number": ErrUnitExists,
	"chk_units_lease_dates":                            ErrLeaseDates,
	"chk_floor_plans_sqft_range":                       ErrSqftRange,
	"chk_floor_plans_availability":                     ErrAvailability,
}

// Constraints names the constraints of this package's tables whose violation
// means one of its conditions, for hosts that write the tables themselves.
func Constraints() map[string]*fault.Error { return maps.Clone(constraints) }
