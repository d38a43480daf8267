package communications

import (
	"context"
	"time"

	"github.com/freehold-go/freehold/internal/retention"

	"github.com/uptrace/bun"
)

// Purgeable names what [Service.Purge] removes.
type Purgeable string

// What this package purges.
const (
	// PurgeSends is e-mails whose fate is known. Three kinds stay: those that
	// still wait; those of a campaign that is not sent yet, which would reach
	// their recipients again; and those that led somebody to unsubscribe, which
	// prove it.
	PurgeSends Purgeable = "email_sends"
	// PurgeNotifications is notifications, read or not, but for those that have
	// not expired when an expiry was given.
	PurgeNotifications Purgeable = "notifications"
)

// PurgeParams says what to purge.
type PurgeParams struct {
	What     Purgeable
	Before   time.Time        // rows from before this instant, which has passed
	DryRun   bool             // count, remove nothing
	Batch    int              // rows per transaction, 1 to 100,000; 0 is 5,000
	Progress func(rows int64) // hears the total so far; may be nil
}

// Purge removes rows for good and returns how many. They go in batches, each a
// transaction of its own where db is not one already: stopped anywhere, another
// run goes on. Errors are [fault.CodeNotAllowed] of
// what, and [fault.CodeOutOfRange] of before or batch.
func (s *Service) Purge(ctx context.Context, db bun.IDB, p PurgeParams) (int64, error) {
	run := retention.Purge{Key: "id", Before: p.Before, DryRun: p.DryRun, Batch: p.Batch, Progress: p.Progress}
	switch p.What {
	case PurgeSends:
		run.Table = "communications.email_sends"
		run.Where = `created_at < ? AND status <> 'pending' AND unsubscribed_at IS NULL AND NOT EXISTS (
			SELECT 1 FROM communications.email_campaigns c WHERE c.id = campaign_id AND c.status <> 'sent')`
	case PurgeNotifications:
		run.Table, run.Where = "communications.notifications", "created_at < ? AND (expires_at IS NULL OR expires_at < ?)"
	default:
		return 0, retention.ErrPurgeWhat
	}
	return run.Run(ctx, db, s.now())
}
