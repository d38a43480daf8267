package properties

import (
	"maps"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// constraints maps what the names of constraints do not tell.
var constraints = store.Constraints{
	"pk_properties":              ErrPropertyExists,
	"uk_properties_slug":         ErrSlugTaken,
	"chk_properties_coordinates": ErrCoordinates,
	"pk_units":                   ErrUnitExists,
	"uk_units_property_id_building_number_unit_number": ErrUnitExists,
	"chk_units_lease_dates":                            ErrLeaseDates,
	"chk_units_occupancy":                              ErrOccupancyBasis,
	"chk_floor_plans_sqft_range":                       ErrSqftRange,
	"chk_floor_plans_availability":                     ErrAvailability,
}

// Constraints names the constraints of this package's tables whose violation
// means one of its conditions, for hosts that write the tables themselves.
func Constraints() map[string]*fault.Error { return maps.Clone(constraints) }
