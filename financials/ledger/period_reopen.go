package ledger

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// ReopenPeriodParams is a period to open again, and who does it.
type ReopenPeriodParams struct {
	PeriodID id.Of[Period]
	ActorID  *id.Of[auth.User] // nil for a job
}

// ReopenPeriod opens the last closed period of a book again, so that journals
// may be dated in it; the book is then closed through the day before. Reopening
// an open period changes nothing; one that is not the last closed one is
// [ErrCloseOrder]. It returns [ErrPeriodNotFound] or
// auth.ErrActorInactive, and locks the book.
func (s *Service) ReopenPeriod(ctx context.Context, db bun.IDB, p ReopenPeriodParams) (*Period, error) {
	var out *Period
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		last, err := periods.Get(ctx, tx, p.PeriodID)
		if err != nil {
			return err
		}
		b, err := lockBook(ctx, tx, last.BookID)
		if err != nil {
			return err
		}
		if err := activeUser(ctx, tx, p.ActorID); err != nil {
			return err
		}
		if last, err = periods.LockWithin(ctx, tx, b.ID, p.PeriodID); err != nil {
			return err
		}
		out = last
		if last.Status == PeriodStatusOpen {
			return nil
		}
		if b.ClosedThrough == nil || *b.ClosedThrough != last.PeriodEnd {
			return ErrCloseOrder.With("a later period is closed")
		}
		last.Status, last.ClosedAt, last.ClosedBy = PeriodStatusOpen, nil, nil
		if err := periods.UpdateVersion(ctx, tx, last, last.Version, "status", "closed_at", "closed_by"); err != nil {
			return err
		}
		last.Version++
		earlier, err := periods.All(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("lp.book_id = ? AND lp.status = ?", b.ID, PeriodStatusClosed).OrderExpr("lp.period_start DESC").Limit(1)
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
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateBook, b.ID, PeriodReopened{last.ID, last.PeriodStart, last.PeriodEnd, p.ActorID}))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
