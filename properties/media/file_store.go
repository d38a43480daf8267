package media

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/documents/storage"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties/media/picture"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// objectURL begins the URL of a file in the service's storage where no CDN serves it.
const objectURL = "object:"

// size is a size of pictures below their own.
type size struct {
	variant Variant
	edge    int
}

func sizes() []size {
	return []size{{VariantLarge, 2048}, {VariantMedium, 1024}, {VariantThumbnail, 320}}
}

// stored is a file of a row to be: a complete upload that nothing names yet. A sweep
// removes it where the row never comes.
type stored struct {
	variant       Variant
	upload        *documents.Upload
	width, height *int
}

// incoming is what an upload has become: the files of the row, and whether the upload
// itself is one of them.
type incoming struct {
	uploader id.Of[documents.Uploader]
	upload   *documents.Upload
	files    []stored
	kept     bool
}

// none reports whether there was no upload.
func (in *incoming) none() bool { return in.upload == nil }

// there reports whether a row is there whose id somebody chose: of its upload nothing is
// made a second time, and the verb says whether it is the same.
func there[T any](ctx context.Context, db bun.IDB, rows store.Repo[T], v id.Of[T]) (bool, error) {
	if v.IsZero() {
		return false, nil
	}
	_, err := rows.Get(ctx, db, v)
	if errors.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil, err
}

// of is the file of a variant; nil is none.
func (in *incoming) of(v Variant) *stored {
	for i := range in.files {
		if in.files[i].variant == v {
			return &in.files[i]
		}
	}
	return nil
}

// receive completes the upload of a file, which reads it.
func (s *Service) receive(ctx context.Context, db bun.IDB, upload id.Of[documents.Upload], uploader id.Of[documents.Uploader]) (*documents.Upload, error) {
	if s.storage == nil {
		return nil, documents.ErrNoStorage
	}
	u, err := s.papers.CompleteUpload(ctx, db, documents.CompleteUploadParams{UploadID: upload, UploaderID: uploader})
	if err == nil && (u.DocumentID != nil || u.TakenAt != nil) {
		return nil, documents.ErrUploadState
	}
	return u, err
}

// receivePicture reads a picture and stores it anew, in all sizes, without what its file
// says of where it was taken. The upload itself, which says that, is given up with the row's
// transaction; it is not public, and never was.
func (s *Service) receivePicture(ctx context.Context, db bun.IDB, u *documents.Upload, uploader id.Of[documents.Uploader]) (*incoming, error) {
	switch {
	case u.Public():
		return nil, documents.ErrUploadState
	case u.FileSize > picture.MaxBytes:
		return nil, picture.ErrTooLarge.On("upload_id")
	}
	p, err := s.read(ctx, u)
	if err != nil {
		return nil, err
	}
	in := &incoming{uploader: uploader, upload: u}
	add := func(v Variant) error {
		file, err := s.write(ctx, db, p, v, u, uploader)
		in.files = append(in.files, file)
		return err
	}
	if err := add(VariantFull); err != nil {
		return nil, err
	}
	for _, size := range sizes() {
		smaller := p.Within(size.edge)
		if smaller == p && size.variant != VariantThumbnail {
			continue
		}
		p = smaller
		if err := add(size.variant); err != nil {
			return nil, err
		}
	}
	return in, nil
}

// read reads the picture of an upload.
func (s *Service) read(ctx context.Context, u *documents.Upload) (*picture.Picture, error) {
	body, _, err := s.storage.Get(ctx, u.ObjectKey)
	if err != nil {
		return nil, err
	}
	defer func() { _ = body.Close() }()
	p, err := picture.Read(storage.Verified(body, u.Object(), storage.ErrCorrupt))
	switch {
	case errors.Is(err, picture.ErrTooLarge):
		return nil, picture.ErrTooLarge.On("upload_id").Because(err)
	case errors.Is(err, picture.ErrUnreadable):
		return nil, ErrFileKind.Because(err)
	}
	return p, err
}

// write stores a picture as a file that everybody may see.
func (s *Service) write(ctx context.Context, db bun.IDB, p *picture.Picture, v Variant, from *documents.Upload, uploader id.Of[documents.Uploader]) (stored, error) {
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		return stored{}, err
	}
	name := strings.TrimSuffix(from.FileName, path.Ext(from.FileName))
	u, err := s.papers.UploadFile(ctx, db, documents.UploadFileParams{UploaderID: uploader, FileName: cut(name, 200) + "-" + string(v) + "." + p.Type()[len("image/"):],
		Type: p.Type(), Content: bytes.NewReader(b.Bytes()), Public: true})
	w, h := p.Width(), p.Height()
	return stored{v, u, &w, &h}, err
}

// cut is the beginning of a text, at most n characters of it.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// keep writes the files of a row, which owner names, in the row's transaction.
func (in *incoming) keep(ctx context.Context, tx bun.IDB, now time.Time, owner File) error {
	if in.none() {
		return nil
	}
	taken := []id.Of[documents.Upload]{in.upload.ID}
	for _, f := range in.files {
		if f.upload.ID != in.upload.ID {
			taken = append(taken, f.upload.ID)
		}
	}
	if err := documents.TakeUploads(ctx, tx, in.uploader, now, taken...); err != nil {
		return err
	}
	for _, f := range in.files {
		row := owner
		row.ID, row.UploadID, row.Variant, row.Width, row.Height, row.CreatedAt = id.New[File](), f.upload.ID, f.variant, f.width, f.height, now
		if err := files.Insert(ctx, tx, &row); err != nil {
			return err
		}
	}
	if in.kept {
		return nil
	}
	return documents.ReleaseUploads(ctx, tx, in.upload.ID)
}

// deleteFiles deletes the files of a photo, a video or a tour, and gives their uploads up.
func deleteFiles(ctx context.Context, tx bun.IDB, f FileFilter) error {
	type gone struct {
		UploadID id.Of[documents.Upload] `bun:"upload_id"`
	}
	found, err := store.Rows[gone](ctx, tx, `DELETE FROM media.files WHERE photo_id = $1::uuid OR video_id = $2::uuid OR tour_id = $3::uuid RETURNING upload_id`,
		textOf(f.PhotoID), textOf(f.VideoID), textOf(f.TourID))
	if err != nil || len(found) == 0 {
		return err
	}
	ids := make([]id.Of[documents.Upload], len(found))
	for i := range found {
		ids[i] = found[i].UploadID
	}
	return documents.ReleaseUploads(ctx, tx, ids...)
}

// IsBaseURL reports whether a CDN may be at a URL: it is https, and has no query.
func IsBaseURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.RawQuery == "" && u.Fragment == "" && len(s) <= 200
}

// cdnURL is where the CDN of the Config serves an object that is public; "" is nowhere.
func (s *Service) cdnURL(key string) string {
	if s.cdn == "" || !documents.PublicKey(key) {
		return ""
	}
	return s.cdn + "/" + key
}

// urlOf is where the file of an upload is: by the CDN, or in the service's storage.
func (s *Service) urlOf(u *documents.Upload) *string {
	where := s.cdnURL(u.ObjectKey)
	if where == "" {
		where = objectURL + u.ObjectKey
	}
	return &where
}

func sortedKeys(m map[string]bool) []string { return slices.Sorted(maps.Keys(m)) }
