package media

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/id"
)

// PhotoDeleted says that a photo is gone, with its files.
type PhotoDeleted struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
}

// EventType names the event.
func (PhotoDeleted) EventType() (string, int) { return "media.photo_deleted", 1 }

// DeletePhoto deletes a photo. Its files go with the next sweep of uploads
// (documents.Service.SweepUploads), for a transaction may still be rolled back. It locks the
// property, and returns [ErrPhotoNotFound].
func (s *Service) DeletePhoto(ctx context.Context, db bun.IDB, photo id.Of[Photo]) error {
	return store.InTx(ctx, db, func(tx bun.IDB) error {
		row, err := s.lockPhoto(ctx, tx, photo)
		if err != nil {
			return err
		}
		if err := deleteFiles(ctx, tx, FileFilter{PhotoID: &photo}); err != nil {
			return err
		}
		if _, err := store.ExecParams(ctx, tx, constraints, "DELETE FROM media.property_photos WHERE id = $1", photo.String()); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregatePhoto, photo, PhotoDeleted{row.PropertyID}))
	})
}
