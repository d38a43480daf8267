package investments_test

import (
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
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// waiting commits, and waits where there is no room.
func waiting(t *testing.T, db bun.IDB, o *investments.Offering, amount string) *investments.Subscription {
	t.Helper()
	p := commitment(o, investor(t, db), amount)
	p.JoinWaitlist = true
	sub, err := newService().Commitments.Commit(t.Context(), db, p)
	require.NoError(t, err)
	return sub
}

func TestWaitlist(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o := raise(t, tx, "100000")
	in := waiting(t, tx, o, "80000")
	require.Equal(t, investments.SubscriptionStatusOpen, in.Status, "there is room")
	p := commitment(o, investor(t, tx), "50000")
	p.JoinWaitlist = true
	first, err := svc.Commitments.Commit(ctx, tx, p)
	require.NoError(t, err)
	again, err := svc.Commitments.Commit(ctx, tx, p)
	require.NoError(t, err)
	require.Equal(t, first.ID, again.ID)
	second := waiting(t, tx, o, "25000")
	require.Equal(t, [2]int{1, 2}, [2]int{*first.WaitlistNumber, *second.WaitlistNumber})
	require.Nil(t, first.PositionID)
	commit := func(change func(*investments.CommitParams)) error {
		p := commitment(o, investor(t, tx), "25000")
		change(&p)
		return store.InTx(ctx, tx, func(tx bun.IDB) error { _, err := svc.Commitments.Commit(ctx, tx, p); return err })
	}
	require.ErrorIs(t, commit(func(p *investments.CommitParams) { p.Amount = money.MustParse("150000"); p.JoinWaitlist = true }), investments.ErrOversubscribed, "it can never fit")
	unproved := commitment(o, investor(t, tx), "25000")
	unproved.JoinWaitlist = true
	_, err = serviceWith(investments.Evidence{}).Commitments.Commit(ctx, tx, unproved)
	require.ErrorIs(t, err, investments.ErrNotAccredited)
	require.ErrorIs(t, commit(func(p *investments.CommitParams) { p.Amount = money.MustParse("1"); p.JoinWaitlist = true }), investments.ErrBelowMinimum)
	require.NoError(t, commit(func(p *investments.CommitParams) { p.JoinWaitlist = true }), "the third in line")
	_, err = svc.Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{IdempotencyKey: "f", SubscriptionID: first.ID, Date: date.MustParse("2026-01-20"), ActorID: staff})
	require.ErrorIs(t, err, investments.ErrSubscriptionNotOpen)

	line, err := svc.Commitments.Waitlist(ctx, tx, o.ID, page.Request{Limit: 2})
	require.NoError(t, err)
	require.Equal(t, first.ID, line.Items[0].ID)
	rest, err := svc.Commitments.Waitlist(ctx, tx, o.ID, page.Request{Limit: 2, After: line.Next})
	require.NoError(t, err)
	require.Len(t, rest.Items, 1)
	require.Equal(t, 3, *rest.Items[0].WaitlistNumber)

	promote := func(sub *investments.Subscription, key string, e investments.Evidence) (out *investments.Subscription, err error) {
		err = store.InTx(ctx, tx, func(tx bun.IDB) error {
			out, err = serviceWith(e).Commitments.Admit(ctx, tx, investments.AdmitParams{IdempotencyKey: key, SubscriptionID: sub.ID, ActorID: staff})
			return err
		})
		return out, err
	}
	_, err = promote(first, "no room", accredited)
	require.ErrorIs(t, err, investments.ErrOversubscribed)
	_, err = svc.Commitments.CancelSubscription(ctx, tx, investments.CancelSubscriptionParams{IdempotencyKey: "c", SubscriptionID: in.ID, ActorID: staff})
	require.NoError(t, err)
	require.ErrorIs(t, commit(func(*investments.CommitParams) {}), investments.ErrOversubscribed, "the room is for those who wait")
	_, err = promote(second, "overtakes", accredited)
	require.ErrorIs(t, err, investments.ErrNotNext)
	_, err = promote(first, "expired", investments.Evidence{})
	require.ErrorIs(t, err, investments.ErrNotAccredited)
	for range 2 {
		out, err := promote(first, "in", accredited)
		require.NoError(t, err)
		require.Equal(t, investments.SubscriptionStatusOpen, out.Status)
		require.NotNil(t, out.PositionID)
	}
	_, err = promote(first, "twice", accredited)
	require.ErrorIs(t, err, investments.ErrNotWaiting)
	_, err = svc.Commitments.CancelSubscription(ctx, tx, investments.CancelSubscriptionParams{IdempotencyKey: "gives way", SubscriptionID: second.ID, ActorID: staff})
	require.NoError(t, err)
	_, err = promote(&rest.Items[0], "third", accredited)
	require.NoError(t, err)
	require.NoError(t, commit(func(*investments.CommitParams) {}), "nobody waits any more")
	o, err = svc.Offerings.Offering(ctx, tx, o.ID)
	require.NoError(t, err)
	require.Equal(t, "100000.00", o.CommittedAmount.String())
}

