package ledger

import (
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// aggregateBook is what this package's events are about: a book, with its chart,
// its periods and its chain of seals.
const aggregateBook = "book"

// BookOpened says that a book takes journals.
type BookOpened struct {
	PropertyID *id.Of[properties.Property] `json:"property_id,omitempty"` // nil is an entity's book
	Currency   string                      `json:"currency"`
	Accounts   int                         `json:"accounts"`
}

// EventType names the event.
func (BookOpened) EventType() (string, int) { return "ledger.book_opened", 1 }

// AccountsAdded says that a book's chart of accounts has grown.
type AccountsAdded struct {
	Accounts int `json:"accounts"`
}

// EventType names the event.
func (AccountsAdded) EventType() (string, int) { return "ledger.accounts_added", 1 }

// AccountClosedEvent says that an account takes no more postings.
type AccountClosedEvent struct {
	AccountID id.Of[Account] `json:"account_id"`
	Code      string         `json:"code"`
}

// EventType names the event.
func (AccountClosedEvent) EventType() (string, int) { return "ledger.account_closed", 1 }

// AccountReopened says that a closed account takes postings again.
type AccountReopened struct {
	AccountID id.Of[Account] `json:"account_id"`
	Code      string         `json:"code"`
}

// EventType names the event.
func (AccountReopened) EventType() (string, int) { return "ledger.account_reopened", 1 }

// PeriodClosedEvent says that a book is closed through a day.
type PeriodClosedEvent struct {
	PeriodID    id.Of[Period]     `json:"period_id"`
	PeriodStart date.Date         `json:"period_start"`
	PeriodEnd   date.Date         `json:"period_end"`
	ClosedBy    *id.Of[auth.User] `json:"closed_by,omitempty"`
}

// EventType names the event.
func (PeriodClosedEvent) EventType() (string, int) { return "ledger.period_closed", 1 }

// PeriodReopened says that journals may be dated in a closed period again.
type PeriodReopened struct {
	PeriodID    id.Of[Period] `json:"period_id"`
	PeriodStart date.Date     `json:"period_start"`
	PeriodEnd   date.Date     `json:"period_end"`
}

// EventType names the event.
func (PeriodReopened) EventType() (string, int) { return "ledger.period_reopened", 1 }

// BookSealed says that journals were linked into a book's hash chain. The hash
// is worth keeping outside of the database.
type BookSealed struct {
	SealID       id.Of[Seal] `json:"seal_id"`
	Position     int64       `json:"position"`
	JournalCount int64       `json:"journal_count"`
	Hash         string      `json:"hash"` // SHA-256 in hexadecimal
}

// EventType names the event.
func (BookSealed) EventType() (string, int) { return "ledger.book_sealed", 1 }
