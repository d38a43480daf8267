package ledger

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// PostPendingParams is a pending journal to post.
type PostPendingParams struct {
	PendingJournalID id.Of[PendingJournal]
	Actor            string // who releases it, and is responsible for the journal, as in PostParams
}

// PostPending posts a pending journal under its own id. The journal names who posts it; the
// draft keeps who wrote it. It locks the draft; posting it again returns the journal. It
// returns [ErrDraftVoided], [ErrDraftExpired] by the database's clock,
// [ErrJournalNotFound], and what [Service.Post] returns.
func (s *Service) PostPending(ctx context.Context, db bun.IDB, p PostPendingParams) (*Journal, error) {
	var f check.Fields
	f.Given("pending_journal_id", p.PendingJournalID)
	f.Required("actor", p.Actor, 255)
	if err := f.Err(); err != nil {
		return nil, err
	}
	var out *Journal
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		d, expired, err := lockDraft(ctx, tx, p.PendingJournalID)
		if err != nil {
			return err
		}
		if d.Status == PendingStatusPosted {
			out, err = journals.One(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
				return q.Where("lj.id = ? AND lj.book_id = ?", *d.JournalID, d.BookID)
			})
			return err
		}
		if err := d.postable(expired); err != nil {
			return err
		}
		j, lines, err := d.journal(ctx, tx, p.Actor, s.now())
		if err != nil {
			return err
		}
		if err := write(ctx, tx, []Journal{*j}, lines, true, []id.Of[Journal]{j.ID}); err != nil {
			return err
		}
		d.Status, d.JournalID = PendingStatusPosted, &j.ID
		out = j
		return pendingJournals.UpdateVersion(ctx, tx, d, d.Version, "status", "journal_id")
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// lockPending locks a pending journal in its book, which it has to look up: a lock is
// asked of the one machine that has the row.
func lockPending(ctx context.Context, tx bun.IDB, draft id.Of[PendingJournal]) (*PendingJournal, error) {
	d, err := pendingJournals.Get(ctx, tx, draft)
	if err != nil {
		return nil, err
	}
	return pendingJournals.LockWithin(ctx, tx, d.BookID, draft)
}

// lockDraft reads and locks a pending journal, and tells whether its time is
// over by the database's clock.
func lockDraft(ctx context.Context, tx bun.IDB, draft id.Of[PendingJournal]) (*PendingJournal, bool, error) {
	d, err := lockPending(ctx, tx, draft)
	if err != nil || d.ExpiresAt == nil {
		return d, false, err
	}
	var expired bool
	err = store.Read(ctx, tx, tx.NewRaw("SELECT ?::timestamptz <= clock_timestamp()", *d.ExpiresAt), &expired)
	return d, expired, store.Err(err, constraints)
}

// postable reports why d cannot be posted. It touches no database.
func (d *PendingJournal) postable(expired bool) error {
	switch {
	case d.Status == PendingStatusVoided:
		return ErrDraftVoided
	case expired:
		return ErrDraftExpired.With("at %s", d.ExpiresAt.Format(time.RFC3339))
	}
	return nil
}
