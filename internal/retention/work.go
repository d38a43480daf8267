package retention

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// Periods are how long a host keeps what; realestate.Retention says what each means. None
// is zero, and one below zero never ends.
type Periods struct {
	SignIn          time.Duration
	LoginAttempts   time.Duration
	DeletedUsers    time.Duration
	Sends           time.Duration
	Notifications   time.Duration
	PageViews       time.Duration
	LiveEvents      time.Duration
	ArchivedEvents  time.Duration
	Delivered       time.Duration
	Unsealed        time.Duration
	Uploads         time.Duration
	TourViews       time.Duration
	PartitionsAhead int
}

// Bounds of a look: rows that are counted, and ids and months that are listed.
const (
	MaxRows   = 100_000
	MaxListed = 1_000
)

// Rows are rows whose time is over at an instant, which ? stands for in the conditions.
type Rows struct {
	Table string // with its schema
	Where string // which of them go
	At    string // from when on a row's time is counted
	Order string // what an index has of it, the oldest first; "" is At
	Held  []Hold // which of those that are old enough stay
}

// Hold is why rows stay whose time is over.
type Hold struct {
	Why, Where string
	At         string // from when on; "" is as of those that go
}

// Work is what a table that only grows needs done in time, and the verb that does it.
type Work struct {
	Rows
	Verb, What string        // as a host calls it
	Keep       time.Duration // after At; below zero is never
	From       string        // what is looked at instead of the table
	ID         string        // the column of what the verb takes one at a time
	Archives   bool          // whole months
	Months     *Months       // partitions are made of it, this many months ahead
	Ahead      int
}

// Due is work whose time has come.
type Due struct {
	Verb   string
	What   string
	Table  string
	Rows   int64
	More   bool
	Oldest *time.Time
	Since  time.Time
	Before time.Time
	Months []date.Date
	IDs    []id.Of[any]
}

// Held is rows that stay though their time is over.
type Held struct {
	Verb   string
	What   string
	Table  string
	Why    string
	Rows   int64
	More   bool
	Oldest time.Time
}

// Look says whether the work is due at an instant; nil is that it is not. It counts in the
// order of an index and up to MaxRows.
func (w Work) Look(ctx context.Context, db bun.IDB, now time.Time) (*Due, []Held, error) {
	switch {
	case w.Months != nil:
		due, err := w.months(ctx, db, now)
		return due, nil, err
	case w.Keep < 0:
		return nil, nil, nil
	}
	before := now.Add(-w.Keep)
	if w.Archives {
		before, _ = Bounds(date.Of(before))
	}
	var held []Held
	for _, h := range w.Held {
		kept := w
		if h.At != "" {
			kept.At, kept.Order = h.At, h.At
		}
		n, oldest, err := kept.count(ctx, db, h.Where, before)
		if err != nil {
			return nil, nil, err
		}
		if n > 0 {
			held = append(held, Held{Verb: w.Verb, What: w.What, Table: w.Table, Why: h.Why, Rows: min(n, MaxRows), More: n > MaxRows, Oldest: *oldest})
		}
	}
	n, oldest, err := w.count(ctx, db, w.Where, before)
	if err != nil || n == 0 {
		return nil, held, err
	}
	due := &Due{Verb: w.Verb, What: w.What, Table: w.Table, Rows: min(n, MaxRows), More: n > MaxRows, Oldest: oldest, Since: oldest.Add(w.Keep), Before: before}
	if w.Archives {
		_, end := Bounds(date.Of(*oldest))
		due.Since = end.Add(w.Keep)
	}
	if w.ID != "" {
		due.IDs, err = w.list(ctx, db, before)
	}
	return due, held, err
}

// from reads rows of a condition, the oldest first and bounded.
func (w Work) from(columns, where string) string {
	from, order := w.From, w.Order
	if from == "" {
		from = w.Table
	}
	if order == "" {
		order = w.At
	}
	return " FROM (SELECT " + columns + " FROM " + from + " WHERE " + where + " ORDER BY " + order + " LIMIT ?) AS due"
}

