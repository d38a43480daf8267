package investments_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

func fraction(s string) *decimal.Decimal { d := decimal.RequireFromString(s); return &d }

// issued drafts and issues a call of a part of every commitment.
func issued(t *testing.T, db bun.IDB, o *investments.Offering, key, part string) (*investments.CapitalCall, []investments.CapitalCallLine) {
	t.Helper()
	ctx, svc := t.Context(), newService()
	call, err := svc.Commitments.CallCapital(ctx, db, investments.CallCapitalParams{IdempotencyKey: key, OfferingID: o.ID, Fraction: fraction(part),
		DueDate: date.MustParse("2026-03-01"), ActorID: investor(t, db)})
	require.NoError(t, err)
	call, err = svc.Commitments.IssueCall(ctx, db, investments.IssueCallParams{CallID: call.ID, NoticeDate: date.MustParse("2026-02-15"), ActorID: staff})
	require.NoError(t, err)
	lines, err := svc.Commitments.CallLines(ctx, db, call.ID, page.Request{})
	require.NoError(t, err)
	return call, lines.Items
}

func lineOf(lines []investments.CapitalCallLine, sub *investments.Subscription) investments.CapitalCallLine {
	for _, l := range lines {
		if l.SubscriptionID == sub.ID {
			return l
		}
	}
	return investments.CapitalCallLine{}
}

