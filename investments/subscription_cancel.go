package investments

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// ErrSubscriptionReceived: money came in for the subscription; it can no longer
// simply be cancelled.
var ErrSubscriptionReceived = fault.New(fault.Illegal, "subscription_received", "money has come in for the subscription")

// CancelSubscriptionParams is a commitment to withdraw.
type CancelSubscriptionParams struct {
	IdempotencyKey string
	SubscriptionID id.Of[Subscription]
	Reason         string
	ActorID        id.Of[auth.User]
}

// CancelSubscription withdraws a commitment that holds no money, or that waits
// on the waitlist, and frees its part of the hard cap. Money that came in is sent
// back by [Commitments.RefundContribution]. It locks the offering, the subscription and
// the position. It returns [ErrSubscriptionReceived], [ErrSubscriptionNotOpen]
// or [ErrSubscriptionNotFound].
func (s *Commitments) CancelSubscription(ctx context.Context, db bun.IDB, p CancelSubscriptionParams) (*Subscription, error) {
	var f check.Fields
	f.Given("subscription_id", p.SubscriptionID)
	f.Given("actor_id", p.ActorID)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return store.RunOnce(ctx, db, store.Keyed[Subscription]{Scope: s.scope, Verb: "investments.cancel_subscription", Params: p, Kind: "subscription", Result: p.SubscriptionID}, subscriptions.Get,
		func(tx bun.IDB) (*Subscription, error) { return s.cancelSubscription(ctx, tx, p) })
}

func (s *Commitments) cancelSubscription(ctx context.Context, tx bun.IDB, p CancelSubscriptionParams) (*Subscription, error) {
	_, sub, err := lockSubscription(ctx, tx, p.SubscriptionID)
	if err != nil {
		return nil, err
	}
	if err := s.acts(ctx, tx, VerbCancelSubscription, p.ActorID, ofSubscription(sub)); err != nil {
		return nil, err
	}
	switch {
	case sub.Status == SubscriptionStatusWaitlisted:
		if err := s.endSubscription(ctx, tx, sub, p.Reason); err != nil {
			return nil, err
		}
		return sub, s.emitWithCalls(ctx, tx, sub, SubscriptionCancelled{sub.OfferingID, sub.InvestorID, money.Zero, SubscriptionStatusWaitlisted}, nil)
	case sub.Received != sub.Refunded:
		return nil, ErrSubscriptionReceived
	case sub.Status != SubscriptionStatusOpen:
		return nil, ErrSubscriptionNotOpen.With("it is %s", sub.Status)
	}
	freed, err := sub.Amount.Sub(sub.Refunded)
	if err != nil {
		return nil, err
	}
	pos, err := positions.Lock(ctx, tx, *sub.PositionID)
	if err != nil {
		return nil, err
	}
	if !pos.Status.Counts() { // it still carries what is committed
		if pos.InvestmentAmount, err = pos.InvestmentAmount.Sub(freed); err != nil {
			return nil, err
		}
		if pos.InvestmentAmount.IsZero() {
			pos.Status = PositionStatusCancelled
		}
		if err := positions.Update(ctx, tx, pos, "investment_amount", "status"); err != nil {
			return nil, err
		}
	}
	completed, err := s.closeCallLines(ctx, tx, sub)
	if err != nil {
		return nil, err
	}
	if err := s.endSubscription(ctx, tx, sub, p.Reason); err != nil {
		return nil, err
	}
	if err := addCommitted(ctx, tx, sub.OfferingID, freed.Neg()); err != nil {
		return nil, err
	}
	return sub, s.emitWithCalls(ctx, tx, sub, SubscriptionCancelled{sub.OfferingID, sub.InvestorID, freed, SubscriptionStatusOpen}, completed)
}

func (s *Commitments) endSubscription(ctx context.Context, tx bun.IDB, sub *Subscription, reason string) error {
	sub.Status, sub.CancelledAt, sub.CancelReason = SubscriptionStatusCancelled, ptr(s.now()), optional(reason)
	sub.UpdatedAt = s.now()
	sub.Version++
	return subscriptions.Update(ctx, tx, sub, "status", "cancelled_at", "cancel_reason", "version")
}
