package media

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/properties/renovations"
	"github.com/freehold-go/freehold/realestate/id"
)

// PhotoUpdated says that what is known of a photo changed; its files did not.
type PhotoUpdated struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
}

// EventType names the event.
func (PhotoUpdated) EventType() (string, int) { return "media.photo_updated", 1 }

// UpdatePhotoParams changes what is known of a photo; nil leaves a field, and an empty text
// or an id that is none takes it away.
type UpdatePhotoParams struct {
	PhotoID   id.Of[Photo]
	UnitID    *id.Of[properties.Unit]
	ProjectID *id.Of[renovations.Project]
	Room      *string
	Type      *PhotoType
	Category  *PhotoCategory
	Caption   *string
	Tags      *[]string
}

func (p UpdatePhotoParams) check() error {
	var c check.Fields
	c.Given("photo_id", p.PhotoID)
	check.OptionalText(&c, "room", p.Room, 100)
	check.OptionalText(&c, "caption", p.Caption, check.Long)
	if p.Tags != nil {
		c.Texts("tags", *p.Tags)
	}
	check.Enum(&c, "type", p.Type)
	check.Enum(&c, "category", p.Category)
	return c.Err()
}

func (p UpdatePhotoParams) in(row *Photo) {
	row.UnitID, row.ProjectID = orNone(row.UnitID, p.UnitID), orNone(row.ProjectID, p.ProjectID)
	if p.Room != nil {
		row.Room = store.Optional(*p.Room)
	}
	if p.Caption != nil {
		row.Caption = store.Optional(*p.Caption)
	}
	row.Type, row.Category = given(row.Type, p.Type), given(row.Category, p.Category)
	if p.Tags != nil {
		row.Tags = *p.Tags
	}
}

// orNone is the id that a patch makes of one: nil leaves it, and one that is none takes it away.
func orNone[T any](was, patch *id.Of[T]) *id.Of[T] {
	switch {
	case patch == nil:
		return was
	case patch.IsZero():
		return nil
	}
	return patch
}

// UpdatePhoto changes what a photo is said to show. It locks the property, and returns field
// errors, [ErrPhotoNotFound], [ErrUnitElsewhere] or [ErrProjectElsewhere].
func (s *Service) UpdatePhoto(ctx context.Context, db bun.IDB, p UpdatePhotoParams) (*Photo, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	var row *Photo
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if row, err = s.lockPhoto(ctx, tx, p.PhotoID); err != nil {
			return err
		}
		p.in(row)
		if err := photos.Save(ctx, tx, row, &row.UpdatedAt, "unit_id", "project_id", "room", "photo_type", "category", "caption", "tags"); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregatePhoto, row.ID, PhotoUpdated{row.PropertyID}))
	})
	if err != nil {
		return nil, err
	}
	return row, nil
}