func TestCapitalCall_installments(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o := raise(t, tx, "1000000")
	var subs []*investments.Subscription
	for _, a := range []string{"33333.33", "33333.33", "33333.34"} {
		s, err := svc.Commitments.Commit(ctx, tx, commitment(o, investor(t, tx), a))
		require.NoError(t, err)
		subs = append(subs, s)
	}
	draft := investments.CallCapitalParams{IdempotencyKey: "first", OfferingID: o.ID, Fraction: fraction("0.25"),
		DueDate: date.MustParse("2026-03-01"), ActorID: investor(t, tx)}
	call, err := svc.Commitments.CallCapital(ctx, tx, draft)
	require.NoError(t, err)
	again, err := svc.Commitments.CallCapital(ctx, tx, draft)
	require.NoError(t, err)
	require.Equal(t, call.ID, again.ID)
	require.Equal(t, "25000.00", call.TotalAmount.String())
	require.Equal(t, 1, call.Number)
	lines, err := svc.Commitments.CallLines(ctx, tx, call.ID, page.Request{})
	require.NoError(t, err)
	sum := money.Zero
	for _, l := range lines.Items {
		sum, err = sum.Add(l.Amount)
		require.NoError(t, err)
	}
	require.Equal(t, call.TotalAmount, sum, "the parts make the total")
	line := lineOf(lines.Items, subs[0])
	receipt := investments.ReceiveCallParams{IdempotencyKey: "wire", LineID: line.ID, Amount: money.MustParse("5000"), Date: date.MustParse("2026-02-20"), ActorID: staff}
	receive := func(p investments.ReceiveCallParams) (l *investments.CapitalCallLine, err error) {
		err = store.InTx(ctx, tx, func(tx bun.IDB) error { l, err = svc.Commitments.ReceiveCall(ctx, tx, p); return err })
		return l, err
	}
	_, err = receive(receipt)
	require.ErrorIs(t, err, investments.ErrCallState, "nothing is due before the notice")
	_, err = svc.Commitments.IssueCall(ctx, tx, investments.IssueCallParams{CallID: call.ID, NoticeDate: date.MustParse("2026-03-02"), ActorID: staff})
	require.ErrorIs(t, err, investments.ErrCallSchedule)
	for range 2 {
		call, err = svc.Commitments.IssueCall(ctx, tx, investments.IssueCallParams{CallID: call.ID, NoticeDate: date.MustParse("2026-02-15"), ActorID: staff})
		require.NoError(t, err)
		require.Equal(t, investments.CallStatusIssued, call.Status)
	}
	for range 2 {
		l, err := receive(receipt)
		require.NoError(t, err)
		require.Equal(t, investments.CallLineStatusPartial, l.Status)
		require.Equal(t, "5000.00", l.Received.String())
	}
	over := receipt
	over.IdempotencyKey, over.Amount = "over", line.Amount
	_, err = receive(over)
	require.ErrorIs(t, err, investments.ErrOverfunded)
	late, err := svc.Commitments.LateCallLines(ctx, tx, o.ID, date.MustParse("2026-03-02"), page.Request{})
	require.NoError(t, err)
	require.Len(t, late.Items, 3)
	inTime, err := svc.Commitments.LateCallLines(ctx, tx, o.ID, date.MustParse("2026-03-01"), page.Request{})
	require.NoError(t, err)
	require.Empty(t, inTime.Items)

	rest := investments.ReceiveCallParams{IdempotencyKey: "late wire", LineID: line.ID, Date: date.MustParse("2026-03-20"), ActorID: staff}
	l, err := receive(rest)
	require.NoError(t, err, "late money is welcome")
	require.Equal(t, investments.CallLineStatusReceived, l.Status)
	require.Equal(t, "2026-03-20", l.ReceivedDate.String())
	rest.IdempotencyKey = "once more"
	_, err = receive(rest)
	require.ErrorIs(t, err, investments.ErrCallState)

	// The second pays through Fund, more than was called; the third in full.
	_, err = svc.Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{IdempotencyKey: "ahead", SubscriptionID: subs[1].ID, Amount: money.MustParse("10000"), Date: date.MustParse("2026-03-01"), ActorID: staff})
	require.NoError(t, err)
	_, err = svc.Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{IdempotencyKey: "all", SubscriptionID: subs[2].ID, Date: date.MustParse("2026-03-01"), ActorID: staff})
	require.NoError(t, err)
	call, err = svc.Commitments.CapitalCall(ctx, tx, call.ID)
	require.NoError(t, err)
	require.Equal(t, investments.CallStatusCompleted, call.Status)
	_, err = svc.Commitments.CancelCall(ctx, tx, investments.CancelCallParams{CallID: call.ID, ActorID: staff})
	require.ErrorIs(t, err, investments.ErrCallState)
	sub, err := svc.Commitments.Subscription(ctx, tx, subs[1].ID)
	require.NoError(t, err)
	require.Equal(t, "10000.00", sub.Called.String(), "money in advance counts as called")

	second, secondLines := issued(t, tx, o, "second", "1")
	require.Equal(t, 2, second.Number)
	require.Len(t, secondLines, 2, "who has paid all is not called")
	require.Equal(t, "23333.33", lineOf(secondLines, subs[1]).Amount.String())
	calls, err := svc.Commitments.CapitalCalls(ctx, tx, o.ID, page.Request{})
	require.NoError(t, err)
	require.Len(t, calls.Items, 2)
	for range 2 {
		second, err = svc.Commitments.CancelCall(ctx, tx, investments.CancelCallParams{CallID: second.ID, ActorID: staff})
		require.NoError(t, err)
	}
	sub, err = svc.Commitments.Subscription(ctx, tx, subs[1].ID)
	require.NoError(t, err)
	require.Equal(t, "10000.00", sub.Called.String())
}

