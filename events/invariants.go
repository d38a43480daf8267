package events

import "github.com/freehold-go/freehold/internal/store"

// Invariants lists what always holds in this package's tables, for
// realestate.Platform.Verify.
func Invariants() []store.Invariant {
	return []store.Invariant{
		{Name: "an event's current_attendees are its registrations", Query: `
			SELECT e.id::text, format('cached %s, registrations %s', e.current_attendees, count(r.id))
			FROM events.events e LEFT JOIN events.registrations r ON r.event_id = e.id AND r.status = 'registered'
			GROUP BY e.id HAVING e.current_attendees <> count(r.id)`},
	}
}
