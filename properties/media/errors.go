package media

import (
	"maps"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// constraints maps what the names of constraints do not tell.
var constraints = store.Constraints{
	"uk_property_photos_primary":    ErrPrimaryPhoto,
	"fk_property_photos_unit_id":    ErrUnitElsewhere,
	"fk_property_photos_project_id": ErrProjectElsewhere,
	"chk_files_one_owner":           ErrFileOwner,
	"fk_tour_views_tour_id":         ErrTourNotFound,
}

// Constraints names the constraints of this package's tables whose violation
// means one of its conditions, for hosts that write the tables themselves.
func Constraints() map[string]*fault.Error { return maps.Clone(constraints) }
