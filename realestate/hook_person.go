package realestate

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
)

// ErrPersonInvested: the person has positions, commitments or transfers, is owed money,
// or owes some.
var ErrPersonInvested = fault.New(fault.Illegal, "person_invested", "this person still holds, is owed or owes something")

// personGuardHook keeps who is invested from being deleted or erased. Their verb has
// locked the user. Verbs that give somebody a commitment or a position lock the user
// too, and refuse a deleted one.
func personGuardHook(reports *investments.Reports) Hook {
	return func(ctx context.Context, tx bun.IDB, events []Emission) error {
		for _, e := range events {
			switch e.Payload().(type) {
			case auth.UserDeleted, auth.UserErased:
			default:
				continue
			}
			person, err := aggregateOf[auth.User](e)
			if err != nil {
				return err
			}
			open, err := reports.Obligations(ctx, tx, person)
			if err != nil {
				return err
			}
			if open.Any() {
				return ErrPersonInvested
			}
		}
		return nil
	}
}
