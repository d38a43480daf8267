package analytics

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/retention"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
)

// The partitioned tables.
var (
	eventMonths   = retention.Months{Schema: "analytics", Table: "user_events"}
	archiveMonths = retention.Months{Schema: "analytics", Table: "user_events_archive"}
	viewMonths    = retention.Months{Schema: "analytics", Table: "page_views"}
)

// EnsurePartitionsParams says for which months partitions are made.
type EnsurePartitionsParams struct {
	From   date.Date // a day of the first month
	Months int       // 1 to 120
}

// EnsurePartitions makes the monthly partitions of events and page views for a
// number of months and returns the names of
// those that were missing. Rows that came before their partition move into it.
// Writers wait meanwhile, which is a moment when there is little to move, and
// readers do not.
// Run it daily or weekly, for some months ahead; it may run twice and at several
// places at once. Nothing is lost without it, rows only gather in the default
// partitions. The database role owns the tables. Errors are
// [fault.CodeOutOfRange] of months (1 to 120 months from 1970 on) and
// database_unavailable, when a lock was not to be had within five seconds.
func (s *Service) EnsurePartitions(ctx context.Context, db bun.IDB, p EnsurePartitionsParams) ([]string, error) {
	made, err := eventMonths.Ensure(ctx, db, p.From, p.Months)
	if err != nil {
		return made, err
	}
	more, err := viewMonths.Ensure(ctx, db, p.From, p.Months)
	return append(made, more...), err
}

// Archived is a month of events that was moved to the archive.
type Archived struct {
	Month  date.Date `json:"month"` // its first day
	Events int64     `json:"events"`
}

// ArchiveUserEventsParams says what is archived.
type ArchiveUserEventsParams struct {
	Before   date.Date      // the months before this day's are archived; a year back is usual
	Progress func(Archived) // hears of each month; may be nil
}

// ArchiveUserEvents moves the events of all months before the month of Before to
// analytics.user_events_archive and returns the months, in order. Whole partitions
// move, which touches no row; what had gathered in the default partition is put into
// months first, and events that came late for an archived month join it. Each month is
// a transaction of its own where db is not one already: stopped anywhere, another run
// goes on. The database role owns the tables.
//
// It returns [ErrArchiveBefore], or database_unavailable when a lock was not to
// be had within five seconds.
func (s *Service) ArchiveUserEvents(ctx context.Context, db bun.IDB, p ArchiveUserEventsParams) ([]Archived, error) {
	limit, _ := retention.Bounds(p.Before)
	if p.Before.Year() < 1970 || limit.After(s.now()) {
		return nil, ErrArchiveBefore
	}
	strays, err := eventMonths.Strays(ctx, db, limit)
	if err != nil {
		return nil, err
	}
	for _, month := range strays {
		if _, err := eventMonths.Ensure(ctx, db, month, 1); err != nil {
			return nil, err
		}
	}
	months, err := eventMonths.Before(ctx, db, limit)
	if err != nil {
		return nil, err
	}
	done := []Archived{}
	for _, month := range months {
		var a *Archived
		err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
			a, err = archive(ctx, tx, month)
			return err
		})
		if err != nil {
			return done, err
		}
		if a == nil {
			continue // another was faster
		}
		done = append(done, *a)
		if p.Progress != nil {
			p.Progress(*a)
		}
	}
	return done, nil
}

// archive moves one month; nil when it has gone already.
func archive(ctx context.Context, tx bun.IDB, month date.Date) (*Archived, error) {
	a := &Archived{Month: month}
	part := eventMonths.Partition(month)
	err := eventMonths.Maintain(ctx, tx, func() error {
		if has, err := eventMonths.Has(ctx, tx, month); err != nil || !has {
			a = nil
			return err
		}
		return archiveMonths.Maintain(ctx, tx, func() error {
			if err := retention.Run(ctx, tx.NewRaw("ALTER TABLE ? DETACH PARTITION ?", eventMonths.Parent(), part)); err != nil {
				return err
			}
			if err := store.Read(ctx, tx, tx.NewRaw("SELECT count(*) FROM ?", part), &a.Events); err != nil {
				return store.Err(err, nil)
			}
			has, err := archiveMonths.Has(ctx, tx, month)
			if err != nil {
				return err
			}
			if has { // these came late
				return retention.Run(ctx,
					tx.NewRaw("INSERT INTO ? SELECT * FROM ?", archiveMonths.Parent(), part),
					tx.NewRaw("DROP TABLE ?", part))
			}
			return attach(ctx, tx, month)
		})
	})
	return a, err
}

