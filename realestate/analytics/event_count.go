package analytics

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/page"
)

// EventCount is how often an event happened, and to how many users.
type EventCount struct {
	EventName string
	Events    int64
	Users     int64 // those who are known
}

// EventCounts counts the events that the filter leaves, archived ones aside, by
// name, the most frequent first, at most limit names.
func (s *Service) EventCounts(ctx context.Context, db bun.IDB, filter EventFilter, limit int) ([]EventCount, error) {
	if limit < 1 || limit > page.MaxLimit {
		return nil, page.ErrLimit
	}
	db, done, err := store.Reader(ctx, db)
	if err != nil {
		return nil, err
	}
	defer done()
	var counts []EventCount
	q := filter.narrow(db.NewSelect().Model((*Event)(nil)).ColumnExpr("?TableAlias.event_name").
		ColumnExpr("count(*) AS events").ColumnExpr("count(DISTINCT ?TableAlias.user_id) AS users")).
		GroupExpr("1").OrderExpr("2 DESC, 1").Limit(int64(limit))
	if err := store.Readable(db, q); err != nil {
		return nil, err
	}
	err = q.Scan(ctx, &counts)
	return counts, store.Err(err, constraints)
}
