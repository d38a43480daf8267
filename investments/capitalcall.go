package investments

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// CallStatus says where a capital call is.
type CallStatus string

// The call statuses.
const (
	CallStatusDraft     CallStatus = "draft"
	CallStatusIssued    CallStatus = "issued"
	CallStatusCompleted CallStatus = "completed"
	CallStatusCancelled CallStatus = "cancelled"
)

// The conditions of capital calls.
var (
	// ErrCapitalCallNotFound: there is no such capital call.
	ErrCapitalCallNotFound = fault.New(fault.NotFound, "capital_call_not_found", "there is no such capital call")
	// ErrCallExists: the offering has a call of this number.
	ErrCallExists = fault.New(fault.Conflict, "capital_call_exists", "the offering has a call of this number").On("number")
	// ErrCallLineExists: the call has a line for this subscription.
	ErrCallLineExists = fault.New(fault.Conflict, "capital_call_line_exists", "the call has a line for this subscription").On("subscription_id")
	// ErrCallSchedule: a call is due before its notice.
	ErrCallSchedule = fault.New(fault.Invalid, fault.CodeInverted, "the call is due before its notice").On("due_date")
	// ErrCallReceipt: more came in than was called, or less than the status says.
	ErrCallReceipt = fault.New(fault.Invalid, "capital_call_receipt_inconsistent", "what came in contradicts the call").On("received")
)

// capitalCalls is the repository of CapitalCall rows, newest first.
var capitalCalls = store.Repo[CapitalCall]{
	NotFound:    ErrCapitalCallNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *CapitalCall) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// capitalCallLines is the repository of CapitalCallLine rows, by subscription,
// which is the order in which people committed.
var capitalCallLines = store.Repo[CapitalCallLine]{
	NotFound:    ErrCapitalCallNotFound,
	Constraints: constraints,
	Sort: store.Sort[CapitalCallLine]{
		Columns: []store.Column{{Name: "subscription_id", Type: "uuid"}, {Name: "id", Type: "uuid"}},
		Key:     func(l *CapitalCallLine) []string { return []string{l.SubscriptionID.String(), l.ID.String()} },
	},
}

// Valid reports whether c is one of the call statuses.
func (c CallStatus) Valid() bool {
	switch c {
	case CallStatusDraft, CallStatusIssued, CallStatusCompleted, CallStatusCancelled:
		return true
	}
	return false
}

// CapitalCall asks the investors of an offering for a part of their commitments.
// Calls of an offering are numbered from 1.
type CapitalCall struct {
	bun.BaseModel `bun:"table:investments.capital_calls,alias:cc" json:"-"`

	ID          id.Of[CapitalCall] `bun:"id,pk" json:"id"`
	OfferingID  id.Of[Offering]    `bun:"opportunity_id" json:"offering_id"`
	Number      int                `bun:"number" json:"number"`
	NoticeDate  *date.Date         `bun:"notice_date" json:"notice_date"`
	DueDate     date.Date          `bun:"due_date" json:"due_date"`
	TotalAmount money.Amount       `bun:"total_amount" json:"total_amount"`
	Status      CallStatus         `bun:"status" json:"status"`
	Notes       *string            `bun:"notes" json:"notes"`
	CreatedBy   *id.Of[auth.User]  `bun:"created_by" json:"created_by"`
	Version     int64              `bun:"version" json:"version"`
	CreatedAt   time.Time          `bun:"created_at" json:"created_at"`
	UpdatedAt   time.Time          `bun:"updated_at" json:"updated_at"`
}

// CallLineStatus says what came in on a line of a call.
type CallLineStatus string

// The line statuses.
const (
	CallLineStatusOpen      CallLineStatus = "open"
	CallLineStatusPartial   CallLineStatus = "partial"
	CallLineStatusReceived  CallLineStatus = "received"
	CallLineStatusCancelled CallLineStatus = "cancelled"
)

// Valid reports whether c is one of the line statuses.
func (c CallLineStatus) Valid() bool {
	switch c {
	case CallLineStatusOpen, CallLineStatusPartial, CallLineStatusReceived, CallLineStatusCancelled:
		return true
	}
	return false
}

// CapitalCallLine is what a call asks of one subscription and what came in.
// ReceivedDate is the date of the last receipt.
type CapitalCallLine struct {
	bun.BaseModel `bun:"table:investments.capital_call_lines,alias:cl" json:"-"`

	ID             id.Of[CapitalCallLine] `bun:"id,pk" json:"id"`
	CapitalCallID  id.Of[CapitalCall]     `bun:"capital_call_id" json:"capital_call_id"`
	SubscriptionID id.Of[Subscription]    `bun:"subscription_id" json:"subscription_id"`
	InvestorID     id.Of[auth.User]       `bun:"investor_id" json:"investor_id"`
	Amount         money.Amount           `bun:"amount" json:"amount"`
	Received       money.Amount           `bun:"received" json:"received"`
	ReceivedDate   *date.Date             `bun:"received_date" json:"received_date"`
	Status         CallLineStatus         `bun:"status" json:"status"`
	Version        int64                  `bun:"version" json:"version"`
	CreatedAt      time.Time              `bun:"created_at" json:"created_at"`
	UpdatedAt      time.Time              `bun:"updated_at" json:"updated_at"`
}
