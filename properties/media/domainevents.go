package media

import (
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/id"
)

// The aggregates that this package's events are about.
const (
	aggregatePhoto = "photo"
	aggregateVideo = "video"
	aggregateTour  = "tour"
)

// PhotoAdded says that a photo of a property was put on record.
type PhotoAdded struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
	IsPrimary  bool                       `json:"is_primary"`
}

// EventType names the event.
func (PhotoAdded) EventType() (string, int) { return "media.photo_added", 1 }

// PhotoMadePrimary says that a photo stands for its property.
type PhotoMadePrimary struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
}

// EventType names the event.
func (PhotoMadePrimary) EventType() (string, int) { return "media.photo_made_primary", 1 }

// PhotoArchivedEvent says that a photo is out of the gallery.
type PhotoArchivedEvent struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
}

// EventType names the event.
func (PhotoArchivedEvent) EventType() (string, int) { return "media.photo_archived", 1 }

// VideoAdded says that a video of a property was put on record.
type VideoAdded struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
	Status     VideoStatus                `json:"status"`
}

// EventType names the event.
func (VideoAdded) EventType() (string, int) { return "media.video_added", 1 }

// VideoPublished says that a video is visible.
type VideoPublished struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
}

// EventType names the event.
func (VideoPublished) EventType() (string, int) { return "media.video_published", 1 }

// TourAdded says that a virtual tour of a property was put on record.
type TourAdded struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
}

// EventType names the event.
func (TourAdded) EventType() (string, int) { return "media.tour_added", 1 }
