package media

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/documents/storage"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of files.
var (
	// ErrFileNotFound: there is no such file.
	ErrFileNotFound = fault.New(fault.NotFound, "media_file_not_found", "there is no such file")
	// ErrFileOwner: a file is of a photo, a video or a tour, and of one of them.
	ErrFileOwner = fault.New(fault.Invalid, "media_file_owner", "a file is of one photo, video or tour")
	// ErrFileKind: the upload is no picture, or no video, where one is wanted.
	ErrFileKind = fault.New(fault.Invalid, "media_file_kind", "the upload is a file of another kind").On("upload_id")
	// ErrVideoPlace: what the video may tell of where it was taken cannot be taken out of it.
	ErrVideoPlace = fault.New(fault.Invalid, "media_video_place", "the place of such a video cannot be taken out; keep_place keeps it").On("upload_id")
)

// Variant says which of the files of a photo, a video or a tour it is.
type Variant string

// The variants. A picture is there in those sizes that are smaller than itself, and always
// as a thumbnail.
const (
	VariantOriginal  Variant = "original"  // a video as it was sent, but for its place
	VariantFull      Variant = "full"      // a picture in its own size
	VariantLarge     Variant = "large"     // no edge longer than 2048 points
	VariantMedium    Variant = "medium"    // 1024
	VariantThumbnail Variant = "thumbnail" // 320
)

// Valid reports whether v is one of the variants.
func (v Variant) Valid() bool {
	switch v {
	case VariantOriginal, VariantFull, VariantLarge, VariantMedium, VariantThumbnail:
		return true
	}
	return false
}

// File is one file of a photo, a video or a tour in the service's storage.
type File struct {
	bun.BaseModel `bun:"table:media.files,alias:mf" json:"-"`

	ID        id.Of[File]             `bun:"id,pk" json:"id"`
	PhotoID   *id.Of[Photo]           `bun:"photo_id" json:"photo_id"` // one of the three is set
	VideoID   *id.Of[Video]           `bun:"video_id" json:"video_id"`
	TourID    *id.Of[VirtualTour]     `bun:"tour_id" json:"tour_id"`
	UploadID  id.Of[documents.Upload] `bun:"upload_id" json:"upload_id"`
	Variant   Variant                 `bun:"variant" json:"variant"`
	Width     *int                    `bun:"width" json:"width"` // of a picture, in points
	Height    *int                    `bun:"height" json:"height"`
	CreatedAt time.Time               `bun:"created_at" json:"created_at"`
}

// files is the repository of File rows.
var files = store.Repo[File]{NotFound: ErrFileNotFound, Constraints: constraints}

// StoredFile is a file with what its upload says of it.
type StoredFile struct {
	ID        id.Of[File] `bun:"id" json:"id"`
	Variant   Variant     `bun:"variant" json:"variant"`
	Width     *int        `bun:"width" json:"width"`
	Height    *int        `bun:"height" json:"height"`
	Type      string      `bun:"file_type" json:"type"` // a media type
	Size      int64       `bun:"file_size" json:"size"` // bytes
	Hash      string      `bun:"file_hash" json:"hash"` // SHA-256 in hexadecimal
	ObjectKey string      `bun:"object_key" json:"object_key"`
	URL       *string     `bun:"-" json:"url"` // by the CDN of the Config; nil without one, and for what is not public
}

// FileFilter says whose files are listed: those of one photo, video or tour.
type FileFilter struct {
	PhotoID *id.Of[Photo]
	VideoID *id.Of[Video]
	TourID  *id.Of[VirtualTour]
}

// Files lists the files of a photo, a video or a tour, the largest first. What is not in the
// service's storage has none.
func (s *Service) Files(ctx context.Context, db bun.IDB, f FileFilter) ([]StoredFile, error) {
	out, err := store.Rows[StoredFile](ctx, db, `SELECT mf.id, mf.variant, mf.width, mf.height, u.file_type, u.file_size, u.file_hash, u.object_key
		FROM media.files mf JOIN documents.uploads u ON u.id = mf.upload_id
		WHERE mf.photo_id = $1::uuid OR mf.video_id = $2::uuid OR mf.tour_id = $3::uuid
		ORDER BY mf.width DESC NULLS FIRST, mf.variant`, textOf(f.PhotoID), textOf(f.VideoID), textOf(f.TourID))
	for i := range out {
		if url := s.cdnURL(out[i].ObjectKey); url != "" {
			out[i].URL = &url
		}
	}
	return out, err
}

// textOf is an id as a parameter; nil is NULL.
func textOf[T any](v *id.Of[T]) any {
	if v == nil {
		return nil
	}
	return v.String()
}

// SignFile makes a request by which a client itself gets a file, for five minutes. It
// returns [ErrFileNotFound], documents.ErrNoStorage or storage.ErrNoSigner.
func (s *Service) SignFile(ctx context.Context, db bun.IDB, file id.Of[File]) (*storage.Request, error) {
	if s.storage == nil {
		return nil, documents.ErrNoStorage
	}
	found, err := store.Rows[StoredFile](ctx, db, `SELECT mf.id, mf.variant, u.file_type, u.file_size, u.file_hash, u.object_key
		FROM media.files mf JOIN documents.uploads u ON u.id = mf.upload_id WHERE mf.id = $1`, file.String())
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0:
		return nil, ErrFileNotFound
	}
	r, err := s.storage.SignDownload(ctx, found[0].ObjectKey, storage.Download{Lifetime: signedLifetime})
	if err != nil {
		return nil, err
	}
	return &r, nil
}

// signedLifetime is how long a signed request for a file is good for: it starts at once.
const signedLifetime = 5 * time.Minute

// elsewhere checks a URL of a file that the host keeps: what is in the service's storage
// comes by an upload.
func elsewhere(c *check.Fields, field string, url *string) {
	check.OptionalText(c, field, url, 500)
	c.Check(url == nil || !strings.HasPrefix(*url, objectURL), field, check.NotAllowed, "what is in this storage comes by an upload")
}

// checkUpload checks a file that a row takes, which says by itself what the fields given say.
func checkUpload(f *check.Fields, upload *id.Of[documents.Upload], given map[string]bool) {
	if upload == nil {
		return
	}
	f.Given("upload_id", *upload)
	for _, name := range sortedKeys(given) {
		f.Check(!given[name], name, check.NotAllowed, "the file of the upload says it")
	}
}

// checkHow checks that what is said of an upload is said of one.
func checkHow(f *check.Fields, upload *id.Of[documents.Upload], public, keepPlace bool) {
	f.Check(!public || upload != nil, "public", check.NotAllowed, "of an upload")
	f.Check(!keepPlace || upload != nil, "keep_place", check.NotAllowed, "of an upload")
}
