package realestate_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// Eight clients commit, wait, fund, call, refund, scale back, transfer and
// distribute on one offering, each in the way of the others. Many commands are
// refused; none fails otherwise, and every invariant holds at the end.
func TestVerify_underConflictingLoad(t *testing.T) {
	t.Parallel()
	ctx, db, p := t.Context(), pgtest.Clone(t), platform()
	o := deal(t, db)
	clerk, boss := person(t, db), person(t, db)
	var who []id.Of[auth.User]
	for range 6 {
		w := accredited(t, db)
		who = append(who, w)
	}
	on := date.MustParse("2026-11-01") // after all that the deal has seen
	steps := []func(ctx context.Context, key string, n int) error{
		func(ctx context.Context, key string, n int) error {
			_, err := p.Commitments.Commit(ctx, db, investments.CommitParams{IdempotencyKey: key, OfferingID: o.ID, InvestorID: who[n%len(who)], Amount: money.MustParse("3333.33"), Date: on, JoinWaitlist: true, ActorID: who[n%len(who)]})
			return err
		},
		func(ctx context.Context, key string, n int) error {
			subs, err := p.Commitments.Subscriptions(ctx, db, investments.SubscriptionFilter{OfferingID: &o.ID, Status: investments.SubscriptionStatusOpen}, page.Request{})
			if err != nil || len(subs.Items) == 0 {
				return err
			}
			_, err = p.Commitments.ReceiveContribution(ctx, db, investments.ReceiveContributionParams{IdempotencyKey: key, SubscriptionID: subs.Items[n%len(subs.Items)].ID, Amount: money.MustParse("1111.11"), Date: on, ActorID: staff})
			return err
		},
		func(ctx context.Context, key string, n int) error {
			third := decimal.RequireFromString("0.3333")
			call, err := p.Commitments.CallCapital(ctx, db, investments.CallCapitalParams{IdempotencyKey: key, OfferingID: o.ID, Fraction: &third, DueDate: on, ActorID: clerk})
			if err != nil {
				return err
			}
			if _, err = p.Commitments.IssueCall(ctx, db, investments.IssueCallParams{CallID: call.ID, NoticeDate: on, ActorID: staff}); err == nil && n%3 == 0 {
				_, err = p.Commitments.CancelCall(ctx, db, investments.CancelCallParams{CallID: call.ID, ActorID: staff})
			}
			return err
		},
		func(ctx context.Context, key string, n int) error {
			subs, err := p.Commitments.Subscriptions(ctx, db, investments.SubscriptionFilter{OfferingID: &o.ID}, page.Request{})
			if err != nil {
				return err
			}
			sub := subs.Items[n%len(subs.Items)]
			if n%2 == 0 {
				_, err = p.Commitments.CancelSubscription(ctx, db, investments.CancelSubscriptionParams{IdempotencyKey: key, SubscriptionID: sub.ID, ActorID: staff})
			} else {
				_, err = p.Commitments.RefundContribution(ctx, db, investments.RefundContributionParams{IdempotencyKey: key, SubscriptionID: sub.ID, Date: on, ActorID: staff})
			}
			return err
		},
		func(ctx context.Context, key string, n int) error {
			line, err := p.Commitments.Waitlist(ctx, db, o.ID, page.Request{Limit: 1})
			if err != nil || len(line.Items) == 0 {
				return err
			}
			if n%4 == 0 {
				_, err = p.Commitments.ScaleBack(ctx, db, investments.ScaleBackParams{IdempotencyKey: key, OfferingID: o.ID, Waitlist: true, ActorID: staff})
			} else {
				_, err = p.Commitments.Admit(ctx, db, investments.AdmitParams{IdempotencyKey: key, SubscriptionID: line.Items[0].ID, ActorID: staff})
			}
			return err
		},
		func(ctx context.Context, key string, n int) error {
			held, err := p.Positions.Positions(ctx, db, investments.PositionFilter{OfferingID: &o.ID, Status: investments.PositionStatusFunded}, page.Request{})
			if err != nil || len(held.Items) == 0 {
				return err
			}
			fraction := decimal.New(int64(n%4+1), 0).Div(decimal.NewFromInt(4))
			tr, err := p.Positions.RequestTransfer(ctx, db, investments.RequestTransferParams{IdempotencyKey: key, PositionID: held.Items[n%len(held.Items)].ID,
				ToInvestorID: who[n%len(who)], Fraction: fraction, EffectiveDate: on, ActorID: held.Items[n%len(held.Items)].InvestorID})
			if err != nil {
				return err
			}
			if _, err = p.Positions.ApproveTransfer(ctx, db, investments.ApproveTransferParams{TransferID: tr.ID, ActorID: boss}); err == nil {
				_, err = p.Positions.CompleteTransfer(ctx, db, investments.CompleteTransferParams{IdempotencyKey: key, TransferID: tr.ID, ActorID: staff})
			}
			return err
		},
		func(ctx context.Context, key string, n int) error {
			if n%16 != 0 { // a distribution stands in the way of transfers of its day
				return nil
			}
			d, err := p.Distributions.Declare(ctx, db, investments.DeclareParams{IdempotencyKey: key, OfferingID: o.ID, Type: investments.DistributionQuarterly, Date: on, Amount: money.MustParse("777.77"), ActorID: clerk})
			if err != nil {
				return err
			}
			_, err = p.Distributions.Cancel(ctx, db, investments.CancelDistributionParams{DistributionID: d.ID, Reason: "again", ActorID: staff})
			return err
		},
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	done := map[int]int{}
	for client := range 8 {
		wg.Go(func() {
			for i := range 28 {
				n := client*31 + i*7
				step := (client + i) % len(steps)
				err := steps[step](ctx, fmt.Sprint(client, "/", i), n)
				var refused *fault.Error
				for _, backstop := range []error{investments.ErrSubscriptionAmounts, investments.ErrSubscriptionState, investments.ErrCallReceipt,
					investments.ErrWaitlistNumber, investments.ErrPositionExists, investments.ErrTransferState, investments.ErrCallExists} {
					if errors.Is(err, backstop) {
						t.Errorf("step %d: the verb let it come to the database: %v", step, err)
					}
				}
				switch {
				case err == nil:
					mu.Lock()
					done[step]++
					mu.Unlock()
				case !errors.As(err, &refused) || fault.KindOf(err) == fault.Unavailable || fault.KindOf(err) == fault.Unknown:
					t.Errorf("step %d: %v", step, err)
				}
			}
		})
	}
	wg.Wait()
	t.Log("carried out, by step:", done)
	for step := range steps {
		require.Positive(t, done[step], "step %d was never carried out", step)
	}
	r, err := p.Verify(ctx, db)
	require.NoError(t, err)
	require.True(t, r.OK(), r.String())
}
