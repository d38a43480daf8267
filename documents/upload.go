package documents

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/gabriel-vasile/mimetype"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/documents/storage"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of uploads.
var (
	// ErrNoStorage: no storage is configured.
	ErrNoStorage = fault.New(fault.Illegal, "no_storage", "no storage for files is configured")
	// ErrUploadNotFound: there is no such upload.
	ErrUploadNotFound = fault.New(fault.NotFound, "upload_not_found", "there is no such upload")
	// ErrUploadState: the upload has expired or been abandoned, is not complete, is
	// somebody else's or another document's.
	ErrUploadState = fault.New(fault.Illegal, "upload_state", "the upload does not stand for this").On("upload_id")
	// ErrUploadType: the bytes are of another kind than was announced.
	ErrUploadType = fault.New(fault.Invalid, "upload_type_mismatch", "the bytes are of another kind than was announced").On("type")
)

// UploadStatus says how far an upload is.
type UploadStatus string

// The statuses of an upload.
const (
	UploadPending   UploadStatus = "pending"
	UploadComplete  UploadStatus = "complete" // the object is there and was read
	UploadAbandoned UploadStatus = "abandoned"
)

// Valid reports whether s is one of the statuses.
func (s UploadStatus) Valid() bool {
	switch s {
	case UploadPending, UploadComplete, UploadAbandoned:
		return true
	}
	return false
}

// Upload is a file on its way into storage. Its row is there before the object is, and
// the object before the upload is complete; only a complete one becomes a version of a
// document.
type Upload struct {
	bun.BaseModel `bun:"table:documents.uploads,alias:up" json:"-"`

	ID          id.Of[Upload]    `bun:"id,pk" json:"id"`
	UploaderID  id.Of[auth.User] `bun:"uploader_id" json:"uploader_id"`
	ObjectKey   string           `bun:"object_key" json:"object_key"`
	FileName    string           `bun:"file_name" json:"file_name"`
	FileType    string           `bun:"file_type" json:"file_type"` // as announced, and as sniffed once complete
	FileSize    int64            `bun:"file_size" json:"file_size"` // bytes
	FileHash    string           `bun:"file_hash" json:"file_hash"` // SHA-256 in hexadecimal
	Status      UploadStatus     `bun:"status" json:"status"`
	DocumentID  *id.Of[Document] `bun:"document_id" json:"document_id"` // the version whose bytes these are
	TakenAt     *time.Time       `bun:"taken_at" json:"taken_at"`       // since when another row names it; see [TakeUploads]
	ExpiresAt   time.Time        `bun:"expires_at" json:"expires_at"`   // a pending one
	CompletedAt *time.Time       `bun:"completed_at" json:"completed_at"`
	RemovedAt   *time.Time       `bun:"removed_at" json:"removed_at"` // the object of an abandoned one
	CreatedAt   time.Time        `bun:"created_at" json:"created_at"`
	UpdatedAt   time.Time        `bun:"updated_at" json:"updated_at"`
}

var uploads = store.Repo[Upload]{NotFound: ErrUploadNotFound, Constraints: constraints}

// Uploader is who sends a file, for packages that know uploads and no users.
type Uploader = auth.User

// keyPrefix begins the keys of this package's objects, and publicPrefix those of files that
// everybody may see: a folder that a host may put behind a CDN.
const (
	keyPrefix    = "documents/"
	publicPrefix = "media/"
)

// objectURL begins the storage_url of a version whose bytes are in the service's storage.
const objectURL = "object:"

// object is what the storage is told of an upload.
func (u *Upload) object(announced string) storage.Object {
	o := storage.Object{Key: u.ObjectKey, Size: u.FileSize, Type: announced}
	_, _ = hex.Decode(o.SHA256[:], []byte(u.FileHash)) // the column holds no other text
	return o
}

// attachable reports why an upload cannot become a version that somebody adds.
func (u *Upload) attachable(uploader id.Of[auth.User]) error {
	if !u.free(uploader) || u.Public() {
		return ErrUploadState
	}
	return nil
}

// free reports whether an upload of somebody's is complete and becomes something for the
// first time.
func (u *Upload) free(uploader id.Of[auth.User]) bool {
	return u.Status == UploadComplete && u.DocumentID == nil && u.TakenAt == nil && u.UploaderID == uploader
}

// Public reports whether the object is one that everybody may see.
func (u *Upload) Public() bool { return PublicKey(u.ObjectKey) }