// Demand of 240,000.01 for 100,000: everybody gets his part, those who had been
// accepted, those who waited, and nobody who has paid loses anything.
func TestScaleBack_waitlist(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o := raise(t, tx, "100000")
	paid := funded(t, tx, o, investor(t, tx), "25000")
	open := waiting(t, tx, o, "75000")
	one, two := waiting(t, tx, o, "75000"), waiting(t, tx, o, "65000.01")
	expired := commitment(o, investor(t, tx), "30000")
	yesterday := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
	expired.JoinWaitlist = true
	once := accredited
	once.AccreditedUntil = &yesterday
	late, err := serviceWith(once).Commitments.Commit(ctx, tx, expired)
	require.NoError(t, err)

	p := investments.ScaleBackParams{IdempotencyKey: "s", OfferingID: o.ID, Waitlist: true, ActorID: staff}
	for range 2 {
		o, err = svc.Commitments.ScaleBack(ctx, tx, p)
		require.NoError(t, err)
		require.Equal(t, "100000.00", o.CommittedAmount.String())
	}
	for _, c := range []struct {
		sub  *investments.Subscription
		want string
	}{{paid, "25000.00"}, {open, "26162.79"}, {one, "26162.79"}, {two, "22674.42"}} {
		s, err := svc.Commitments.Subscription(ctx, tx, c.sub.ID)
		require.NoError(t, err)
		require.Equal(t, c.want, s.Amount.String())
		require.Equal(t, c.sub.RequestedAmount, s.RequestedAmount)
		pos, err := svc.Positions.Position(ctx, tx, *s.PositionID)
		require.NoError(t, err)
		require.Equal(t, s.Amount, pos.InvestmentAmount)
	}
	still, err := svc.Commitments.Subscription(ctx, tx, late.ID)
	require.NoError(t, err)
	require.Equal(t, investments.SubscriptionStatusWaitlisted, still.Status, "his accreditation has expired")
	_, err = svc.Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{IdempotencyKey: "f", SubscriptionID: two.ID, Date: date.MustParse("2026-02-01"), ActorID: staff})
	require.NoError(t, err)
}

func TestScaleBack_refused(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o := raise(t, tx, "100000")
	scale := func(total *money.Amount) error {
		return store.InTx(ctx, tx, func(tx bun.IDB) error {
			_, err := svc.Commitments.ScaleBack(ctx, tx, investments.ScaleBackParams{IdempotencyKey: id.New[investments.Offering]().String(), OfferingID: o.ID, Total: total, ActorID: staff})
			return err
		})
	}
	a, b := waiting(t, tx, o, "50000"), waiting(t, tx, o, "50000")
	require.ErrorIs(t, scale(nil), investments.ErrNothingToScale)
	require.ErrorIs(t, scale(amount("100000")), investments.ErrNothingToScale)
	require.ErrorIs(t, scale(amount("0.01")), investments.ErrScaledAway)
	require.ErrorIs(t, scale(amount("-1")), fault.Invalid)
	require.NoError(t, scale(amount("33333.33")))
	x, err := svc.Commitments.Subscription(ctx, tx, a.ID)
	require.NoError(t, err)
	y, err := svc.Commitments.Subscription(ctx, tx, b.ID)
	require.NoError(t, err)
	sum, err := x.Amount.Add(y.Amount)
	require.NoError(t, err)
	require.Equal(t, "33333.33", sum.String())
	_, err = svc.Offerings.Cancel(ctx, tx, investments.CancelOfferingParams{OfferingID: o.ID, Reason: "called off", ActorID: staff})
	require.NoError(t, err)
	require.ErrorIs(t, scale(amount("1")), investments.ErrOfferingState)
}

