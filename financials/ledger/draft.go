package ledger

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// DraftParams is a pending journal: what it will post, and until when it may.
// The ID, when given, becomes the journal's too.
type DraftParams struct {
	PostParams
	ExpiresAt *time.Time // by the database's clock; nil never expires
}

// Draft writes a pending journal, which touches no balance and may be dated
// anywhere: posting judges that. The same key with the same request returns the
// first draft, whatever became of it, and with another one
// [store.ErrKeyReused]. It returns [ErrForeignAccount] and all field errors at
// once.
func (s *Service) Draft(ctx context.Context, db bun.IDB, p DraftParams) (*PendingJournal, error) {
	var f fault.Fields
	p.check(&f, "")
	if err := f.Err(); err != nil {
		return nil, err
	}
	heads, lines := s.build([]PostParams{p.PostParams})
	j := &heads[0]
	d := &PendingJournal{
		ID: id.Cast[PendingJournal](j.ID), BookID: j.BookID, EffectiveDate: j.EffectiveDate, Description: j.Description,
		SourceType: j.SourceType, SourceID: j.SourceID, Adjusting: j.Adjusting, CommandID: j.CommandID,
		IdempotencyKey: j.IdempotencyKey, Actor: j.Actor, Status: Pending, Version: 1, CreatedAt: j.RecordedAt, UpdatedAt: j.RecordedAt,
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
		return pendingPostings.InsertAll(ctx, tx, rows)
	})
	if errors.Is(err, ErrJournalExists) && d.IdempotencyKey != nil {
		return redraft(ctx, db, d, !p.ID.IsZero(), j, lines, err)
	}
	if err != nil {
		return nil, err
	}
	return d, nil
}

// redraft returns the draft that an earlier call made with the key of d.
func redraft(ctx context.Context, db bun.IDB, d *PendingJournal, named bool, j *Journal, lines []Posting, cause error) (*PendingJournal, error) {
	first, err := pendingJournals.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("lq.book_id = ? AND lq.idempotency_key = ?", d.BookID, *d.IdempotencyKey)
	})
	if err != nil {
		return nil, err
	}
	if len(first) == 0 {
		return nil, cause
	}
	was := &first[0]
	then, thenLines, err := was.journal(ctx, db, j.RecordedAt)
	if err != nil {
		return nil, err
	}
	if !named {
		j.ID = then.ID
	}
	j.CommandID = then.CommandID
	sameExpiry := (d.ExpiresAt == nil) == (was.ExpiresAt == nil) && (d.ExpiresAt == nil || d.ExpiresAt.Equal(*was.ExpiresAt))
	if !sameExpiry || !bytes.Equal(contentHash(j, lines), contentHash(then, thenLines)) {
		return nil, store.ErrKeyReused
	}
	return was, nil
}

// journal makes the journal that d would be, recorded at a time, with its
// lines.
func (d *PendingJournal) journal(ctx context.Context, db bun.IDB, at time.Time) (*Journal, []Posting, error) {
	rows, err := pendingPostings.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("lr.pending_journal_id = ?", d.ID).OrderExpr("lr.line")
	})
	if err != nil {
		return nil, nil, err
	}
	j := &Journal{
		ID: id.Cast[Journal](d.ID), BookID: d.BookID, EffectiveDate: d.EffectiveDate, Description: d.Description,
		SourceType: d.SourceType, SourceID: d.SourceID, ReversesID: d.ReversesID, Adjusting: d.Adjusting,
		CommandID: d.CommandID, IdempotencyKey: d.IdempotencyKey, Actor: d.Actor, RecordedAt: at,
	}
	lines := make([]Posting, len(rows))
	for i, r := range rows {
		lines[i] = Posting{JournalID: j.ID, Line: r.Line, BookID: j.BookID, EffectiveDate: j.EffectiveDate, DebitAccount: r.DebitAccount,
			CreditAccount: r.CreditAccount, Amount: r.Amount, SubledgerID: r.SubledgerID, Memo: r.Memo}
	}
	j.ContentHash = contentHash(j, lines)
	return j, lines, nil
}

