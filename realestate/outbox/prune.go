package outbox

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/retention"
	"github.com/freehold-go/freehold/internal/store"
)

// PruneParams says what to prune.
type PruneParams struct {
	Before   time.Time        // what was delivered before this instant, which has passed
	DryRun   bool             // count, remove nothing
	Batch    int              // events per transaction, 1 to 100,000; 0 is 5,000
	Progress func(rows int64) // hears the total so far; may be nil
}

// Prune removes events for good that were delivered (or skipped), and returns how
// many. They go in batches, each a transaction of its own where db is not one already:
// stopped anywhere, another run goes on. What is pending or dead stays. Errors are
// [fault.CodeOutOfRange] of before or batch.
func Prune(ctx context.Context, db bun.IDB, p PruneParams) (int64, error) {
	var now time.Time
	if err := store.Read(ctx, db, db.NewRaw("SELECT statement_timestamp()"), &now); err != nil {
		return 0, store.Err(err, nil)
	}
	// In the order of their aggregates, so that what a stopped run leaves has no gaps.
	return retention.Purge{Rows: delivered, Key: "id", InOrder: "delivered_at, aggregate_type, aggregate_id, position",
		Before: p.Before, DryRun: p.DryRun, Batch: p.Batch, Progress: p.Progress}.Run(ctx, db, now)
}

// delivered are events that are done with, and those that are not.
var delivered = retention.Rows{Table: "freehold.outbox", At: "delivered_at", Where: "delivered_at < ?",
	Held: []retention.Hold{
		{Why: "they are not delivered yet", Where: "delivered_at IS NULL AND dead_at IS NULL AND occurred_at < ?", At: "occurred_at"},
		{Why: "they are dead: outbox.Retry or outbox.Skip decides", Where: "dead_at IS NOT NULL AND occurred_at < ?", At: "occurred_at"},
	}}

// Maintenance lists what this package's table needs done in time, for
// realestate.Platform.Maintain.
func Maintenance(keep retention.Periods) []retention.Work {
	return []retention.Work{{Verb: "outbox.Prune", What: "outbox", Rows: delivered, Keep: keep.Delivered}}
}
