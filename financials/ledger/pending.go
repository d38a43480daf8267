package ledger

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// PendingStatus says what became of a pending journal.
type PendingStatus string

// The statuses.
const (
	Pending PendingStatus = "pending"
	Posted  PendingStatus = "posted"
	Voided  PendingStatus = "voided"
)

// Valid reports whether p is one of the statuses.
func (p PendingStatus) Valid() bool {
	switch p {
	case Pending, Posted, Voided:
		return true
	}
	return false
}

// PendingJournal is a journal that waits. Posting it copies it into a [Journal] of
// the same id, voiding discards it; it touches no balance before it is posted.
type PendingJournal struct {
	bun.BaseModel `bun:"table:financials.pending_journals,alias:lq" json:"-"`

	ID             id.Of[PendingJournal] `bun:"id,pk" json:"id"`
	BookID         id.Of[Book]           `bun:"book_id" json:"book_id"`
	EffectiveDate  date.Date             `bun:"effective_date" json:"effective_date"`
	Description    *string               `bun:"description" json:"description"`
	SourceType     *string               `bun:"source_type" json:"source_type"`
	SourceID       *id.Of[Source]        `bun:"source_id" json:"source_id"`
	ReversesID     *id.Of[Journal]       `bun:"reverses_id" json:"reverses_id"`
	Adjusting      bool                  `bun:"adjusting" json:"adjusting"`
	CommandID      *id.Of[Command]       `bun:"command_id" json:"command_id"`
	IdempotencyKey *string               `bun:"idempotency_key" json:"idempotency_key"`
	Actor          *string               `bun:"actor" json:"actor"`
	Status         PendingStatus         `bun:"status" json:"status"`

	// The posted copy; it keeps the id of its draft.
	JournalID  *id.Of[Journal] `bun:"journal_id" json:"journal_id"`
	ExpiresAt  *time.Time      `bun:"expires_at" json:"expires_at"`
	VoidReason *string         `bun:"void_reason" json:"void_reason"`
	Version    int64           `bun:"version" json:"version"`
	CreatedAt  time.Time       `bun:"created_at" json:"created_at"`
	UpdatedAt  time.Time       `bun:"updated_at" json:"updated_at"`
}

// PendingPosting is a line of a pending journal.
type PendingPosting struct {
	bun.BaseModel `bun:"table:financials.pending_postings,alias:lr" json:"-"`

	PendingJournalID id.Of[PendingJournal] `bun:"pending_journal_id,pk" json:"pending_journal_id"`
	Line             int                   `bun:"line,pk" json:"line"`
	BookID           id.Of[Book]           `bun:"book_id,pk" json:"book_id"`
	DebitAccount     id.Of[Account]        `bun:"debit_account" json:"debit_account"`
	CreditAccount    id.Of[Account]        `bun:"credit_account" json:"credit_account"`
	Amount           money.Amount          `bun:"amount" json:"amount"`
	SubledgerID      *id.Of[Subledger]     `bun:"subledger_id" json:"subledger_id"`
	Memo             *string               `bun:"memo" json:"memo"`
}
