package auth

import (
	"time"

	"github.com/freehold-go/freehold/internal/retention"
)

// Maintenance lists what this package's tables need done in time, for
// realestate.Platform.Maintain. The service knows how long attempts are counted.
func Maintenance(s *Audit, keep retention.Periods) []retention.Work {
	work := []retention.Work{{Verb: "Audit.EnsurePartitions", What: string(PurgeLoginAttempts), Keep: keep.LoginAttempts,
		Rows: retention.Rows{Table: string(attemptMonths.Parent())}, Months: &attemptMonths, Ahead: keep.PartitionsAhead}}
	for _, what := range []Purgeable{PurgeSessions, PurgePasswordResets, PurgeLoginAttempts, PurgeCodes, PurgeChallenges, PurgeDevices} {
		rows, _ := rowsOf(what)
		w := retention.Work{Verb: "Audit.Purge", What: string(what), Rows: rows, Keep: keep.SignIn}
		if what == PurgeLoginAttempts {
			w.Keep = keep.LoginAttempts
		}
		work = append(work, w)
	}
	return append(work,
		// A day more than the verb needs: a sign-in a minute ago is no reason to call it.
		retention.Work{Verb: "Audit.PurgeCounters", What: "attempt_counters", Keep: s.cfg.Limits.Window + 24*time.Hour,
			Rows: retention.Rows{Table: "auth.attempt_counters", At: "window_started_at", Where: "window_started_at < ? AND NOT lasting"}},
		retention.Work{Verb: "Platform.Erase", What: "users", Keep: keep.DeletedUsers, ID: "id",
			Rows: retention.Rows{Table: "auth.users", At: "deleted_at",
				Where: "deleted_at < ? AND erased_at IS NULL AND erasure_hold IS NULL",
				Held: []retention.Hold{{Why: "their data is held (Platform.HoldErasure)",
					Where: "deleted_at < ? AND erased_at IS NULL AND erasure_hold IS NOT NULL"}}}})
}
