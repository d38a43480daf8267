package investments_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// Days are judged by the offering's own, by that of the commitment, and by the clock:
// money is not dated decades ahead.
func TestDates_judged(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	svc := investments.New(investments.Config{Evidence: says(accredited), Now: func() time.Time { return time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC) }})
	o, who := raise(t, tx, "1000000"), investor(t, tx)
	_, err := tx.NewRaw("UPDATE investments.opportunities SET open_date = '2026-01-05', close_date = '2026-01-25' WHERE id = ?", o.ID).Exec(ctx)
	require.NoError(t, err)
	commit := func(day string) (sub *investments.Subscription, err error) {
		p := commitment(o, who, "50000")
		p.Date = date.MustParse(day)
		err = store.InTx(ctx, tx, func(tx bun.IDB) (err error) { sub, err = svc.Commitments.Commit(ctx, tx, p); return err })
		return sub, err
	}
	for _, day := range []string{"2026-01-04", "2026-01-26"} {
		_, err = commit(day)
		require.ErrorIs(t, err, investments.ErrCommitmentDate, day)
	}
	sub, err := commit("2026-01-25")
	require.NoError(t, err)
	receive := func(day string) error {
		return store.InTx(ctx, tx, func(tx bun.IDB) error {
			_, err := svc.Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{IdempotencyKey: id.New[string]().String(), SubscriptionID: sub.ID,
				Date: date.MustParse(day), ActorID: staff})
			return err
		})
	}
	require.ErrorIs(t, receive("2026-01-24"), investments.ErrReceiptDate)
	require.Equal(t, fault.CodeTooFar, fault.CodeOf(receive("2062-01-25")))
	require.NoError(t, receive("2026-01-25"))
	_, err = svc.Distributions.Declare(ctx, tx, investments.DeclareParams{IdempotencyKey: "d", OfferingID: o.ID, Type: investments.DistributionQuarterly,
		Date: date.MustParse("2062-01-01"), Amount: money.MustParse("10"), ActorID: staff})
	require.Equal(t, fault.CodeTooFar, fault.CodeOf(err))
}

// An account that a custodian holds names them, and a joint one its second owner.
func TestAccounts_whole(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	who := investor(t, tx)
	for kind, field := range map[investments.AccountType]string{investments.AccountIRA: "custodian_name", investments.AccountCustodial: "custodian_name", investments.AccountJoint: "joint_investor_id"} {
		_, err := svc.Accounts.Open(ctx, tx, investments.OpenAccountParams{InvestorID: who, Type: kind, Name: "Elm", ActorID: who})
		require.Len(t, fault.FieldErrors(err), 1, kind)
		require.Equal(t, field, fault.FieldErrors(err)[0].Field, kind)
	}
	_, err := svc.Accounts.Open(ctx, tx, investments.OpenAccountParams{InvestorID: who, Type: investments.AccountIRA, Name: "Elm IRA", CustodianName: "Trust Co", ActorID: who})
	require.NoError(t, err)
}
