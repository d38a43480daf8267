package media

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/id"
)

// VideoType says what a video shows.
type VideoType string

// The video types.
const (
	VideoWalkthrough VideoType = "walkthrough"
	VideoAerial      VideoType = "aerial"
	VideoTestimonial VideoType = "testimonial"
	VideoUpdate      VideoType = "update"
)

// Valid reports whether t is one of the video types.
func (t VideoType) Valid() bool {
	switch t {
	case VideoWalkthrough, VideoAerial, VideoTestimonial, VideoUpdate:
		return true
	}
	return false
}

// VideoStatus says whether a video can be shown.
type VideoStatus string

// The video statuses.
const (
	VideoProcessing VideoStatus = "processing"
	VideoActive     VideoStatus = "active"
	VideoArchived   VideoStatus = "archived"
)

// Valid reports whether s is one of the video statuses.
func (s VideoStatus) Valid() bool {
	switch s {
	case VideoProcessing, VideoActive, VideoArchived:
		return true
	}
	return false
}

// Video is a video of a property. FileSize is bytes.
type Video struct {
	bun.BaseModel `bun:"table:media.property_videos,alias:pv"`

	ID              id.Of[Video]               `bun:"id,pk"`
	PropertyID      id.Of[properties.Property] `bun:"property_id"`
	Title           *string                    `bun:"title"`
	Description     *string                    `bun:"description"`
	FileURL         *string                    `bun:"file_url"`
	StreamingURL    *string                    `bun:"streaming_url"`
	ThumbnailURL    *string                    `bun:"thumbnail_url"`
	Type            *VideoType                 `bun:"video_type"`
	DurationSeconds *int                       `bun:"duration_seconds"`
	Resolution      *string                    `bun:"resolution"`
	FileSize        *int64                     `bun:"file_size"`
	Status          VideoStatus                `bun:"status"`
	CreatedAt       time.Time                  `bun:"created_at"`
	UpdatedAt       time.Time                  `bun:"updated_at"`
}
