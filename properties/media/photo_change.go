package media

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/id"
)

// PrimaryPhotoChosen says that a photo stands for its property.
type PrimaryPhotoChosen struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
}

// EventType names the event.
func (PrimaryPhotoChosen) EventType() (string, int) { return "media.primary_photo_chosen", 1 }

// PhotoArchived says that a photo is out of the gallery.
type PhotoArchived struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
}

// EventType names the event.
func (PhotoArchived) EventType() (string, int) { return "media.photo_archived", 1 }

// MakePrimary makes a photo the one that stands for its property. It locks the
// property and returns [ErrPhotoNotFound] or [ErrPhotoArchived].
func (s *Service) MakePrimary(ctx context.Context, db bun.IDB, photo id.Of[Photo]) (*Photo, error) {
	return s.changePhoto(ctx, db, photo, func(ctx context.Context, tx bun.IDB, p *Photo) error {
		if p.Status != PhotoStatusActive {
			return ErrPhotoArchived
		}
		p.IsPrimary = true
		return clearPrimary(ctx, tx, p.PropertyID)
	})
}

// ArchivePhoto takes a photo out of the gallery; a primary photo stops being
// one. It locks the property and returns [ErrPhotoNotFound].
func (s *Service) ArchivePhoto(ctx context.Context, db bun.IDB, photo id.Of[Photo]) (*Photo, error) {
	return s.changePhoto(ctx, db, photo, func(_ context.Context, _ bun.IDB, p *Photo) error {
		p.Status, p.IsPrimary = PhotoStatusArchived, false
		return nil
	})
}

// changePhoto changes a photo under the lock of its property.
func (s *Service) changePhoto(ctx context.Context, db bun.IDB, photo id.Of[Photo], change func(context.Context, bun.IDB, *Photo) error) (*Photo, error) {
	var p *Photo
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if p, err = s.lockPhoto(ctx, tx, photo); err != nil {
			return err
		}
		was := *p
		if err := change(ctx, tx, p); err != nil {
			return err
		}
		err = store.Read(ctx, tx, tx.NewUpdate().Model(p).Column("status", "is_primary").WherePK().Returning("updated_at"), &p.UpdatedAt)
		if err != nil || p.Status == was.Status && p.IsPrimary == was.IsPrimary {
			return store.Err(err, constraints)
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregatePhoto, p.ID, p.change()))
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// lockPhoto locks a photo behind its property.
func (s *Service) lockPhoto(ctx context.Context, tx bun.IDB, photo id.Of[Photo]) (*Photo, error) {
	p, err := photos.Get(ctx, tx, photo)
	if err != nil {
		return nil, err
	}
	if _, err := s.properties.LockProperty(ctx, tx, p.PropertyID); err != nil {
		return nil, err
	}
	return photos.Lock(ctx, tx, photo)
}

// change is the event of what a verb has made of the photo.
func (p *Photo) change() store.Payload {
	if p.Status == PhotoStatusArchived {
		return PhotoArchived{p.PropertyID}
	}
	return PrimaryPhotoChosen{p.PropertyID}
}

// clearPrimary makes room for a primary photo of a locked property.
func clearPrimary(ctx context.Context, tx bun.IDB, property id.Of[properties.Property]) error {
	_, err := store.Write(ctx, tx, tx.NewUpdate().Model((*Photo)(nil)).Set("is_primary = FALSE").
		Where("ph.property_id = ?", property).Where("ph.is_primary"))
	return store.Err(err, constraints)
}
