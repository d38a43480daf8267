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

// PendingStatus says what became of a pending journal.
type PendingStatus string

// The statuses.
const (
	PendingStatusPending PendingStatus = "pending"
	PendingStatusPosted  PendingStatus = "posted"
	PendingStatusVoided  PendingStatus = "voided"
)

// Valid reports whether p is one of the statuses.
func (p PendingStatus) Valid() bool {
	switch p {
	case PendingStatusPending, PendingStatusPosted, PendingStatusVoided:
		return true
	}
	return false
}

// The conditions of pending journals.
var (
	// ErrDraftExpired: the pending journal's time is over.
	ErrDraftExpired = fault.New(fault.Illegal, "draft_expired", "the pending journal has expired").On("expires_at")
	// ErrDraftVoided: a voided journal is not posted.
	ErrDraftVoided = fault.New(fault.Illegal, "draft_voided", "the pending journal was voided").On("status")
	// ErrDraftPosted: a posted journal is not voided but reversed.
	ErrDraftPosted = fault.New(fault.Illegal, "draft_posted", "the pending journal was posted; reverse it").On("status")
	// ErrPostedCopy: a pending journal names its copy when it is posted, and not
	// before; both have one id.
	ErrPostedCopy = fault.New(fault.Invalid, "pending_copy_inconsistent", "a posted draft, and no other, names its journal").On("journal_id")
)

// PendingJournal is a journal that waits. Posting it copies it into a [Journal] of
// the same id, voiding discards it; it touches no balance before it is posted.
type PendingJournal struct {
	bun.BaseModel `bun:"table:financials.pending_journals,alias:lq" json:"-"`

	ID             id.Of[PendingJournal] `bun:"id,pk" json:"id"`
	BookID         id.Of[Book]           `bun:"book_id,pk" json:"book_id"`
	EffectiveDate  date.Date             `bun:"effective_date" json:"effective_date"`
	Description    *string               `bun:"description" json:"description"`
	SourceType     *string               `bun:"source_type" json:"source_type"`
	SourceID       *id.Of[Source]        `bun:"source_id" json:"source_id"`
	ReversesID     *id.Of[Journal]       `bun:"reverses_id" json:"reverses_id"`
	Adjusting      bool                  `bun:"adjusting" json:"adjusting"`
	CommandID      *id.Of[Command]       `bun:"command_id" json:"command_id"`
	IdempotencyKey *string               `bun:"idempotency_key" json:"idempotency_key"`
	Actor          string                `bun:"actor" json:"actor"`
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

// pendingJournals is the repository of PendingJournal rows, newest first.
var pendingJournals = store.Repo[PendingJournal]{
	NotFound:    ErrJournalNotFound,
	Constraints: constraints,
	Within:      "book_id",
	Sort:        store.NewestFirst(func(j *PendingJournal) (time.Time, string) { return j.CreatedAt, j.ID.String() }),
}

// pendingPostings is the repository of PendingPosting rows.
var pendingPostings = store.Repo[PendingPosting]{NotFound: ErrJournalNotFound, Constraints: constraints}

// PendingJournal reads a pending journal. It returns [ErrJournalNotFound].
func (s *Service) PendingJournal(ctx context.Context, db bun.IDB, draft id.Of[PendingJournal]) (*PendingJournal, error) {
	return pendingJournals.Get(ctx, db, draft)
}

// journal makes the journal that d would be, recorded at a time, with its
// lines.
func (d *PendingJournal) journal(ctx context.Context, db bun.IDB, actor string, at time.Time) (*Journal, []Posting, error) {
	rows, err := pendingPostings.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("lr.pending_journal_id = ? AND lr.book_id = ?", d.ID, d.BookID).OrderExpr("lr.line")
	})
	if err != nil {
		return nil, nil, err
	}
	j := &Journal{
		ID: id.Cast[Journal](d.ID), BookID: d.BookID, EffectiveDate: d.EffectiveDate, Description: d.Description,
		SourceType: d.SourceType, SourceID: d.SourceID, ReversesID: d.ReversesID, Adjusting: d.Adjusting,
		CommandID: d.CommandID, IdempotencyKey: d.IdempotencyKey, Actor: actor, RecordedAt: at, LineCount: len(rows),
	}
	lines := make([]Posting, len(rows))
	for i, r := range rows {
		lines[i] = Posting{JournalID: j.ID, Line: r.Line, LineCount: j.LineCount, BookID: j.BookID, EffectiveDate: j.EffectiveDate, DebitAccount: r.DebitAccount,
			CreditAccount: r.CreditAccount, Amount: r.Amount, SubledgerID: r.SubledgerID, Memo: r.Memo}
	}
	j.ContentHash = contentHash(j, lines)
	return j, lines, nil
}
