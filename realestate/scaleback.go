package realestate

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
)

// ScaleBack is [investments.Service.ScaleBack], and records in the same
// transaction that those whom it admits from the waitlist have committed.
func (p *Platform) ScaleBack(ctx context.Context, db bun.IDB, c investments.ScaleBackParams) (*investments.Offering, error) {
	var out *investments.Offering
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if out, err = p.Investments.ScaleBack(ctx, tx, c); err != nil {
			return err
		}
		return p.Analytics.SyncFunnel(ctx, tx, out.ID)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
