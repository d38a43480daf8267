package ledger

import (
	"bytes"
	"context"
	"encoding/hex"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
)

// KeepMarkParams is a mark to keep.
type KeepMarkParams struct{ Mark Mark }

// KeepMark stores a mark that [Service.Verify] or [Proofs.VerifyNew] made, perhaps on
// a standby, so that the next VerifyNew goes on from it. Keeping it again changes
// nothing. It locks the book.
//
// It proves nothing by itself: a mark that nobody's Verify made is [ErrMark] if its
// hash or its seal's is wrong, and cannot be told from a right one otherwise. Keep a
// copy of the newest outside of the database, as of the newest seal, and give it to
// VerifyNew from time to time.
//
// It returns [ErrBookNotFound], and [ErrMarkPassed] when another mark came first.
func (s *Proofs) KeepMark(ctx context.Context, db bun.IDB, p KeepMarkParams) (*Mark, error) {
	mark := p.Mark
	if !bytes.Equal(mark.Hash, mark.digest()) {
		return nil, ErrMark
	}
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		if _, err := books.Lock(ctx, tx, mark.BookID); err != nil {
			return err
		}
		last, err := lastMark(ctx, tx, mark.BookID)
		if err != nil {
			return err
		}
		if last != nil && bytes.Equal(last.Hash, mark.Hash) {
			return nil
		}
		if !mark.follows(last) {
			return ErrMarkPassed
		}
		seal, err := s.books.SealAt(ctx, tx, mark.BookID, mark.Position)
		if err != nil {
			return err
		}
		if !bytes.Equal(seal.Hash, mark.SealHash) {
			return ErrMark
		}
		if err := marks.Insert(ctx, tx, &mark); err != nil {
			return err
		}
		return s.books.hooks.Emit(ctx, tx, s.books.now(), store.Event(aggregateBook, mark.BookID,
			BookVerified{mark.Number, mark.Position, mark.JournalCount, hex.EncodeToString(mark.Hash)}))
	})
	if err != nil {
		return nil, err
	}
	return &mark, nil
}

// follows reports whether m is the next mark after last, which is nil for the first.
func (m *Mark) follows(last *Mark) bool {
	if last == nil {
		return m.Number == 1 && m.PreviousHash == nil
	}
	return m.Number == last.Number+1 && bytes.Equal(m.PreviousHash, last.Hash) && m.Position >= last.Position
}
