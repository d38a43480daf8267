package ledger

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// ClosePeriodParams says through which day a book is closed, and by whom.
type ClosePeriodParams struct {
	BookID  id.Of[Book]
	Through date.Date
	ActorID *id.Of[auth.User] // an active user; nil for a job
}

// ClosePeriod closes a book through a day: from the day after the last closing,
// or from its first journal. It waits until no journal of the book is in flight,
// so that what is closed is complete; from then on only adjusting journals may be dated in
// the period. Drafts dated in it stay, but cannot be posted.
//
// Closing through the same day again returns the period. Closing through an
// earlier day is [ErrCloseOrder]; see [Service.ReopenPeriod]. A day more than a year ahead
// is refused. It locks the book.
func (s *Service) ClosePeriod(ctx context.Context, db bun.IDB, p ClosePeriodParams) (*Period, error) {
	var f check.Fields
	f.Given("book_id", p.BookID)
	f.GivenWithin("through", p.Through, check.NewDays(s.now(), 0))
	if err := f.Err(); err != nil {
		return nil, err
	}
	var out *Period
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		b, err := lockBook(ctx, tx, p.BookID)
		if err != nil {
			return err
		}
		if err := activeUser(ctx, tx, p.ActorID); err != nil {
			return err
		}
		if b.ClosedThrough != nil && !b.ClosedThrough.Before(p.Through) {
			if *b.ClosedThrough != p.Through {
				return ErrCloseOrder.With("closed through %s", b.ClosedThrough)
			}
			out, err = lastClosed(ctx, tx, b)
			return err
		}
		from, err := b.openFrom(ctx, tx, p.Through)
		if err != nil {
			return err
		}
		now := s.now()
		row := Period{ID: id.New[Period](), BookID: b.ID, PeriodStart: from, PeriodEnd: p.Through, Status: PeriodStatusClosed,
			ClosedAt: &now, ClosedBy: p.ActorID, Version: 1, CreatedAt: now, UpdatedAt: now}
		// A period that was reopened is closed again.
		again, err := periods.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("lp.book_id = ? AND lp.status = ?", b.ID, PeriodStatusOpen).
				OrderExpr("lp.period_start = ? DESC, lp.period_start", from).Limit(1)
		})
		if err != nil {
			return err
		}
		if len(again) == 1 {
			row.ID, row.CreatedAt, row.Version = again[0].ID, again[0].CreatedAt, again[0].Version+1
			err = periods.UpdateVersion(ctx, tx, &row, again[0].Version, "period_start", "period_end", "status", "closed_at", "closed_by")
		} else {
			err = periods.Insert(ctx, tx, &row)
		}
		if err != nil {
			return err
		}
		out, b.ClosedThrough = &row, &p.Through
		if err := books.UpdateVersion(ctx, tx, b, b.Version, "closed_through"); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, now, store.Event(aggregateBook, b.ID, PeriodClosed{row.ID, row.PeriodStart, row.PeriodEnd, row.ClosedBy}))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// openFrom is the first day that is not closed yet: the day after the last
// closing, or the day of the first journal, or the first of the month.
func (b *Book) openFrom(ctx context.Context, tx bun.IDB, through date.Date) (date.Date, error) {
	if b.ClosedThrough != nil {
		return b.ClosedThrough.AddDays(1), nil
	}
	from := through.StartOfMonth()
	var first *date.Date
	err := store.Read(ctx, tx, tx.NewRaw("SELECT min(effective_date) FROM financials.journals WHERE book_id = ?", b.ID), &first)
	if err == nil && first != nil && first.Before(from) {
		from = *first
	}
	return from, store.Err(err, constraints)
}

func lastClosed(ctx context.Context, db bun.IDB, b *Book) (*Period, error) {
	return periods.One(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("lp.book_id = ? AND lp.status = ?", b.ID, PeriodStatusClosed).OrderExpr("lp.period_start DESC")
	})
}

// activeUser checks who acts, behind the locks, where it is a person.
func activeUser(ctx context.Context, tx bun.IDB, actor *id.Of[auth.User]) error {
	if actor == nil {
		return nil
	}
	return auth.ActiveActor(ctx, tx, *actor)
}
