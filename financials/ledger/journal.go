package ledger

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The conditions of journals.
var (
	// ErrKeyRequired: nothing says which journal this is when the call is run again.
	ErrKeyRequired = store.ErrKeyRequired
	// ErrKeyReused: the idempotency key is that of another journal.
	ErrKeyReused = store.ErrKeyReused
	// ErrJournalNotFound: there is no such journal.
	ErrJournalNotFound = fault.New(fault.NotFound, "journal_not_found", "there is no such journal")
	// ErrJournalExists: a journal of the book has this idempotency key, or another
	// journal the id.
	ErrJournalExists = fault.New(fault.Conflict, "journal_exists", "another journal has this key or id").On("idempotency_key")
	// ErrReversed: the journal has been reversed.
	ErrReversed = fault.New(fault.Conflict, "journal_reversed", "the journal has been reversed already").On("reverses_id")
	// ErrPeriodClosed: the journal is dated in a closed period and is not an
	// adjusting one.
	ErrPeriodClosed = fault.New(fault.Illegal, "period_closed", "the book is closed on this day").On("effective_date")
	// ErrJournalPosted: a posted journal gains no lines.
	ErrJournalPosted = fault.New(fault.Illegal, "journal_posted", "a posted journal takes no more lines").On("journal_id")
	// ErrSameAccount: a posting debits and credits one account.
	ErrSameAccount = fault.New(fault.Invalid, "posting_same_account", "a posting debits one account and credits another").On("credit_account")
	// ErrSelfReversal: a journal reverses itself.
	ErrSelfReversal = fault.New(fault.Invalid, "journal_reverses_itself", "a journal reverses another one").On("reverses_id")
	// ErrSource: a source's type and id belong together.
	ErrSource = fault.New(fault.Invalid, "journal_source_incomplete", "a source has a type and an id").On("source_id")
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
	BookID        id.Of[Book]    `bun:"book_id,pk" json:"book_id"`
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
	Actor          string          `bun:"actor" json:"actor"`
	ContentHash    []byte          `bun:"content_hash" json:"content_hash"`
	RecordedAt     time.Time       `bun:"recorded_at" json:"recorded_at"`

	// How many lines the journal has. Lines state it too, and their numbers end there: a posted journal
	// has no place for another one.
	LineCount int `bun:"line_count" json:"line_count"`
}

// Posting is a line of a journal: one account is debited, another credited, with
// the same positive amount, so that no journal can be out of balance. Lines count
// from 1 to the journal's LineCount. Book, date and count are the journal's, which the
// database enforces.
type Posting struct {
	bun.BaseModel `bun:"table:financials.postings,alias:lo" json:"-"`

	JournalID     id.Of[Journal] `bun:"journal_id,pk" json:"journal_id"`
	Line          int            `bun:"line,pk" json:"line"`
	LineCount     int            `bun:"line_count,pk" json:"line_count"` // of the journal
	BookID        id.Of[Book]    `bun:"book_id,pk" json:"book_id"`
	EffectiveDate date.Date      `bun:"effective_date,pk" json:"effective_date"`
	DebitAccount  id.Of[Account] `bun:"debit_account" json:"debit_account"`
	CreditAccount id.Of[Account] `bun:"credit_account" json:"credit_account"`
	Amount        money.Amount   `bun:"amount" json:"amount"`

	// The position that the line is about, without a foreign key: positions live above the ledger.
	SubledgerID *id.Of[Subledger] `bun:"subledger_id" json:"subledger_id"`
	Memo        *string           `bun:"memo" json:"memo"`
}

// journals is the repository of Journal rows, by effective date.
var journals = store.Repo[Journal]{
	NotFound:    ErrJournalNotFound,
	Constraints: constraints,
	Within:      "book_id",
	Sort: store.Sort[Journal]{
		Columns: []store.Column{{Name: "effective_date", Type: "date"}, {Name: "id", Type: "uuid"}},
		Key:     func(j *Journal) []string { return []string{j.EffectiveDate.String(), j.ID.String()} },
	},
}

// postings is the repository of Posting rows; they are written in bulk and read
// by queries of their own.
var postings = store.Repo[Posting]{NotFound: ErrJournalNotFound, Constraints: constraints}

// Journal reads a posted journal. It returns [ErrJournalNotFound].
func (s *Service) Journal(ctx context.Context, db bun.IDB, journal id.Of[Journal]) (*Journal, error) {
	return journals.Get(ctx, db, journal)
}

// Postings reads the lines of a journal in order.
func (s *Service) Postings(ctx context.Context, db bun.IDB, journal id.Of[Journal]) ([]Posting, error) {
	return postings.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("lo.journal_id = ?", journal).OrderExpr("lo.line")
	})
}
