package media

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/id"
)

// PhotoAdded says that a photo of a property was put on record.
type PhotoAdded struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
	IsPrimary  bool                       `json:"is_primary"`
}

// EventType names the event.
func (PhotoAdded) EventType() (string, int) { return "media.photo_added", 1 }

// AddPhotoParams is a photo to put on record.
type AddPhotoParams struct {
	ID           id.Of[Photo] // optional; a new one by default
	PropertyID   id.Of[properties.Property]
	UnitID       *id.Of[properties.Unit]
	FileName     *string
	FileURL      *string
	CDNURL       *string
	ThumbnailURL *string
	Type         *PhotoType
	Category     *PhotoCategory
	Caption      *string
	Tags         []string
	Width        *int
	Height       *int
	FileSize     *int64
	MIMEType     *string
	DisplayOrder *int
	IsPrimary    bool
	Status       PhotoStatus
}

// AddPhoto puts a photo on record; one without a status is active. A primary photo
// takes the place of the one before. It locks the property.
//
// It returns [properties.ErrPropertyNotFound], [ErrUnitElsewhere], [ErrPhotoArchived]
// for an archived primary photo, already_exists when the id is another photo's, or
// all field errors at once. Run again with the
// same id and params, it returns what it made.
func (s *Service) AddPhoto(ctx context.Context, db bun.IDB, p AddPhotoParams) (*Photo, error) {
	now := s.now()
	row := &Photo{ID: p.ID.OrNew(), PropertyID: p.PropertyID, UnitID: p.UnitID, FileName: p.FileName, FileURL: p.FileURL, CDNURL: p.CDNURL, ThumbnailURL: p.ThumbnailURL, Type: p.Type, Category: p.Category, Caption: p.Caption, Tags: p.Tags, Width: p.Width, Height: p.Height, FileSize: p.FileSize, MIMEType: p.MIMEType, DisplayOrder: p.DisplayOrder, IsPrimary: p.IsPrimary, Status: p.Status, CreatedAt: now, UpdatedAt: now}
	if row.Status == "" {
		row.Status = PhotoStatusActive
	}
	if err := row.validate(); err != nil {
		return nil, err
	}
	c := store.Creation[Photo]{Verb: "media.add_photo", Params: p, Chosen: p.ID, Kind: "photo", Rows: photos}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*Photo, error) {
		if row.IsPrimary && row.Status != PhotoStatusActive {
			return nil, ErrPhotoArchived
		}
		if _, err := s.properties.LockProperty(ctx, tx, row.PropertyID); err != nil {
			return nil, err
		}
		if row.IsPrimary {
			if err := clearPrimary(ctx, tx, row.PropertyID); err != nil {
				return nil, err
			}
		}
		if err := photos.Insert(ctx, tx, row); err != nil {
			return nil, err
		}
		return row, s.hooks.Emit(ctx, tx, now, store.Event(aggregatePhoto, row.ID, PhotoAdded{row.PropertyID, row.IsPrimary}))
	})
}

func (p *Photo) validate() error {
	var c check.Fields
	c.Given("property_id", p.PropertyID)
	check.OptionalText(&c, "file_name", p.FileName, 255)
	check.OptionalText(&c, "file_url", p.FileURL, 500)
	check.OptionalText(&c, "cdnurl", p.CDNURL, 500)
	check.OptionalText(&c, "thumbnail_url", p.ThumbnailURL, 500)
	check.OptionalText(&c, "caption", p.Caption, check.Long)
	check.OptionalText(&c, "mime_type", p.MIMEType, 50)
	c.Texts("tags", p.Tags)
	c.Count("width", p.Width)
	c.Count("height", p.Height)
	c.Integer("display_order", p.DisplayOrder, -check.MaxInt, check.MaxInt)
	c.Size("file_size", p.FileSize)
	check.Enum(&c, "type", p.Type)
	check.Enum(&c, "category", p.Category)
	check.Enum(&c, "status", &p.Status)
	return c.Err()
}
