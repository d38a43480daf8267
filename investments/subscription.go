package investments

import (
	"context"
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// SubscriptionStatus says where a commitment is.
type SubscriptionStatus string

// The subscription statuses.
const (
	SubscriptionStatusWaitlisted SubscriptionStatus = "waitlisted"
	SubscriptionStatusOpen       SubscriptionStatus = "open"   // accepted, not fully received
	SubscriptionStatusFunded     SubscriptionStatus = "funded" // received in full
	SubscriptionStatusCancelled  SubscriptionStatus = "cancelled"
)

// The conditions of subscriptions.
var (
	// ErrSubscriptionNotFound: there is no such subscription.
	ErrSubscriptionNotFound = fault.New(fault.NotFound, "subscription_not_found", "there is no such subscription")
	// ErrSubscriptionAmounts: more is called or received than was accepted, more
	// accepted than requested, or more refunded than received.
	ErrSubscriptionAmounts = fault.New(fault.Invalid, "subscription_amounts_inconsistent", "the amounts of the subscription contradict each other").On("amount")
	// ErrSubscriptionState: a subscription's status contradicts its amounts, its
	// times or its number on the waitlist.
	ErrSubscriptionState = fault.New(fault.Invalid, "subscription_state_inconsistent", "status and facts of the subscription contradict each other").On("status")
)

// subscriptions is the repository of Subscription rows, newest first.
var subscriptions = store.Repo[Subscription]{
	NotFound:    ErrSubscriptionNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *Subscription) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// Valid reports whether s is one of the subscription statuses.
func (s SubscriptionStatus) Valid() bool {
	switch s {
	case SubscriptionStatusWaitlisted, SubscriptionStatusOpen, SubscriptionStatusFunded, SubscriptionStatusCancelled:
		return true
	}
	return false
}

// Subscription is one commitment of an investor to an offering. There may be many:
// top-ups, and commitments made again after a cancellation. RequestedAmount is what
// was asked for, Amount what was accepted after a scale-back; Called, Received and
// Refunded are sums so far. InvestmentID is the position that it feeds.
//
// Evidence is what the gates (accreditation, signed documents, limits) were judged
// by, in JSON.
type Subscription struct {
	bun.BaseModel `bun:"table:investments.subscriptions,alias:s" json:"-"`

	ID         id.Of[Subscription] `bun:"id,pk" json:"id"`
	OfferingID id.Of[Offering]     `bun:"opportunity_id" json:"offering_id"`
	InvestorID id.Of[auth.User]    `bun:"investor_id" json:"investor_id"`
	AccountID  *id.Of[Account]     `bun:"account_id" json:"account_id"`
	ShareClass string              `bun:"share_class" json:"share_class"`

	// The position that the commitment feeds.
	PositionID      *id.Of[Position] `bun:"investment_id" json:"position_id"`
	RequestedAmount money.Amount     `bun:"requested_amount" json:"requested_amount"`

	// What was accepted, after a scale-back.
	Amount         money.Amount       `bun:"amount" json:"amount"`
	Called         money.Amount       `bun:"called" json:"called"`
	Received       money.Amount       `bun:"received" json:"received"`
	Refunded       money.Amount       `bun:"refunded" json:"refunded"`
	Currency       string             `bun:"currency" json:"currency"`
	Status         SubscriptionStatus `bun:"status" json:"status"`
	WaitlistNumber *int               `bun:"waitlist_number" json:"waitlist_number"`
	CommitmentDate date.Date          `bun:"commitment_date" json:"commitment_date"`
	FundedAt       *time.Time         `bun:"funded_at" json:"funded_at"`
	CancelledAt    *time.Time         `bun:"cancelled_at" json:"cancelled_at"`
	CancelReason   *string            `bun:"cancel_reason" json:"cancel_reason"`

	// The facts that the gates were judged by.
	Evidence  json.RawMessage `bun:"evidence,type:jsonb,nullzero" json:"evidence"`
	Version   int64           `bun:"version" json:"version"`
	CreatedAt time.Time       `bun:"created_at" json:"created_at"`
	UpdatedAt time.Time       `bun:"updated_at" json:"updated_at"`
}

// Subscription reads a commitment. It returns [ErrSubscriptionNotFound].
func (s *Commitments) Subscription(ctx context.Context, db bun.IDB, v id.Of[Subscription]) (*Subscription, error) {
	return subscriptions.Get(ctx, db, v)
}

// SubscriptionFilter narrows a list of commitments; the zero value is all of
// them.
type SubscriptionFilter struct {
	OfferingID *id.Of[Offering]
	InvestorID *id.Of[auth.User]
	Status     SubscriptionStatus // "" is any
}

// Subscriptions lists commitments, the newest first.
func (s *Commitments) Subscriptions(ctx context.Context, db bun.IDB, f SubscriptionFilter, r page.Request) (page.Page[Subscription], error) {
	return subscriptions.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery {
		if f.OfferingID != nil {
			q = q.Where("s.opportunity_id = ?", *f.OfferingID)
		}
		if f.InvestorID != nil {
			q = q.Where("s.investor_id = ?", *f.InvestorID)
		}
		if f.Status != "" {
			q = q.Where("s.status = ?", f.Status)
		}
		return q
	})
}
