package media

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// ErrVideoNotFound: there is no such video.
var ErrVideoNotFound = fault.New(fault.NotFound, "video_not_found", "there is no such video")

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
	VideoStatusProcessing VideoStatus = "processing"
	VideoStatusActive     VideoStatus = "active"
	VideoStatusArchived   VideoStatus = "archived"
)

// Valid reports whether s is one of the video statuses.
func (s VideoStatus) Valid() bool {
	switch s {
	case VideoStatusProcessing, VideoStatusActive, VideoStatusArchived:
		return true
	}
	return false
}

// Video is a video of a property. FileSize is bytes. What is shown is what the host's
// transcoder makes of its file, at StreamingURL, or the file itself where it is public.
type Video struct {
	bun.BaseModel `bun:"table:media.property_videos,alias:pv" json:"-"`

	ID              id.Of[Video]               `bun:"id,pk" json:"id"`
	PropertyID      id.Of[properties.Property] `bun:"property_id" json:"property_id"`
	Title           *string                    `bun:"title" json:"title"`
	Description     *string                    `bun:"description" json:"description"`
	FileURL         *string                    `bun:"file_url" json:"file_url"`
	StreamingURL    *string                    `bun:"streaming_url" json:"streaming_url"`
	ThumbnailURL    *string                    `bun:"thumbnail_url" json:"thumbnail_url"`
	Type            *VideoType                 `bun:"video_type" json:"type"`
	DurationSeconds *int                       `bun:"duration_seconds" json:"duration_seconds"`
	Resolution      *string                    `bun:"resolution" json:"resolution"`
	FileSize        *int64                     `bun:"file_size" json:"file_size"`
	Status          VideoStatus                `bun:"status" json:"status"`
	CreatedAt       time.Time                  `bun:"created_at" json:"created_at"`
	UpdatedAt       time.Time                  `bun:"updated_at" json:"updated_at"`
}

// videos is the repository of Video rows, newest first.
var videos = store.Repo[Video]{
	NotFound:    ErrVideoNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(v *Video) (time.Time, string) { return v.CreatedAt, v.ID.String() }),
}

// Videos lists the videos of a property, the newest first, a page at a time.
func (s *Service) Videos(ctx context.Context, db bun.IDB, property id.Of[properties.Property], r page.Request) (page.Page[Video], error) {
	return videos.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("pv.property_id = ?", property) })
}
