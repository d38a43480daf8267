package auth

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/retention"
	"github.com/freehold-go/freehold/realestate/date"
)

var attemptMonths = retention.Months{Schema: "auth", Table: "login_attempts"}

// EnsurePartitionsParams says which months get partitions.
type EnsurePartitionsParams struct {
	From   date.Date // a day of the first month
	Months int       // 1 to 120
}

// EnsurePartitions makes the monthly partitions of auth.login_attempts for a
// number of months, the month of from being the first, and returns the names of
// those that were missing. Attempts that came before their partition move into
// it. Writers wait meanwhile, which is a moment when there is little to
// move, and readers do not. Run it daily or weekly, for some months ahead; it may run twice and at
// several places at once. Nothing is lost without it, attempts only gather in the
// default partition. The database role owns the table. Errors are
// [fault.CodeOutOfRange] of months (1 to 120 months from 1970 on) and
// database_unavailable, when a lock was not to be had within five seconds.
func (s *Audit) EnsurePartitions(ctx context.Context, db bun.IDB, p EnsurePartitionsParams) ([]string, error) {
	return attemptMonths.Ensure(ctx, db, p.From, p.Months)
}
