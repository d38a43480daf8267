package analytics

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/page"
)

// EventCount is how often an event happened, and to how many users.
type EventCount struct {
	EventName string `json:"event_name"`
	Events    int64  `json:"events"`
	Users     int64  `json:"users"` // those who are known
}

// EventCountsParams says which events are counted.
type EventCountsParams struct {
	Filter EventFilter
	Limit  int // how many names, 1 to page.MaxLimit
}

// EventCounts counts the events that the filter leaves, archived ones aside, by
// name, the most frequent first. It returns page.ErrLimit.
func (s *Service) EventCounts(ctx context.Context, db bun.IDB, p EventCountsParams) ([]EventCount, error) {
	if p.Limit < 1 || p.Limit > page.MaxLimit {
		return nil, page.ErrLimit
	}
	counts := []EventCount{}
	q := p.Filter.narrow(db.NewSelect().Model((*Event)(nil)).ColumnExpr("?TableAlias.event_name").
		ColumnExpr("count(*) AS events").ColumnExpr("count(DISTINCT ?TableAlias.user_id) AS users")).
		GroupExpr("1").OrderExpr("2 DESC, 1").Limit(int64(p.Limit))
	return counts, store.Err(store.Read(ctx, db, q, &counts), constraints)
}
