package investments

import (
	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The payloads of the events that distributions emit. Those whose names a status
// has already end in Event.

// distributionEvent is an event of the aggregate "distribution".
func distributionEvent(v id.Of[Distribution], p store.Payload) store.Emission {
	return store.Event("distribution", v, p)
}

// DistributionDeclared is the payload of "investments.distribution_declared".
type DistributionDeclared struct {
	OfferingID  id.Of[Offering]              `json:"offering_id"`
	Type        *DistributionType            `json:"type,omitempty"`
	Character   *Character                   `json:"character,omitempty"`
	Method      *Method                      `json:"method,omitempty"`
	Date        date.Date                    `json:"date"`
	RecordDate  *date.Date                   `json:"record_date,omitempty"`
	Total       money.Amount                 `json:"total"`
	Currency    string                       `json:"currency"`
	Lines       int                          `json:"lines"`
	TermsID     *id.Of[TermsVersion]         `json:"terms_id,omitempty"`
	WorksheetID *id.Of[financials.Worksheet] `json:"worksheet_id,omitempty"`
	CreatedBy   *id.Of[auth.User]            `json:"created_by,omitempty"`
}

// EventType implements the outbox's payload.
func (DistributionDeclared) EventType() (string, int) { return "investments.distribution_declared", 1 }

// DistributionApprovalGiven is the payload of
// "investments.distribution_approval_given": one person agreed.
type DistributionApprovalGiven struct {
	By       id.Of[auth.User] `json:"by"`
	Agreed   int              `json:"agreed"`
	Required int              `json:"required"`
}

// EventType implements the outbox's payload.
func (DistributionApprovalGiven) EventType() (string, int) {
	return "investments.distribution_approval_given", 1
}

// DistributionApproved is the payload of "investments.distribution_approved":
// enough people agreed, and the distribution was booked.
type DistributionApproved struct {
	Total     money.Amount          `json:"total"`
	JournalID id.Of[ledger.Journal] `json:"journal_id"`
}

// EventType implements the outbox's payload.
func (DistributionApproved) EventType() (string, int) {
	return "investments.distribution_approved", 1
}

// DistributionRejected is the payload of "investments.distribution_rejected".
type DistributionRejected struct {
	By id.Of[auth.User] `json:"by"`
}

// EventType implements the outbox's payload.
func (DistributionRejected) EventType() (string, int) { return "investments.distribution_rejected", 1 }

// DistributionCancelled is the payload of "investments.distribution_cancelled":
// it was withdrawn before it was booked.
type DistributionCancelled struct {
	Total money.Amount `json:"total"`
}

// EventType implements the outbox's payload.
func (DistributionCancelled) EventType() (string, int) {
	return "investments.distribution_cancelled", 1
}

// PaymentsSubmitted is the payload of
// "investments.payments_submitted": payments were handed to the bank.
type PaymentsSubmitted struct {
	CommandID id.Of[ledger.Command] `json:"command_id"`
	Date      date.Date             `json:"date"`
	Method    PaymentMethod         `json:"method"`
	Payments  int                   `json:"payments"`
	Total     money.Amount          `json:"total"` // net of tax
}

// EventType implements the outbox's payload.
func (PaymentsSubmitted) EventType() (string, int) {
	return "investments.payments_submitted", 1
}

// PaymentsConfirmed is the payload of "investments.payments_confirmed": payments
// that reached their payees, all at once or in parts.
type PaymentsConfirmed struct {
	CommandID id.Of[ledger.Command] `json:"command_id"`
	Date      date.Date             `json:"date"`
	Payments  int                   `json:"payments"`
	Total     money.Amount          `json:"total"` // net of tax
}

// EventType implements the outbox's payload.
func (PaymentsConfirmed) EventType() (string, int) { return "investments.payments_confirmed", 1 }

// DistributionCompleted is the payload of "investments.distribution_completed":
// nothing of it waits for payment any more.
type DistributionCompleted struct {
	Total money.Amount `json:"total"`
}

// EventType implements the outbox's payload.
func (DistributionCompleted) EventType() (string, int) {
	return "investments.distribution_completed", 1
}

// PaymentFailed is the payload of "investments.payment_failed".
type PaymentFailed struct {
	LineID  id.Of[DistributionLine] `json:"line_id"`
	Date    date.Date               `json:"date"`
	Amount  money.Amount            `json:"amount"` // net of tax
	Attempt int                     `json:"attempt"`
}

// EventType implements the outbox's payload.
func (PaymentFailed) EventType() (string, int) { return "investments.payment_failed", 1 }

// PaymentReissued is the payload of "investments.payment_reissued".
type PaymentReissued struct {
	LineID  id.Of[DistributionLine] `json:"line_id"`
	Date    date.Date               `json:"date"`
	Method  PaymentMethod           `json:"method"`
	Amount  money.Amount            `json:"amount"` // net of tax
	Attempt int                     `json:"attempt"`
	Status  PaymentStatus           `json:"status"` // sent, or completed
}

// EventType implements the outbox's payload.
func (PaymentReissued) EventType() (string, int) { return "investments.payment_reissued", 1 }

// DistributionReversed is the payload of "investments.distribution_reversed".
type DistributionReversed struct {
	CommandID   id.Of[ledger.Command] `json:"command_id"`
	JournalID   id.Of[ledger.Journal] `json:"journal_id"`
	Date        date.Date             `json:"date"`
	Total       money.Amount          `json:"total"`
	Recoverable money.Amount          `json:"recoverable"` // paid, and to be paid back
}

// EventType implements the outbox's payload.
func (DistributionReversed) EventType() (string, int) {
	return "investments.distribution_reversed", 1
}

// RecoveryReceived is the payload of "investments.recovery_received": money of a
// reversed distribution came back.
type RecoveryReceived struct {
	CommandID id.Of[ledger.Command]   `json:"command_id"`
	LineID    id.Of[DistributionLine] `json:"line_id"`
	Date      date.Date               `json:"date"`
	Amount    money.Amount            `json:"amount"`
}

// EventType implements the outbox's payload.
func (RecoveryReceived) EventType() (string, int) { return "investments.recovery_received", 1 }

// DebtsBilled is the payload of "investments.debts_billed": an approved true-up took
// more from payees than it gives them, and they owe it.
type DebtsBilled struct {
	CommandID id.Of[ledger.Command] `json:"command_id"`
	Date      date.Date             `json:"date"`
	Lines     int                   `json:"lines"`
	Total     money.Amount          `json:"total"`
}

// EventType implements the outbox's payload.
func (DebtsBilled) EventType() (string, int) { return "investments.debts_billed", 1 }

// WriteOffRequested is the payload of "investments.write_off_requested", of the
// aggregate "write_off".
type WriteOffRequested struct {
	OfferingID  id.Of[Offering]  `json:"offering_id"`
	Amount      money.Amount     `json:"amount"`
	Date        date.Date        `json:"date"`
	RequestedBy id.Of[auth.User] `json:"requested_by"`
}

// EventType implements the outbox's payload.
func (WriteOffRequested) EventType() (string, int) { return "investments.write_off_requested", 1 }

// WriteOffBooked is the payload of "investments.write_off_approved", of the
// aggregate "write_off".
type WriteOffBooked struct {
	OfferingID id.Of[Offering]       `json:"offering_id"`
	Amount     money.Amount          `json:"amount"`
	Date       date.Date             `json:"date"`
	DecidedBy  id.Of[auth.User]      `json:"decided_by"`
	JournalID  id.Of[ledger.Journal] `json:"journal_id"`
}

// EventType implements the outbox's payload.
func (WriteOffBooked) EventType() (string, int) { return "investments.write_off_approved", 1 }

// WriteOffRefused is the payload of "investments.write_off_rejected", of the
// aggregate "write_off".
type WriteOffRefused struct {
	OfferingID id.Of[Offering]  `json:"offering_id"`
	DecidedBy  id.Of[auth.User] `json:"decided_by"`
}

// EventType implements the outbox's payload.
func (WriteOffRefused) EventType() (string, int) { return "investments.write_off_rejected", 1 }

// WithholdingRemitted is the payload of "investments.withholding_remitted", of
// the aggregate "offering": withheld tax went to whom it is owed.
type WithholdingRemitted struct {
	JournalID id.Of[ledger.Journal] `json:"journal_id"`
	Date      date.Date             `json:"date"`
	Amount    money.Amount          `json:"amount"`
}

// EventType implements the outbox's payload.
func (WithholdingRemitted) EventType() (string, int) { return "investments.withholding_remitted", 1 }
