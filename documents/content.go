package documents

import (
	"context"
	"encoding/hex"
	"io"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/documents/storage"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// ErrNotStored: the bytes of the document are not in the service's storage, but where
// the host has put them.
var ErrNotStored = fault.New(fault.Illegal, "document_not_stored", "the bytes are not in this storage")

// Content is the bytes of a version. Close Body. Its last Read returns
// storage.ErrCorrupt instead of io.EOF where the bytes are not those whose hash the
// document has, and never all of them.
type Content struct {
	Document *Document     `json:"document"`
	Body     io.ReadCloser `json:"-"`
}

// OpenDocumentParams names a version, who opens it and what for.
type OpenDocumentParams struct {
	ID         id.Of[Document]
	ViewerID   id.Of[auth.User] // zero for anybody who is not signed in: public documents
	AsPlatform bool             // the platform itself
	Access     Access           // the default is AccessView
}

func (p *OpenDocumentParams) check() error {
	if p.Access == "" {
		p.Access = AccessView
	}
	var f check.Fields
	check.One(&f, "access", p.Access)
	return f.Err()
}

// OpenDocument opens the bytes of a version for somebody who may view, or download, it,
// and writes that into the access log. It returns field errors, [ErrDocumentNotFound],
// [ErrForbidden], [ErrNotStored] or storage.ErrCorrupt.
func (s *Service) OpenDocument(ctx context.Context, db bun.IDB, p OpenDocumentParams) (*Content, error) {
	d, err := s.grant(ctx, db, &p)
	if err != nil {
		return nil, err
	}
	return s.content(ctx, d)
}

// SignDownloadParams names a version, who fetches it and what for.
type SignDownloadParams OpenDocumentParams

// SignDownload makes a request by which a client itself gets the bytes of a version,
// for a time: with AccessDownload it saves the file. It returns what
// [Service.OpenDocument] does, and storage.ErrNoSigner.
func (s *Service) SignDownload(ctx context.Context, db bun.IDB, params SignDownloadParams) (*storage.Request, error) {
	p := OpenDocumentParams(params)
	d, err := s.grant(ctx, db, &p)
	if err != nil {
		return nil, err
	}
	key, err := s.keyOf(d)
	if err != nil {
		return nil, err
	}
	how := storage.Download{Lifetime: downloadLifetime}
	if p.Access == AccessDownload && d.FileName != nil {
		how.FileName = *d.FileName
	}
	r, err := s.storage.SignDownload(ctx, key, how)
	if err != nil {
		return nil, err
	}
	return &r, nil
}

// downloadLifetime is how long a signed download is good for: it starts at once.
const downloadLifetime = 5 * time.Minute

// grant judges who opens a version, and logs it.
func (s *core) grant(ctx context.Context, db bun.IDB, p *OpenDocumentParams) (*Document, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	var d *Document
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if d, err = documents.One(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery { return live(q).Where("?TableAlias.id = ?", p.ID) }); err != nil {
			return err
		}
		need := map[Access]right{AccessView: mayView, AccessDownload: mayDownload}[p.Access]
		r, err := s.rightsOf(ctx, tx, d, p.ViewerID, p.AsPlatform, need)
		if err == nil {
			err = r.need(need)
		}
		if err != nil {
			return err
		}
		if _, err := s.keyOf(d); err != nil {
			return err
		}
		e := &AccessEntry{DocumentID: d.ID, ShareID: r.share, RequestID: r.request, Access: p.Access}
		if !p.ViewerID.IsZero() {
			e.ViewerID = &p.ViewerID
		}
		return s.opened(ctx, tx, e)
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

// keyOf is the key of a version's object.
func (s *core) keyOf(d *Document) (string, error) {
	if s.storage == nil {
		return "", ErrNoStorage
	}
	if d.StorageURL == nil || d.FileHash == nil || d.FileSize == nil {
		return "", ErrNotStored
	}
	key, ok := strings.CutPrefix(*d.StorageURL, objectURL)
	if !ok {
		return "", ErrNotStored
	}
	return key, nil
}

// content opens the bytes of a version, held against its own hash, not the storage's.
func (s *core) content(ctx context.Context, d *Document) (*Content, error) {
	key, err := s.keyOf(d)
	if err != nil {
		return nil, err
	}
	body, _, err := s.storage.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	o := storage.Object{Key: key, Size: *d.FileSize}
	_, _ = hex.Decode(o.SHA256[:], []byte(*d.FileHash)) // the column holds no other text
	return &Content{d, struct {
		io.Reader
		io.Closer
	}{storage.Verified(body, o, storage.ErrCorrupt), body}}, nil
}
