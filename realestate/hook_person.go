package realestate

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/leases"
	"github.com/freehold-go/freehold/financials/payables"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
)

// The conditions of who is deleted or erased.
var (
	// ErrPersonInvested: the person has positions, commitments or transfers, is owed money,
	// or owes some.
	ErrPersonInvested = fault.New(fault.Illegal, "person_invested", "this person still holds, is owed or owes something")
	// ErrPersonLeases: the person is a tenant or guarantor of a lease that has not ended, or
	// on whose account something is owed, paid ahead or held as a deposit.
	ErrPersonLeases = fault.New(fault.Illegal, "person_leases", "this person rents, or a lease of theirs is not settled")
	// ErrPersonVendor: the person is a vendor with a bill that is not settled, or a repair
	// to do.
	ErrPersonVendor = fault.New(fault.Illegal, "person_vendor", "this person has a bill that is not settled, or a repair to do")
)

// personGuardHook keeps who is invested, rents or is to be paid as a vendor from being deleted or erased. Their verb has
// locked the user. Verbs that give somebody a commitment or a position lock the user
// too, and refuse a deleted one.
func personGuardHook(reports *investments.Reports, rents *leases.Leases, owed *payables.Service) Hook {
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
			rented, err := rents.Obligations(ctx, tx, person)
			if err != nil {
				return err
			}
			if rented.Any() {
				return ErrPersonLeases
			}
			billed, err := owed.Obligations(ctx, tx, person)
			if err != nil {
				return err
			}
			if billed.Any() {
				return ErrPersonVendor
			}
		}
		return nil
	}
}
