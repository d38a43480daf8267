// Package events is webinars, conferences and meetings, who comes to them and
// what is said there: schema events.
//
// # Verbs by task
//
//	make an event  CreateEvent, PublishEvent
//	read           Event, UpcomingEvents
//
// # The domain
//
// An [Event] starts before it ends, and its slug is unique among events that
// are not deleted; times are instants, and the IANA zone beside them is for
// showing local ones. It begins as a draft, and only published events are
// listed; one that is over is not published. A [Registration] is a user's place;
// there is one per event and user.
// CurrentAttendees follows the registrations that are neither waitlisted nor
// cancelled, and never exceeds MaxAttendees. Waitlist numbers are drawn from the event
// under its lock. An [Interaction] is what somebody asked or answered during an event.
// A virtual event's passcode is stored as ciphertext.
//
// Tables: events.events, events.registrations, events.event_interactions. There
// are verbs for making and publishing events; the others are models.
//
//	e, err := svc.CreateEvent(ctx, db, events.CreateEventParams{
//		Title: "Q3 investor call", Slug: "q3-call", StartsAt: start, EndsAt: end,
//	})
//	e, err = svc.PublishEvent(ctx, db, e.ID)
package events
