package media

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/id"
)

// TourDeleted says that a virtual tour is gone, with its files and its key.
type TourDeleted struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
}

// EventType names the event.
func (TourDeleted) EventType() (string, int) { return "media.tour_deleted", 1 }

// DeleteTour deletes a virtual tour with its key and its views. Its files go with the next
// sweep of uploads, as those of a photo do ([Service.DeletePhoto]). It locks the tour and
// returns [ErrTourNotFound].
func (s *Service) DeleteTour(ctx context.Context, db bun.IDB, tour id.Of[VirtualTour]) error {
	return store.InTx(ctx, db, func(tx bun.IDB) error {
		row, err := tours.Lock(ctx, tx, tour)
		if err != nil {
			return err
		}
		if err := deleteFiles(ctx, tx, FileFilter{TourID: &tour}); err != nil {
			return err
		}
		if _, err := store.ExecParams(ctx, tx, constraints, "DELETE FROM media.virtual_tours WHERE id = $1", tour.String()); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateTour, tour, TourDeleted{row.PropertyID}))
	})
}
