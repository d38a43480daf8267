package investments

import (
	"context"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// SubscriptionCommitted says that a commitment was accepted.
type SubscriptionCommitted struct {
	OfferingID     id.Of[Offering]  `json:"offering_id"`
	InvestorID     id.Of[auth.User] `json:"investor_id"`
	AccountID      *id.Of[Account]  `json:"account_id,omitempty"`
	PositionID     id.Of[Position]  `json:"position_id"`
	ShareClass     string           `json:"share_class"`
	Amount         money.Amount     `json:"amount"`
	CommitmentDate date.Date        `json:"commitment_date"`
}

// EventType names the event.
func (SubscriptionCommitted) EventType() (string, int) {
	return "investments.subscription_committed", 1
}

// SubscriptionWaitlisted says that a commitment found no room and waits.
type SubscriptionWaitlisted struct {
	OfferingID     id.Of[Offering]  `json:"offering_id"`
	InvestorID     id.Of[auth.User] `json:"investor_id"`
	AccountID      *id.Of[Account]  `json:"account_id,omitempty"`
	ShareClass     string           `json:"share_class"`
	Amount         money.Amount     `json:"amount"`
	CommitmentDate date.Date        `json:"commitment_date"`
	WaitlistNumber int              `json:"waitlist_number"`
}

// EventType names the event.
func (SubscriptionWaitlisted) EventType() (string, int) {
	return "investments.subscription_waitlisted", 1
}

// SubscriptionAdmitted says that a commitment that waited was accepted.
type SubscriptionAdmitted struct {
	OfferingID id.Of[Offering]  `json:"offering_id"`
	InvestorID id.Of[auth.User] `json:"investor_id"`
	AccountID  *id.Of[Account]  `json:"account_id,omitempty"`
	PositionID id.Of[Position]  `json:"position_id"`
	Amount     money.Amount     `json:"amount"`
}

// EventType names the event.
func (SubscriptionAdmitted) EventType() (string, int) { return "investments.subscription_admitted", 1 }

// ContributionReceived says that money came in for a subscription. Status is
// funded when nothing is outstanding any more.
type ContributionReceived struct {
	OfferingID    id.Of[Offering]         `json:"offering_id"`
	InvestorID    id.Of[auth.User]        `json:"investor_id"`
	PositionID    id.Of[Position]         `json:"position_id"`
	CallLineID    *id.Of[CapitalCallLine] `json:"call_line_id,omitempty"` // that the money named
	Amount        money.Amount            `json:"amount"`
	Received      money.Amount            `json:"received"` // so far
	Committed     money.Amount            `json:"committed"`
	Status        SubscriptionStatus      `json:"status"`
	EffectiveDate date.Date               `json:"effective_date"`
}

// EventType names the event.
func (ContributionReceived) EventType() (string, int) { return "investments.contribution_received", 1 }

// ContributionRefunded says that money of a subscription was sent back. Status
// is cancelled when that ended it.
type ContributionRefunded struct {
	OfferingID    id.Of[Offering]    `json:"offering_id"`
	InvestorID    id.Of[auth.User]   `json:"investor_id"`
	PositionID    id.Of[Position]    `json:"position_id"`
	Amount        money.Amount       `json:"amount"`
	Refunded      money.Amount       `json:"refunded"` // so far
	Status        SubscriptionStatus `json:"status"`
	EffectiveDate date.Date          `json:"effective_date"`
}

// EventType names the event.
func (ContributionRefunded) EventType() (string, int) { return "investments.contribution_refunded", 1 }

// SubscriptionCancelled says that a commitment was withdrawn, before money came
// in for it. Was says whether it waited or was accepted.
type SubscriptionCancelled struct {
	OfferingID id.Of[Offering]    `json:"offering_id"`
	InvestorID id.Of[auth.User]   `json:"investor_id"`
	Amount     money.Amount       `json:"amount"` // of the hard cap that is free again; of one that waited, none was taken
	Was        SubscriptionStatus `json:"was"`
}

// EventType names the event.
func (SubscriptionCancelled) EventType() (string, int) {
	return "investments.subscription_cancelled", 1
}

// CapitalCallDrafted says that an installment was drafted.
type CapitalCallDrafted struct {
	OfferingID  id.Of[Offering]   `json:"offering_id"`
	Number      int               `json:"number"`
	TotalAmount money.Amount      `json:"total_amount"`
	Lines       int               `json:"lines"`
	DueDate     date.Date         `json:"due_date"`
	CreatedBy   *id.Of[auth.User] `json:"created_by,omitempty"`
}

// EventType names the event.
func (CapitalCallDrafted) EventType() (string, int) { return "investments.capital_call_drafted", 1 }

// CapitalCallIssued says that an installment is due.
type CapitalCallIssued struct {
	OfferingID  id.Of[Offering] `json:"offering_id"`
	Number      int             `json:"number"`
	TotalAmount money.Amount    `json:"total_amount"`
	NoticeDate  *date.Date      `json:"notice_date"`
	DueDate     date.Date       `json:"due_date"`
}

// EventType names the event.
func (CapitalCallIssued) EventType() (string, int) { return "investments.capital_call_issued", 1 }

// CapitalCallCompleted says that a call waits for nothing any more.
type CapitalCallCompleted struct {
	OfferingID id.Of[Offering] `json:"offering_id"`
}

// EventType names the event.
func (CapitalCallCompleted) EventType() (string, int) { return "investments.capital_call_completed", 1 }

// CapitalCallCancelled says that a call was withdrawn.
type CapitalCallCancelled struct {
	OfferingID id.Of[Offering] `json:"offering_id"`
	Number     int             `json:"number"`
}

// EventType names the event.
func (CapitalCallCancelled) EventType() (string, int) { return "investments.capital_call_cancelled", 1 }

// TransferRequested says that a position, or a part of it, is to move.
type TransferRequested struct {
	Kind           TransferKind      `json:"kind"`
	OfferingID     *id.Of[Offering]  `json:"offering_id"`
	FromPositionID id.Of[Position]   `json:"from_position_id"`
	ToInvestorID   id.Of[auth.User]  `json:"to_investor_id"`
	ToAccountID    *id.Of[Account]   `json:"to_account_id,omitempty"`
	ToShareClass   string            `json:"to_share_class"`
	Fraction       decimal.Decimal   `json:"fraction"`
	EffectiveDate  date.Date         `json:"effective_date"`
	RequestedBy    *id.Of[auth.User] `json:"requested_by"`
}

// EventType names the event.
func (TransferRequested) EventType() (string, int) { return "investments.transfer_requested", 1 }

// TransferApproved says that a transfer may be completed.
type TransferApproved struct {
	OfferingID *id.Of[Offering] `json:"offering_id"`
	ApprovedBy id.Of[auth.User] `json:"approved_by"`
}

// EventType names the event.
func (TransferApproved) EventType() (string, int) { return "investments.transfer_approved", 1 }

// TransferCancelled says that a transfer was withdrawn.
type TransferCancelled struct {
	OfferingID *id.Of[Offering] `json:"offering_id"`
	Was        TransferStatus   `json:"was"`
}

// EventType names the event.
func (TransferCancelled) EventType() (string, int) { return "investments.transfer_cancelled", 1 }

// TransferCompleted says that a position, or a part of it, has moved.
type TransferCompleted struct {
	Kind           TransferKind           `json:"kind"`
	OfferingID     *id.Of[Offering]       `json:"offering_id"`
	FromPositionID id.Of[Position]        `json:"from_position_id"`
	ToPositionID   id.Of[Position]        `json:"to_position_id"`
	Amount         money.Amount           `json:"amount"` // of contributed capital
	Units          *decimal.Decimal       `json:"units,omitempty"`
	EffectiveDate  date.Date              `json:"effective_date"`
	JournalID      *id.Of[ledger.Journal] `json:"journal_id"`
}

// EventType names the event.
func (TransferCompleted) EventType() (string, int) { return "investments.transfer_completed", 1 }

// emitWithCalls writes the event of a verb on a subscription, and behind it one
// of each call that the verb has completed.
func (s *Commitments) emitWithCalls(ctx context.Context, tx bun.IDB, sub *Subscription, p store.Payload, completed []id.Of[CapitalCall]) error {
	return s.hooks.Emit(ctx, tx, s.now(), withCalls(store.Event(aggregateSubscription, sub.ID, p), sub.OfferingID, completed)...)
}

// withCalls puts the events of calls that a verb has completed behind its own.
func withCalls(own store.Emission, offering id.Of[Offering], completed []id.Of[CapitalCall]) []store.Emission {
	return append([]store.Emission{own}, callsCompleted(offering, completed)...)
}

func callsCompleted(offering id.Of[Offering], calls []id.Of[CapitalCall]) (events []store.Emission) {
	for _, call := range calls {
		events = append(events, store.Event(aggregateCall, call, CapitalCallCompleted{OfferingID: offering}))
	}
	return events
}
