package auth

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/retention"
	"github.com/freehold-go/freehold/internal/store"
)

// Purgeable names what [Audit.Purge] removes.
type Purgeable string

// What this package purges.
const (
	// PurgeSessions is sessions that neither their token nor their refresh token
	// can use any more. A session whose refresh token was used stays until that
	// expires, because its second use is how a theft is found out.
	PurgeSessions       Purgeable = "sessions"
	PurgePasswordResets Purgeable = "password_resets" // by when they expired
	PurgeLoginAttempts  Purgeable = "login_attempts"  // by when they happened
	PurgeCodes          Purgeable = "one_time_codes"  // by when they expired
	PurgeChallenges     Purgeable = "challenges"      // by when they expired
	PurgeDevices        Purgeable = "trusted_devices" // by when they expired
)

// PurgeParams says what to purge.
type PurgeParams struct {
	What     Purgeable
	Before   time.Time        // what was over before this instant, which has passed
	DryRun   bool             // count, remove nothing
	Batch    int              // rows per transaction, 1 to 100,000; 0 is 5,000
	Progress func(rows int64) // hears the total so far; may be nil
}

// Purge removes rows for good and returns how many. They go in batches, each a
// transaction of its own where db is not one already: stopped anywhere, another
// run goes on. Months of login attempts that are over are dropped as a whole,
// which takes a database role that owns the table. Errors are
// [fault.CodeNotAllowed] of what, and [fault.CodeOutOfRange] of before or batch.
func (s *Audit) Purge(ctx context.Context, db bun.IDB, p PurgeParams) (int64, error) {
	rows, ok := rowsOf(p.What)
	if !ok {
		return 0, retention.ErrPurgeWhat
	}
	run := retention.Purge{Rows: rows, Key: "id", Before: p.Before, DryRun: p.DryRun, Batch: p.Batch, Progress: p.Progress}
	if p.What == PurgeLoginAttempts {
		run.Key, run.Months = "id, created_at", &attemptMonths
	}
	return run.Run(ctx, db, s.now())
}

// rowsOf says which rows are over.
func rowsOf(what Purgeable) (rows retention.Rows, ok bool) {
	rows = retention.Rows{Table: "auth." + string(what), At: "expires_at", Where: "expires_at < ?"}
	switch what {
	case PurgeSessions:
		rows.At, rows.Order = "GREATEST(expires_at, refresh_expires_at)", "expires_at"
		rows.Where = "expires_at < ? AND (refresh_expires_at IS NULL OR refresh_expires_at < ?)"
		rows.Held = []retention.Hold{{Why: "their refresh token has not expired: its second use is how a theft is found out",
			Where: "expires_at < ? AND refresh_expires_at >= ?"}}
	case PurgeLoginAttempts:
		rows.At, rows.Where = "created_at", "created_at < ?"
	case PurgePasswordResets, PurgeCodes, PurgeChallenges, PurgeDevices:
	default:
		return retention.Rows{}, false
	}
	return rows, true
}

// PurgeCounters removes the counters of windows that are over and returns how many.
// Run it now and then; a counter that stays only takes room. Those of attempts in a row
// end with a success.
func (s *Audit) PurgeCounters(ctx context.Context, db bun.IDB) (int64, error) {
	return store.ExecParams(ctx, db, nil, "DELETE FROM auth.attempt_counters WHERE window_started_at + $1::interval < now() AND NOT lasting", interval(s.cfg.Limits.Window+time.Minute))
}