func (w Work) count(ctx context.Context, db bun.IDB, where string, before time.Time) (n int64, oldest *time.Time, err error) {
	from := w.from(w.At+" AS at", where)
	err = store.Read(ctx, db, db.NewRaw("SELECT count(*), min(at)"+from, append(instants(from, before), MaxRows+1)...), &n, &oldest)
	if oldest != nil {
		*oldest = oldest.UTC()
	}
	return n, oldest, store.Err(err, nil)
}

// list names what the verb takes one at a time, the oldest first.
func (w Work) list(ctx context.Context, db bun.IDB, before time.Time) ([]id.Of[any], error) {
	var rows []struct{ ID id.Of[any] }
	from := w.from(w.At+" AS at, "+w.ID+" AS id", w.Where)
	err := store.Read(ctx, db, db.NewRaw("SELECT id"+from+" GROUP BY id ORDER BY min(at), id LIMIT ?", append(instants(from, before), MaxRows+1, MaxListed)...), &rows)
	out := make([]id.Of[any], len(rows))
	for i := range rows {
		out[i] = rows[i].ID
	}
	return out, store.Err(err, nil)
}

// instants puts before behind lead as often as a statement that ends in a bound asks for it.
func instants(statement string, before time.Time) (out []any) {
	for range strings.Count(statement, "?") - 1 {
		out = append(out, before)
	}
	return out
}

// months says which partitions are missing: those ahead, and those of months of which the
// default partition has rows that are not over yet.
func (w Work) months(ctx context.Context, db bun.IDB, now time.Time) (*Due, error) {
	if w.Ahead < 0 {
		return nil, nil
	}
	this := date.Of(now).StartOfMonth()
	var oldest *time.Time
	query := "SELECT min(created_at) FROM ? WHERE created_at >= '1970-01-01 00:00+00'"
	if err := store.Read(ctx, db, db.NewRaw(query, w.Months.Parent()), &oldest); err != nil {
		return nil, store.Err(err, nil)
	}
	first := this
	if oldest != nil && date.Of(oldest.UTC()).Before(first) {
		first = date.Of(oldest.UTC()).StartOfMonth()
	}
	if w.Keep >= 0 { // what is older goes by itself
		if kept := date.Of(now.Add(-w.Keep)).StartOfMonth(); first.Before(kept) {
			first = kept
		}
	}
	missing, err := w.Months.missing(ctx, db, first, this.AddMonths(w.Ahead))
	if err != nil {
		return nil, err
	}
	due := &Due{Verb: w.Verb, What: w.What, Table: w.Table, Before: now}
	for _, month := range missing {
		n, oldest, err := w.Months.bounded(ctx, db, month, max(1, MaxRows+1-due.Rows))
		if err != nil {
			return nil, err
		}
		if n == 0 && month.Before(this) {
			continue
		}
		if due.Rows += n; due.Oldest == nil {
			due.Oldest = oldest
		}
		if len(due.Months) < MaxListed {
			due.Months = append(due.Months, month)
		}
	}
	if len(due.Months) == 0 {
		return nil, nil
	}
	due.Rows, due.More = min(due.Rows, MaxRows), due.Rows > MaxRows
	due.Since, _ = Bounds(due.Months[0].AddMonths(-w.Ahead))
	return due, nil
}

// missing lists the months that have no partition.
func (m Months) missing(ctx context.Context, db bun.IDB, first, last date.Date) ([]date.Date, error) {
	return months(ctx, db, db.NewRaw(`SELECT month::date FROM generate_series(?::timestamp, ?::timestamp, interval '1 month') AS s (month)
		WHERE to_regclass(? || to_char(month, '"_y"YYYY"m"MM')) IS NULL ORDER BY month`, first.String(), last.String(), string(m.Parent())))
}

// bounded counts rows of a month, which without a partition are in the default one, and says
// when the first of them was made.
func (m Months) bounded(ctx context.Context, db bun.IDB, month date.Date, limit int64) (n int64, oldest *time.Time, err error) {
	from, to := Bounds(month)
	err = store.Read(ctx, db, db.NewRaw(`SELECT count(*), min(created_at) FROM (SELECT created_at FROM ? WHERE created_at >= ? AND created_at < ? ORDER BY created_at LIMIT ?) AS stray`,
		m.Parent(), from, to, limit), &n, &oldest)
	if oldest != nil {
		*oldest = oldest.UTC()
	}
	return n, oldest, store.Err(err, nil)
}
