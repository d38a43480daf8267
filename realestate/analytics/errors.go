package analytics

import (
	"maps"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// The conditions of this package.
var (
	// ErrFunnelExists: the user has a funnel for this offering.
	ErrFunnelExists = fault.New(fault.Conflict, "funnel_exists", "the user has a funnel for this offering").On("opportunity_id")
	// ErrDropOff: where a user dropped off and when belong together.
	ErrDropOff = fault.New(fault.Invalid, "funnel_drop_off_incomplete", "where a user dropped off and when belong together").On("drop_off_stage")
	// ErrFunnelNotFound: the user has no funnel for this offering.
	ErrFunnelNotFound = fault.New(fault.NotFound, "funnel_not_found", "the user has no funnel for this offering")
	// ErrFunnelFunded: the user has funded the offering and cannot drop off.
	ErrFunnelFunded = fault.New(fault.Illegal, "funnel_funded", "the user has funded the offering")
	// ErrPerformanceNotFound: the investor had no funded position at the last
	// refresh.
	ErrPerformanceNotFound = fault.New(fault.NotFound, "performance_not_found", "the investor had no funded position at the last refresh")
	// ErrSummaryNotFound: there is no such user.
	ErrSummaryNotFound = fault.New(fault.NotFound, "investor_summary_not_found", "there is no such user")
	// ErrArchiveBefore: events of days to come cannot be archived.
	ErrArchiveBefore = fault.New(fault.Invalid, "archive_before_out_of_range", "archiving needs a day that has passed, after 1970").On("before")
	// ErrEventNotFound: there is no such event.
	ErrEventNotFound = fault.New(fault.NotFound, "user_event_not_found", "there is no such event")
)

// constraints are the names that say more than the convention can tell.
var constraints = store.Constraints{
	"uk_investment_funnel_user_id_opportunity_id": ErrFunnelExists,
	"chk_investment_funnel_drop_off":              ErrDropOff,
}

// Constraints maps the names of constraints that say more than the convention can
// tell to their errors, for hosts that write to the tables themselves.
func Constraints() map[string]*fault.Error { return maps.Clone(constraints) }