// PublicKey reports whether a key is that of an object which everybody may see.
func PublicKey(key string) bool { return strings.HasPrefix(key, publicPrefix) }

// Object is what the storage knows of the bytes of a complete upload.
func (u *Upload) Object() storage.Object { return u.object(u.FileType) }

// fromUpload takes the file of an upload over.
func (d *Document) fromUpload(u *Upload) {
	url := objectURL + u.ObjectKey
	d.FileName, d.FileType, d.FileSize, d.FileHash, d.StorageURL = &u.FileName, &u.FileType, &u.FileSize, &u.FileHash, &url
}

// StartUploadParams announces a file.
type StartUploadParams struct {
	ID         id.Of[Upload] // optional; a new one by default
	UploaderID id.Of[auth.User]
	FileName   string   // at most 255 characters
	Type       string   // a media type
	Size       int64    // bytes
	SHA256     [32]byte // of the bytes
	Public     bool     // everybody may see it: its key begins with "media/", and no document is made of it
}

// StartUpload announces a file, of which the storage knows size, type and hash before
// its first byte. Then the client sends it ([Service.SignUpload]) or the host does
// ([Service.PutUpload]), and [Service.CompleteUpload] reads it. It returns field errors,
// [ErrNoStorage], or auth.ErrActorInactive. Run again with the same id and params, it
// returns the upload as it is then.
func (s *Service) StartUpload(ctx context.Context, db bun.IDB, p StartUploadParams) (*Upload, error) {
	if s.storage == nil {
		return nil, ErrNoStorage
	}
	now := s.now()
	u := &Upload{ID: p.ID.OrNew(), UploaderID: p.UploaderID, FileName: p.FileName, FileType: p.Type, FileSize: p.Size, FileHash: hex.EncodeToString(p.SHA256[:]),
		Status: UploadPending, ExpiresAt: now.Add(s.lifetime), CreatedAt: now, UpdatedAt: now}
	// Never the upload's own id, which its caller may have chosen: the object of a run that was
	// rolled back is old when that id comes again, and a sweep may be about to remove it.
	u.ObjectKey = keyPrefix + id.New[Upload]().String()
	if p.Public {
		u.ObjectKey = publicPrefix + id.New[Upload]().String()
	}
	var f check.Fields
	f.Given("uploader_id", p.UploaderID)
	checkFileName(&f, "file_name", p.FileName)
	f.AddErr("", u.object(p.Type).Check())
	if err := f.Err(); err != nil {
		return nil, err
	}
	c := store.Creation[Upload]{Verb: "documents.start_upload", Params: p, Chosen: p.ID, Kind: "upload", Rows: uploads}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*Upload, error) {
		if err := auth.ActiveActor(ctx, tx, p.UploaderID); err != nil {
			return nil, err
		}
		_, err := uploads.InsertParams(ctx, tx, u, "")
		return u, err
	})
}

// SignUploadParams names an upload of somebody's.
type SignUploadParams struct {
	UploadID   id.Of[Upload]
	UploaderID id.Of[auth.User]
}

// CompleteUploadParams names an upload of somebody's.
type CompleteUploadParams SignUploadParams

// SignUpload makes a request by which a client sends the announced bytes, and no others,
// until the upload expires. It returns [ErrUploadNotFound], [ErrUploadState],
// [ErrNoStorage] or storage.ErrNoSigner.
func (s *Service) SignUpload(ctx context.Context, db bun.IDB, p SignUploadParams) (*storage.Request, error) {
	u, err := s.ownUpload(ctx, db, p)
	if err != nil {
		return nil, err
	}
	now := s.now()
	if err := u.waiting(now); err != nil {
		return nil, err
	}
	r, err := s.storage.SignUpload(ctx, u.object(u.FileType), max(u.ExpiresAt.Sub(now).Truncate(time.Second), time.Second))
	if err != nil {
		return nil, err
	}
	return &r, nil
}

// ownUpload reads an upload of somebody's, who is still active.
func (s *core) ownUpload(ctx context.Context, db bun.IDB, p SignUploadParams) (*Upload, error) {
	if s.storage == nil {
		return nil, ErrNoStorage
	}
	u, err := uploads.Get(ctx, db, p.UploadID)
	switch {
	case err != nil:
		return nil, err
	case u.UploaderID != p.UploaderID:
		return nil, ErrUploadNotFound
	}
	return u, auth.ActiveViewer(ctx, db, p.UploaderID)
}

