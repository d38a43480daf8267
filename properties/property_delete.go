package properties

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// PropertyDeleted says that a property is out of every list.
type PropertyDeleted struct{}

// EventType names the event.
func (PropertyDeleted) EventType() (string, int) { return "properties.property_deleted", 1 }

// DeleteProperty takes a property out of every list and read; its row, its
// units and its history stay, and its slug is free for another. It locks the
// property and returns [ErrPropertyNotFound].
//
// Whether the property may go is a question to other domains, which a hook
// answers (see Config).
func (s *Service) DeleteProperty(ctx context.Context, db bun.IDB, property id.Of[Property]) error {
	now := s.now()
	return store.InTx(ctx, db, func(tx bun.IDB) error {
		row, err := lockLive(ctx, tx, property)
		if err != nil {
			return err
		}
		row.DeletedAt = &now
		if err := saveProperty(ctx, tx, row, "deleted_at"); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, now, store.Event(aggregateProperty, row.ID, PropertyDeleted{}))
	})
}
