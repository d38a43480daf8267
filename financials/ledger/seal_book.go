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
	Ordinal    int64          `bun:"ordinal" json:"ordinal"`
	SealedID   id.Of[Journal] `bun:"sealed_id" json:"sealed_id"`
	SealedHash []byte         `bun:"sealed_hash" json:"sealed_hash"`
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
		list, err := unsealed(ctx, tx, book, last, cmp.Or(p.Limit, MaxSeal))
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
