package events

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

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
