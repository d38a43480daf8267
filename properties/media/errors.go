package media

import (
	"maps"

	"time"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// The conditions of this package.
var (
	// ErrPhotoNotFound: there is no such photo.
	ErrPhotoNotFound = fault.New(fault.NotFound, "photo_not_found", "there is no such photo")
	// ErrPhotoArchived: an archived photo cannot be a property's primary one.
	ErrPhotoArchived = fault.New(fault.Illegal, "photo_archived", "the photo is archived")
	// ErrPrimaryPhoto: the property has a primary photo already.
	ErrPrimaryPhoto = fault.New(fault.Conflict, "primary_photo_exists", "the property has a primary photo").On("is_primary")
	// ErrUnitElsewhere: the unit is not one of the property's.
	ErrUnitElsewhere = fault.New(fault.Invalid, "photo_unit_elsewhere", "the unit is not part of the property").On("unit_id")
	// ErrVideoNotFound: there is no such video.
	ErrVideoNotFound = fault.New(fault.NotFound, "video_not_found", "there is no such video")
	// ErrTourNotFound: there is no such virtual tour.
	ErrTourNotFound = fault.New(fault.NotFound, "tour_not_found", "there is no such virtual tour")
)

// constraints maps what the names of constraints do not tell.
var constraints = store.Constraints{
	"uk_property_photos_primary": ErrPrimaryPhoto,
	"fk_property_photos_unit_id": ErrUnitElsewhere,
}

// photos is the repository of Photo rows, newest first.
var photos = store.Repo[Photo]{
	NotFound:    ErrPhotoNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(p *Photo) (time.Time, string) { return p.CreatedAt, p.ID.String() }),
}

// videos is the repository of Video rows, newest first.
var videos = store.Repo[Video]{
	NotFound:    ErrVideoNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(v *Video) (time.Time, string) { return v.CreatedAt, v.ID.String() }),
}

// tours is the repository of VirtualTour rows, newest first.
var tours = store.Repo[VirtualTour]{
	NotFound:    ErrTourNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(t *VirtualTour) (time.Time, string) { return t.CreatedAt, t.ID.String() }),
}

// Constraints names the constraints of this package's tables whose violation
// means one of its conditions, for hosts that write the tables themselves.
func Constraints() map[string]*fault.Error { return maps.Clone(constraints) }