// waiting reports why an upload takes no bytes any more.
func (u *Upload) waiting(now time.Time) error {
	if u.Status != UploadPending || !now.Before(u.ExpiresAt) {
		return ErrUploadState
	}
	return nil
}

// PutUploadParams is the bytes of an upload.
type PutUploadParams struct {
	UploadID   id.Of[Upload]
	UploaderID id.Of[auth.User]
	Content    io.Reader `json:"-"`
}

// PutUpload streams the bytes of an upload into the storage and completes it. It returns
// what [Service.CompleteUpload] does, and storage.ErrMismatch for other bytes. A complete
// one is returned as it is, and nothing is read.
func (s *Service) PutUpload(ctx context.Context, db bun.IDB, p PutUploadParams) (*Upload, error) {
	u, err := s.ownUpload(ctx, db, SignUploadParams{p.UploadID, p.UploaderID})
	if err != nil || u.Status == UploadComplete {
		return u, err
	}
	if err := u.waiting(s.now()); err != nil {
		return nil, err
	}
	if err := s.storage.Put(ctx, u.object(u.FileType), p.Content); err != nil {
		return nil, err
	}
	return s.CompleteUpload(ctx, db, CompleteUploadParams{p.UploadID, p.UploaderID})
}

// CompleteUpload reads the object of an upload from its first byte to its last, whose
// size and hash have to be those announced, and finds out what kind of file it is. It
// locks the upload, and returns [ErrUploadNotFound], [ErrUploadState], [ErrUploadType],
// storage.ErrNotFound where the object has not arrived, or storage.ErrCorrupt. A complete
// one is returned as it is.
func (s *Service) CompleteUpload(ctx context.Context, db bun.IDB, p CompleteUploadParams) (*Upload, error) {
	u, err := s.ownUpload(ctx, db, SignUploadParams(p))
	if err != nil || u.Status == UploadComplete {
		return u, err
	}
	if err := u.waiting(s.now()); err != nil {
		return nil, err
	}
	kind, err := s.sniff(ctx, u)
	if err != nil {
		return nil, err
	}
	err = store.InTx(ctx, db, func(tx bun.IDB) error {
		if u, err = uploads.Lock(ctx, tx, p.UploadID); err != nil {
			return err
		}
		if u.Status == UploadComplete {
			return nil
		}
		if u.Status != UploadPending {
			return ErrUploadState
		}
		now := s.now()
		u.Status, u.FileType, u.CompletedAt = UploadComplete, kind, &now
		return uploads.Save(ctx, tx, u, &u.UpdatedAt, "status", "file_type", "completed_at")
	})
	if err != nil {
		return nil, err
	}
	return u, nil
}

// sniff reads an object to its end and says what it is.
func (s *core) sniff(ctx context.Context, u *Upload) (string, error) {
	body, o, err := s.storage.Get(ctx, u.ObjectKey)
	if err != nil {
		return "", err
	}
	defer func() { _ = body.Close() }()
	if want := u.object(u.FileType); o.Size != want.Size || o.SHA256 != want.SHA256 {
		return "", storage.ErrMismatch
	}
	head := make([]byte, 3072) // what mimetype looks at
	n, err := io.ReadFull(body, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", err
	}
	if _, err := io.Copy(io.Discard, body); err != nil {
		return "", err
	}
	found := mimetype.Detect(head[:n])
	if !compatible(u.FileType, found) {
		return "", ErrUploadType
	}
	if declared := mimetype.Lookup(u.FileType); found.Is("text/plain") && declared != nil && !declared.Is("text/html") {
		return declared.String(), nil // a kind of text that its bytes do not tell
	}
	return found.String(), nil
}

// compatible reports whether bytes of a kind may be what was announced: the one is a
// kind of the other, as a .docx is of a .zip.
func compatible(announced string, found *mimetype.MIME) bool {
	const any = "application/octet-stream"
	declared := mimetype.Lookup(announced)
	if declared == nil || declared.Is(any) {
		return found.Is(any) || declared != nil
	}
	for m := found; m != nil && !m.Is(any); m = m.Parent() {
		if m.Is(announced) {
			return true
		}
	}
	for m := declared; m != nil && !m.Is(any); m = m.Parent() {
		if m.Is(found.String()) {
			return true
		}
	}
	return false
}
