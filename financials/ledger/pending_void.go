package ledger

import (
	"cmp"
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// VoidPendingParams is a pending journal to discard.
type VoidPendingParams struct {
	PendingJournalID id.Of[PendingJournal]
	Reason           string
}

// VoidPending discards a pending journal, with a reason. Voiding it again
// changes nothing. It returns [ErrDraftPosted] or [ErrJournalNotFound].
func (s *Service) VoidPending(ctx context.Context, db bun.IDB, p VoidPendingParams) (*PendingJournal, error) {
	var f check.Fields
	f.Given("pending_journal_id", p.PendingJournalID)
	f.Text("reason", p.Reason, check.Long)
	if err := f.Err(); err != nil {
		return nil, err
	}
	var out *PendingJournal
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		d, err := lockPending(ctx, tx, p.PendingJournalID)
		if err != nil {
			return err
		}
		out = d
		switch d.Status {
		case PendingStatusVoided:
			return nil
		case PendingStatusPosted:
			return ErrDraftPosted
		}
		version := d.Version
		d.Status, d.VoidReason = PendingStatusVoided, store.Optional(p.Reason)
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

// MaxVoid is how many pending journals one call of VoidExpired voids at most.
const MaxVoid = 10_000

// VoidExpiredParams says of which book expired drafts are voided, and how many at
// the most.
type VoidExpiredParams struct {
	BookID id.Of[Book]
	Limit  int // 1 to MaxVoid; 0 is MaxVoid
}

// VoidExpired voids pending journals of a book whose time is over
// by the database's clock, and returns how many. Drafts that are being posted
// or voided at the moment are passed over.
func (s *Service) VoidExpired(ctx context.Context, db bun.IDB, p VoidExpiredParams) (int, error) {
	var f check.Fields
	f.Given("book_id", p.BookID)
	f.Integer("limit", &p.Limit, 0, MaxVoid)
	if err := f.Err(); err != nil {
		return 0, err
	}
	var n int64
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		n, err = store.Write(ctx, tx, tx.NewRaw(`UPDATE financials.pending_journals SET status = 'voided', void_reason = 'expired', version = version + 1
			WHERE book_id = ?0 AND id IN (SELECT id FROM financials.pending_journals WHERE book_id = ?0 AND status = 'pending'
				AND expires_at <= clock_timestamp() ORDER BY id LIMIT ?1 FOR NO KEY UPDATE SKIP LOCKED)`, p.BookID, cmp.Or(p.Limit, MaxVoid)))
		return store.Err(err, constraints)
	})
	if err != nil {
		return 0, err
	}
	return int(n), nil
}
