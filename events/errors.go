package events

import (
	"maps"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// constraints are the names that say more than the convention can tell.
var constraints = store.Constraints{
	"chk_event_times":        ErrEventTimes,
	"chk_events_capacity":    ErrEventFull,
	"chk_attendance_times":   ErrAttendanceTimes,
	"fk_registration_event":  store.ErrReference.On("event_id"),
	"fk_registration_user":   store.ErrReference.On("user_id"),
	"uk_unique_registration": ErrRegistered,
}

// Constraints names the constraints of this package's tables whose violation
// means one of its conditions, for hosts that write the tables themselves.
func Constraints() map[string]*fault.Error { return maps.Clone(constraints) }
