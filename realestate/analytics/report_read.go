package analytics

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

var summaries = store.Repo[InvestorSummary]{NotFound: ErrSummaryNotFound}

// activeOfferings is the repository of ActiveOffering rows, newest first.
var activeOfferings = store.Repo[ActiveOffering]{
	Sort: store.NewestFirst(func(r *ActiveOffering) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
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
