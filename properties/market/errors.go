package market

import (
	"maps"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// constraints maps what the names of constraints do not tell.
var constraints = store.Constraints{
	"pk_property_valuations":            ErrValuationExists,
	"uk_market_areas_market_name_state": ErrAreaExists,
}

// Constraints names the constraints of this package's tables whose violation
// means one of its conditions, for hosts that write the tables themselves.
func Constraints() map[string]*fault.Error { return maps.Clone(constraints) }
