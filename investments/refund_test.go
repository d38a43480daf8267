package investments_test

import (
	"fmt"
	"sync"
	"testing"

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

// refund is the whole of what came in, unless amount says otherwise.
func refund(sub *investments.Subscription, key, amount string) investments.RefundContributionParams {
	p := investments.RefundContributionParams{IdempotencyKey: key, SubscriptionID: sub.ID, Date: date.MustParse("2026-02-10"), Reason: "withdrawn", ActorID: staff}
	if amount != "" {
		p.Amount = money.MustParse(amount)
	}
	return p
}

func TestRefundSubscription_whole(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, who := raise(t, tx, "60000"), investor(t, tx)
	sub := funded(t, tx, o, who, "60000")
	p := refund(sub, "r", "")
	for range 2 {
		out, err := svc.Commitments.RefundContribution(ctx, tx, p)
		require.NoError(t, err)
		require.Equal(t, investments.SubscriptionStatusCancelled, out.Status)
		require.Equal(t, "60000.00", out.Refunded.String())
	}
	pos, err := svc.Positions.Position(ctx, tx, *sub.PositionID)
	require.NoError(t, err)
	require.Equal(t, investments.PositionStatusCancelled, pos.Status)
	require.Equal(t, "0.00", pos.InvestmentAmount.String())
	require.Equal(t, "0.00", capitalOf(t, tx, o, pos.ID))
	require.Equal(t, "0.00", balanceOf(t, tx, o, investments.AccountCash))
	o, err = svc.Offerings.Offering(ctx, tx, o.ID)
	require.NoError(t, err)
	require.Equal(t, "0.00", o.CommittedAmount.String())
	require.Equal(t, "0.00", o.AmountRaised.String())
	require.Zero(t, o.InvestorCount)
	err = store.InTx(ctx, tx, func(tx bun.IDB) error {
		_, err := svc.Commitments.RefundContribution(ctx, tx, refund(sub, "r2", ""))
		return err
	})
	require.ErrorIs(t, err, investments.ErrSubscriptionNotOpen)
	p.Amount = money.MustParse("1")
	err = store.InTx(ctx, tx, func(tx bun.IDB) error { _, err := svc.Commitments.RefundContribution(ctx, tx, p); return err })
	require.ErrorIs(t, err, store.ErrKeyReused)
	funded(t, tx, o, who, "60000")
}

// A part goes back, then the rest of what came in, while a part of the
// commitment was never paid.
func TestRefundSubscription_parts(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, who := raise(t, tx, "200000"), investor(t, tx)
	sub, err := svc.Commitments.Commit(ctx, tx, commitment(o, who, "100000"))
	require.NoError(t, err)
	try := func(p investments.RefundContributionParams) error {
		return store.InTx(ctx, tx, func(tx bun.IDB) error { _, err := svc.Commitments.RefundContribution(ctx, tx, p); return err })
	}
	require.ErrorIs(t, try(refund(sub, "a", "")), investments.ErrNothingReceived)
	require.Len(t, fault.FieldErrors(try(investments.RefundContributionParams{Amount: money.MustParse("-1"), ActorID: staff})), 3)
	_, err = svc.Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{IdempotencyKey: "f", SubscriptionID: sub.ID, Amount: money.MustParse("30000"), Date: date.MustParse("2026-01-20"), ActorID: staff})
	require.NoError(t, err)
	early := refund(sub, "early", "")
	early.Date = date.MustParse("2026-01-19")
	require.ErrorIs(t, try(early), investments.ErrRefundDate)
	require.ErrorIs(t, try(refund(sub, "b", "30000.01")), investments.ErrOverRefunded)

	require.NoError(t, try(refund(sub, "c", "10000")))
	pos, err := svc.Positions.Position(ctx, tx, *sub.PositionID)
	require.NoError(t, err)
	require.Equal(t, "20000.00", pos.InvestmentAmount.String())
	require.Equal(t, "20", pos.Units.String())
	o, err = svc.Offerings.Offering(ctx, tx, o.ID)
	require.NoError(t, err)
	require.Equal(t, "90000.00", o.CommittedAmount.String())

	require.NoError(t, try(refund(sub, "d", "20000")), "all that came in, but more is committed")
	pos, err = svc.Positions.Position(ctx, tx, *sub.PositionID)
	require.NoError(t, err)
	require.Equal(t, investments.PositionStatusCommitted, pos.Status)
	require.Equal(t, "70000.00", pos.InvestmentAmount.String(), "what is still committed")
	require.Nil(t, pos.FundingDate)

	_, err = svc.Commitments.CancelSubscription(ctx, tx, investments.CancelSubscriptionParams{IdempotencyKey: "e", SubscriptionID: sub.ID, ActorID: staff})
	require.NoError(t, err, "it holds no money any more")
	o, err = svc.Offerings.Offering(ctx, tx, o.ID)
	require.NoError(t, err)
	require.Equal(t, "0.00", o.CommittedAmount.String())
	pos, err = svc.Positions.Position(ctx, tx, *sub.PositionID)
	require.NoError(t, err)
	require.Equal(t, investments.PositionStatusCancelled, pos.Status)
}