// attach gives a detached month the names of the archive, so that an error about
// one of its constraints names the right table, and attaches it there.
func attach(ctx context.Context, tx bun.IDB, month date.Date) error {
	part, target := eventMonths.Partition(month), archiveMonths.Partition(month)
	var names []string
	err := store.Read(ctx, tx, tx.NewRaw(`SELECT conname FROM pg_catalog.pg_constraint WHERE conrelid = to_regclass(?) AND contype IN ('c', 'f') ORDER BY conname`, string(part)), &names)
	if err != nil {
		return store.Err(err, nil)
	}
	for _, name := range names {
		renamed := strings.Replace(name, "_user_events_", "_user_events_archive_", 1)
		if err := retention.Run(ctx, tx.NewRaw("ALTER TABLE ? RENAME CONSTRAINT ? TO ?", part, bun.Ident(name), bun.Ident(renamed))); err != nil {
			return err
		}
	}
	from, to := retention.Bounds(month)
	_, bare, _ := strings.Cut(string(target), ".")
	return retention.Run(ctx,
		tx.NewRaw("ALTER TABLE ? RENAME TO ?", part, bun.Ident(bare)),
		// What a host put into the archive itself.
		tx.NewRaw("WITH moved AS (DELETE FROM ? WHERE created_at >= ? AND created_at < ? RETURNING *) INSERT INTO ? SELECT * FROM moved",
			archiveMonths.Default(), from, to, target),
		tx.NewRaw("ALTER TABLE ? ATTACH PARTITION ? FOR VALUES FROM (?) TO (?)", archiveMonths.Parent(), target, from, to))
}

// Purgeable names what [Service.Purge] removes.
type Purgeable string

// What this package purges.
const (
	PurgePageViews      Purgeable = "page_views"      // by when they were looked at
	PurgeArchivedEvents Purgeable = "archived_events" // by when they happened; live events are archived first
)

// PurgeParams says what to purge.
type PurgeParams struct {
	What     Purgeable
	Before   time.Time        // rows from before this instant, which has passed
	DryRun   bool             // count, remove nothing
	Batch    int              // rows per transaction, 1 to 100,000; 0 is 5,000
	Progress func(rows int64) // hears the total so far; may be nil
}

// Purge removes rows for good and returns how many. Months that are over are
// dropped as a whole, the rest goes in batches, each a transaction of its own
// where db is not one already: stopped anywhere, another run goes on. Errors are
// [fault.CodeNotAllowed] of what, and [fault.CodeOutOfRange] of before or batch.
func (s *Service) Purge(ctx context.Context, db bun.IDB, p PurgeParams) (int64, error) {
	months, ok := monthsOf(p.What)
	if !ok {
		return 0, retention.ErrPurgeWhat
	}
	run := retention.Purge{Rows: rowsOf(months), Key: "id, created_at", Months: months, Before: p.Before, DryRun: p.DryRun, Batch: p.Batch, Progress: p.Progress}
	return run.Run(ctx, db, s.now())
}

// monthsOf is the table of what is purged.
func monthsOf(what Purgeable) (*retention.Months, bool) {
	switch what {
	case PurgePageViews:
		return &viewMonths, true
	case PurgeArchivedEvents:
		return &archiveMonths, true
	}
	return nil, false
}

// rowsOf says which rows of a table are over.
func rowsOf(m *retention.Months) retention.Rows {
	return retention.Rows{Table: string(m.Parent()), At: "created_at", Where: "created_at < ?"}
}