// Commitments race for a small cap: who finds no room gets a number, and there
// are neither gaps nor ties.
func TestWaitlist_race(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), newService()
	o := raise(t, db, "100000")
	params := make([]investments.CommitParams, 16)
	for i := range params {
		params[i] = commitment(o, investor(t, db), "50000")
		params[i].JoinWaitlist = true
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	numbers, open := map[int]bool{}, 0
	for _, p := range params {
		wg.Go(func() {
			sub, err := svc.Commitments.Commit(ctx, db, p)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err != nil:
				t.Error(err)
			case sub.WaitlistNumber == nil:
				open++
			default:
				numbers[*sub.WaitlistNumber] = true
			}
		})
	}
	wg.Wait()
	require.Equal(t, 2, open)
	require.Len(t, numbers, 14)
	require.True(t, numbers[1] && numbers[14])
	o, err := svc.Offerings.Offering(ctx, db, o.ID)
	require.NoError(t, err)
	require.Equal(t, 15, o.NextWaitlistNumber)
}

func TestOffering_ends(t *testing.T) {
	t.Parallel()
	ctx, tx, svc := t.Context(), pgtest.Tx(t), newService()
	o := raise(t, tx, "100000")
	sub := waiting(t, tx, o, "60000")
	waits := waiting(t, tx, o, "50000")
	call, _ := issued(t, tx, o, "call", "0.5")
	try := func(verb func(bun.IDB) error) error { return store.InTx(ctx, tx, verb) }
	fund := func(tx bun.IDB) error {
		_, err := svc.Offerings.CompleteRaise(ctx, tx, investments.CompleteRaiseParams{OfferingID: o.ID, ActorID: staff})
		return err
	}
	cancel := func(tx bun.IDB) error {
		_, err := svc.Offerings.Cancel(ctx, tx, investments.CancelOfferingParams{OfferingID: o.ID, Reason: "called off", ActorID: staff})
		return err
	}
	require.ErrorIs(t, try(fund), investments.ErrRaiseIncomplete)
	paid, err := svc.Commitments.ReceiveContribution(ctx, tx, investments.ReceiveContributionParams{IdempotencyKey: "f", SubscriptionID: sub.ID, Date: date.MustParse("2026-01-20"), ActorID: staff})
	require.NoError(t, err)
	require.ErrorIs(t, try(fund), investments.ErrOfferingState, "it is open")
	require.ErrorIs(t, try(cancel), investments.ErrOfferingHoldsMoney)

	// One road: the raise is complete.
	rollback := fault.New(fault.Unknown, "rollback", "the other road")
	require.ErrorIs(t, try(func(tx bun.IDB) error {
		_, err := svc.Offerings.Close(ctx, tx, investments.CloseOfferingParams{OfferingID: o.ID, ActorID: staff})
		require.NoError(t, err)
		require.NoError(t, fund(tx))
		require.NoError(t, fund(tx))
		done, err := svc.Offerings.Offering(ctx, tx, o.ID)
		require.NoError(t, err)
		require.Equal(t, investments.OfferingStatusFunded, done.Status)
		w, err := svc.Commitments.Subscription(ctx, tx, waits.ID)
		require.NoError(t, err)
		require.Equal(t, investments.SubscriptionStatusCancelled, w.Status)
		require.ErrorIs(t, cancel(tx), investments.ErrOfferingState)
		return rollback
	}), rollback)

	// The other: it is called off once the money is back.
	_, err = svc.Commitments.RefundContribution(ctx, tx, refund(paid, "r", ""))
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, try(cancel))
	}
	o, err = svc.Offerings.Offering(ctx, tx, o.ID)
	require.NoError(t, err)
	require.Equal(t, investments.OfferingStatusCancelled, o.Status)
	require.Equal(t, "0.00", o.CommittedAmount.String())
	call, err = svc.Commitments.CapitalCall(ctx, tx, call.ID)
	require.NoError(t, err)
	require.Equal(t, investments.CallStatusCompleted, call.Status, "its line was received before the refund")
	require.ErrorIs(t, try(fund), investments.ErrRaiseIncomplete)
}
