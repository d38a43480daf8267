package ledger

import (
	"cmp"
	"context"
	"encoding/hex"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// member is a journal of a seal, or one that is about to be.
type member struct {
	Journal    `bun:",extend" json:"journal"`
	Position   int64          `bun:"position" json:"position"` // 0 before it is sealed
	Ordinal    int64          `bun:"ordinal" json:"ordinal"`
	SealedID   id.Of[Journal] `bun:"sealed_id" json:"sealed_id"`
	SealedHash []byte         `bun:"sealed_hash" json:"sealed_hash"`
}

// before reports whether m comes before a place in a seal.
func (m *member) before(position, ordinal int64) bool {
	return m.Position < position || m.Position == position && m.Ordinal < ordinal
}

// SealParams says which book to seal, and how many journals at the most.
type SealParams struct {
	BookID id.Of[Book]
	Limit  int // 1 to MaxSeal; 0 is MaxSeal
}

// Seal links committed journals of a book that are in no seal yet
// into the book's hash chain, and returns the new seal, or nil
// when there is nothing to seal. Call it from a job until it returns nil.
//
// It takes the journals in the order in which they were recorded. It waits for
// no journal in flight, and none waits for it: what is committed after it looked
// is in the next seal. Sealers of one book wait for each other, by the book's
// row. It is one transaction: a killed one leaves nothing.
//
// Keep the position and hash of the newest seal outside the database from time
// to time: whoever can rewrite all of a database can rewrite a chain, but not
// your copy. [Service.SealAt] reads a seal to compare.
//
// It returns [ErrBookNotFound]; [ErrSealing] is possible only inside a
// transaction of a stricter isolation level.
func (s *Service) Seal(ctx context.Context, db bun.IDB, p SealParams) (*Seal, error) {
	var f check.Fields
	f.Given("book_id", p.BookID)
	f.Integer("limit", &p.Limit, 0, MaxSeal)
	if err := f.Err(); err != nil {
		return nil, err
	}
	book := p.BookID
	var out *Seal
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		if _, err := books.Lock(ctx, tx, book); err != nil {
			return err
		}
		last, err := head(ctx, tx, book)
		if err != nil {
			return err
		}
		list, err := takeUnsealed(ctx, tx, book, cmp.Or(p.Limit, MaxSeal))
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

// takeUnsealed takes the journals to seal next off the list of those without a
// seal. Each journal is looked up by its key, whatever the server knows of how many there are.
func takeUnsealed(ctx context.Context, tx bun.IDB, book id.Of[Book], limit int) ([]member, error) {
	var rows []member
	err := store.Read(ctx, tx, tx.NewRaw(`WITH next AS (DELETE FROM financials.unsealed_journals u WHERE u.book_id = ?0 AND (u.recorded_at, u.journal_id) IN
			(SELECT recorded_at, journal_id FROM financials.unsealed_journals WHERE book_id = ?0 ORDER BY 1, 2 LIMIT ?1) RETURNING u.journal_id)
		SELECT j.id, j.content_hash, j.recorded_at FROM next n
		CROSS JOIN LATERAL (SELECT id, content_hash, recorded_at FROM financials.journals WHERE id = n.journal_id AND book_id = ?0 OFFSET 0) j
		ORDER BY j.recorded_at, j.id`, book, limit), &rows)
	return rows, store.Err(err, constraints)
}
