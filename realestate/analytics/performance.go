package analytics

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/retention"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// The conditions of reports.
var (
	// ErrPerformanceNotFound: the investor had no funded position at the last
	// refresh.
	ErrPerformanceNotFound = fault.New(fault.NotFound, "performance_not_found", "the investor had no funded position at the last refresh")
	// ErrSummaryNotFound: there is no such user.
	ErrSummaryNotFound = fault.New(fault.NotFound, "investor_summary_not_found", "there is no such user")
)

var performances = store.Repo[PortfolioPerformance]{NotFound: ErrPerformanceNotFound}

var summaries = store.Repo[InvestorSummary]{NotFound: ErrSummaryNotFound}

// activeOfferings is the repository of ActiveOffering rows, newest first.
var activeOfferings = store.Repo[ActiveOffering]{
	Sort: store.NewestFirst(func(r *ActiveOffering) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// RefreshPerformance recomputes analytics.portfolio_performance. Readers go on
// meanwhile; a second refresh waits for the first. The database role owns the
// view or is a freehold_analytics.
func (s *Service) RefreshPerformance(ctx context.Context, db bun.IDB) error {
	return store.InTx(ctx, db, func(tx bun.IDB) error {
		return retention.Run(ctx, tx.NewRaw("SELECT analytics.refresh_portfolio_performance()"))
	})
}

// Performance returns an investor's performance as of the last refresh. It
// returns [ErrPerformanceNotFound] when the investor had no funded position then.
func (s *Service) Performance(ctx context.Context, db bun.IDB, investor id.Of[auth.User]) (*PortfolioPerformance, error) {
	return performances.One(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("?TableAlias.investor_id = ?", investor)
	})
}

// InvestorSummary returns the summary of a user who is not deleted, or
// [ErrSummaryNotFound].
func (s *Service) InvestorSummary(ctx context.Context, db bun.IDB, user id.Of[auth.User]) (*InvestorSummary, error) {
	return summaries.One(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("?TableAlias.id = ?", user) })
}

// ActiveOfferings lists the offerings that are open today, newest first.
func (s *Service) ActiveOfferings(ctx context.Context, db bun.IDB, req page.Request) (page.Page[ActiveOffering], error) {
	return activeOfferings.List(ctx, db, req, func(q *bun.SelectQuery) *bun.SelectQuery { return q })
}

// EventCount is how often an event happened, and to how many users.
type EventCount struct {
	EventName string
	Events    int64
	Users     int64 // those who are known
}

// EventCounts counts the events that the filter leaves, archived ones aside, by
// name, the most frequent first, at most limit names.
func (s *Service) EventCounts(ctx context.Context, db bun.IDB, filter EventFilter, limit int) ([]EventCount, error) {
	db, done, err := store.Reader(ctx, db)
	if err != nil {
		return nil, err
	}
	defer done()
	if limit < 1 || limit > page.MaxLimit {
		return nil, page.ErrLimit
	}
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
