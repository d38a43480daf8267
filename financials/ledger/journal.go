package ledger

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// Subledger stands for what a posting is about below its account, usually an
// investor's position. The ledger knows nothing of it but the id; id.Cast makes
// one.
type Subledger struct{}

// Source stands for the object that a journal came from, such as a distribution.
// Journal.SourceType says which table the id is of.
type Source struct{}

// Command stands for a unit of work of the caller. All rows that it wrote, here
// and elsewhere, carry its id.
type Command struct{}

// Journal is a posted entry of one book: a date, a reason and its postings. It
// never changes; a mistake is reversed by another journal, once. EffectiveDate is
// when it counts, RecordedAt when it was written.
//
// ContentHash is the SHA-256 of the journal and its postings in canonical form. It
// is stored with the journal; sealing links it to the others later.
type Journal struct {
	bun.BaseModel `bun:"table:financials.journals,alias:lj" json:"-"`

	ID            id.Of[Journal] `bun:"id,pk" json:"id"`
	BookID        id.Of[Book]    `bun:"book_id" json:"book_id"`
	EffectiveDate date.Date      `bun:"effective_date" json:"effective_date"`
	Description   *string        `bun:"description" json:"description"`

	// What the journal is about (a distribution, a subscription), named without a foreign key: the
	// ledger knows nothing of the domains that post to it.
	SourceType *string         `bun:"source_type" json:"source_type"`
	SourceID   *id.Of[Source]  `bun:"source_id" json:"source_id"`
	ReversesID *id.Of[Journal] `bun:"reverses_id" json:"reverses_id"`

	// An explicit exception to a closed period.
	Adjusting      bool            `bun:"adjusting" json:"adjusting"`
	CommandID      *id.Of[Command] `bun:"command_id" json:"command_id"`
	IdempotencyKey *string         `bun:"idempotency_key" json:"idempotency_key"`
	Actor          *string         `bun:"actor" json:"actor"`
	ContentHash    []byte          `bun:"content_hash" json:"content_hash"`
	RecordedAt     time.Time       `bun:"recorded_at" json:"recorded_at"`

	// The transaction that wrote the journal, by trigger. Postings join it there only, and sealing never
	// goes past the oldest transaction in flight.
	TxID int64 `bun:"tx_id" json:"tx_id"`
}

// Posting is a line of a journal: one account is debited, another credited, with
// the same positive amount, so that no journal can be out of balance. Lines count
// from 1. Book and date are the journal's, which the database enforces.
type Posting struct {
	bun.BaseModel `bun:"table:financials.postings,alias:lo" json:"-"`

	JournalID     id.Of[Journal] `bun:"journal_id,pk" json:"journal_id"`
	Line          int            `bun:"line,pk" json:"line"`
	BookID        id.Of[Book]    `bun:"book_id,pk" json:"book_id"`
	EffectiveDate date.Date      `bun:"effective_date,pk" json:"effective_date"`
	DebitAccount  id.Of[Account] `bun:"debit_account" json:"debit_account"`
	CreditAccount id.Of[Account] `bun:"credit_account" json:"credit_account"`
	Amount        money.Amount   `bun:"amount" json:"amount"`

	// The position that the line is about, without a foreign key: positions live above the ledger.
	SubledgerID *id.Of[Subledger] `bun:"subledger_id" json:"subledger_id"`
	Memo        *string           `bun:"memo" json:"memo"`
}
