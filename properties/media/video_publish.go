package media

import (
	"context"
	"reflect"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/id"
)

// VideoPublished says that a video is visible.
type VideoPublished struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
}

// EventType names the event.
func (VideoPublished) EventType() (string, int) { return "media.video_published", 1 }

// PublishVideoParams is a video that is processed, with what its transcoder says of it. What
// is nil stays as it is.
type PublishVideoParams struct {
	VideoID         id.Of[Video]
	StreamingURL    *string
	ThumbnailURL    *string
	DurationSeconds *int
	Resolution      *string // such as 1920x1080
}

// PublishVideo makes a video visible once it is processed, and one that was archived again.
// It locks the video, and returns field errors or [ErrVideoNotFound].
func (s *Service) PublishVideo(ctx context.Context, db bun.IDB, p PublishVideoParams) (*Video, error) {
	var c check.Fields
	elsewhere(&c, "streaming_url", p.StreamingURL)
	elsewhere(&c, "thumbnail_url", p.ThumbnailURL)
	check.OptionalText(&c, "resolution", p.Resolution, 20)
	c.Count("duration_seconds", p.DurationSeconds)
	if err := c.Err(); err != nil {
		return nil, err
	}
	var row *Video
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if row, err = videos.Lock(ctx, tx, p.VideoID); err != nil {
			return err
		}
		was := *row
		row.Status = VideoStatusActive
		row.StreamingURL, row.ThumbnailURL = given(row.StreamingURL, p.StreamingURL), given(row.ThumbnailURL, p.ThumbnailURL)
		row.Resolution, row.DurationSeconds = given(row.Resolution, p.Resolution), given(row.DurationSeconds, p.DurationSeconds)
		if reflect.DeepEqual(*row, was) {
			return nil
		}
		if err := videos.Save(ctx, tx, row, &row.UpdatedAt, "status", "streaming_url", "thumbnail_url", "resolution", "duration_seconds"); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateVideo, row.ID, VideoPublished{row.PropertyID}))
	})
	if err != nil {
		return nil, err
	}
	return row, nil
}

// given is what a patch makes of a value: nil leaves it.
func given[T any](was, patch *T) *T {
	if patch == nil {
		return was
	}
	return patch
}
