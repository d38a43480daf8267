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
	ErrArchiveBefore = fault.New(fault.Invalid, fault.CodeOutOfRange, "archiving needs a day that has passed, after 1970").On("before")
	// ErrEventNotFound: there is no such event.
	ErrEventNotFound = fault.New(fault.NotFound, "user_event_not_found", "there is no such event")
)

// Event is something that a user did, or that was done without one. Events are
// append-only and partitioned by month; the key of a row is its id and its time.
type Event struct {
	bun.BaseModel `bun:"table:analytics.user_events,alias:ue" json:"-"`

	ID     id.Of[Event]      `bun:"id,pk" json:"id"`
	UserID *id.Of[auth.User] `bun:"user_id" json:"user_id"`

	// Without foreign key: sessions are purged.
	SessionID *id.Of[auth.Session] `bun:"session_id" json:"session_id"`

	// Event
	EventName     string           `bun:"event_name" json:"event_name"`
	EventCategory *string          `bun:"event_category" json:"event_category"`
	EventAction   *string          `bun:"event_action" json:"event_action"`
	EventLabel    *string          `bun:"event_label" json:"event_label"`
	EventValue    *decimal.Decimal `bun:"event_value" json:"event_value"`

	// Context
	PageURL     *string     `bun:"page_url" json:"page_url"`
	ReferrerURL *string     `bun:"referrer_url" json:"referrer_url"`
	UserAgent   *string     `bun:"user_agent" json:"user_agent"`
	IPAddress   *netip.Addr `bun:"ip_address" json:"ip_address"`

	// Device
	DeviceType       *string `bun:"device_type" json:"device_type"`
	OS               *string `bun:"os" json:"os"`
	Browser          *string `bun:"browser" json:"browser"`
	ScreenResolution *string `bun:"screen_resolution" json:"screen_resolution"`

	// Place
	Country    *string        `bun:"country" json:"country"`
	Region     *string        `bun:"region" json:"region"`
	City       *string        `bun:"city" json:"city"`
	Properties map[string]any `bun:"properties,type:jsonb,nullzero" json:"properties"`
	CreatedAt  time.Time      `bun:"created_at,pk" json:"created_at"`
}

// ArchivedEvent is an [Event] of a month that was moved to
// analytics.user_events_archive.
type ArchivedEvent struct {
	bun.BaseModel `bun:"table:analytics.user_events_archive,alias:ua" json:"-"`

	ID     id.Of[Event]      `bun:"id,pk" json:"id"`
	UserID *id.Of[auth.User] `bun:"user_id" json:"user_id"`

	// Without foreign key: sessions are purged.
	SessionID *id.Of[auth.Session] `bun:"session_id" json:"session_id"`

	// Event
	EventName     string           `bun:"event_name" json:"event_name"`
	EventCategory *string          `bun:"event_category" json:"event_category"`
	EventAction   *string          `bun:"event_action" json:"event_action"`
	EventLabel    *string          `bun:"event_label" json:"event_label"`
	EventValue    *decimal.Decimal `bun:"event_value" json:"event_value"`

	// Context
	PageURL     *string     `bun:"page_url" json:"page_url"`
	ReferrerURL *string     `bun:"referrer_url" json:"referrer_url"`
	UserAgent   *string     `bun:"user_agent" json:"user_agent"`
	IPAddress   *netip.Addr `bun:"ip_address" json:"ip_address"`

	// Device
	DeviceType       *string `bun:"device_type" json:"device_type"`
	OS               *string `bun:"os" json:"os"`
	Browser          *string `bun:"browser" json:"browser"`
	ScreenResolution *string `bun:"screen_resolution" json:"screen_resolution"`

	// Place
	Country    *string        `bun:"country" json:"country"`
	Region     *string        `bun:"region" json:"region"`
	City       *string        `bun:"city" json:"city"`
	Properties map[string]any `bun:"properties,type:jsonb,nullzero" json:"properties"`
	CreatedAt  time.Time      `bun:"created_at,pk" json:"created_at"`
}
