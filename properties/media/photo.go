package media

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/properties/renovations"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// The conditions of photos.
var (
	// ErrPhotoNotFound: there is no such photo.
	ErrPhotoNotFound = fault.New(fault.NotFound, "photo_not_found", "there is no such photo")
	// ErrPhotoArchived: an archived photo cannot be a property's primary one.
	ErrPhotoArchived = fault.New(fault.Illegal, "photo_archived", "the photo is archived")
	// ErrPrimaryPhoto: the property has a primary photo already.
	ErrPrimaryPhoto = fault.New(fault.Conflict, "primary_photo_exists", "the property has a primary photo").On("is_primary")
	// ErrProjectElsewhere: the building work is not on the property.
	ErrProjectElsewhere = fault.New(fault.Invalid, "photo_project_elsewhere", "the project is not one of the property's").On("project_id")
	// ErrPhotoList: the photos are not all of the property's, or one is there twice.
	ErrPhotoList = fault.New(fault.Invalid, "photo_list", "the photos are not those of one property, each once").On("photo_ids")
	// ErrUnitElsewhere: the unit is not one of the property's.
	ErrUnitElsewhere = fault.New(fault.Invalid, "photo_unit_elsewhere", "the unit is not part of the property").On("unit_id")
)

// The aggregates that this package's events are about.
const (
	aggregatePhoto = "photo"
	aggregateVideo = "video"
	aggregateTour  = "tour"
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
	PhotoStatusActive   PhotoStatus = "active"
	PhotoStatusArchived PhotoStatus = "archived"
)

// Valid reports whether s is one of the photo statuses.
func (s PhotoStatus) Valid() bool { return s == PhotoStatusActive || s == PhotoStatusArchived }

// Photo is a photograph of a property, of one of its units or rooms, or of a building work.
// A property has at most one primary photo. FileSize is bytes, Width and Height pixels. One
// in the service's storage has several files ([Service.Files]); FileURL and what follows are
// of the full one.
type Photo struct {
	bun.BaseModel `bun:"table:media.property_photos,alias:ph" json:"-"`

	ID           id.Of[Photo]                `bun:"id,pk" json:"id"`
	PropertyID   id.Of[properties.Property]  `bun:"property_id" json:"property_id"`
	UnitID       *id.Of[properties.Unit]     `bun:"unit_id" json:"unit_id"`
	Room         *string                     `bun:"room" json:"room"`
	ProjectID    *id.Of[renovations.Project] `bun:"project_id" json:"project_id"`
	FileName     *string                     `bun:"file_name" json:"file_name"`
	FileURL      *string                     `bun:"file_url" json:"file_url"`
	CDNURL       *string                     `bun:"cdn_url" json:"cdnurl"`
	ThumbnailURL *string                     `bun:"thumbnail_url" json:"thumbnail_url"`
	Type         *PhotoType                  `bun:"photo_type" json:"type"`
	Category     *PhotoCategory              `bun:"category" json:"category"`
	Caption      *string                     `bun:"caption" json:"caption"`
	Tags         []string                    `bun:"tags,array" json:"tags"`
	Width        *int                        `bun:"width" json:"width"`
	Height       *int                        `bun:"height" json:"height"`
	FileSize     *int64                      `bun:"file_size" json:"file_size"`
	MIMEType     *string                     `bun:"mime_type" json:"mime_type"`
	DisplayOrder *int                        `bun:"display_order" json:"display_order"`
	IsPrimary    bool                        `bun:"is_primary" json:"is_primary"`
	Status       PhotoStatus                 `bun:"status" json:"status"`
	CreatedAt    time.Time                   `bun:"created_at" json:"created_at"`
	UpdatedAt    time.Time                   `bun:"updated_at" json:"updated_at"`
}

// photos is the repository of Photo rows, newest first.
var photos = store.Repo[Photo]{
	NotFound:    ErrPhotoNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(p *Photo) (time.Time, string) { return p.CreatedAt, p.ID.String() }),
}

// PhotoFilter narrows a list of photos; the zero value takes all.
type PhotoFilter struct {
	UnitID    *id.Of[properties.Unit]
	ProjectID *id.Of[renovations.Project]
	Room      string
	Status    PhotoStatus
	Tag       string
}

func (f PhotoFilter) validate() error {
	var c check.Fields
	c.Text("room", f.Room, 100)
	c.Check(f.Status == "" || f.Status.Valid(), "status", check.NotAllowed, "active or archived")
	c.Text("tag", f.Tag, 100)
	return c.Err()
}

// narrow narrows to the photos of a property that the filter takes.
func (f PhotoFilter) narrow(q *bun.SelectQuery, property id.Of[properties.Property]) *bun.SelectQuery {
	q = q.Where("ph.property_id = ?", property)
	if f.UnitID != nil {
		q = q.Where("ph.unit_id = ?", *f.UnitID)
	}
	if f.ProjectID != nil {
		q = q.Where("ph.project_id = ?", *f.ProjectID)
	}
	if f.Room != "" {
		q = q.Where("ph.room = ?", f.Room)
	}
	if f.Status != "" {
		q = q.Where("ph.status = ?", f.Status)
	}
	if f.Tag != "" {
		q = q.Where("ph.tags @> ARRAY[?]::text[]", f.Tag)
	}
	return q
}

// Photos lists the photos of a property, the newest first, a page at a time. It returns
// field errors of the filter.
func (s *Service) Photos(ctx context.Context, db bun.IDB, property id.Of[properties.Property], f PhotoFilter, r page.Request) (page.Page[Photo], error) {
	if err := f.validate(); err != nil {
		return page.Page[Photo]{}, err
	}
	return photos.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery { return f.narrow(q, property) })
}

// maxGallery is how many photos a gallery has at most.
const maxGallery = 1000

// Gallery lists the photos of a property as they are shown: the primary one, then by their
// order ([Service.OrderPhotos]), then those without one, the newest first; at most 1,000.
func (s *Service) Gallery(ctx context.Context, db bun.IDB, property id.Of[properties.Property], f PhotoFilter) ([]Photo, error) {
	if err := f.validate(); err != nil {
		return nil, err
	}
	return photos.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return f.narrow(q, property).OrderExpr("ph.is_primary DESC, ph.display_order, ph.created_at DESC, ph.id").Limit(maxGallery)
	})
}
