package events

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The conditions of events.
var (
	// ErrEventNotFound: there is no such event, or it has been deleted.
	ErrEventNotFound = fault.New(fault.NotFound, "event_not_found", "there is no such event")
	// ErrEventStatus: the event's status does not allow the verb.
	ErrEventStatus = fault.New(fault.Illegal, "event_status_wrong", "the event's status does not allow this")
	// ErrEventOver: the event has ended.
	ErrEventOver = fault.New(fault.Illegal, "event_over", "the event has ended")
	// ErrEventTimes: the event does not start before it ends.
	ErrEventTimes = fault.New(fault.Invalid, fault.CodeInverted, "an event starts before it ends").On("ends_at")
	// ErrEventFull: more people than the event holds.
	ErrEventFull = fault.New(fault.Conflict, "event_full", "the event holds no more people")
)

// Type says what kind of event it is.
type Type string

// The types of event.
const (
	TypeWebinar    Type = "webinar"
	TypeConference Type = "conference"
	TypeMeetup     Type = "meetup"
	TypeSummit     Type = "summit"
)

// Valid reports whether t is one of the types.
func (t Type) Valid() bool {
	switch t {
	case TypeWebinar, TypeConference, TypeMeetup, TypeSummit:
		return true
	}
	return false
}

// Format says where people meet.
type Format string

// The formats.
const (
	FormatVirtual  Format = "virtual"
	FormatInPerson Format = "in_person"
	FormatHybrid   Format = "hybrid"
)

// Valid reports whether f is one of the formats.
func (f Format) Valid() bool {
	switch f {
	case FormatVirtual, FormatInPerson, FormatHybrid:
		return true
	}
	return false
}

// Platform carries a virtual event.
type Platform string

// The platforms.
const (
	PlatformZoom   Platform = "zoom"
	PlatformTeams  Platform = "teams"
	PlatformCustom Platform = "custom"
)

// Valid reports whether p is one of the platforms.
func (p Platform) Valid() bool {
	switch p {
	case PlatformZoom, PlatformTeams, PlatformCustom:
		return true
	}
	return false
}

// Status says where an event is in its life.
type Status string

// The statuses of an event.
const (
	StatusDraft     Status = "draft"
	StatusPublished Status = "published"
	StatusCancelled Status = "cancelled"
	StatusCompleted Status = "completed"
)

// Valid reports whether s is one of the statuses.
func (s Status) Valid() bool {
	switch s {
	case StatusDraft, StatusPublished, StatusCancelled, StatusCompleted:
		return true
	}
	return false
}

// Visibility says who may see an event.
type Visibility string

// The visibilities.
const (
	VisibilityPublic  Visibility = "public"
	VisibilityPrivate Visibility = "private"
	VisibilityInvited Visibility = "invited"
)

// Valid reports whether v is one of the visibilities.
func (v Visibility) Valid() bool {
	switch v {
	case VisibilityPublic, VisibilityPrivate, VisibilityInvited:
		return true
	}
	return false
}

// AgendaItem is one part of an event's program.
type AgendaItem struct {
	StartsAt    time.Time `json:"starts_at"`
	EndsAt      time.Time `json:"ends_at"`
	Title       string    `json:"title"`
	Description string    `json:"description,omitempty"`
	Room        string    `json:"room,omitempty"`
	Speakers    []string  `json:"speakers,omitempty"` // by name, as in Event.Speakers
}

// Speaker is somebody who speaks at an event, a user or not.
type Speaker struct {
	Name     string            `json:"name"`
	Title    string            `json:"title,omitempty"`
	Company  string            `json:"company,omitempty"`
	Bio      string            `json:"bio,omitempty"`
	PhotoURL string            `json:"photo_url,omitempty"`
	UserID   *id.Of[auth.User] `json:"user_id,omitempty"`
}

// Material is something handed out for an event.
type Material struct {
	Title string `json:"title"`
	URL   string `json:"url"`
	Type  string `json:"type,omitempty"` // a media type, such as application/pdf
	Size  int64  `json:"size,omitempty"` // bytes
}

