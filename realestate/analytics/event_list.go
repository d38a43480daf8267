package analytics

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// userEvents is the repository of Event rows, newest first.
var userEvents = store.Repo[Event]{
	NotFound:    ErrEventNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *Event) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// archivedEvents is the repository of ArchivedEvent rows, newest first.
var archivedEvents = store.Repo[ArchivedEvent]{
	NotFound:    ErrEventNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *ArchivedEvent) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
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
		q = q.Where("?TableAlias.created_at >= ?", check.Clamp(*f.Since))
	}
	if f.Until != nil {
		q = q.Where("?TableAlias.created_at < ?", check.Clamp(*f.Until))
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
