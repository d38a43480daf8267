package media

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/properties/renovations"
	"github.com/freehold-go/freehold/realestate/id"
)

// PhotoAdded says that a photo of a property was put on record.
type PhotoAdded struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
	IsPrimary  bool                       `json:"is_primary"`
}

// EventType names the event.
func (PhotoAdded) EventType() (string, int) { return "media.photo_added", 1 }

// AddPhotoParams is a photo to put on record.
type AddPhotoParams struct {
	ID           id.Of[Photo] // optional; a new one by default
	PropertyID   id.Of[properties.Property]
	UnitID       *id.Of[properties.Unit]
	Room         *string
	ProjectID    *id.Of[renovations.Project]
	UploadID     *id.Of[documents.Upload]  // of a picture; nil says where the host keeps it, in FileURL and what follows
	UploaderID   id.Of[documents.Uploader] // of UploadID
	FileName     *string
	FileURL      *string
	CDNURL       *string
	ThumbnailURL *string
	Type         *PhotoType
	Category     *PhotoCategory
	Caption      *string
	Tags         []string
	Width        *int
	Height       *int
	FileSize     *int64
	MIMEType     *string
	DisplayOrder *int
	IsPrimary    bool
	Status       PhotoStatus
}

// AddPhoto puts a photo on record; one without a status is active. A primary photo
// takes the place of the one before. It locks the property, and then the upload.
//
// Of an upload it makes the files that are shown: the picture the right way up, in several
// sizes, without what its file tells of where and with what it was taken. That takes its
// time, and is done before anything is locked. The upload itself is given up.
//
// It returns [properties.ErrPropertyNotFound], [ErrUnitElsewhere], [ErrPhotoArchived]
// for an archived primary photo, already_exists when the id is another photo's, or
// documents.ErrUploadNotFound, documents.ErrUploadState, documents.ErrNoStorage,
// [ErrFileKind] or picture.ErrTooLarge for an upload, or all field errors at once. Run again with the
// same id and params, it returns what it made.
func (s *Service) AddPhoto(ctx context.Context, db bun.IDB, p AddPhotoParams) (*Photo, error) {
	now := s.now()
	row := &Photo{ID: p.ID.OrNew(), PropertyID: p.PropertyID, UnitID: p.UnitID, Room: p.Room, ProjectID: p.ProjectID, FileName: p.FileName, FileURL: p.FileURL, CDNURL: p.CDNURL, ThumbnailURL: p.ThumbnailURL, Type: p.Type, Category: p.Category, Caption: p.Caption, Tags: p.Tags, Width: p.Width, Height: p.Height, FileSize: p.FileSize, MIMEType: p.MIMEType, DisplayOrder: p.DisplayOrder, IsPrimary: p.IsPrimary, Status: p.Status, CreatedAt: now, UpdatedAt: now}
	if row.Status == "" {
		row.Status = PhotoStatusActive
	}
	if err := row.validate(p.checkUpload); err != nil {
		return nil, err
	}
	in, err := s.picture(ctx, db, p)
	if err != nil {
		return nil, err
	}
	if !in.none() {
		s.showPicture(row, in)
	}
	c := store.Creation[Photo]{Verb: "media.add_photo", Params: p, Chosen: p.ID, Kind: "photo", Rows: photos}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*Photo, error) {
		if p.UploadID != nil && in.none() {
			return nil, store.ErrExists.On("id")
		}
		if row.IsPrimary && row.Status != PhotoStatusActive {
			return nil, ErrPhotoArchived
		}
		if _, err := s.properties.LockProperty(ctx, tx, row.PropertyID); err != nil {
			return nil, err
		}
		if row.IsPrimary {
			if err := clearPrimary(ctx, tx, row.PropertyID); err != nil {
				return nil, err
			}
		}
		if err := photos.Insert(ctx, tx, row); err != nil {
			return nil, err
		}
		if err := in.keep(ctx, tx, now, File{PhotoID: &row.ID}); err != nil {
			return nil, err
		}
		return row, s.hooks.Emit(ctx, tx, now, store.Event(aggregatePhoto, row.ID, PhotoAdded{row.PropertyID, row.IsPrimary}))
	})
}

// picture makes the files of an upload: none without one, and of a photo that is there.
func (s *Service) picture(ctx context.Context, db bun.IDB, p AddPhotoParams) (*incoming, error) {
	is, err := there(ctx, db, photos, p.ID)
	if err != nil || is || p.UploadID == nil {
		return &incoming{}, err
	}
	u, err := s.receive(ctx, db, *p.UploadID, p.UploaderID)
	if err != nil {
		return nil, err
	}
	return s.receivePicture(ctx, db, u, p.UploaderID)
}

// showPicture says in a photo what its files are.
func (s *Service) showPicture(row *Photo, in *incoming) {
	full, small := in.of(VariantFull), in.of(VariantThumbnail)
	if row.FileName == nil {
		row.FileName = &in.upload.FileName
	}
	row.FileURL, row.ThumbnailURL = s.urlOf(full.upload), s.urlOf(small.upload)
	row.CDNURL = store.Optional(s.cdnURL(full.upload.ObjectKey))
	row.Width, row.Height = full.width, full.height
	row.FileSize, row.MIMEType = &full.upload.FileSize, &full.upload.FileType
}

func (p AddPhotoParams) checkUpload(c *check.Fields) {
	checkUpload(c, p.UploadID, map[string]bool{"file_url": p.FileURL != nil, "cdnurl": p.CDNURL != nil, "thumbnail_url": p.ThumbnailURL != nil,
		"width": p.Width != nil, "height": p.Height != nil, "file_size": p.FileSize != nil, "mime_type": p.MIMEType != nil})
}

// validate checks the fields of a photo, and more.
func (p *Photo) validate(more ...func(*check.Fields)) error {
	var c check.Fields
	c.Given("property_id", p.PropertyID)
	check.OptionalText(&c, "room", p.Room, 100)
	check.OptionalText(&c, "file_name", p.FileName, 255)
	elsewhere(&c, "file_url", p.FileURL)
	elsewhere(&c, "cdnurl", p.CDNURL)
	elsewhere(&c, "thumbnail_url", p.ThumbnailURL)
	check.OptionalText(&c, "caption", p.Caption, check.Long)
	check.OptionalText(&c, "mime_type", p.MIMEType, 50)
	c.Texts("tags", p.Tags)
	c.Count("width", p.Width)
	c.Count("height", p.Height)
	c.Integer("display_order", p.DisplayOrder, -check.MaxInt, check.MaxInt)
	c.Size("file_size", p.FileSize)
	check.Enum(&c, "type", p.Type)
	check.Enum(&c, "category", p.Category)
	check.Enum(&c, "status", &p.Status)
	for _, f := range more {
		f(&c)
	}
	return c.Err()
}
