package renovations

import (
	"maps"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// constraints maps what the names of constraints do not tell.
var constraints = store.Constraints{
	"pk_projects":                ErrProjectExists,
	"chk_projects_planned_dates": ErrPlannedDates,
	"chk_projects_hold":          ErrProjectState,
	"chk_projects_actual_dates":  ErrActualDates,
	"chk_unit_renovations_dates": ErrUnitDates,
	"chk_change_orders_decision": ErrOrderState,
}

// Constraints names the constraints of this package's tables whose violation
// means one of its conditions, for hosts that write the tables themselves.
func Constraints() map[string]*fault.Error { return maps.Clone(constraints) }
