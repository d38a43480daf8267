package documents

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/documents/storage"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// UploadFileParams is a file that the host has.
type UploadFileParams struct {
	ID         id.Of[Upload] // optional; a new one by default
	UploaderID id.Of[auth.User]
	FileName   string
	Type       string        // a media type; "" finds it out
	Content    io.ReadSeeker `json:"-"` // read twice: for its hash, and into the storage
	Public     bool          // as of StartUploadParams
}

// UploadFile announces, sends and completes a file at once. It returns what
// [Service.StartUpload] and [Service.PutUpload] do.
func (s *Service) UploadFile(ctx context.Context, db bun.IDB, p UploadFileParams) (*Upload, error) {
	if p.Content == nil {
		return nil, storage.ErrMismatch.With("there is no content")
	}
	h := sha256.New()
	size, err := io.Copy(h, p.Content)
	if err != nil {
		return nil, fmt.Errorf("documents: content: %w", err)
	}
	if p.Type == "" {
		p.Type = "application/octet-stream"
	}
	start := StartUploadParams{ID: p.ID, UploaderID: p.UploaderID, FileName: p.FileName, Type: p.Type, Size: size, SHA256: [32]byte(h.Sum(nil)), Public: p.Public}
	u, err := s.StartUpload(ctx, db, start)
	if err != nil || u.Status == UploadComplete {
		return u, err
	}
	if _, err := p.Content.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("documents: content: %w", err)
	}
	return s.PutUpload(ctx, db, PutUploadParams{UploadID: u.ID, UploaderID: p.UploaderID, Content: p.Content})
}
