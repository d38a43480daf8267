package realestate

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
)

// CompleteTransfer is [investments.Service.CompleteTransfer] with the evidence
// about the receiver loaded under lock, in the same transaction, as
// [Platform.Commit] loads it.
func (p *Platform) CompleteTransfer(ctx context.Context, db bun.IDB, c investments.CompleteTransferParams) (*investments.Transfer, error) {
	var out *investments.Transfer
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		t, err := p.Investments.Transfer(ctx, tx, c.TransferID)
		if err != nil {
			return err
		}
		if c.Evidence, err = p.evidence(ctx, tx, t.ToInvestorID); err != nil {
			return err
		}
		out, err = p.Investments.CompleteTransfer(ctx, tx, c)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
