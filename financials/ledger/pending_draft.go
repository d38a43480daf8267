package ledger

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// DraftParams is a pending journal: what it will post, and until when it may.
// The ID, when given, becomes the journal's too.
type DraftParams struct {
	PostParams
	ExpiresAt *time.Time // by the database's clock; nil never expires
}

// Draft writes a pending journal, which touches no balance and may be dated
// anywhere: posting judges that. The same key or ID with the same request returns
// the first draft, whatever became of it, and with another one [ErrKeyReused] or
// [ErrJournalExists]. It returns [ErrForeignAccount] and all field errors at
// once.
func (s *Service) Draft(ctx context.Context, db bun.IDB, p DraftParams) (*PendingJournal, error) {
	var f check.Fields
	p.check(&f, "")
	if err := f.Err(); err != nil {
		return nil, err
	}
	heads, lines := s.build([]PostParams{p.PostParams})
	j := &heads[0]
	d := &PendingJournal{
		ID: id.Cast[PendingJournal](j.ID), BookID: j.BookID, EffectiveDate: j.EffectiveDate, Description: j.Description,
		SourceType: j.SourceType, SourceID: j.SourceID, Adjusting: j.Adjusting, CommandID: j.CommandID,
		IdempotencyKey: j.IdempotencyKey, Actor: j.Actor, Status: PendingStatusPending, Version: 1, CreatedAt: j.RecordedAt, UpdatedAt: j.RecordedAt,
	}
	if p.ExpiresAt != nil {
		at := p.ExpiresAt.UTC().Truncate(time.Microsecond)
		d.ExpiresAt = &at
	}
	rows := make([]PendingPosting, len(lines))
	for i, l := range lines {
		rows[i] = PendingPosting{PendingJournalID: d.ID, Line: l.Line, BookID: l.BookID, DebitAccount: l.DebitAccount,
			CreditAccount: l.CreditAccount, Amount: l.Amount, SubledgerID: l.SubledgerID, Memo: l.Memo}
	}
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		if err := pendingJournals.Insert(ctx, tx, d); err != nil {
			return err
		}
		if !p.ID.IsZero() { // the key carries the book, and the id of a draft is one in all books
			n, err := store.Count(ctx, tx, tx.NewSelect().Model((*PendingJournal)(nil)).Where("lq.id = ?", d.ID))
			if err != nil {
				return store.Err(err, constraints)
			}
			if n > 1 {
				return ErrJournalExists.On("id")
			}
		}
		return pendingPostings.InsertAll(ctx, tx, rows)
	})
	if errors.Is(err, ErrJournalExists) && (d.IdempotencyKey != nil || !p.ID.IsZero()) {
		return redraft(ctx, db, d, !p.ID.IsZero(), j, lines, err)
	}
	if err != nil {
		return nil, err
	}
	return d, nil
}

// redraft returns the draft that an earlier call made with the key or the id of d.
func redraft(ctx context.Context, db bun.IDB, d *PendingJournal, named bool, j *Journal, lines []Posting, cause error) (*PendingJournal, error) {
	first, err := pendingJournals.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		if d.IdempotencyKey == nil {
			return q.Where("lq.id = ?", d.ID)
		}
		return q.Where("lq.book_id = ? AND lq.idempotency_key = ?", d.BookID, *d.IdempotencyKey)
	})
	if err != nil {
		return nil, err
	}
	if len(first) == 0 {
		return nil, cause
	}
	was := &first[0]
	then, thenLines, err := was.journal(ctx, db, was.Actor, j.RecordedAt)
	if err != nil {
		return nil, err
	}
	if !named {
		j.ID = then.ID
	}
	j.CommandID = then.CommandID
	sameExpiry := (d.ExpiresAt == nil) == (was.ExpiresAt == nil) && (d.ExpiresAt == nil || d.ExpiresAt.Equal(*was.ExpiresAt))
	if !sameExpiry || !bytes.Equal(contentHash(j, lines), contentHash(then, thenLines)) {
		if d.IdempotencyKey == nil {
			return nil, ErrJournalExists.On("id")
		}
		return nil, ErrKeyReused
	}
	return was, nil
}
