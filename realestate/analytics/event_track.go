package analytics

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
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
const maxValue = 100_000_000

func (p *TrackParams) check(f *check.Fields) {
	f.Required("name", p.Name, 100)
	check.OptionalText(f, "category", p.Category, 50)
	check.OptionalText(f, "action", p.Action, 50)
	check.OptionalText(f, "label", p.Label, 100)
	f.Number("value", p.Value, 2, -maxValue, maxValue)
	f.Check(p.Value == nil || !p.Value.Equal(decimal.NewFromInt(-maxValue)), "value", check.OutOfRange, "above -100 million")
	check.OptionalText(f, "page_url", p.PageURL, 500)
	check.OptionalText(f, "referrer_url", p.ReferrerURL, 500)
	check.OptionalText(f, "user_agent", p.UserAgent, check.Long)
	check.OptionalText(f, "device_type", p.DeviceType, 20)
	check.OptionalText(f, "os", p.OS, 50)
	check.OptionalText(f, "browser", p.Browser, 50)
	check.OptionalText(f, "screen_resolution", p.ScreenResolution, 20)
	check.OptionalText(f, "country", p.Country, 50)
	check.OptionalText(f, "region", p.Region, 50)
	check.OptionalText(f, "city", p.City, 50)
	f.Address("ip_address", p.IPAddress)
	f.Moment("at", p.At)
	f.Object("properties", p.Properties)
}

func (p *TrackParams) event(now time.Time) Event {
	if p.At != nil {
		now = micros(*p.At)
	}
	return Event{
		ID: p.ID.OrNew(), UserID: p.UserID, SessionID: p.SessionID,
		EventName: p.Name, EventCategory: p.Category, EventAction: p.Action, EventLabel: p.Label, EventValue: p.Value,
		PageURL: p.PageURL, ReferrerURL: p.ReferrerURL, UserAgent: p.UserAgent, IPAddress: p.IPAddress,
		DeviceType: p.DeviceType, OS: p.OS, Browser: p.Browser, ScreenResolution: p.ScreenResolution,
		Country: p.Country, Region: p.Region, City: p.City, Properties: p.Properties, CreatedAt: now,
	}
}

// Track records an event. It returns field errors, reference_not_found when there
// is no such user, or already_exists when the id is another event's. Run again
// with the same id and params, it returns the first event.
func (s *Service) Track(ctx context.Context, db bun.IDB, p TrackParams) (*Event, error) {
	var f check.Fields
	if p.check(&f); f.Err() != nil {
		return nil, f.Err()
	}
	e := p.event(s.now())
	c := store.Creation[Event]{Verb: "analytics.track", Params: p, Chosen: p.ID, Kind: "user_event", Rows: userEvents}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*Event, error) { return &e, userEvents.Insert(ctx, tx, &e) })
}

// TrackAll records many events in one statement: all of them or none. Fields of
// errors name the event by its index, as in "events[3].name".
func (s *Service) TrackAll(ctx context.Context, db bun.IDB, events []TrackParams) error {
	var all fault.Fields
	now, rows := s.now(), make([]Event, len(events))
	for i := range events {
		var f check.Fields
		events[i].check(&f)
		all.AddErr(fmt.Sprintf("events[%d]", i), f.Err())
		p := events[i]
		rows[i] = p.event(now)
	}
	if err := all.Err(); err != nil {
		return err
	}
	return store.InTx(ctx, db, func(tx bun.IDB) error { return userEvents.InsertAll(ctx, tx, rows) })
}
