package retention

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
)

// ErrMonths: partitions are asked for no month, for more than ten years, or for
// years that no clock shows.
var ErrMonths = fault.New(fault.Invalid, fault.CodeOutOfRange, "1 to 120 months from 1970 on").On("months")

// Months is a table partitioned by the month of created_at, in UTC, with a
// default partition for what no month claims. A partition's name is the table's
// with _yYYYYmMM behind it.
type Months struct{ Schema, Table string }

// Parent names the whole table.
func (m Months) Parent() bun.Ident { return bun.Ident(m.Schema + "." + m.Table) }

// Default names the default partition.
func (m Months) Default() bun.Ident { return m.Parent() + "_default" }

// Partition names a month's partition.
func (m Months) Partition(month date.Date) bun.Ident {
	return m.Parent() + bun.Ident(fmt.Sprintf("_y%04dm%02d", month.Year(), month.Month()))
}

// Bounds returns the first instant of a month and of the next one.
func Bounds(month date.Date) (from, to time.Time) {
	return month.StartOfMonth().Time(time.UTC), month.StartOfMonth().AddMonths(1).Time(time.UTC)
}

// Has reports whether there is a partition of the month. It sees what others
// committed since the transaction's snapshot.
func (m Months) Has(ctx context.Context, db bun.IDB, month date.Date) (has bool, err error) {
	err = store.Read(ctx, db, db.NewRaw("SELECT to_regclass(?) IS NOT NULL", string(m.Partition(month))), &has)
	return has, store.Err(err, nil)
}

// Before lists the months that end at or before an instant and have a partition,
// in order.
func (m Months) Before(ctx context.Context, db bun.IDB, instant time.Time) ([]date.Date, error) {
	return months(ctx, db, db.NewRaw(`SELECT month FROM (SELECT to_date(right(c.relname, 7), 'YYYY"m"MM') AS month
			FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
			WHERE i.inhparent = to_regclass(?) AND c.relname ~ '_y[0-9]{4}m[0-9]{2}$') p
		WHERE (month + interval '1 month') AT TIME ZONE 'UTC' <= ? ORDER BY month`, string(m.Parent()), instant))
}

// Strays lists the months before an instant of which the default partition has
// rows, in order.
func (m Months) Strays(ctx context.Context, db bun.IDB, instant time.Time) ([]date.Date, error) {
	return months(ctx, db, db.NewRaw(`SELECT DISTINCT date_trunc('month', created_at AT TIME ZONE 'UTC')::date AS month FROM ?
		WHERE created_at >= '1970-01-01 00:00+00' AND created_at < ? ORDER BY 1`, m.Default(), instant))
}

func months(ctx context.Context, db bun.IDB, q *bun.RawQuery) ([]date.Date, error) {
	var rows []struct{ Month date.Date }
	err := store.Read(ctx, db, q, &rows)
	out := make([]date.Date, len(rows))
	for i := range rows {
		out[i] = rows[i].Month
	}
	return out, store.Err(err, nil)
}

// Ensure makes the partitions of n months, the month of from being the first,
// and returns the names of those that were missing. Rows of a missing month that
// the default partition took move along. It may run at any time, twice and at
// several places at once; each month is a transaction of its own where db is not
// one already. Errors are [ErrMonths] and, when locks were not to be had,
// [store.ErrUnavailable].
func (m Months) Ensure(ctx context.Context, db bun.IDB, from date.Date, n int) ([]string, error) {
	if n < 1 || n > 120 || from.Year() < 1970 || from.Year() > 9900 {
		return nil, ErrMonths
	}
	made := []string{}
	for i := range n {
		month, missing := from.StartOfMonth().AddMonths(i), false
		err := store.InTx(ctx, db, func(tx bun.IDB) error {
			if has, err := m.Has(ctx, tx, month); err != nil || has {
				return err
			}
			return m.Maintain(ctx, tx, func() error {
				has, err := m.Has(ctx, tx, month)
				if missing = !has; err != nil || has {
					return err // another was faster
				}
				return m.create(ctx, tx, month)
			})
		})
		if err != nil {
			return made, err
		}
		if missing {
			made = append(made, string(m.Partition(month)))
		}
	}
	return made, nil
}

// create makes the partition apart, moves the default partition's rows of the
// month into it and attaches it, which those rows would forbid.
func (m Months) create(ctx context.Context, tx bun.IDB, month date.Date) error {
	from, to := Bounds(month)
	part := m.Partition(month)
	err := Run(ctx,
		tx.NewRaw("LOCK TABLE ? IN ACCESS EXCLUSIVE MODE", m.Default()),
		tx.NewRaw("CREATE TABLE ? (LIKE ? INCLUDING ALL)", part, m.Parent()),
		tx.NewRaw("WITH moved AS (DELETE FROM ? WHERE created_at >= ? AND created_at < ? RETURNING *) INSERT INTO ? SELECT * FROM moved",
			m.Default(), from, to, part),
		tx.NewRaw("ALTER TABLE ? ATTACH PARTITION ? FOR VALUES FROM (?) TO (?)", m.Parent(), part, from, to))
	if err != nil {
		return err
	}
	return m.protect(ctx, tx, part)
}

// protect lets nobody read around the table's row-level security, where it is on,
// by the partition's own name.
func (m Months) protect(ctx context.Context, tx bun.IDB, part bun.Ident) error {
	var on bool
	err := store.Read(ctx, tx, tx.NewRaw("SELECT relrowsecurity FROM pg_catalog.pg_class WHERE oid = ?::regclass", string(m.Parent())), &on)
	if err != nil || !on {
		return store.Err(err, nil)
	}
	return Run(ctx, tx.NewRaw("ALTER TABLE ? ENABLE ROW LEVEL SECURITY", part))
}

// Maintain runs fn while nobody writes to the table; readers go on. A writer that
// came in between would be sent to a partition that no longer takes its row.
// Waiting for locks is bounded meanwhile, unless the host has set a bound: a
// strong lock in the queue stops everybody behind it. It is called in a
// transaction of [InTx], whose rollback takes the bound back when fn fails.
func (m Months) Maintain(ctx context.Context, tx bun.IDB, fn func() error) error {
	var bound string
	if err := store.Read(ctx, tx, tx.NewRaw("SELECT current_setting('lock_timeout')"), &bound); err != nil {
		return store.Err(err, nil)
	}
	if bound == "0" {
		if err := Run(ctx, tx.NewRaw("SET LOCAL lock_timeout = '5s'")); err != nil {
			return err
		}
	}
	if err := Run(ctx, tx.NewRaw("LOCK TABLE ONLY ? IN SHARE ROW EXCLUSIVE MODE", m.Parent())); err != nil {
		return err
	}
	if err := fn(); err != nil || bound != "0" {
		return err
	}
	return Run(ctx, tx.NewRaw("SET LOCAL lock_timeout = 0"))
}

// Run executes statements one after another.
func Run(ctx context.Context, statements ...*bun.RawQuery) error {
	for _, s := range statements {
		if _, err := s.Exec(ctx); err != nil {
			return store.Err(err, nil)
		}
	}
	return nil
}
