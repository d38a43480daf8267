package events

import (
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// aggregateEvent is what this package's domain events are about: an event that
// people come to.
const aggregateEvent = "event"

// EventCreated says that an event was put on record as a draft.
type EventCreated struct {
	Type      *Type             `json:"event_type,omitempty"`
	Format    *Format           `json:"format,omitempty"`
	CreatedBy *id.Of[auth.User] `json:"created_by,omitempty"`
}

// EventType names the event.
func (EventCreated) EventType() (string, int) { return "events.event_created", 1 }

// EventPublished says that an event is visible.
type EventPublished struct {
	Type   *Type   `json:"event_type,omitempty"`
	Format *Format `json:"format,omitempty"`
}

// EventType names the event.
func (EventPublished) EventType() (string, int) { return "events.event_published", 1 }
