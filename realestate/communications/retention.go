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
	rows, ok := rowsOf(p.What)
	if !ok {
		return 0, retention.ErrPurgeWhat
	}
	run := retention.Purge{Rows: rows, Key: "id", Before: p.Before, DryRun: p.DryRun, Batch: p.Batch, Progress: p.Progress}
	return run.Run(ctx, db, s.now())
}

// unsent are sends of a campaign that is not sent yet.
const unsent = "EXISTS (SELECT 1 FROM communications.email_campaigns c WHERE c.id = campaign_id AND c.status <> 'sent')"

// rowsOf says which rows are over, and which of them stay.
func rowsOf(what Purgeable) (retention.Rows, bool) {
	switch what {
	case PurgeSends:
		return retention.Rows{Table: "communications.email_sends", At: "created_at",
			Where: "created_at < ? AND status <> 'pending' AND unsubscribed_at IS NULL AND NOT " + unsent,
			Held: []retention.Hold{
				{Why: "they still wait", Where: "created_at < ? AND status = 'pending'"},
				{Why: "they prove that somebody unsubscribed", Where: "created_at < ? AND status <> 'pending' AND unsubscribed_at IS NOT NULL"},
				{Why: "their campaign is not sent yet, and would reach their recipients again",
					Where: "created_at < ? AND status <> 'pending' AND unsubscribed_at IS NULL AND " + unsent},
			}}, true
	case PurgeNotifications:
		return retention.Rows{Table: "communications.notifications", At: "GREATEST(created_at, expires_at)", Order: "created_at",
			Where: "created_at < ? AND (expires_at IS NULL OR expires_at < ?)",
			Held:  []retention.Hold{{Why: "they have not expired", Where: "created_at < ? AND expires_at >= ?"}}}, true
	}
	return retention.Rows{}, false
}
