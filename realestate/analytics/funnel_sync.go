package analytics

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// SyncFunnelParams names an offering, and users of it; none is all of them.
type SyncFunnelParams struct {
	OfferingID id.Of[investments.Offering]
	UserIDs    []id.Of[auth.User]
}

// SyncFunnel brings the funnels of an offering's users up to what their
// subscriptions say: committed when a subscription got a position, funded when
// one was received in full. A stage that is recorded stays as it is, and so does
// a user who dropped off, unless they have come further since. One statement, whatever
// their number; it locks the funnels in the order of their users, after everything
// else. Doing it again changes nothing.
func (s *Service) SyncFunnel(ctx context.Context, db bun.IDB, p SyncFunnelParams) error {
	return store.InTx(ctx, db, func(tx bun.IDB) error {
		narrow := bun.SafeQuery("TRUE")
		if len(p.UserIDs) > 0 {
			narrow = bun.SafeQuery("s.investor_id = ANY (?::uuid[])", store.TextArray(p.UserIDs, func(user *id.Of[auth.User]) string { return user.String() }))
		}
		_, err := store.Write(ctx, tx, tx.NewRaw(`INSERT INTO analytics.investment_funnel AS f (user_id, opportunity_id, committed_at, funded_at)
			SELECT s.investor_id, s.opportunity_id, min(s.created_at), min(s.funded_at)
			FROM investments.subscriptions s WHERE s.opportunity_id = ? AND s.investment_id IS NOT NULL AND ?
			GROUP BY 1, 2 ORDER BY 1
			ON CONFLICT (user_id, opportunity_id) DO UPDATE
			SET committed_at = COALESCE(f.committed_at, EXCLUDED.committed_at), funded_at = COALESCE(f.funded_at, EXCLUDED.funded_at),
				drop_off_stage = NULL, drop_off_at = NULL
			WHERE f.committed_at IS NULL OR f.funded_at IS NULL AND EXCLUDED.funded_at IS NOT NULL`, p.OfferingID, narrow))
		return store.Err(err, constraints)
	})
}
