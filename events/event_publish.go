package events

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// EventPublished says that an event is visible.
type EventPublished struct {
	Type   *Type   `json:"type,omitempty"`
	Format *Format `json:"format,omitempty"`
}

// EventType names the event.
func (EventPublished) EventType() (string, int) { return "events.event_published", 1 }

// PublishEvent makes a draft visible, while the event is not over. It locks the
// event and returns [ErrEventNotFound], [ErrEventStatus] or [ErrEventOver].
func (s *Service) PublishEvent(ctx context.Context, db bun.IDB, event id.Of[Event]) (*Event, error) {
	var e *Event
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if e, err = events.Lock(ctx, tx, event); err != nil {
			return err
		}
		now := s.now()
		if err = e.publishable(now); err != nil {
			return err
		}
		e.Status, e.PublishedAt = StatusPublished, &now
		if err = events.UpdateVersion(ctx, tx, e, e.Version, "status", "published_at"); err != nil {
			return err
		}
		if e, err = events.Get(ctx, tx, event); err != nil { // the database keeps updated_at
			return err
		}
		return s.hooks.Emit(ctx, tx, now, store.Event(aggregateEvent, e.ID, EventPublished{e.Type, e.Format}))
	})
	if err != nil {
		return nil, err
	}
	return e, nil
}

// publishable reports why e cannot be published. It touches no database.
func (e *Event) publishable(now time.Time) error {
	switch {
	case e.DeletedAt != nil:
		return ErrEventNotFound
	case e.Status != StatusDraft:
		return ErrEventStatus.With("it is %s", e.Status)
	case e.EndDatetime.Before(now):
		return ErrEventOver
	}
	return nil
}
