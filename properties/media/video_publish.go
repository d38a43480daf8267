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

// PublishVideoParams is a video that is processed.
type PublishVideoParams struct {
	VideoID      id.Of[Video]
	StreamingURL *string
}

// PublishVideo makes a video visible once it is processed. It returns
// [ErrVideoNotFound].
func (s *Service) PublishVideo(ctx context.Context, db bun.IDB, p PublishVideoParams) (*Video, error) {
	var c check.Fields
	check.OptionalText(&c, "streaming_url", p.StreamingURL, 500)
	if err := c.Err(); err != nil {
		return nil, err
	}
	row := &Video{ID: p.VideoID, Status: VideoActive, StreamingURL: p.StreamingURL}
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		was, err := videos.Lock(ctx, tx, p.VideoID)
		if err != nil {
			return err
		}
		if err = videos.Update(ctx, tx, row, "status", "streaming_url"); err != nil {
			return err
		}
		if row, err = videos.Get(ctx, tx, p.VideoID); err != nil || row.Status == was.Status && reflect.DeepEqual(row.StreamingURL, was.StreamingURL) {
			return err
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateVideo, row.ID, VideoPublished{row.PropertyID}))
	})
	if err != nil {
		return nil, err
	}
	return row, nil
}
