package media

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// CountTourViewParams is a view of a tour.
type CountTourViewParams struct {
	TourID  id.Of[VirtualTour]
	Seconds int // how long it lasted
}

// CountTourView counts a view of a tour that lasted some seconds and keeps the
// average. It returns [ErrTourNotFound].
func (s *Service) CountTourView(ctx context.Context, db bun.IDB, p CountTourViewParams) error {
	var c check.Fields
	c.Count("seconds", &p.Seconds)
	if err := c.Err(); err != nil {
		return err
	}
	return store.InTx(ctx, db, func(tx bun.IDB) error { return countView(ctx, tx, p) })
}

// countView counts a view in one statement, so that two at once both count.
func countView(ctx context.Context, tx bun.IDB, p CountTourViewParams) error {
	res, err := tx.NewUpdate().Model((*VirtualTour)(nil)).
		Set("avg_view_duration = round((COALESCE(avg_view_duration, 0)::numeric * view_count + ?) / (view_count + 1))", p.Seconds).
		Set("view_count = view_count + 1").Where("vt.id = ?", p.TourID).Exec(ctx)
	if err != nil {
		return store.Err(err, constraints)
	}
	if n, err := res.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return ErrTourNotFound
}
