package analytics

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// funnels is the repository of Funnel rows, newest first.
var funnels = store.Repo[Funnel]{
	NotFound:    ErrFunnelNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *Funnel) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// Funnel returns how far a user came with an offering, or [ErrFunnelNotFound].
func (s *Service) Funnel(ctx context.Context, db bun.IDB, user id.Of[auth.User], offering id.Of[investments.Offering]) (*Funnel, error) {
	return funnels.One(ctx, db, of(user, offering))
}

// FunnelCounts is how many users reached each stage of an offering or a later
// one, so that no count is above the one before it, and how many dropped off.
type FunnelCounts struct {
	Viewed            int64 `json:"viewed"`
	ClickedDetails    int64 `json:"clicked_details"`
	DownloadedDocs    int64 `json:"downloaded_docs"`
	ExpressedInterest int64 `json:"expressed_interest"`
	Committed         int64 `json:"committed"`
	Funded            int64 `json:"funded"`
	DroppedOff        int64 `json:"dropped_off"`
}

// FunnelCounts counts the users of an offering by stage. An offering that nobody
// has looked at, or that does not exist, counts 0.
func (s *Service) FunnelCounts(ctx context.Context, db bun.IDB, offering id.Of[investments.Offering]) (FunnelCounts, error) {
	db, done, err := store.Reader(ctx, db)
	if err != nil {
		return FunnelCounts{}, err
	}
	defer done()
	var c FunnelCounts
	err = store.Read(ctx, db, db.NewRaw(`SELECT
		count(COALESCE(viewed_at, clicked_details_at, downloaded_docs_at, expressed_interest_at, committed_at, funded_at)) AS viewed,
		count(COALESCE(clicked_details_at, downloaded_docs_at, expressed_interest_at, committed_at, funded_at)) AS clicked_details,
		count(COALESCE(downloaded_docs_at, expressed_interest_at, committed_at, funded_at)) AS downloaded_docs,
		count(COALESCE(expressed_interest_at, committed_at, funded_at)) AS expressed_interest,
		count(COALESCE(committed_at, funded_at)) AS committed,
		count(funded_at) AS funded, count(drop_off_at) AS dropped_off
		FROM analytics.investment_funnel WHERE opportunity_id = ?`, offering), &c)
	return c, store.Err(err, constraints)
}