// An amount is split by commitment, and what somebody has already paid in
// advance is asked of the others.
func TestCallCapital_amount(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o := raise(t, tx, "1000000")
	a, err := svc.Commitments.Commit(ctx, tx, commitment(o, investor(t, tx), "100000"))
	require.NoError(t, err)
	b, err := svc.Commitments.Commit(ctx, tx, commitment(o, investor(t, tx), "200000"))
	require.NoError(t, err)
	_, err = svc.Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{IdempotencyKey: "ahead", SubscriptionID: a.ID, Amount: money.MustParse("90000"), Date: date.MustParse("2026-01-20"), ActorID: staff})
	require.NoError(t, err)
	call := func(total string) (*investments.CapitalCall, error) {
		var out *investments.CapitalCall
		err := store.InTx(ctx, tx, func(tx bun.IDB) (err error) {
			out, err = svc.Commitments.CallCapital(ctx, tx, investments.CallCapitalParams{IdempotencyKey: total, OfferingID: o.ID, Amount: amount(total),
				DueDate: date.MustParse("2026-03-01"), ActorID: investor(t, tx)})
			return err
		})
		return out, err
	}
	_, err = call("210000.01")
	require.ErrorIs(t, err, investments.ErrOvercalled)
	first, err := call("60000")
	require.NoError(t, err)
	lines, err := svc.Commitments.CallLines(ctx, tx, first.ID, page.Request{})
	require.NoError(t, err)
	require.Equal(t, "10000.00", lineOf(lines.Items, a).Amount.String(), "no more than is left")
	require.Equal(t, "50000.00", lineOf(lines.Items, b).Amount.String())
	second, err := call("200000")
	require.NoError(t, err, "a second draft")
	_, err = svc.Commitments.IssueCall(ctx, tx, investments.IssueCallParams{CallID: first.ID, NoticeDate: date.MustParse("2026-02-01"), ActorID: staff})
	require.NoError(t, err)
	err = store.InTx(ctx, tx, func(tx bun.IDB) error {
		_, err := svc.Commitments.IssueCall(ctx, tx, investments.IssueCallParams{CallID: second.ID, NoticeDate: date.MustParse("2026-02-01"), ActorID: staff})
		return err
	})
	require.ErrorIs(t, err, investments.ErrOvercalled, "the first took the room")

	_, err = svc.Commitments.RefundContribution(ctx, tx, refund(a, "refund", ""))
	require.NoError(t, err)
	_, err = svc.Commitments.CancelSubscription(ctx, tx, investments.CancelSubscriptionParams{IdempotencyKey: "cancel", SubscriptionID: b.ID, ActorID: staff})
	require.NoError(t, err)
	first, err = svc.Commitments.CapitalCall(ctx, tx, first.ID)
	require.NoError(t, err)
	require.Equal(t, investments.CallStatusCompleted, first.Status, "nobody is left to wait for")
	_, err = call("1")
	require.ErrorIs(t, err, investments.ErrNothingToCall)
	require.Len(t, fault.FieldErrors(func() error {
		_, err := svc.Commitments.CallCapital(ctx, tx, investments.CallCapitalParams{IdempotencyKey: "x"})
		return err
	}()), 4)
	_, err = svc.Commitments.CapitalCall(ctx, tx, id.New[investments.CapitalCall]())
	require.ErrorIs(t, err, investments.ErrCapitalCallNotFound)
}

// Receipts of one line race under different keys; together they never exceed
// it.
func TestReceiveCall_race(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	o := raise(t, db, "1000000")
	sub, err := svc.Commitments.Commit(ctx, db, commitment(o, investor(t, db), "100000"))
	require.NoError(t, err)
	_, lines := issued(t, db, o, "call", "0.5")
	var wg sync.WaitGroup
	errs := make(chan error, 8)
	for i := range 8 {
		wg.Go(func() {
			_, err := svc.Commitments.ReceiveCall(ctx, db, investments.ReceiveCallParams{IdempotencyKey: fmt.Sprint("w", i), LineID: lines[0].ID, Amount: money.MustParse("20000"), Date: date.MustParse("2026-02-20"), ActorID: staff})
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
		require.ErrorIs(t, err, investments.ErrOverfunded)
	}
	require.Equal(t, 2, won)
	sub, err = svc.Commitments.Subscription(ctx, db, sub.ID)
	require.NoError(t, err)
	require.Equal(t, "40000.00", sub.Received.String())
	require.Equal(t, "40000.00", balanceOf(t, db, o, investments.AccountCash))
}
