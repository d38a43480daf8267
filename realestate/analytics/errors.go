package analytics

import (
	"maps"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// constraints are the names that say more than the convention can tell.
var constraints = store.Constraints{
	"uk_investment_funnel_user_id_opportunity_id": ErrFunnelExists,
	"chk_investment_funnel_drop_off":              ErrDropOff,
}

// Constraints maps the names of constraints that say more than the convention can
// tell to their errors, for hosts that write to the tables themselves.
func Constraints() map[string]*fault.Error { return maps.Clone(constraints) }
