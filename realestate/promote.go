package realestate

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
)

// Promote is [investments.Service.Promote] with the evidence loaded under lock,
// in the same transaction, as [Platform.Commit] loads it.
func (p *Platform) Promote(ctx context.Context, db bun.IDB, c investments.PromoteParams) (*investments.Subscription, error) {
	var out *investments.Subscription
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		sub, err := p.Investments.Subscription(ctx, tx, c.SubscriptionID)
		if err != nil {
			return err
		}
		if c.Evidence, err = p.evidence(ctx, tx, sub.InvestorID); err != nil {
			return err
		}
		if out, err = p.Investments.Promote(ctx, tx, c); err != nil {
			return err
		}
		return p.Analytics.SyncFunnel(ctx, tx, out.OfferingID, out.InvestorID)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
