package investments_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// Nobody undoes alone what nobody may do alone: one person asks for the reversal
// with its date and reason, and as many others as the policy says agree.
func TestReverseDistribution_approval(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	svc := investments.New(investments.Config{Evidence: says(accredited), Approvals: investments.ApprovalPolicy{{UpTo: amount("1000"), Approvers: 1}, {Approvers: 2}}})
	o := raise(t, tx, "1000000")
	funded(t, tx, o, investor(t, tx), "100000")
	small, large := paid(t, tx, o, "small", "2026-01-20", "900"), paid(t, tx, o, "large", "2026-01-25", "2000")
	on := date.MustParse("2026-01-31")
	ask := func(d *investments.Distribution, reason string, by id.Of[auth.User]) error {
		return store.InTx(ctx, tx, func(tx bun.IDB) error {
			_, err := svc.Distributions.RequestReversal(ctx, tx, investments.RequestReversalParams{DistributionID: d.ID, Date: on, Reason: reason, ActorID: by})
			return err
		})
	}
	back := func(d *investments.Distribution, reason string, by id.Of[auth.User]) (out *investments.Distribution, err error) {
		err = store.InTx(ctx, tx, func(tx bun.IDB) (err error) {
			out, err = svc.Distributions.Reverse(ctx, tx, investments.ReverseDistributionParams{IdempotencyKey: id.New[string]().String(), DistributionID: d.ID, Date: on, Reason: reason, ActorID: by})
			return err
		})
		return out, err
	}
	one, two := investor(t, tx), investor(t, tx)
	_, err := back(small, "wrong", one)
	require.ErrorIs(t, err, investments.ErrReversalNotRequested)
	require.NoError(t, ask(small, "wrong", asker))
	require.NoError(t, ask(small, "wrong", one), "the same again is the first one's")
	_, err = back(small, "wrong", asker)
	require.ErrorIs(t, err, investments.ErrReversalSelfApproval)
	_, err = back(small, "another reason", one)
	require.ErrorIs(t, err, investments.ErrApprovalChanged)
	require.NoError(t, ask(small, "another reason", one), "another request takes its place")
	_, err = back(small, "another reason", one)
	require.ErrorIs(t, err, investments.ErrReversalSelfApproval)
	got, err := back(small, "another reason", asker)
	require.NoError(t, err)
	require.Equal(t, investments.DistributionStatusReversed, got.Status)
	require.ErrorIs(t, ask(small, "again", one), investments.ErrDistributionState)

	require.NoError(t, ask(large, "wrong", asker))
	for range 2 { // who agrees twice is still one
		got, err = back(large, "wrong", one)
		require.NoError(t, err)
		require.Equal(t, investments.DistributionStatusCompleted, got.Status, "a second person has to agree")
	}
	got, err = back(large, "wrong", two)
	require.NoError(t, err)
	require.Equal(t, investments.DistributionStatusReversed, got.Status)
	require.Len(t, fault.FieldErrors(ask(&investments.Distribution{}, "", id.Of[auth.User]{})), 3)
}

// An exit is undone by two people; a host whose policy says so lets one do it.
func TestReverseExit_approval(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o := sold(t, tx)
	exit, err := svc.Capital.ExitOffering(ctx, tx, investments.ExitOfferingParams{IdempotencyKey: "exit", OfferingID: o.ID, Date: date.MustParse("2026-12-31"), ActorID: staff})
	require.NoError(t, err)
	p := investments.ReverseExitParams{IdempotencyKey: "back", OfferingID: o.ID, Date: exit.Date, Reason: "no sale", ActorID: staff}
	back := func(svc *investments.Services) error {
		return store.InTx(ctx, tx, func(tx bun.IDB) error { _, err := svc.Capital.ReverseExit(ctx, tx, p); return err })
	}
	require.ErrorIs(t, back(svc), investments.ErrReversalNotRequested)
	request := investments.RequestExitReversalParams{OfferingID: o.ID, Date: exit.Date, Reason: "no sale", ActorID: staff}
	for range 2 {
		_, err = svc.Capital.RequestExitReversal(ctx, tx, request)
		require.NoError(t, err)
	}
	require.ErrorIs(t, back(svc), investments.ErrReversalSelfApproval)
	rules := investments.DefaultRules()
	alone := rules[investments.VerbReverseExit]
	alone.Approval = false
	lenient := investments.New(investments.Config{Policy: investments.Policy{Rules: map[investments.Verb]investments.Rule{investments.VerbReverseExit: alone}}})
	undone := errors.New("undone")
	require.ErrorIs(t, store.InTx(ctx, tx, func(tx bun.IDB) error {
		_, err := lenient.Capital.ReverseExit(ctx, tx, p)
		require.NoError(t, err)
		return undone
	}), undone)
	p.ActorID = asker
	require.NoError(t, back(svc))
	held, err := svc.Positions.Positions(ctx, tx, investments.PositionFilter{OfferingID: &o.ID, Status: investments.PositionStatusFunded}, page.Request{})
	require.NoError(t, err)
	require.NotEmpty(t, held.Items)
}
