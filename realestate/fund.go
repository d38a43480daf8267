package realestate

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
)

// Fund is [investments.Service.Fund], and records in the same transaction how
// far the investor has come with the offering; see SyncFunnel of package analytics.
func (p *Platform) Fund(ctx context.Context, db bun.IDB, c investments.FundParams) (*investments.Subscription, error) {
	var out *investments.Subscription
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if out, err = p.Investments.Fund(ctx, tx, c); err != nil {
			return err
		}
		return p.Analytics.SyncFunnel(ctx, tx, out.OfferingID, out.InvestorID)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// FundReceipts is [investments.Service.FundReceipts], and records in the same
// transaction how far the investors have come with the offering, as
// [Platform.Fund] does.
func (p *Platform) FundReceipts(ctx context.Context, db bun.IDB, c investments.FundReceiptsParams) (*investments.FundedReceipts, error) {
	var out *investments.FundedReceipts
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if out, err = p.Investments.FundReceipts(ctx, tx, c); err != nil {
			return err
		}
		return p.Analytics.SyncFunnel(ctx, tx, out.OfferingID)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ReceiveCall is [investments.Service.ReceiveCall], and records in the same
// transaction how far the investor has come with the offering, as [Platform.Fund]
// does.
func (p *Platform) ReceiveCall(ctx context.Context, db bun.IDB, c investments.ReceiveCallParams) (*investments.CapitalCallLine, error) {
	var out *investments.CapitalCallLine
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if out, err = p.Investments.ReceiveCall(ctx, tx, c); err != nil {
			return err
		}
		sub, err := p.Investments.Subscription(ctx, tx, out.SubscriptionID)
		if err != nil {
			return err
		}
		return p.Analytics.SyncFunnel(ctx, tx, sub.OfferingID, sub.InvestorID)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