func TestRefundSubscription_refused(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o, who, buyer := raise(t, tx, "500000"), investor(t, tx), investor(t, tx)
	sub := funded(t, tx, o, who, "100000")
	try := func(s *investments.Subscription, key string) error {
		return store.InTx(ctx, tx, func(tx bun.IDB) error {
			_, err := svc.Commitments.RefundContribution(ctx, tx, refund(s, key, ""))
			return err
		})
	}
	d, err := svc.Distributions.Declare(ctx, tx, investments.DeclareParams{IdempotencyKey: "q", OfferingID: o.ID, Type: investments.DistributionQuarterly,
		Date: date.MustParse("2026-01-20"), Amount: money.MustParse("500"), ActorID: who})
	require.NoError(t, err)
	require.ErrorIs(t, try(sub, "distributed"), investments.ErrRefundDistributed)
	_, err = svc.Distributions.Cancel(ctx, tx, investments.CancelDistributionParams{DistributionID: d.ID, Reason: "wrong amount", ActorID: staff})
	require.NoError(t, err)
	tr := approvedTransfer(t, tx, *sub.PositionID, buyer, "1", "2026-02-01")
	_, err = complete(ctx, tx, tr.ID, "move")
	require.NoError(t, err)
	require.ErrorIs(t, try(sub, "moved"), investments.ErrBehindTransfer)

	// New money comes to the position that passed on, and goes back.
	more, err := svc.Commitments.Commit(ctx, tx, commitment(o, who, "50000"))
	require.NoError(t, err)
	require.Equal(t, *sub.PositionID, *more.PositionID)
	_, err = svc.Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{IdempotencyKey: "more", SubscriptionID: more.ID, Date: date.MustParse("2026-02-05"), ActorID: staff})
	require.NoError(t, err)
	require.NoError(t, try(more, "back"))
	pos, err := svc.Positions.Position(ctx, tx, *sub.PositionID)
	require.NoError(t, err)
	require.Equal(t, investments.PositionStatusExited, pos.Status, "a transfer went through it")
	require.Equal(t, "2026-02-10", pos.ActualExitDate.String())
	require.Equal(t, "0.00", capitalOf(t, tx, o, pos.ID))
	require.Equal(t, "100000.00", capitalOf(t, tx, o, *mustTransfer(t, tx, tr.ID).ToPositionID))
	_, err = svc.Commitments.RefundContribution(ctx, tx, investments.RefundContributionParams{IdempotencyKey: "x", SubscriptionID: id.New[investments.Subscription](), Date: d.DistributionDate, ActorID: staff})
	require.ErrorIs(t, err, investments.ErrSubscriptionNotFound)
}

// Refunds under six keys, and the transfer of half: either the refunds find the
// whole capital and one of them wins, or the transfer was first.
func TestRefundSubscription_race(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	o, who := raise(t, db, "500000"), investor(t, db)
	sub := funded(t, db, o, who, "100000")
	var wg sync.WaitGroup
	errs := make(chan error, 6)
	for i := range 6 {
		wg.Go(func() {
			_, err := svc.Commitments.RefundContribution(ctx, db, refund(sub, fmt.Sprint("r", i), ""))
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	won := 0
	for err := range errs {
		if err == nil {
			won++
			continue
		}
		require.ErrorIs(t, err, investments.ErrSubscriptionNotOpen)
	}
	require.Equal(t, 1, won)
	require.Equal(t, "0.00", balanceOf(t, db, o, investments.AccountCash))
}
