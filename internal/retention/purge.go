package retention

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
)

// The conditions of purging.
var (
	// ErrPurgeBefore: a purge without its limit in time, or with one to come.
	ErrPurgeBefore = fault.New(fault.Invalid, fault.CodeOutOfRange, "a purge needs an instant that has passed").On("before")
	// ErrPurgeBatch: a batch of fewer than 1 or more than 100,000 rows.
	ErrPurgeBatch = fault.New(fault.Invalid, fault.CodeOutOfRange, "a batch has 1 to 100000 rows").On("batch")
	// ErrPurgeWhat: the package purges no such thing.
	ErrPurgeWhat = fault.New(fault.Invalid, fault.CodeNotAllowed, "there is nothing of that name to purge").On("what")
)

// Purge removes rows whose time is over.
type Purge struct {
	Rows
	Key      string    // the columns of the primary key
	Before   time.Time // in the past
	Months   *Months   // the table, where it is partitioned; whole months then go at once
	InOrder  string    // rows go in this order, of which none is passed over; "" is any
	DryRun   bool      // count only
	Batch    int       // rows per transaction; 0 is 5000
	Progress func(rows int64)
}

// Run removes the rows, in batches of a transaction each where db is not one
// already, and returns how many there were. Stopped anywhere, what was committed
// stays removed, and another run goes on. Rows that somebody holds locked are
// left for another run, but for those that go in an order. Progress hears the total so far.
func (p Purge) Run(ctx context.Context, db bun.IDB, now time.Time) (total int64, err error) {
	if p.Before.IsZero() || p.Before.After(now) || !check.InCalendar(p.Before) {
		return 0, ErrPurgeBefore
	}
	if p.Batch == 0 {
		p.Batch = 5000
	}
	if p.Batch < 1 || p.Batch > 100_000 {
		return 0, ErrPurgeBatch
	}
	if p.DryRun {
		err = store.Read(ctx, db, db.NewRaw("SELECT count(*) FROM ? WHERE "+p.Where, p.args(bun.Ident(p.Table))...), &total)
		return total, store.Err(err, nil)
	}
	done := func(rows int64) {
		total += rows
		if p.Progress != nil && rows > 0 {
			p.Progress(total)
		}
	}
	if p.Months != nil {
		if err := p.dropMonths(ctx, db, done); err != nil {
			return total, err
		}
	}
	take := " LIMIT ? FOR UPDATE SKIP LOCKED)"
	if p.InOrder != "" {
		take = " ORDER BY " + p.InOrder + " LIMIT ? FOR UPDATE)"
	}
	for {
		var rows int64
		err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
			rows, err = store.Write(ctx, tx, tx.NewRaw("DELETE FROM ? WHERE ("+p.Key+") IN (SELECT "+p.Key+" FROM ? WHERE "+p.Where+take,
				append(p.args(bun.Ident(p.Table), bun.Ident(p.Table)), p.Batch)...))
			return store.Err(err, nil)
		})
		if err != nil {
			return total, err
		}
		done(rows)
		if rows < int64(p.Batch) {
			return total, nil
		}
	}
}

// args puts Before behind lead as often as Where asks for it.
func (p Purge) args(lead ...any) []any {
	for range strings.Count(p.Where, "?") {
		lead = append(lead, p.Before)
	}
	return lead
}

func (p Purge) dropMonths(ctx context.Context, db bun.IDB, done func(rows int64)) error {
	months, err := p.Months.Before(ctx, db, p.Before)
	if err != nil {
		return err
	}
	for _, month := range months {
		rows, err := p.dropMonth(ctx, db, month)
		if err != nil {
			return err
		}
		done(rows)
	}
	return nil
}

// dropMonth removes a whole month and counts its rows.
func (p Purge) dropMonth(ctx context.Context, db bun.IDB, month date.Date) (rows int64, err error) {
	part := p.Months.Partition(month)
	err = store.InTx(ctx, db, func(tx bun.IDB) error {
		return p.Months.Maintain(ctx, tx, func() error {
			if has, err := p.Months.Has(ctx, tx, month); err != nil || !has {
				return err // another was faster
			}
			if err := store.Read(ctx, tx, tx.NewRaw("SELECT count(*) FROM ?", part), &rows); err != nil {
				return store.Err(err, nil)
			}
			return Run(ctx, tx.NewRaw("DROP TABLE ?", part))
		})
	})
	return rows, err
}
