package events

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// EventCreated says that an event was put on record as a draft.
type EventCreated struct {
	Type      *Type             `json:"type,omitempty"`
	Format    *Format           `json:"format,omitempty"`
	CreatedBy *id.Of[auth.User] `json:"created_by,omitempty"`
}

// EventType names the event.
func (EventCreated) EventType() (string, int) { return "events.event_created", 1 }

// CreateEventParams describes a new event.
type CreateEventParams struct {
	ID                   id.Of[Event] // optional; a new one by default
	Title                string
	Slug                 string // lower-case letters, digits and hyphens
	Description          *string
	Type                 *Type
	Format               *Format
	StartsAt             time.Time
	EndsAt               time.Time
	Timezone             *string // an IANA name
	VenueName            *string
	VenueCoordinates     *LonLat
	VirtualPlatform      *Platform
	VirtualURL           *string
	VirtualPasscode      *auth.Secret // in clear; it is stored sealed
	MaxAttendees         *int
	WaitlistEnabled      bool
	RegistrationOptional bool // attendance without a registration
	RegistrationFee      *money.Amount
	Agenda               []AgendaItem
	Speakers             []Speaker
	Visibility           Visibility        // the default is VisibilityPublic
	CreatedBy            *id.Of[auth.User] // an active user; nil is the platform
}

// check fills in defaults and reports every bad field.
func (p *CreateEventParams) check(days check.Days) error {
	if p.Visibility == "" {
		p.Visibility = VisibilityPublic
	}
	p.StartsAt, p.EndsAt = stored(p.StartsAt), stored(p.EndsAt)
	var f check.Fields
	f.Required("title", p.Title, 255)
	f.Slug("slug", p.Slug, 255)
	f.Given("starts_at", p.StartsAt)
	if !p.StartsAt.IsZero() {
		starts := date.Of(p.StartsAt)
		f.Check(!starts.IsZero(), "starts_at", check.NoDate, "a time of the years 1 to 9999")
		f.Within("starts_at", &starts, days)
	}
	if !p.StartsAt.IsZero() && !p.StartsAt.Before(p.EndsAt) {
		f.AddErr("", ErrEventTimes)
	}
	f.Check(p.Timezone == nil || validZone(*p.Timezone), "timezone", check.BadTimezone, "an IANA name such as America/New_York")
	check.OptionalText(&f, "description", p.Description, check.Long)
	check.Enum(&f, "type", p.Type)
	check.Enum(&f, "format", p.Format)
	check.Enum(&f, "virtual_platform", p.VirtualPlatform)
	check.OptionalText(&f, "venue_name", p.VenueName, 255)
	check.OptionalText(&f, "virtual_url", p.VirtualURL, 500)
	if p.VirtualPasscode != nil {
		f.Required("virtual_passcode", p.VirtualPasscode.Reveal(), maxPasscode)
	}
	f.Check(p.VenueCoordinates == nil || p.VenueCoordinates.Check() == nil, "venue_coordinates", ErrLonLat.Code, "a place on earth")
	f.Integer("max_attendees", p.MaxAttendees, 1, check.MaxInt)
	f.Amount("registration_fee", p.RegistrationFee)
	check.One(&f, "visibility", p.Visibility)
	return f.Err()
}

// validZone reports whether s looks like an IANA name. Which names there are
// depends on the machine's zone database, so it is not asked.
func validZone(s string) bool {
	if s == "" || len(s) > 50 {
		return false
	}
	for _, c := range s {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case c == '/', c == '_', c == '-', c == '+':
		default:
			return false
		}
	}
	return true
}

// CreateEvent adds an event as a draft. It returns field errors, already_exists
// when the slug or the id is another event's, [auth.ErrActorInactive] when the creator is
// none who may act, or [vault.ErrNoVault] for a passcode without a vault. Run again with
// the same id and params, it returns the event as it is then.
func (s *Service) CreateEvent(ctx context.Context, db bun.IDB, p CreateEventParams) (*Event, error) {
	if err := p.check(check.NewDays(s.now(), s.horizon)); err != nil {
		return nil, err
	}
	now := s.now()
	e := &Event{
		ID: p.ID.OrNew(), Title: p.Title, Slug: p.Slug, Description: p.Description, Type: p.Type, Format: p.Format,
		StartDatetime: p.StartsAt, EndDatetime: p.EndsAt, Timezone: p.Timezone,
		VenueName: p.VenueName, VenueCoordinates: p.VenueCoordinates,
		VirtualPlatform: p.VirtualPlatform, VirtualURL: p.VirtualURL,
		MaxAttendees: p.MaxAttendees, WaitlistEnabled: p.WaitlistEnabled,
		RegistrationRequired: !p.RegistrationOptional, RegistrationFee: p.RegistrationFee,
		Agenda: p.Agenda, Speakers: p.Speakers, Status: StatusDraft, Visibility: p.Visibility,
		CreatedBy: p.CreatedBy, Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	if err := s.sealPasscode(e, p.VirtualPasscode); err != nil {
		return nil, err
	}
	c := store.Creation[Event]{Verb: "events.create_event", Params: p, Chosen: p.ID, Kind: "event", Rows: events}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*Event, error) {
		if p.CreatedBy != nil {
			if err := auth.ActiveActor(ctx, tx, *p.CreatedBy); err != nil {
				return nil, err
			}
		}
		if err := events.Insert(ctx, tx, e); err != nil {
			return nil, err
		}
		return e, s.hooks.Emit(ctx, tx, now, store.Event(aggregateEvent, e.ID, EventCreated{e.Type, e.Format, e.CreatedBy}))
	})
}

// stored is a time in the form that the database keeps.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
