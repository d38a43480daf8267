package analytics

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/retention"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of reports.
var (
	// ErrPerformanceNotFound: the investor had no funded position at the last
	// refresh.
	ErrPerformanceNotFound = fault.New(fault.NotFound, "investor_performance_not_found", "the investor had no funded position at the last refresh")
	// ErrSummaryNotFound: there is no such user.
	ErrSummaryNotFound = fault.New(fault.NotFound, "investor_summary_not_found", "there is no such user")
)

var performances = store.Repo[PortfolioPerformance]{NotFound: ErrPerformanceNotFound}

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
