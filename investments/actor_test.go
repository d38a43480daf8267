package investments_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// Whoever is suspended, deleted, unknown or paid by a distribution neither agrees
// to it nor undoes it.
func TestDistribution_actors(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, payee, second := raise(t, tx, "1000000"), investor(t, tx), investor(t, tx)
	account, err := svc.Accounts.Open(ctx, tx, investments.OpenAccountParams{InvestorID: payee, JointInvestorID: &second, Type: investments.AccountJoint, Name: "Joint", ActorID: staff})
	require.NoError(t, err)
	joint := commitment(o, payee, "50000")
	joint.AccountID = &account.ID
	sub, err := svc.Commitments.Commit(ctx, tx, joint)
	require.NoError(t, err)
	_, err = svc.Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{IdempotencyKey: "f", SubscriptionID: sub.ID, Date: date.MustParse("2026-01-15"), ActorID: staff})
	require.NoError(t, err)
	clerk, boss := investor(t, tx), investor(t, tx)
	d, err := svc.Distributions.Declare(ctx, tx, investments.DeclareParams{IdempotencyKey: "d", OfferingID: o.ID, Type: investments.DistributionQuarterly,
		Date: date.MustParse("2026-02-01"), Amount: money.MustParse("1000"), ActorID: clerk})
	require.NoError(t, err)
	refused := func(want error, do func(tx bun.IDB) error) {
		t.Helper()
		require.ErrorIs(t, store.InTx(ctx, tx, do), want)
	}
	gone := []id.Of[auth.User]{without(t, tx, "suspended"), without(t, tx, "deleted"), id.New[auth.User]()}
	verbs := []func(tx bun.IDB, by id.Of[auth.User]) error{
		func(tx bun.IDB, by id.Of[auth.User]) error {
			_, err := svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: by})
			return err
		},
		func(tx bun.IDB, by id.Of[auth.User]) error {
			_, err := svc.Distributions.Reject(ctx, tx, investments.RejectDistributionParams{DistributionID: d.ID, ActorID: by, Reason: "x"})
			return err
		},
	}
	for _, verb := range verbs {
		for _, by := range gone {
			refused(auth.ErrActorInactive, func(tx bun.IDB) error { return verb(tx, by) })
		}
		refused(investments.ErrActorParty, func(tx bun.IDB) error { return verb(tx, payee) })
		refused(investments.ErrActorParty, func(tx bun.IDB) error { return verb(tx, second) })
	}
	_, err = svc.Distributions.Approve(ctx, tx, investments.ApproveDistributionParams{DistributionID: d.ID, ActorID: boss})
	require.NoError(t, err)
	back := func(tx bun.IDB, by id.Of[auth.User]) error {
		_, err := reverse(ctx, tx, svc.Distributions, investments.ReverseDistributionParams{IdempotencyKey: "back", DistributionID: d.ID,
			Date: date.MustParse("2026-02-01"), Reason: "x", ActorID: by})
		return err
	}
	for _, by := range gone {
		refused(auth.ErrActorInactive, func(tx bun.IDB) error { return back(tx, by) })
	}
	refused(investments.ErrActorParty, func(tx bun.IDB) error { return back(tx, second) })
	require.NoError(t, back(tx, boss))
}

// A deleted or suspended investor commits nothing.
func TestCommit_inactiveInvestor(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o := raise(t, tx, "1000000")
	for _, status := range []string{"suspended", "deleted"} {
		first, second := investor(t, tx), investor(t, tx)
		joint, err := svc.Accounts.Open(ctx, tx, investments.OpenAccountParams{InvestorID: first, JointInvestorID: &second, Type: investments.AccountJoint,
			Name: "Joint", ActorID: staff})
		require.NoError(t, err)
		lose(t, tx, first, status)
		_, err = svc.Accounts.Open(ctx, tx, investments.OpenAccountParams{InvestorID: first, Type: investments.AccountIndividual, Name: "Alone", ActorID: staff})
		require.ErrorIs(t, err, investments.ErrInvestorInactive, status)
		for by, want := range map[id.Of[auth.User]]error{first: investments.ErrActorInactive, second: investments.ErrInvestorInactive, staff: investments.ErrActorStranger} {
			p := commitment(o, first, "50000")
			p.AccountID, p.ActorID = &joint.ID, by
			err := store.InTx(ctx, tx, func(tx bun.IDB) error { _, err := svc.Commitments.Commit(ctx, tx, p); return err })
			require.ErrorIs(t, err, want, status)
		}
	}
}

// without is a user who may not act any more.
func without(t testing.TB, db bun.IDB, status string) id.Of[auth.User] {
	t.Helper()
	u := investor(t, db)
	lose(t, db, u, status)
	return u
}

// lose takes a user's powers.
func lose(t testing.TB, db bun.IDB, u id.Of[auth.User], status string) {
	t.Helper()
	_, err := db.NewRaw("UPDATE auth.users SET status = ?0, deleted_at = CASE ?0 WHEN 'deleted' THEN now() END WHERE id = ?1", status, u).Exec(t.Context())
	require.NoError(t, err)
}
