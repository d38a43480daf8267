package media

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/documents"
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
	UploadID        *id.Of[documents.Upload]  // of the video; nil says where the host keeps it, in FileURL and FileSize
	UploaderID      id.Of[documents.Uploader] // of UploadID
	Public          bool                      // everybody may see the file of the upload, by a CDN; without it what a transcoder makes of it is shown
	KeepPlace       bool                      // the file stays as it was sent, with what it tells of where it was taken
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

// AddVideo puts a video on record; one without a status is processing.
//
// Out of the upload of an MP4 or MOV it takes what that tells of where, when and with what it
// was taken (package movie), before anything is locked: a video of a house that is not yet for
// sale, or of somebody's home, is not to say where that is. Others are [ErrVideoPlace], and
// what was uploaded as public is documents.ErrUploadState, unless KeepPlace says that the file
// stays as it is. What is written anew takes the place of the upload, which is given up.
//
// It locks the upload, and returns documents.ErrUploadNotFound, documents.ErrUploadState,
// documents.ErrNoStorage, [ErrFileKind] or [ErrVideoPlace] for one, all field errors at once, a property that does not exist among them, or
// already_exists when the id is another video's. Run again with the
// same id and params, it returns what it made.
func (s *Service) AddVideo(ctx context.Context, db bun.IDB, p AddVideoParams) (*Video, error) {
	now := s.now()
	row := &Video{ID: p.ID.OrNew(), PropertyID: p.PropertyID, Title: p.Title, Description: p.Description, FileURL: p.FileURL, StreamingURL: p.StreamingURL, ThumbnailURL: p.ThumbnailURL, Type: p.Type, DurationSeconds: p.DurationSeconds, Resolution: p.Resolution, FileSize: p.FileSize, Status: p.Status, CreatedAt: now, UpdatedAt: now}
	if row.Status == "" {
		row.Status = VideoStatusProcessing
	}
	if err := row.validate(p.checkUpload); err != nil {
		return nil, err
	}
	in, err := s.video(ctx, db, p)
	if err != nil {
		return nil, err
	}
	if file := in.of(VariantOriginal); file != nil {
		row.FileURL, row.FileSize = s.urlOf(file.upload), &file.upload.FileSize
	}
	c := store.Creation[Video]{Verb: "media.add_video", Params: p, Chosen: p.ID, Kind: "video", Rows: videos}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*Video, error) {
		if p.UploadID != nil && in.none() {
			return nil, store.ErrExists.On("id")
		}
		if err := videos.Insert(ctx, tx, row); err != nil {
			return nil, err
		}
		if err := in.keep(ctx, tx, now, File{VideoID: &row.ID}); err != nil {
			return nil, err
		}
		return row, s.hooks.Emit(ctx, tx, now, store.Event(aggregateVideo, row.ID, VideoAdded{row.PropertyID, row.Status}))
	})
}

// video is the file of an upload: none without one, and of a video that is there.
func (s *Service) video(ctx context.Context, db bun.IDB, p AddVideoParams) (*incoming, error) {
	is, err := there(ctx, db, videos, p.ID)
	if err != nil || is || p.UploadID == nil {
		return &incoming{}, err
	}
	u, err := s.receive(ctx, db, *p.UploadID, p.UploaderID)
	if err != nil {
		return nil, err
	}
	return s.receiveVideo(ctx, db, u, p.UploaderID, p.KeepPlace, p.Public)
}

func (p AddVideoParams) checkUpload(c *check.Fields) {
	checkUpload(c, p.UploadID, map[string]bool{"file_url": p.FileURL != nil, "file_size": p.FileSize != nil})
	checkHow(c, p.UploadID, p.Public, p.KeepPlace)
}

// validate checks the fields of a video, and more.
func (v *Video) validate(more ...func(*check.Fields)) error {
	var c check.Fields
	c.Given("property_id", v.PropertyID)
	check.OptionalText(&c, "title", v.Title, 255)
	check.OptionalText(&c, "description", v.Description, check.Long)
	elsewhere(&c, "file_url", v.FileURL)
	elsewhere(&c, "streaming_url", v.StreamingURL)
	elsewhere(&c, "thumbnail_url", v.ThumbnailURL)
	check.OptionalText(&c, "resolution", v.Resolution, 20)
	c.Count("duration_seconds", v.DurationSeconds)
	c.Size("file_size", v.FileSize)
	check.Enum(&c, "type", v.Type)
	check.Enum(&c, "status", &v.Status)
	for _, f := range more {
		f(&c)
	}
	return c.Err()
}