// Event is something users may attend. It starts before it ends, and holds at
// most MaxAttendees people. CurrentAttendees is a cache of the registrations
// that are neither waitlisted nor cancelled.
type Event struct {
	bun.BaseModel `bun:"table:events.events,alias:e" json:"-"`

	ID          id.Of[Event] `bun:"id,pk" json:"id"`
	Title       string       `bun:"title" json:"title"`
	Slug        string       `bun:"slug" json:"slug"` // unique among events that are not deleted
	Description *string      `bun:"description" json:"description"`
	Type        *Type        `bun:"type" json:"type"`
	Format      *Format      `bun:"format" json:"format"`

	StartDatetime time.Time `bun:"start_datetime" json:"start_datetime"`
	EndDatetime   time.Time `bun:"end_datetime" json:"end_datetime"`
	Timezone      *string   `bun:"timezone" json:"timezone"` // an IANA name, for showing local times

	VenueName        *string `bun:"venue_name" json:"venue_name"`
	VenueAddress     *string `bun:"venue_address" json:"venue_address"`
	VenueCity        *string `bun:"venue_city" json:"venue_city"`
	VenueState       *string `bun:"venue_state" json:"venue_state"`
	VenueCountry     *string `bun:"venue_country" json:"venue_country"`
	VenueCoordinates *LonLat `bun:"venue_coordinates" json:"venue_coordinates"`

	VirtualPlatform  *Platform    `bun:"virtual_platform" json:"virtual_platform"`
	VirtualURL       *string      `bun:"virtual_url" json:"virtual_url"`
	VirtualMeetingID *string      `bun:"virtual_meeting_id" json:"virtual_meeting_id"`
	VirtualPasscode  *auth.Secret `bun:"virtual_passcode" json:"virtual_passcode"` // sealed; see Service.RevealPasscode

	MaxAttendees       *int `bun:"max_attendees" json:"max_attendees"` // nil: no limit
	CurrentAttendees   int  `bun:"current_attendees" json:"current_attendees"`
	WaitlistEnabled    bool `bun:"waitlist_enabled" json:"waitlist_enabled"`
	LastWaitlistNumber int  `bun:"last_waitlist_number" json:"last_waitlist_number"`

	RegistrationRequired bool          `bun:"registration_required" json:"registration_required"`
	RegistrationDeadline *time.Time    `bun:"registration_deadline" json:"registration_deadline"`
	RegistrationFee      *money.Amount `bun:"registration_fee" json:"registration_fee"`

	Agenda       []AgendaItem `bun:"agenda,type:jsonb,nullzero" json:"agenda"`
	Speakers     []Speaker    `bun:"speakers,type:jsonb,nullzero" json:"speakers"`
	Materials    []Material   `bun:"materials,type:jsonb,nullzero" json:"materials"`
	RecordingURL *string      `bun:"recording_url" json:"recording_url"`

	Status      Status            `bun:"status" json:"status"`
	Visibility  Visibility        `bun:"visibility" json:"visibility"`
	CreatedBy   *id.Of[auth.User] `bun:"created_by" json:"created_by"`
	PublishedAt *time.Time        `bun:"published_at" json:"published_at"`
	Version     int64             `bun:"version" json:"version"`
	CreatedAt   time.Time         `bun:"created_at" json:"created_at"`
	UpdatedAt   time.Time         `bun:"updated_at" json:"updated_at"`
	DeletedAt   *time.Time        `bun:"deleted_at" json:"deleted_at"`
}

// SeatsLeft returns how many people can still register, and false when the
// event has no limit.
func (e *Event) SeatsLeft() (int, bool) {
	if e.MaxAttendees == nil {
		return 0, false
	}
	return max(0, *e.MaxAttendees-e.CurrentAttendees), true
}

// aggregateEvent is what this package's domain events are about: an event that
// people come to.
const aggregateEvent = "event"

// events is the repository of events, the earliest start first.
var events = store.Repo[Event]{
	NotFound:    ErrEventNotFound,
	Constraints: constraints,
	Sort: store.Sort[Event]{
		Columns: []store.Column{{Name: "start_datetime", Type: "timestamptz"}, {Name: "id", Type: "uuid"}},
		Key: func(e *Event) []string {
			return []string{store.TimeKey(e.StartDatetime), e.ID.String()}
		},
	},
}
