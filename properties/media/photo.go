package media

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/id"
)

// PhotoType says what a photo shows.
type PhotoType string

// The photo types.
const (
	PhotoExterior PhotoType = "exterior"
	PhotoInterior PhotoType = "interior"
	PhotoAmenity  PhotoType = "amenity"
	PhotoUnit     PhotoType = "unit"
	PhotoAerial   PhotoType = "aerial"
)

// Valid reports whether t is one of the photo types.
func (t PhotoType) Valid() bool {
	switch t {
	case PhotoExterior, PhotoInterior, PhotoAmenity, PhotoUnit, PhotoAerial:
		return true
	}
	return false
}

// PhotoCategory says where a photo is used.
type PhotoCategory string

// The photo categories.
const (
	CategoryHero       PhotoCategory = "hero"
	CategoryGallery    PhotoCategory = "gallery"
	CategoryFloorPlan  PhotoCategory = "floorplan"
	CategoryRenovation PhotoCategory = "renovation"
)

// Valid reports whether c is one of the photo categories.
func (c PhotoCategory) Valid() bool {
	switch c {
	case CategoryHero, CategoryGallery, CategoryFloorPlan, CategoryRenovation:
		return true
	}
	return false
}

// PhotoStatus says whether a photo is shown.
type PhotoStatus string

// The photo statuses.
const (
	PhotoActive   PhotoStatus = "active"
	PhotoArchived PhotoStatus = "archived"
)

// Valid reports whether s is one of the photo statuses.
func (s PhotoStatus) Valid() bool { return s == PhotoActive || s == PhotoArchived }

// Photo is a photograph of a property or of one of its units. A property has
// at most one primary photo. FileSize is bytes, Width and Height pixels.
type Photo struct {
	bun.BaseModel `bun:"table:media.property_photos,alias:ph"`

	ID           id.Of[Photo]               `bun:"id,pk"`
	PropertyID   id.Of[properties.Property] `bun:"property_id"`
	UnitID       *id.Of[properties.Unit]    `bun:"unit_id"`
	FileName     *string                    `bun:"file_name"`
	FileURL      *string                    `bun:"file_url"`
	CDNURL       *string                    `bun:"cdn_url"`
	ThumbnailURL *string                    `bun:"thumbnail_url"`
	Type         *PhotoType                 `bun:"photo_type"`
	Category     *PhotoCategory             `bun:"category"`
	Caption      *string                    `bun:"caption"`
	Tags         []string                   `bun:"tags,array"`
	Width        *int                       `bun:"width"`
	Height       *int                       `bun:"height"`
	FileSize     *int64                     `bun:"file_size"`
	MIMEType     *string                    `bun:"mime_type"`
	DisplayOrder *int                       `bun:"display_order"`
	IsPrimary    bool                       `bun:"is_primary"`
	Status       PhotoStatus                `bun:"status"`
	CreatedAt    time.Time                  `bun:"created_at"`
	UpdatedAt    time.Time                  `bun:"updated_at"`
}
