package ledger

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// MaxSeal is how many journals a seal links at most.
const MaxSeal = 10_000

// The conditions of seals.
var (
	// ErrSealing: another process sealed the book meanwhile. Try again.
	ErrSealing = fault.New(fault.Unavailable, "ledger_sealing", "the book is being sealed")
	// ErrSealNotFound: the book's chain has no seal at this position.
	ErrSealNotFound = fault.New(fault.NotFound, "ledger_seal_not_found", "the chain has no seal at this position")
)

// Seal is a link of a book's hash chain: the journals that were committed and
// not sealed yet, tied to the seal before. Hash covers every other column of
// it, and of each of its journals the place, the id and the content hash, which
// covers the rest of the journal and its postings.
type Seal struct {
	bun.BaseModel `bun:"table:freehold.ledger_seals,alias:le" json:"-"`

	ID              id.Of[Seal]    `bun:"id,pk" json:"id"`
	BookID          id.Of[Book]    `bun:"book_id,pk" json:"book_id"`
	Position        int64          `bun:"position" json:"position"` // from 1
	FirstJournalID  id.Of[Journal] `bun:"first_journal_id" json:"first_journal_id"`
	LastJournalID   id.Of[Journal] `bun:"last_journal_id" json:"last_journal_id"`
	FirstRecordedAt time.Time      `bun:"first_recorded_at" json:"first_recorded_at"`
	LastRecordedAt  time.Time      `bun:"last_recorded_at" json:"last_recorded_at"`
	JournalCount    int64          `bun:"journal_count" json:"journal_count"`
	PreviousHash    []byte         `bun:"previous_hash,nullzero" json:"previous_hash"` // none for the first
	Hash            []byte         `bun:"hash" json:"hash"`
	SealedAt        time.Time      `bun:"sealed_at" json:"sealed_at"`
}

// sealedJournal is a journal's membership in a seal.
type sealedJournal struct {
	bun.BaseModel `bun:"table:freehold.sealed_journals,alias:lm" json:"-"`

	JournalID   id.Of[Journal] `bun:"journal_id,pk" json:"journal_id"`
	BookID      id.Of[Book]    `bun:"book_id,pk" json:"book_id"`
	Position    int64          `bun:"position" json:"position"`
	Ordinal     int64          `bun:"ordinal" json:"ordinal"`
	ContentHash []byte         `bun:"content_hash" json:"content_hash"`
}

var seals = store.Repo[Seal]{NotFound: ErrSealNotFound, Constraints: sealing, Within: "book_id"}

// sealing says what it means that another sealer was first. It happens only
// where the caller's transaction looks at the past.
var sealing = store.Constraints{
	"uk_ledger_seals_book_id_position": ErrSealing,
	"pk_sealed_journals":               ErrSealing,
}

// link is the hash of s over its journals, in their order.
func (s *Seal) link(members []member) []byte {
	w := newHasher()
	w.text(s.ID.String())
	w.text(s.BookID.String())
	w.text(strconv.FormatInt(s.Position, 10))
	w.text(s.FirstJournalID.String())
	w.text(s.LastJournalID.String())
	w.text(store.TimeKey(s.FirstRecordedAt))
	w.text(store.TimeKey(s.LastRecordedAt))
	w.text(strconv.FormatInt(s.JournalCount, 10))
	w.text(string(s.PreviousHash))
	w.text(store.TimeKey(s.SealedAt))
	for i := range members {
		m := &members[i]
		w.text(strconv.FormatInt(m.Ordinal, 10))
		w.text(m.SealedID.String())
		w.text(string(m.SealedHash))
	}
	return w.sum()
}

// SealAt reads the seal of a book at a position, from 1; 0 is the newest. It
// returns [ErrSealNotFound].
func (s *Service) SealAt(ctx context.Context, db bun.IDB, book id.Of[Book], position int64) (*Seal, error) {
	return seals.One(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		q = q.Where("le.book_id = ?", book).OrderExpr("le.position DESC")
		if position != 0 {
			q = q.Where("le.position = ?", position)
		}
		return q
	})
}

// head reads the newest seal of a book, nil when there is none.
func head(ctx context.Context, db bun.IDB, book id.Of[Book]) (*Seal, error) {
	last, err := seals.One(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("le.book_id = ?", book).OrderExpr("le.position DESC")
	})
	if errors.Is(err, fault.NotFound) {
		return nil, nil
	}
	return last, err
}

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
