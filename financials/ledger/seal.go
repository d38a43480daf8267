package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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

// Seal is a link of a book's hash chain: the journals that were committed and
// not sealed yet, tied to the seal before. Hash covers every other column of
// it, and of each of its journals the place, the id, the transaction's number
// and the content hash, which covers the rest of the journal and its postings.
type Seal struct {
	bun.BaseModel `bun:"table:freehold.ledger_seals,alias:le" json:"-"`

	ID              id.Of[Seal]    `bun:"id,pk" json:"id"`
	BookID          id.Of[Book]    `bun:"book_id" json:"book_id"`
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
	BookID      id.Of[Book]    `bun:"book_id" json:"book_id"`
	Position    int64          `bun:"position" json:"position"`
	Ordinal     int64          `bun:"ordinal" json:"ordinal"`
	ContentHash []byte         `bun:"content_hash" json:"content_hash"`
}

var seals = store.Repo[Seal]{NotFound: ErrSealNotFound, Constraints: sealing}

// sealing says what it means that another sealer was first. It happens only
// where the caller's transaction looks at the past.
var sealing = store.Constraints{
	"uk_ledger_seals_book_id_position": ErrSealing,
	"pk_sealed_journals":               ErrSealing,
}

// link is the hash of s over its journals, in their order.
func (s *Seal) link(members []member) []byte {
	w := hasher{sha256.New()}
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
		w.text(strconv.FormatInt(m.TxID, 10))
		w.text(string(m.SealedHash))
	}
	return w.Sum(nil)
}

// member is a journal of a seal, or one that is about to be.
type member struct {
	Journal    `bun:",extend" json:"journal"`
	Ordinal    int64          `bun:"ordinal" json:"ordinal"`
	SealedID   id.Of[Journal] `bun:"sealed_id" json:"sealed_id"`
	SealedHash []byte         `bun:"sealed_hash" json:"sealed_hash"`
}

// Seal links up to limit committed journals of a book that are in no seal yet
// into the book's hash chain (0 is [MaxSeal]), and returns the new seal, or nil
// when there is nothing to seal. Call it from a job until it returns nil.
//
// It goes no further than the oldest transaction in flight, so that the chain
// has the order of transactions and posting never waits for it; what it leaves
// out the next call takes. Sealers of one book wait for each other. It is one
// transaction: a killed one leaves nothing.
//
// Keep the position and hash of the newest seal outside the database from time
// to time: whoever can rewrite all of a database can rewrite a chain, but not
// your copy. [Service.SealAt] reads a seal to compare.
//
// It returns [ErrBookNotFound]; [ErrSealing] is possible only inside a
// transaction of a stricter isolation level.
func (s *Service) Seal(ctx context.Context, db bun.IDB, book id.Of[Book], limit int) (*Seal, error) {
	if limit < 0 || limit > MaxSeal {
		return nil, store.ErrCheck.On("limit").With("0 to %d", MaxSeal)
	}
	if limit == 0 {
		limit = MaxSeal
	}
	var out *Seal
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		if err := lockName(ctx, tx, "freehold.seal:"+book.String()); err != nil {
			return err
		}
		if _, err := books.Get(ctx, tx, book); err != nil {
			return err
		}
		last, err := head(ctx, tx, book)
		if err != nil {
			return err
		}
		list, err := unsealed(ctx, tx, book, last, limit)
		if err != nil || len(list) == 0 {
			return err
		}
		out = s.seal(book, last, list)
		if err := seals.Insert(ctx, tx, out); err != nil {
			return err
		}
		rows := make([]sealedJournal, len(list))
		for i, m := range list {
			rows[i] = sealedJournal{JournalID: m.ID, BookID: book, Position: out.Position, Ordinal: m.Ordinal, ContentHash: m.ContentHash}
		}
		if err := store.Bulk(ctx, tx, rows); err != nil {
			return store.Err(err, sealing)
		}
		return s.hooks.Emit(ctx, tx, out.SealedAt, store.Event(aggregateBook, book,
			BookSealed{out.ID, out.Position, out.JournalCount, hex.EncodeToString(out.Hash)}))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (s *Service) seal(book id.Of[Book], last *Seal, list []member) *Seal {
	out := &Seal{ID: id.New[Seal](), BookID: book, Position: 1, FirstJournalID: list[0].ID, LastJournalID: list[len(list)-1].ID,
		FirstRecordedAt: list[0].RecordedAt, LastRecordedAt: list[0].RecordedAt, JournalCount: int64(len(list)), SealedAt: s.now()}
	if last != nil {
		out.Position, out.PreviousHash = last.Position+1, last.Hash
	}
	for i := range list {
		m := &list[i]
		m.Ordinal, m.SealedID, m.SealedHash = int64(i+1), m.ID, m.ContentHash
		if m.RecordedAt.Before(out.FirstRecordedAt) {
			out.FirstRecordedAt = m.RecordedAt
		}
		if m.RecordedAt.After(out.LastRecordedAt) {
			out.LastRecordedAt = m.RecordedAt
		}
	}
	out.Hash = out.link(list)
	return out
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

// unsealed reads the journals to seal next, in the order of transactions.
//
// Every transaction below the oldest one in flight is over, so whatever it
// wrote is sealed or visible now, and nothing below the last sealed number is
// left: the search starts there. A database that was restored into another
// cluster counts transactions anew: numbers at or above the server's next one
// are of the old cluster, were committed there, and are sealed first; after
// them the search starts from nothing once.
func unsealed(ctx context.Context, tx bun.IDB, book id.Of[Book], last *Seal, limit int) ([]member, error) {
	var now struct{ Next, From int64 }
	err := tx.NewRaw("SELECT "+nextNumber+` AS next, COALESCE((SELECT tx_id FROM financials.journals WHERE id = ?), 0) AS "from"`,
		lastJournal(last)).Scan(ctx, &now.Next, &now.From)
	if err != nil {
		return nil, store.Err(err, constraints)
	}
	if last == nil || now.From >= now.Next {
		restored, err := numbered(ctx, tx, book, "j.tx_id >= "+nextNumber, limit)
		if err != nil || len(restored) > 0 {
			return restored, err
		}
		now.From = 0
	}
	return numbered(ctx, tx, book, "j.tx_id >= ? AND j.tx_id < (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint)", limit, now.From)
}

// nextNumber is above the numbers of all transactions of this cluster whose
// rows the statement sees. It belongs into the statement that reads the rows:
// another one would see more.
const nextNumber = `(SELECT GREATEST(pg_snapshot_xmax(pg_current_snapshot())::text::bigint, pg_current_xact_id_if_assigned()::text::bigint + 1))`

// numbered reads journals without a seal whose transactions' numbers meet a
// condition.
func numbered(ctx context.Context, tx bun.IDB, book id.Of[Book], condition string, limit int, args ...any) ([]member, error) {
	var rows []member
	err := tx.NewRaw(`SELECT j.id, j.tx_id, j.content_hash, j.recorded_at FROM financials.journals j
		WHERE j.book_id = ? AND j.tx_id > 0 AND `+condition+`
			AND NOT EXISTS (SELECT FROM freehold.sealed_journals s WHERE s.journal_id = j.id)
		ORDER BY j.tx_id, j.id LIMIT ?`, append(append([]any{book}, args...), limit)...).Scan(ctx, &rows)
	return rows, store.Err(err, constraints)
}

func lastJournal(s *Seal) *id.Of[Journal] {
	if s == nil {
		return nil
	}
	return &s.LastJournalID
}
