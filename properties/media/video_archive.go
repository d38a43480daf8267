package media

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/id"
)

// VideoArchived says that a video is no longer shown.
type VideoArchived struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
}

// EventType names the event.
func (VideoArchived) EventType() (string, int) { return "media.video_archived", 1 }

// VideoDeleted says that a video is gone, with its file.
type VideoDeleted struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
}

// EventType names the event.
func (VideoDeleted) EventType() (string, int) { return "media.video_deleted", 1 }

// ArchiveVideo takes a video out of sight; [Service.PublishVideo] shows it again. It locks
// the video and returns [ErrVideoNotFound]. One that is archived is returned as it is.
func (s *Service) ArchiveVideo(ctx context.Context, db bun.IDB, video id.Of[Video]) (*Video, error) {
	var row *Video
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if row, err = videos.Lock(ctx, tx, video); err != nil || row.Status == VideoStatusArchived {
			return err
		}
		row.Status = VideoStatusArchived
		if err := videos.Save(ctx, tx, row, &row.UpdatedAt, "status"); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateVideo, row.ID, VideoArchived{row.PropertyID}))
	})
	if err != nil {
		return nil, err
	}
	return row, nil
}

// DeleteVideo deletes a video. Its file goes with the next sweep of uploads, as that of a
// photo does ([Service.DeletePhoto]). It locks the video and returns [ErrVideoNotFound].
func (s *Service) DeleteVideo(ctx context.Context, db bun.IDB, video id.Of[Video]) error {
	return store.InTx(ctx, db, func(tx bun.IDB) error {
		row, err := videos.Lock(ctx, tx, video)
		if err != nil {
			return err
		}
		if err := deleteFiles(ctx, tx, FileFilter{VideoID: &video}); err != nil {
			return err
		}
		if _, err := store.ExecParams(ctx, tx, constraints, "DELETE FROM media.property_videos WHERE id = $1", video.String()); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, s.now(), store.Event(aggregateVideo, video, VideoDeleted{row.PropertyID}))
	})
}
