package market

import (
	"maps"

	"time"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// The conditions of this package.
var (
	// ErrValuationNotFound: there is no such valuation.
	ErrValuationNotFound = fault.New(fault.NotFound, "valuation_not_found", "there is no such valuation")
	// ErrValuationExists: a valuation with this id was recorded before.
	ErrValuationExists = fault.New(fault.Conflict, "valuation_exists", "a valuation with this id exists")
	// ErrAreaNotFound: there is no such market area.
	ErrAreaNotFound = fault.New(fault.NotFound, "market_area_not_found", "there is no such market area")
	// ErrAreaExists: the state has a market of this name.
	ErrAreaExists = fault.New(fault.Conflict, "market_area_exists", "the state has a market of this name").On("market_name")
	// ErrStale: somebody else changed the row since it was read.
	ErrStale = store.ErrStale
)

// constraints maps what the names of constraints do not tell.
var constraints = store.Constraints{
	"pk_property_valuations":            ErrValuationExists,
	"uk_market_areas_market_name_state": ErrAreaExists,
}

// valuations is the repository of Valuation rows, the latest date first.
var valuations = store.Repo[Valuation]{
	NotFound:    ErrValuationNotFound,
	Constraints: constraints,
	Sort: store.Sort[Valuation]{
		Columns: []store.Column{{Name: "valuation_date", Type: "date"}, {Name: "id", Type: "uuid"}},
		Desc:    true,
		Key:     func(v *Valuation) []string { return []string{v.Date.String(), v.ID.String()} },
	},
}

// areas is the repository of Area rows, the newest first.
var areas = store.Repo[Area]{
	NotFound:    ErrAreaNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(a *Area) (time.Time, string) { return a.CreatedAt, a.ID.String() }),
}

// Constraints names the constraints of this package's tables whose violation
// means one of its conditions, for hosts that write the tables themselves.
func Constraints() map[string]*fault.Error { return maps.Clone(constraints) }