// lockDraft reads and locks a pending journal, and tells whether its time is
// over by the database's clock.
func lockDraft(ctx context.Context, tx bun.IDB, v id.Of[PendingJournal]) (*PendingJournal, bool, error) {
	d, err := pendingJournals.Lock(ctx, tx, v)
	if err != nil || d.ExpiresAt == nil {
		return d, false, err
	}
	var expired bool
	err = tx.NewRaw("SELECT ?::timestamptz <= clock_timestamp()", *d.ExpiresAt).Scan(ctx, &expired)
	return d, expired, store.Err(err, constraints)
}

// PostPending posts a pending journal under its own id. It locks the draft;
// posting it again returns the journal. It returns [ErrDraftVoided],
// [ErrDraftExpired] by the database's clock, [ErrJournalNotFound], and what
// [Service.Post] returns.
func (s *Service) PostPending(ctx context.Context, db bun.IDB, v id.Of[PendingJournal]) (*Journal, error) {
	var out *Journal
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		d, expired, err := lockDraft(ctx, tx, v)
		if err != nil {
			return err
		}
		if d.Status == Posted {
			out, err = journals.Get(ctx, tx, *d.JournalID)
			return err
		}
		if err := d.postable(expired); err != nil {
			return err
		}
		j, lines, err := d.journal(ctx, tx, s.now())
		if err != nil {
			return err
		}
		if err := write(ctx, tx, []Journal{*j}, lines); err != nil {
			return err
		}
		d.Status, d.JournalID = Posted, &j.ID
		out = j
		return pendingJournals.UpdateVersion(ctx, tx, d, d.Version, "status", "journal_id")
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// postable reports why d cannot be posted. It touches no database.
func (d *PendingJournal) postable(expired bool) error {
	switch {
	case d.Status == Voided:
		return ErrDraftVoided
	case expired:
		return ErrDraftExpired.With("at %s", d.ExpiresAt.Format(time.RFC3339))
	}
	return nil
}

// VoidPending discards a pending journal, with a reason. Voiding it again
// changes nothing. It returns [ErrDraftPosted] or [ErrJournalNotFound].
func (s *Service) VoidPending(ctx context.Context, db bun.IDB, v id.Of[PendingJournal], reason string) (*PendingJournal, error) {
	var f fault.Fields
	checkText(&f, "reason", reason, 0)
	if err := f.Err(); err != nil {
		return nil, err
	}
	var out *PendingJournal
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		d, err := pendingJournals.Lock(ctx, tx, v)
		if err != nil {
			return err
		}
		out = d
		switch d.Status {
		case Voided:
			return nil
		case Posted:
			return ErrDraftPosted
		}
		version := d.Version
		d.Status, d.VoidReason = Voided, store.Optional(reason)
		if err := pendingJournals.UpdateVersion(ctx, tx, d, version, "status", "void_reason"); err != nil {
			return err
		}
		d.Version = version + 1
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// VoidExpired voids up to limit pending journals of a book whose time is over
// by the database's clock, and returns how many. Drafts that are being posted
// or voided at the moment are passed over.
func (s *Service) VoidExpired(ctx context.Context, db bun.IDB, book id.Of[Book], limit int) (int, error) {
	var n sql.Result
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		n, err = tx.NewRaw(`UPDATE financials.pending_journals SET status = 'voided', void_reason = 'expired', version = version + 1
			WHERE id IN (SELECT id FROM financials.pending_journals WHERE book_id = ? AND status = 'pending'
				AND expires_at <= clock_timestamp() ORDER BY id LIMIT ? FOR NO KEY UPDATE SKIP LOCKED)`, book, limit).Exec(ctx)
		return store.Err(err, constraints)
	})
	if err != nil {
		return 0, err
	}
	count, err := n.RowsAffected()
	return int(count), err
}

// PendingJournal reads a pending journal. It returns [ErrJournalNotFound].
func (s *Service) PendingJournal(ctx context.Context, db bun.IDB, v id.Of[PendingJournal]) (*PendingJournal, error) {
	return pendingJournals.Get(ctx, db, v)
}
