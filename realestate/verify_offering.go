package realestate

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/id"
)

// VerifyOffering proves one offering: its distributions, computed again from their
// frozen inputs, its transfers and capital, derived anew from the history, and its book
// with the chain. The invariants that compare whole tables are [Platform.Verify]'s.
//
// Given the pool it sees one snapshot and may run on a standby; several offerings may
// be proved at once, each by a call of its own. It writes nothing. It returns
// [ErrRowSecurity] and [investments.ErrOfferingNotFound].
func (p *Platform) VerifyOffering(ctx context.Context, db bun.IDB, offering id.Of[investments.Offering]) (*Report, error) {
	report := &Report{}
	err := wholeSnapshot(ctx, db, func(tx bun.IDB) error {
		o, err := p.Offerings.Offering(ctx, tx, offering)
		if err != nil {
			return err
		}
		if err := p.verifyDistributions(ctx, tx, report, &offering); err != nil {
			return err
		}
		if err := p.verifyHistory(ctx, tx, report, offering); err != nil {
			return err
		}
		if o.BookID == nil {
			return nil
		}
		return p.verifyBooks(ctx, tx, report, *o.BookID)
	})
	if err != nil {
		return nil, err
	}
	return report, nil
}
