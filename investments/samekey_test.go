package investments_test

import (
	"sync"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// atOnce runs a verb n times at the same moment, and sees one result.
func atOnce(t *testing.T, n int, name string, verb func() (string, error)) {
	t.Helper()
	var wg sync.WaitGroup
	got := make([]string, n)
	for i := range got {
		wg.Go(func() {
			v, err := verb()
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			got[i] = v
		})
	}
	wg.Wait()
	for _, v := range got {
		require.Equal(t, got[0], v, name)
	}
}

// Four clients send the same command with the same key at the same moment: all
// of them get the one result, and what it does is done once.
func TestCapitalVerbs_sameKeyAtOnce(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	o, who, buyer := raise(t, db, "300000"), investor(t, db), investor(t, db)
	paid, other := funded(t, db, o, who, "100000"), funded(t, db, o, buyer, "50000")
	waiting(t, db, o, "100000")
	_, lines := issued(t, db, o, "call", "0.5")
	late := commitment(o, investor(t, db), "60000")
	late.JoinWaitlist = true
	first, err := svc.Commitments.Commit(ctx, db, late)
	require.NoError(t, err)
	tr := approvedTransfer(t, db, *paid.PositionID, buyer, "0.5", "2026-02-01")

	one := func(name string, verb func() (string, error)) { atOnce(t, 4, name, verb) }
	one("complete transfer", func() (string, error) {
		out, err := svc.Positions.CompleteTransfer(ctx, db, investments.CompleteTransferParams{IdempotencyKey: "x", TransferID: tr.ID, ActorID: staff})
		return out.ID.String() + out.Amount.String(), err
	})
	one("refund", func() (string, error) {
		out, err := svc.Commitments.RefundContribution(ctx, db, refund(other, "x", "1000.01"))
		return out.Refunded.String(), err
	})
	one("receive", func() (string, error) {
		out, err := svc.Commitments.ReceiveCall(ctx, db, investments.ReceiveCallParams{IdempotencyKey: "x", LineID: lines[0].ID, Amount: money.MustParse("10"), Date: date.MustParse("2026-03-01"), ActorID: staff})
		return out.Received.String(), err
	})
	one("call", func() (string, error) {
		out, err := svc.Commitments.CallCapital(ctx, db, investments.CallCapitalParams{IdempotencyKey: "x", OfferingID: o.ID, Amount: amount("100"), DueDate: date.MustParse("2026-06-01"), ActorID: who})
		return out.ID.String(), err
	})
	one("request", func() (string, error) {
		out, err := svc.Positions.RequestTransfer(ctx, db, investments.RequestTransferParams{IdempotencyKey: "x", PositionID: *paid.PositionID, ToInvestorID: buyer,
			Fraction: decimal.NewFromInt(1), EffectiveDate: date.MustParse("2026-02-01"), ActorID: ownerOf(t, db, *paid.PositionID)})
		return out.ID.String(), err
	})
	_, err = svc.Commitments.RefundContribution(ctx, db, refund(other, "room", "10000"))
	require.NoError(t, err)
	one("promote", func() (string, error) {
		out, err := svc.Commitments.Admit(ctx, db, investments.AdmitParams{IdempotencyKey: "x", SubscriptionID: first.ID, ActorID: staff})
		return out.PositionID.String(), err
	})
	one("scale back", func() (string, error) {
		out, err := svc.Commitments.ScaleBack(ctx, db, investments.ScaleBackParams{IdempotencyKey: "x", OfferingID: o.ID, Total: amount("30000"), ActorID: staff})
		return out.CommittedAmount.String(), err
	})

	var done string
	require.NoError(t, db.NewRaw(`SELECT format('%s transfers, %s requests, %s refunds of %s, %s calls, %s promoted',
		(SELECT count(*) FROM investments.transactions WHERE type = 'transfer_in'), (SELECT count(*) FROM investments.transfers),
		(SELECT count(*) FROM investments.transactions WHERE type = 'refund'), (SELECT refunded FROM investments.subscriptions WHERE id = ?0),
		(SELECT count(*) FROM investments.capital_calls), (SELECT amount FROM investments.subscriptions WHERE id = ?1))`, other.ID, first.ID).Scan(ctx, &done))
	require.Equal(t, "1 transfers, 2 requests, 2 refunds of 11000.01, 2 calls, 30000.00 promoted", done)
}
