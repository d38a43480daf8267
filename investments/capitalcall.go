package investments

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
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
