package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments/waterfall"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// MemberLoans reads the loans between the partners of an offering that are not
// repaid as of a day, with the interest to it, the oldest first. Their lenders and
// debtors go by the ids of their positions, and Name is the id of the event. It
// locks nothing and returns [ErrOfferingNotFound].
func (s *Positions) MemberLoans(ctx context.Context, db bun.IDB, v id.Of[Offering], asOf date.Date) (out []waterfall.MemberLoan, err error) {
	err = store.Snapshot(ctx, db, func(tx bun.IDB) error {
		o, err := seeOffering(ctx, tx, v)
		if err != nil {
			return err
		}
		state, _, err := stateOn(ctx, tx, o, asOf)
		if err == nil {
			out, err = state.LoansOn(asOf)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if out == nil {
		out = []waterfall.MemberLoan{}
	}
	return out, nil
}
