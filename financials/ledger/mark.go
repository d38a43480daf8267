package ledger

import (
	"context"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of marks.
var (
	// ErrMark: the mark is not one that Verify made, or not of this book.
	ErrMark = fault.New(fault.Invalid, "ledger_mark_invalid", "this is no mark of the book").On("mark")
	// ErrMarkPassed: another mark of the book was kept meanwhile. Verify again.
	ErrMarkPassed = fault.New(fault.Conflict, "ledger_mark_passed", "the book has another mark by now").On("mark")
)

// Mark says how far a book is proved: through the seal at Position, with the
// balances that the journals up to there come to. Hash covers every other column;
// PreviousHash is that of the mark before, so that the marks of a book are a chain.
type Mark struct {
	bun.BaseModel `bun:"table:freehold.ledger_marks,alias:lk" json:"-"`

	BookID       id.Of[Book] `bun:"book_id,pk" json:"book_id"`
	Number       int64       `bun:"number,pk" json:"number"`                     // from 1
	Position     int64       `bun:"position" json:"position"`                    // of the last seal that is proved
	SealHash     []byte      `bun:"seal_hash" json:"seal_hash"`                  // its hash
	JournalCount int64       `bun:"journal_count" json:"journal_count"`          // journals that the chain covers up to it
	BalancesHash []byte      `bun:"balances_hash" json:"balances_hash"`          // of what these journals come to, by account and subledger
	PreviousHash []byte      `bun:"previous_hash,nullzero" json:"previous_hash"` // none for the first
	Hash         []byte      `bun:"hash" json:"hash"`
	VerifiedAt   time.Time   `bun:"verified_at" json:"verified_at"`
}

// marks is the repository of Mark rows.
var marks = store.Repo[Mark]{Constraints: store.Constraints{"pk_ledger_marks": ErrMarkPassed, "fk_ledger_marks_position": ErrMark}}

// digest is the hash of m.
func (m *Mark) digest() []byte {
	w := newHasher()
	w.text(m.BookID.String())
	w.text(strconv.FormatInt(m.Number, 10))
	w.text(strconv.FormatInt(m.Position, 10))
	w.text(string(m.SealHash))
	w.text(strconv.FormatInt(m.JournalCount, 10))
	w.text(string(m.BalancesHash))
	w.text(string(m.PreviousHash))
	w.text(store.TimeKey(m.VerifiedAt))
	return w.sum()
}

// marksOf reads the marks of a book that were kept, by number.
func marksOf(ctx context.Context, db bun.IDB, book id.Of[Book]) ([]Mark, error) {
	return marks.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("lk.book_id = ?", book).OrderExpr("lk.number")
	})
}

// lastMark reads the newest mark of a book, nil when none was kept.
func lastMark(ctx context.Context, db bun.IDB, book id.Of[Book]) (*Mark, error) {
	list, err := marks.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("lk.book_id = ?", book).OrderExpr("lk.number DESC").Limit(1)
	})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// BookVerified says that a book was proved through a seal. The hash is worth
// keeping outside of the database.
type BookVerified struct {
	Number       int64  `json:"number"`
	Position     int64  `json:"position"`
	JournalCount int64  `json:"journal_count"`
	Hash         string `json:"hash"` // SHA-256 in hexadecimal
}

// EventType names the event.
func (BookVerified) EventType() (string, int) { return "ledger.book_verified", 1 }
