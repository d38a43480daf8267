package investments

import (
	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The aggregates that this domain's events are about; the id is that of the row.
const (
	aggregateOffering     = "offering"
	aggregateAccount      = "investor_account"
	aggregateInstruction  = "payment_instruction"
	aggregateStatement    = "statement"
	aggregateSubscription = "subscription"
	aggregateCall         = "capital_call"
	aggregateTransfer     = "transfer"
	aggregateWriteOff     = "write_off"
)

// OfferingCreated says that an offering was put on record as a draft.
type OfferingCreated struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
	BookID     *id.Of[ledger.Book]        `json:"book_id"`
	HardCap    *money.Amount              `json:"hard_cap,omitempty"`
}

// EventType names the event.
func (OfferingCreated) EventType() (string, int) { return "investments.offering_created", 1 }

// OfferingOpened says that an offering takes commitments.
type OfferingOpened struct {
	PropertyID  id.Of[properties.Property] `json:"property_id"`
	TargetRaise *money.Amount              `json:"target_raise,omitempty"`
	HardCap     *money.Amount              `json:"hard_cap,omitempty"`
}

// EventType names the event.
func (OfferingOpened) EventType() (string, int) { return "investments.offering_opened", 1 }

// OfferingClosed says that an offering takes no more commitments.
type OfferingClosed struct {
	CommittedAmount money.Amount `json:"committed_amount"`
	AmountRaised    money.Amount `json:"amount_raised"`
}

// EventType names the event.
func (OfferingClosed) EventType() (string, int) { return "investments.offering_closed", 1 }

// RaiseCompleted says that the raise of an offering is complete. Who was still
// on its waitlist is cancelled; no event of their own tells.
type RaiseCompleted struct {
	AmountRaised  money.Amount `json:"amount_raised"`
	InvestorCount int          `json:"investor_count"`
	Cancelled     int          `json:"cancelled"` // subscriptions on the waitlist
}

// EventType names the event.
func (RaiseCompleted) EventType() (string, int) { return "investments.raise_completed", 1 }

// OfferingCancelled says that an offering was called off, with its commitments,
// waitlist and calls; no events of their own tell of those.
type OfferingCancelled struct {
	Subscriptions int `json:"subscriptions"` // that ended, the waitlist included
	CapitalCalls  int `json:"capital_calls"` // that were withdrawn
}

// EventType names the event.
func (OfferingCancelled) EventType() (string, int) { return "investments.offering_cancelled", 1 }

// OfferingTermsSet says that terms are in force for the distributions dated on
// or after a day.
type OfferingTermsSet struct {
	TermsID       id.Of[TermsVersion] `json:"terms_id"`
	Version       int64               `json:"version"`
	EffectiveDate date.Date           `json:"effective_date"`
	TermsHash     string              `json:"terms_hash"` // SHA-256 in hexadecimal
	CreatedBy     *id.Of[auth.User]   `json:"created_by,omitempty"`
}

// EventType names the event.
func (OfferingTermsSet) EventType() (string, int) { return "investments.offering_terms_set", 1 }

// OfferingScaledBack says that the commitments of an offering were lessened pro
// rata. It is the one event of the command: what each keeps stands in the
// subscriptions.
type OfferingScaledBack struct {
	Subscriptions   int          `json:"subscriptions"` // that were scaled, the admitted ones included
	Admitted        int          `json:"admitted"`      // from the waitlist
	Total           money.Amount `json:"total"`         // what the scaled ones keep together
	CommittedAmount money.Amount `json:"committed_amount"`
}

// EventType names the event.
func (OfferingScaledBack) EventType() (string, int) { return "investments.offering_scaled_back", 1 }

// AccountOpened says that an investor has an account to invest under.
type AccountOpened struct {
	InvestorID      id.Of[auth.User]  `json:"investor_id"`
	JointInvestorID *id.Of[auth.User] `json:"joint_investor_id,omitempty"`
	Type            AccountType       `json:"type"`
	IsSponsor       bool              `json:"is_sponsor"`
}

// EventType names the event.
func (AccountOpened) EventType() (string, int) { return "investments.account_opened", 1 }

// AccountTaxIDChanged says that the tax id of an account was set; never to what.
type AccountTaxIDChanged struct {
	InvestorID id.Of[auth.User] `json:"investor_id"`
}

// EventType names the event.
func (AccountTaxIDChanged) EventType() (string, int) { return "investments.account_tax_id_changed", 1 }

// PaymentInstructionRequested says that payment instructions wait for a second
// person.
type PaymentInstructionRequested struct {
	InvestorID  id.Of[auth.User] `json:"investor_id"`
	AccountID   *id.Of[Account]  `json:"account_id,omitempty"`
	Method      PaymentMethod    `json:"method"`
	RequestedBy id.Of[auth.User] `json:"requested_by"`
}

// EventType names the event.
func (PaymentInstructionRequested) EventType() (string, int) {
	return "investments.payment_instruction_requested", 1
}

// PaymentInstructionApproved says that payment instructions are in force, and
// those in force until then no longer.
type PaymentInstructionApproved struct {
	InvestorID id.Of[auth.User] `json:"investor_id"`
	AccountID  *id.Of[Account]  `json:"account_id,omitempty"`
	Method     PaymentMethod    `json:"method"`
	DecidedBy  id.Of[auth.User] `json:"decided_by"`
}

// EventType names the event.
func (PaymentInstructionApproved) EventType() (string, int) {
	return "investments.payment_instruction_approved", 1
}

// PaymentInstructionRejected says that payment instructions were refused.
type PaymentInstructionRejected struct {
	InvestorID id.Of[auth.User] `json:"investor_id"`
	AccountID  *id.Of[Account]  `json:"account_id,omitempty"`
	DecidedBy  id.Of[auth.User] `json:"decided_by"`
}

// EventType names the event.
func (PaymentInstructionRejected) EventType() (string, int) {
	return "investments.payment_instruction_rejected", 1
}

// StatementPrepared says that a statement was drawn up as a draft, or anew.
type StatementPrepared struct {
	InvestorID  id.Of[auth.User] `json:"investor_id"`
	Type        StatementType    `json:"type"`
	PeriodStart date.Date        `json:"period_start"`
	PeriodEnd   date.Date        `json:"period_end"`
	Version     int64            `json:"version"`
}

// EventType names the event.
func (StatementPrepared) EventType() (string, int) { return "investments.statement_prepared", 1 }
