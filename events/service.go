package events

import (
	"context"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// Config configures a [Service]. The zero value is ready for use.
type Config struct {
	// Now is the clock; the default is time.Now.
	Now func() time.Time
}

// Service is the verbs on events. It holds no connection and is safe for
// concurrent use.
type Service struct{ clock func() time.Time }

// NewService makes a Service.
func NewService(cfg Config) *Service {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Service{clock: cfg.Now}
}

// stored is a time in the form that the database keeps.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

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
	VirtualPasscode      *auth.Secret // ciphertext
	MaxAttendees         *int
	WaitlistEnabled      bool
	RegistrationOptional bool // attendance without a registration
	RegistrationFee      *money.Amount
	Agenda               []AgendaItem
	Speakers             []Speaker
	Visibility           Visibility // the default is VisibilityPublic
	CreatedBy            *id.Of[auth.User]
}

// check fills in defaults and reports every bad field.
func (p *CreateEventParams) check() error {
	if p.ID.IsZero() {
		p.ID = id.New[Event]()
	}
	if p.Visibility == "" {
		p.Visibility = VisibilityPublic
	}
	var f fault.Fields
	n := utf8.RuneCountInString(p.Title)
	f.Check(n >= 1 && n <= 255, "title", "title_malformed", "a title of 1 to 255 characters")
	f.Check(validSlug(p.Slug), "slug", "slug_malformed", "lower-case letters, digits and single hyphens between them, at most 255")
	f.Check(!p.StartsAt.IsZero(), "start_datetime", "required", "a start is needed")
	if !p.StartsAt.IsZero() && !stored(p.StartsAt).Before(stored(p.EndsAt)) {
		f.AddErr("", ErrEventTimes)
	}
	f.Check(p.Timezone == nil || validZone(*p.Timezone), "timezone", "timezone_malformed", "an IANA name such as America/New_York")
	f.Check(p.Type == nil || p.Type.Valid(), "type", "value_not_allowed", "webinar, conference, meetup or summit")
	f.Check(p.Format == nil || p.Format.Valid(), "format", "value_not_allowed", "virtual, in_person or hybrid")
	f.Check(p.VirtualPlatform == nil || p.VirtualPlatform.Valid(), "virtual_platform", "value_not_allowed", "zoom, teams or custom")
	f.Check(p.VenueCoordinates == nil || p.VenueCoordinates.Check() == nil, "venue_coordinates", "lonlat_malformed", "a place on earth")
	f.Check(p.MaxAttendees == nil || *p.MaxAttendees > 0, "max_attendees", "value_not_allowed", "at least one, or no limit")
	f.Check(p.RegistrationFee == nil || p.RegistrationFee.Sign() >= 0, "registration_fee", "amount_negative", "an amount of zero or more")
	f.Check(p.Visibility.Valid(), "visibility", "value_not_allowed", "public, private or invited")
	return f.Err()
}

// validSlug reports whether s is fit for a URL's path.
func validSlug(s string) bool {
	if s == "" || len(s) > 255 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
		case c == '-' && s[i-1] != '-':
		default:
			return false
		}
	}
	return true
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
// when the slug or the id is taken, or reference_not_found when there is no
// such creator.
func (s *Service) CreateEvent(ctx context.Context, db bun.IDB, p CreateEventParams) (*Event, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	now := stored(s.clock())
	e := &Event{
		ID: p.ID, Title: p.Title, Slug: p.Slug, Description: p.Description, Type: p.Type, Format: p.Format,
		StartDatetime: stored(p.StartsAt), EndDatetime: stored(p.EndsAt), Timezone: p.Timezone,
		VenueName: p.VenueName, VenueCoordinates: p.VenueCoordinates,
		VirtualPlatform: p.VirtualPlatform, VirtualURL: p.VirtualURL, VirtualPasscode: p.VirtualPasscode,
		MaxAttendees: p.MaxAttendees, WaitlistEnabled: p.WaitlistEnabled,
		RegistrationRequired: !p.RegistrationOptional, RegistrationFee: p.RegistrationFee,
		Agenda: p.Agenda, Speakers: p.Speakers, Status: StatusDraft, Visibility: p.Visibility,
		CreatedBy: p.CreatedBy, Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		if err := events.Insert(ctx, tx, e); err != nil {
			return err
		}
		return store.Emit(ctx, tx, now, store.Event(aggregateEvent, e.ID, EventCreated{e.Type, e.Format, e.CreatedBy}))
	})
	if err != nil {
		return nil, err
	}
	return e, nil
}

// PublishEvent makes a draft visible. It locks the event and returns
// [ErrEventNotFound] or [ErrEventStatus].
func (s *Service) PublishEvent(ctx context.Context, db bun.IDB, event id.Of[Event]) (*Event, error) {
	var e *Event
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if e, err = events.Lock(ctx, tx, event); err != nil {
			return err
		}
		if err = e.publishable(); err != nil {
			return err
		}
		now := stored(s.clock())
		e.Status, e.PublishedAt = StatusPublished, &now
		if err = events.UpdateVersion(ctx, tx, e, e.Version, "status", "published_at"); err != nil {
			return err
		}
		if e, err = events.Get(ctx, tx, event); err != nil { // the database keeps updated_at
			return err
		}
		return store.Emit(ctx, tx, now, store.Event(aggregateEvent, e.ID, EventPublished{e.Type, e.Format}))
	})
	if err != nil {
		return nil, err
	}
	return e, nil
}

// publishable reports why e cannot be published. It touches no database.
func (e *Event) publishable() error {
	switch {
	case e.DeletedAt != nil:
		return ErrEventNotFound
	case e.Status != StatusDraft:
		return ErrEventStatus.With("it is %s", e.Status)
	}
	return nil
}

// Event returns an event that is not deleted, or [ErrEventNotFound].
func (s *Service) Event(ctx context.Context, db bun.IDB, event id.Of[Event]) (*Event, error) {
	return events.One(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("?TableAlias.id = ?", event).Where("?TableAlias.deleted_at IS NULL")
	})
}

// UpcomingEvents lists the published public events that have not ended, by the
// database's clock, the earliest first.
func (s *Service) UpcomingEvents(ctx context.Context, db bun.IDB, req page.Request) (page.Page[Event], error) {
	return events.List(ctx, db, req, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("?TableAlias.status = ?", StatusPublished).Where("?TableAlias.visibility = ?", VisibilityPublic).
			Where("?TableAlias.deleted_at IS NULL").Where("?TableAlias.end_datetime > now()")
	})
}
