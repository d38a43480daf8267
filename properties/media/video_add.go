package media

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/id"
)

// VideoAdded says that a video of a property was put on record.
type VideoAdded struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
	Status     VideoStatus                `json:"status"`
}

// EventType names the event.
func (VideoAdded) EventType() (string, int) { return "media.video_added", 1 }

// AddVideoParams is a video to put on record.
type AddVideoParams struct {
	ID              id.Of[Video] // optional; a new one by default
	PropertyID      id.Of[properties.Property]
	Title           *string
	Description     *string
	FileURL         *string
	StreamingURL    *string
	ThumbnailURL    *string
	Type            *VideoType
	DurationSeconds *int
	Resolution      *string
	FileSize        *int64
	Status          VideoStatus
}

// AddVideo puts a video on record; one without a status is processing. It returns
// all field errors at once, a property that does not exist among them, or
// already_exists when the id is another video's. Run again with the
// same id and params, it returns what it made.
func (s *Service) AddVideo(ctx context.Context, db bun.IDB, p AddVideoParams) (*Video, error) {
	now := s.now()
	row := &Video{ID: p.ID.OrNew(), PropertyID: p.PropertyID, Title: p.Title, Description: p.Description, FileURL: p.FileURL, StreamingURL: p.StreamingURL, ThumbnailURL: p.ThumbnailURL, Type: p.Type, DurationSeconds: p.DurationSeconds, Resolution: p.Resolution, FileSize: p.FileSize, Status: p.Status, CreatedAt: now, UpdatedAt: now}
	if row.Status == "" {
		row.Status = VideoProcessing
	}
	if err := row.validate(); err != nil {
		return nil, err
	}
	c := store.Creation[Video]{Verb: "media.add_video", Params: p, Chosen: p.ID, Kind: "video", Rows: videos}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*Video, error) {
		if err := videos.Insert(ctx, tx, row); err != nil {
			return nil, err
		}
		return row, s.hooks.Emit(ctx, tx, now, store.Event(aggregateVideo, row.ID, VideoAdded{row.PropertyID, row.Status}))
	})
}

func (v *Video) validate() error {
	var c check.Fields
	c.Given("property_id", v.PropertyID)
	check.OptionalText(&c, "title", v.Title, 255)
	check.OptionalText(&c, "description", v.Description, check.Long)
	check.OptionalText(&c, "file_url", v.FileURL, 500)
	check.OptionalText(&c, "streaming_url", v.StreamingURL, 500)
	check.OptionalText(&c, "thumbnail_url", v.ThumbnailURL, 500)
	check.OptionalText(&c, "resolution", v.Resolution, 20)
	c.Count("duration_seconds", v.DurationSeconds)
	c.Size("file_size", v.FileSize)
	check.Enum(&c, "type", v.Type)
	check.Enum(&c, "status", &v.Status)
	return c.Err()
}
