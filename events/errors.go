package events

import (
	"maps"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// The conditions of this package.
var (
	// ErrEventNotFound: there is no such event, or it has been deleted.
	ErrEventNotFound = fault.New(fault.NotFound, "event_not_found", "there is no such event")
	// ErrEventStatus: the event's status does not allow the verb.
	ErrEventStatus = fault.New(fault.Illegal, "event_status_wrong", "the event's status does not allow this")
	// ErrEventTimes: the event does not start before it ends.
	ErrEventTimes = fault.New(fault.Invalid, "event_times_inverted", "an event starts before it ends").On("end_datetime")
	// ErrEventFull: more people than the event holds.
	ErrEventFull = fault.New(fault.Conflict, "event_full", "the event holds no more people")
	// ErrAttendanceTimes: somebody left before he joined.
	ErrAttendanceTimes = fault.New(fault.Invalid, "attendance_times_inverted", "nobody leaves before he joins").On("left_at")
	// ErrRegistered: the user has a registration for this event.
	ErrRegistered = fault.New(fault.Conflict, "event_registered", "the user has a registration for this event already").On("user_id")
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
