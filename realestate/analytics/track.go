package analytics

import (
	"context"
	"fmt"
	"net/netip"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// TrackParams describes an event. Only the name is required.
type TrackParams struct {
	ID        id.Of[Event] // optional; a new one by default
	UserID    *id.Of[auth.User]
	SessionID *id.Of[auth.Session]

	Name     string // at most 100 characters
	Category *string
	Action   *string
	Label    *string
	Value    *decimal.Decimal // at most two decimals, below 100 million

	PageURL     *string
	ReferrerURL *string
	UserAgent   *string
	IPAddress   *netip.Addr

	DeviceType       *string
	OS               *string
	Browser          *string
	ScreenResolution *string

	Country    *string
	Region     *string
	City       *string
	Properties map[string]any

	// At is when it happened, for clients that send their events later; the
	// default is now.
	At *time.Time
}

// maxValue is the first event value too large for its column.
var maxValue = decimal.New(1, 8)

func (p *TrackParams) check(f *fault.Fields) {
	f.Check(p.Name != "", "event_name", "required", "a name is needed")
	short(f, "event_name", &p.Name, 100)
	short(f, "event_category", p.Category, 50)
	short(f, "event_action", p.Action, 50)
	short(f, "event_label", p.Label, 100)
	if v := p.Value; v != nil {
		f.Check(v.Equal(v.Truncate(2)), "event_value", "too_many_decimals", "at most two decimals")
		f.Check(v.Abs().LessThan(maxValue), "event_value", "number_out_of_range", "below 100 million")
	}
	short(f, "page_url", p.PageURL, 500)
	short(f, "referrer_url", p.ReferrerURL, 500)
	short(f, "device_type", p.DeviceType, 20)
	short(f, "os", p.OS, 50)
	short(f, "browser", p.Browser, 50)
	short(f, "screen_resolution", p.ScreenResolution, 20)
	short(f, "country", p.Country, 50)
	short(f, "region", p.Region, 50)
	short(f, "city", p.City, 50)
}

// short adds an error when text has more than most characters.
func short(f *fault.Fields, field string, text *string, most int) {
	f.Check(text == nil || utf8.RuneCountInString(*text) <= most, field, "text_too_long", fmt.Sprintf("at most %d characters", most))
}

func (p *TrackParams) event(now time.Time) Event {
	if p.ID.IsZero() {
		p.ID = id.New[Event]()
	}
	if p.At != nil {
		now = micros(*p.At)
	}
	return Event{
		ID: p.ID, UserID: p.UserID, SessionID: p.SessionID,
		EventName: p.Name, EventCategory: p.Category, EventAction: p.Action, EventLabel: p.Label, EventValue: p.Value,
		PageURL: p.PageURL, ReferrerURL: p.ReferrerURL, UserAgent: p.UserAgent, IPAddress: p.IPAddress,
		DeviceType: p.DeviceType, OS: p.OS, Browser: p.Browser, ScreenResolution: p.ScreenResolution,
		Country: p.Country, Region: p.Region, City: p.City, Properties: p.Properties, CreatedAt: now,
	}
}

// Track records an event. It returns field errors, reference_not_found when there
// is no such user, or already_exists when the id is taken at that instant.
func (s *Service) Track(ctx context.Context, db bun.IDB, p TrackParams) (*Event, error) {
	var f fault.Fields
	if p.check(&f); f.Err() != nil {
		return nil, f.Err()
	}
	e := p.event(s.now())
	err := store.InTx(ctx, db, func(tx bun.IDB) error { return userEvents.Insert(ctx, tx, &e) })
	if err != nil {
		return nil, err
	}
	return &e, nil
}

// TrackAll records many events in one statement: all of them or none. Fields of
// errors name the event by its index, as in "events[3].event_name".
func (s *Service) TrackAll(ctx context.Context, db bun.IDB, events []TrackParams) error {
	var all fault.Fields
	now, rows := s.now(), make([]Event, len(events))
	for i := range events {
		var f fault.Fields
		events[i].check(&f)
		all.AddErr(fmt.Sprintf("events[%d]", i), f.Err())
		p := events[i]
		rows[i] = p.event(now)
	}
	if err := all.Err(); err != nil {
		return err
	}
	return userEvents.InsertAll(ctx, db, rows)
}

// EventFilter narrows a list of events. The zero value narrows nothing.
type EventFilter struct {
	UserID *id.Of[auth.User]
	Name   string
	Since  *time.Time // from this instant on
	Until  *time.Time // before this instant
}

func (f EventFilter) narrow(q *bun.SelectQuery) *bun.SelectQuery {
	if f.UserID != nil {
		q = q.Where("?TableAlias.user_id = ?", *f.UserID)
	}
	if f.Name != "" {
		q = q.Where("?TableAlias.event_name = ?", f.Name)
	}
	if f.Since != nil {
		q = q.Where("?TableAlias.created_at >= ?", *f.Since)
	}
	if f.Until != nil {
		q = q.Where("?TableAlias.created_at < ?", *f.Until)
	}
	return q
}

// Events lists events that are not archived, newest first.
func (s *Service) Events(ctx context.Context, db bun.IDB, filter EventFilter, req page.Request) (page.Page[Event], error) {
	return userEvents.List(ctx, db, req, filter.narrow)
}

// ArchivedEvents lists archived events, newest first.
func (s *Service) ArchivedEvents(ctx context.Context, db bun.IDB, filter EventFilter, req page.Request) (page.Page[ArchivedEvent], error) {
	return archivedEvents.List(ctx, db, req, filter.narrow)
}

// TrackPageViewParams describes a page view. Only the path is required.
type TrackPageViewParams struct {
	ID         id.Of[PageView] // optional; a new one by default
	UserID     *id.Of[auth.User]
	SessionID  *id.Of[auth.Session]
	Path       string // at most 500 characters
	Title      *string
	TimeOnPage *int // seconds
	Bounce     bool
	Entrance   bool
	Exit       bool
	At         *time.Time // the default is now
}

// TrackPageView records that somebody looked at a page. It returns field errors,
// or reference_not_found when there is no such user.
func (s *Service) TrackPageView(ctx context.Context, db bun.IDB, p TrackPageViewParams) (*PageView, error) {
	var f fault.Fields
	f.Check(p.Path != "", "page_path", "required", "a path is needed")
	short(&f, "page_path", &p.Path, 500)
	short(&f, "page_title", p.Title, 255)
	f.Check(p.TimeOnPage == nil || *p.TimeOnPage >= 0, "time_on_page", "value_not_allowed", "seconds, not less than 0")
	if err := f.Err(); err != nil {
		return nil, err
	}
	if p.ID.IsZero() {
		p.ID = id.New[PageView]()
	}
	v := &PageView{
		ID: p.ID, UserID: p.UserID, SessionID: p.SessionID, PagePath: &p.Path, PageTitle: p.Title, TimeOnPage: p.TimeOnPage,
		Bounce: p.Bounce, IsEntrance: p.Entrance, IsExit: p.Exit, CreatedAt: s.now(),
	}
	if p.At != nil {
		v.CreatedAt = micros(*p.At)
	}
	err := store.InTx(ctx, db, func(tx bun.IDB) error { return pageViews.Insert(ctx, tx, v) })
	if err != nil {
		return nil, err
	}
	return v, nil
}

// PageViews lists page views, newest first; user nil is everybody's.
func (s *Service) PageViews(ctx context.Context, db bun.IDB, user *id.Of[auth.User], req page.Request) (page.Page[PageView], error) {
	return pageViews.List(ctx, db, req, func(q *bun.SelectQuery) *bun.SelectQuery {
		if user != nil {
			q = q.Where("?TableAlias.user_id = ?", *user)
		}
		return q
	})
}
