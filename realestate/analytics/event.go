package analytics

import (
	"net/netip"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of events.
var (
	// ErrArchiveBefore: events of days to come cannot be archived.
	ErrArchiveBefore = fault.New(fault.Invalid, "archive_before_out_of_range", "archiving needs a day that has passed, after 1970").On("before")
	// ErrEventNotFound: there is no such event.
	ErrEventNotFound = fault.New(fault.NotFound, "user_event_not_found", "there is no such event")
)

// Event is something that a user did, or that was done without one. Events are
// append-only and partitioned by month; the key of a row is its id and its time.
type Event struct {
	bun.BaseModel `bun:"table:analytics.user_events,alias:ue"`

	ID     id.Of[Event]      `bun:"id,pk"`
	UserID *id.Of[auth.User] `bun:"user_id"`

	// Without foreign key: sessions are purged.
	SessionID *id.Of[auth.Session] `bun:"session_id"`

	// Event
	EventName     string           `bun:"event_name"`
	EventCategory *string          `bun:"event_category"`
	EventAction   *string          `bun:"event_action"`
	EventLabel    *string          `bun:"event_label"`
	EventValue    *decimal.Decimal `bun:"event_value"`

	// Context
	PageURL     *string     `bun:"page_url"`
	ReferrerURL *string     `bun:"referrer_url"`
	UserAgent   *string     `bun:"user_agent"`
	IPAddress   *netip.Addr `bun:"ip_address"`

	// Device
	DeviceType       *string `bun:"device_type"`
	OS               *string `bun:"os"`
	Browser          *string `bun:"browser"`
	ScreenResolution *string `bun:"screen_resolution"`

	// Place
	Country    *string        `bun:"country"`
	Region     *string        `bun:"region"`
	City       *string        `bun:"city"`
	Properties map[string]any `bun:"properties,type:jsonb,nullzero"`
	CreatedAt  time.Time      `bun:"created_at,pk"`
}

// ArchivedEvent is an [Event] of a month that was moved to
// analytics.user_events_archive.
type ArchivedEvent struct {
	bun.BaseModel `bun:"table:analytics.user_events_archive,alias:ua"`

	ID     id.Of[Event]      `bun:"id,pk"`
	UserID *id.Of[auth.User] `bun:"user_id"`

	// Without foreign key: sessions are purged.
	SessionID *id.Of[auth.Session] `bun:"session_id"`

	// Event
	EventName     string           `bun:"event_name"`
	EventCategory *string          `bun:"event_category"`
	EventAction   *string          `bun:"event_action"`
	EventLabel    *string          `bun:"event_label"`
	EventValue    *decimal.Decimal `bun:"event_value"`

	// Context
	PageURL     *string     `bun:"page_url"`
	ReferrerURL *string     `bun:"referrer_url"`
	UserAgent   *string     `bun:"user_agent"`
	IPAddress   *netip.Addr `bun:"ip_address"`

	// Device
	DeviceType       *string `bun:"device_type"`
	OS               *string `bun:"os"`
	Browser          *string `bun:"browser"`
	ScreenResolution *string `bun:"screen_resolution"`

	// Place
	Country    *string        `bun:"country"`
	Region     *string        `bun:"region"`
	City       *string        `bun:"city"`
	Properties map[string]any `bun:"properties,type:jsonb,nullzero"`
	CreatedAt  time.Time      `bun:"created_at,pk"`
}
