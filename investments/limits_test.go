package investments_test

import (
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

func gated(gates ...investments.Gate) *investments.Services {
	return investments.New(investments.Config{Gate: investments.AllGates(gates...), Evidence: says(accredited),
		Now: func() time.Time { return time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC) }})
}

func TestAllGates(t *testing.T) {
	t.Parallel()
	gate := investments.AllGates(investments.RequireSignedDocuments, investments.LimitCommitments(money.MustParse("100")))
	e := investments.Evidence{Accredited: true, DocumentsSigned: true, Committed: money.MustParse("60"), Requested: money.MustParse("40")}
	require.NoError(t, gate(nil, nil, e))
	e.Requested = money.MustParse("40.01")
	require.ErrorIs(t, gate(nil, nil, e), investments.ErrCommitmentLimit)
	require.Equal(t, fault.Forbidden, fault.KindOf(gate(nil, nil, e)))
	e.DocumentsSigned = false
	require.ErrorIs(t, gate(nil, nil, e), investments.ErrUnsigned, "the first refusal")
	e.Requested = money.MustParse("9999999999999.99")
	require.ErrorIs(t, investments.LimitCommitments(e.Requested)(nil, nil, e), money.ErrOutOfRange)
	require.NoError(t, investments.AllGates()(nil, nil, investments.Evidence{}))
}

// The limit counts what an investor has in all offerings, open or funded, less
// refunds, and not what is cancelled or waits.
func TestLimitCommitments(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	svc := gated(investments.RequireAccreditation, investments.LimitCommitments(money.MustParse("100000")))
	a, b, small, who := raise(t, tx, "1000000"), raise(t, tx, "1000000"), raise(t, tx, "60000"), investor(t, tx)
	try := func(p investments.CommitParams) (sub *investments.Subscription, err error) {
		err = store.InTx(ctx, tx, func(tx bun.IDB) error { sub, err = svc.Commitments.Commit(ctx, tx, p); return err })
		return sub, err
	}
	first, err := try(commitment(a, who, "40000"))
	require.NoError(t, err)
	_, err = svc.Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{IdempotencyKey: "f", SubscriptionID: first.ID, Date: date.MustParse("2026-01-15"), ActorID: staff})
	require.NoError(t, err)
	cancelled, err := try(commitment(b, who, "30000"))
	require.NoError(t, err)
	claimed := commitment(b, who, "60000.01")
	_, err = try(claimed)
	require.ErrorIs(t, err, investments.ErrCommitmentLimit)
	_, err = svc.Commitments.CancelSubscription(ctx, tx, investments.CancelSubscriptionParams{IdempotencyKey: "c", SubscriptionID: cancelled.ID, ActorID: staff})
	require.NoError(t, err)
	_, err = try(claimed)
	require.ErrorIs(t, err, investments.ErrCommitmentLimit)
	sub, err := try(commitment(b, who, "60000"))
	require.NoError(t, err)
	var kept investments.Evidence
	require.NoError(t, json.Unmarshal(sub.Evidence, &kept))
	require.Equal(t, [2]string{"40000.00", "60000.00"}, [2]string{kept.Committed.String(), kept.Requested.String()})
	_, err = try(commitment(a, investor(t, tx), "100000"))
	require.NoError(t, err, "another investor")

	// On the waitlist nothing is held; the limit is judged again at the end of it.
	other := investor(t, tx)
	blocker, err := try(commitment(small, investor(t, tx), "60000"))
	require.NoError(t, err)
	wish := commitment(small, other, "30000")
	wish.JoinWaitlist = true
	waits, err := try(wish)
	require.NoError(t, err)
	require.Equal(t, investments.SubscriptionStatusWaitlisted, waits.Status)
	_, err = try(commitment(a, other, "80000"))
	require.NoError(t, err)
	_, err = svc.Commitments.CancelSubscription(ctx, tx, investments.CancelSubscriptionParams{IdempotencyKey: "room", SubscriptionID: blocker.ID, ActorID: staff})
	require.NoError(t, err)
	err = store.InTx(ctx, tx, func(tx bun.IDB) error {
		_, err := svc.Commitments.Admit(ctx, tx, investments.AdmitParams{IdempotencyKey: "p", SubscriptionID: waits.ID, ActorID: staff})
		return err
	})
	require.ErrorIs(t, err, investments.ErrCommitmentLimit)
}

// A scale-back judges those who wait by all that they would get.
func TestLimitCommitments_scaleBack(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	svc := gated(investments.LimitCommitments(money.MustParse("70000")))
	o, who := raise(t, tx, "100000"), investor(t, tx)
	_, err := svc.Commitments.Commit(ctx, tx, commitment(o, investor(t, tx), "70000"))
	require.NoError(t, err)
	for range 2 {
		wish := commitment(o, who, "40000")
		wish.JoinWaitlist = true
		sub, err := svc.Commitments.Commit(ctx, tx, wish)
		require.NoError(t, err)
		require.Equal(t, investments.SubscriptionStatusWaitlisted, sub.Status)
	}
	_, err = svc.Commitments.ScaleBack(ctx, tx, investments.ScaleBackParams{IdempotencyKey: "s", OfferingID: o.ID, Waitlist: true, ActorID: staff})
	require.NoError(t, err)
	open, err := svc.Commitments.Subscriptions(ctx, tx, investments.SubscriptionFilter{OfferingID: &o.ID, InvestorID: &who, Status: investments.SubscriptionStatusOpen}, firstPage)
	require.NoError(t, err)
	require.Len(t, open.Items, 1, "the second would have been over the limit")
}

// One investor commits to eight offerings at the same moment; together they stay
// within the limit.
func TestLimitCommitments_race(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	svc, who := gated(investments.LimitCommitments(money.MustParse("75000"))), investor(t, db)
	errs := make([]error, 8)
	var wg sync.WaitGroup
	for i := range errs {
		p := commitment(raise(t, db, "1000000"), who, "25000")
		wg.Go(func() { _, errs[i] = svc.Commitments.Commit(ctx, db, p) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		require.ErrorIs(t, err, investments.ErrCommitmentLimit)
	}
	require.Equal(t, 3, won)
}
