package ledger

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
)

// ClosePeriodParams says through which day a book is closed, and by whom.
type ClosePeriodParams struct {
	BookID   id.Of[Book]
	Through  date.Date
	ClosedBy *id.Of[auth.User] // nil for a job
}

// ClosePeriod closes a book through a day: from the day after the last closing,
// or from its first journal. It waits for the journals in flight, so that what
// is closed is complete; from then on only adjusting journals may be dated in
// the period. Drafts dated in it stay, but cannot be posted.
//
// Closing through the same day again returns the period. Closing through an
// earlier day is [ErrCloseOrder]; see [Service.ReopenPeriod]. It locks the
// book.
func (s *Service) ClosePeriod(ctx context.Context, db bun.IDB, p ClosePeriodParams) (*Period, error) {
	if p.Through.IsZero() {
		return nil, store.ErrRequired.On("through")
	}
	var out *Period
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		b, err := lockBook(ctx, tx, p.BookID)
		if err != nil {
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
		row := Period{ID: id.New[Period](), BookID: b.ID, PeriodStart: from, PeriodEnd: p.Through, Status: PeriodClosed,
			ClosedAt: &now, ClosedBy: p.ClosedBy, Version: 1, CreatedAt: now, UpdatedAt: now}
		// A period that was reopened is closed again.
		again, err := periods.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("lp.book_id = ? AND lp.status = ?", b.ID, PeriodOpen).
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
		return s.hooks.Emit(ctx, tx, now, store.Event(aggregateBook, b.ID, PeriodClosedEvent{row.ID, row.PeriodStart, row.PeriodEnd, row.ClosedBy}))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// lockBook excludes journals from a book and locks its row, in this order: a
// journal in flight holds the name, and may want the row.
func lockBook(ctx context.Context, tx bun.IDB, v id.Of[Book]) (*Book, error) {
	if err := lockName(ctx, tx, "freehold.book:"+v.String()); err != nil {
		return nil, err
	}
	return books.Lock(ctx, tx, v)
}

// lockName takes the lock of a name until the transaction ends.
func lockName(ctx context.Context, tx bun.IDB, name string) error {
	_, err := tx.NewRaw("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", name).Exec(ctx)
	return store.Err(err, constraints)
}

// openFrom is the first day that is not closed yet: the day after the last
// closing, or the day of the first journal, or the first of the month.
func (b *Book) openFrom(ctx context.Context, tx bun.IDB, through date.Date) (date.Date, error) {
	if b.ClosedThrough != nil {
		return b.ClosedThrough.AddDays(1), nil
	}
	from := through.StartOfMonth()
	var first *date.Date
	err := tx.NewRaw("SELECT min(effective_date) FROM financials.journals WHERE book_id = ?", b.ID).Scan(ctx, &first)
	if err == nil && first != nil && first.Before(from) {
		from = *first
	}
	return from, store.Err(err, constraints)
}

func lastClosed(ctx context.Context, db bun.IDB, b *Book) (*Period, error) {
	return periods.One(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("lp.book_id = ? AND lp.status = ?", b.ID, PeriodClosed).OrderExpr("lp.period_start DESC")
	})
}

// ReopenPeriod opens the last closed period of a book again, so that journals
// may be dated in it; the book is then closed through the day before. Reopening
// an open period changes nothing; one that is not the last closed one is
// [ErrCloseOrder]. It returns [ErrPeriodNotFound] and locks the book.
func (s *Service) ReopenPeriod(ctx context.Context, db bun.IDB, v id.Of[Period]) (*Period, error) {
	var out *Period
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		p, err := periods.Get(ctx, tx, v)
		if err != nil {
			return err
		}
		b, err := lockBook(ctx, tx, p.BookID)
		if err != nil {
			return err
		}
		if p, err = periods.Lock(ctx, tx, v); err != nil {
			return err
		}
		out = p
		if p.Status == PeriodOpen {
			return nil
		}
		if b.ClosedThrough == nil || *b.ClosedThrough != p.PeriodEnd {
			return ErrCloseOrder.With("a later period is closed")
		}
		p.Status, p.ClosedAt, p.ClosedBy = PeriodOpen, nil, nil
		if err := periods.UpdateVersion(ctx, tx, p, p.Version, "status", "closed_at", "closed_by"); err != nil {
			return err
		}
		p.Version++
		earlier, err := periods.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("lp.book_id = ? AND lp.status = ?", b.ID, PeriodClosed).OrderExpr("lp.period_start DESC").Limit(1)
		})
		if err != nil {
			return err
		}
		b.ClosedThrough = nil
		if len(earlier) == 1 {
			b.ClosedThrough = &earlier[0].PeriodEnd
		}
		if err := books.UpdateVersion(ctx, tx, b, b.Version, "closed_through"); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateBook, b.ID, PeriodReopened{p.ID, p.PeriodStart, p.PeriodEnd}))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Periods lists the periods of a book that were ever closed, by their first
// day.
func (s *Service) Periods(ctx context.Context, db bun.IDB, book id.Of[Book]) ([]Period, error) {
	return periods.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("lp.book_id = ?", book).OrderExpr("lp.period_start")
	})
}

// CloseAccount lets an account take no more postings. Its balance must be zero,
// else it is [ErrAccountInUse]. It waits for the journals of the book in
// flight. Closing a closed account changes nothing. It returns
// [ErrAccountNotFound].
func (s *Service) CloseAccount(ctx context.Context, db bun.IDB, v id.Of[Account]) (*Account, error) {
	return s.setStatus(ctx, db, v, AccountClosed)
}

// ReopenAccount lets a closed account take postings again. It returns
// [ErrAccountNotFound].
func (s *Service) ReopenAccount(ctx context.Context, db bun.IDB, v id.Of[Account]) (*Account, error) {
	return s.setStatus(ctx, db, v, AccountActive)
}

// change is the event of the status that a verb has given the account.
func (a *Account) change() store.Payload {
	if a.Status == AccountClosed {
		return AccountClosedEvent{a.ID, a.Code}
	}
	return AccountReopened{a.ID, a.Code}
}

func (s *Service) setStatus(ctx context.Context, db bun.IDB, v id.Of[Account], status AccountStatus) (*Account, error) {
	var out *Account
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		a, err := accounts.Get(ctx, tx, v)
		if err != nil {
			return err
		}
		if err := lockName(ctx, tx, "freehold.book:"+a.BookID.String()); err != nil {
			return err
		}
		if out, err = accounts.Lock(ctx, tx, v); err != nil || out.Status == status {
			return err
		}
		if status == AccountClosed {
			t, err := s.Balance(ctx, tx, v)
			if err != nil {
				return err
			}
			if !t.Balance.IsZero() {
				return ErrAccountInUse.With("balance %s", t.Balance)
			}
		}
		version := out.Version
		out.Status = status
		if err := accounts.UpdateVersion(ctx, tx, out, version, "status"); err != nil {
			return err
		}
		out.Version = version + 1
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateBook, out.BookID, out.change()))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
