package ledger

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// PostPending posts a pending journal under its own id. It locks the draft;
// posting it again returns the journal. It returns [ErrDraftVoided],
// [ErrDraftExpired] by the database's clock, [ErrJournalNotFound], and what
// [Service.Post] returns.
func (s *Service) PostPending(ctx context.Context, db bun.IDB, draft id.Of[PendingJournal]) (*Journal, error) {
	var out *Journal
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		d, expired, err := lockDraft(ctx, tx, draft)
		if err != nil {
			return err
		}
		if d.Status == PendingStatusPosted {
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
		if err := write(ctx, tx, []Journal{*j}, lines, true); err != nil {
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

// lockDraft reads and locks a pending journal, and tells whether its time is
// over by the database's clock.
func lockDraft(ctx context.Context, tx bun.IDB, draft id.Of[PendingJournal]) (*PendingJournal, bool, error) {
	d, err := pendingJournals.Lock(ctx, tx, draft)
	if err != nil || d.ExpiresAt == nil {
		return d, false, err
	}
	var expired bool
	err = tx.NewRaw("SELECT ?::timestamptz <= clock_timestamp()", *d.ExpiresAt).Scan(ctx, &expired)
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
