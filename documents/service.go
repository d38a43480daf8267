package documents

import (
	"context"
	"encoding/hex"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// Config configures a [Service]. The zero value is ready for use.
type Config struct {
	// Now is the clock; the default is time.Now.
	Now func() time.Time
}

// Service is the verbs on documents. It holds no connection and is safe for
// concurrent use.
type Service struct{ clock func() time.Time }

// NewService makes a Service.
func NewService(cfg Config) *Service {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Service{clock: cfg.Now}
}

// now reads the clock once, in the form that the database keeps.
func (s *Service) now() time.Time { return s.clock().UTC().Truncate(time.Microsecond) }

// File is where the bytes of a document lie and how to know them.
type File struct {
	Name       string   // as it was uploaded, at most 255 characters
	Type       string   // a media type, at most 50 characters
	Size       int64    // bytes
	SHA256     [32]byte // of the bytes
	StorageURL string   // at most 500 characters
}

// check adds every bad field of the file to f.
func (p File) check(f *fault.Fields) {
	length(f, "file.name", p.Name, 255)
	length(f, "file.type", p.Type, 50)
	length(f, "file.storage_url", p.StorageURL, 500)
	f.Check(p.Size >= 0, "file.size", "value_not_allowed", "a size of zero or more")
	f.Check(p.SHA256 != [32]byte{}, "file.sha256", "required", "the SHA-256 of the bytes is needed")
}

// length requires 1 to limit characters.
func length(f *fault.Fields, field, text string, limit int) {
	f.Check(text != "", field, "required", "a value is needed")
	f.Check(utf8.RuneCountInString(text) <= limit, field, "text_too_long", "the text is too long")
}

// in writes the file into d.
func (p File) in(d *Document) {
	hash := hex.EncodeToString(p.SHA256[:])
	d.FileName, d.FileType, d.FileSize, d.FileHash, d.StorageURL = &p.Name, &p.Type, &p.Size, &hash, &p.StorageURL
}

// AddDocumentParams describes a new document.
type AddDocumentParams struct {
	ID                id.Of[Document] // optional; a new one by default
	OwnerID           id.Of[auth.User]
	Name              string
	File              File
	Type              *Type
	Category          *Category
	Visibility        Visibility // the default is VisibilityPrivate
	RequiresSignature bool
	Description       *string
	Tags              []string
	Metadata          map[string]any
}

// check fills in defaults and reports every bad field.
func (p *AddDocumentParams) check() error {
	if p.ID.IsZero() {
		p.ID = id.New[Document]()
	}
	if p.Visibility == "" {
		p.Visibility = VisibilityPrivate
	}
	var f fault.Fields
	f.Check(!p.OwnerID.IsZero(), "owner_id", "required", "an owner is needed")
	length(&f, "name", p.Name, 255)
	p.File.check(&f)
	f.Check(p.Type == nil || p.Type.Valid(), "type", "value_not_allowed", "contract, report, presentation or tax_form")
	f.Check(p.Category == nil || p.Category.Valid(), "category", "value_not_allowed", "investment, legal, financial or marketing")
	f.Check(p.Visibility.Valid(), "visibility", "value_not_allowed", "public, private or shared")
	return f.Err()
}

// AddDocument adds the first version of a document whose bytes are stored
// already. It returns field errors, already_exists when the id is taken, or
// reference_not_found when there is no such owner.
func (s *Service) AddDocument(ctx context.Context, db bun.IDB, p AddDocumentParams) (*Document, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	now := s.now()
	d := &Document{
		ID: p.ID, OwnerID: p.OwnerID, Name: p.Name, Type: p.Type, Category: p.Category,
		Version: 1, IsLatestVersion: true, Visibility: p.Visibility, RequiresSignature: p.RequiresSignature,
		Description: p.Description, Tags: p.Tags, Metadata: p.Metadata,
		UploadedAt: now, CreatedAt: now, UpdatedAt: now,
	}
	p.File.in(d)
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		if err := documents.Insert(ctx, tx, d); err != nil {
			return err
		}
		return store.Emit(ctx, tx, now, store.Event(aggregateDocument, d.ID, DocumentAdded{d.OwnerID, d.Visibility, d.RequiresSignature}))
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

// AddVersion adds a version to the document that of is any version of, and
// returns it; everything but the file is taken over from the version that was
// the latest. It locks that version, so that concurrent versions get numbers
// one after the other. It returns field errors or [ErrDocumentNotFound].
func (s *Service) AddVersion(ctx context.Context, db bun.IDB, of id.Of[Document], file File) (*Document, error) {
	var f fault.Fields
	file.check(&f)
	if err := f.Err(); err != nil {
		return nil, err
	}
	now := s.now()
	var next Document
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		named, err := documents.Get(ctx, tx, of)
		if err != nil {
			return err
		}
		// The first version is never replaced, so its lock orders all of them.
		if _, err := documents.Lock(ctx, tx, named.Root()); err != nil {
			return err
		}
		old, err := documents.One(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
			return latest(q, named.Root()).For("NO KEY UPDATE")
		})
		if err != nil {
			return err
		}
		next = *old
		root := old.Root()
		next.ID, next.ParentDocumentID, next.Version = id.New[Document](), &root, old.Version+1
		next.UploadedAt, next.CreatedAt, next.UpdatedAt, next.ModifiedAt = now, now, now, nil
		file.in(&next)
		old.IsLatestVersion = false
		if err := documents.Update(ctx, tx, old, "is_latest_version"); err != nil {
			return err
		}
		if err := documents.Insert(ctx, tx, &next); err != nil {
			return err
		}
		return store.Emit(ctx, tx, now, store.Event(aggregateDocument, root, DocumentVersionAdded{next.ID, next.Version}))
	})
	if err != nil {
		return nil, err
	}
	return &next, nil
}

// Document returns one version of a document that is not deleted, or
// [ErrDocumentNotFound].
func (s *Service) Document(ctx context.Context, db bun.IDB, d id.Of[Document]) (*Document, error) {
	return documents.One(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return live(q).Where("?TableAlias.id = ?", d)
	})
}

// DocumentFilter narrows a list of documents. The zero value narrows nothing.
type DocumentFilter struct {
	OwnerID     *id.Of[auth.User]
	Type        *Type
	Category    *Category
	Tag         string // one of the document's tags
	AllVersions bool   // not only the latest
}

// Documents lists documents that are not deleted, newest first.
func (s *Service) Documents(ctx context.Context, db bun.IDB, filter DocumentFilter, req page.Request) (page.Page[Document], error) {
	return documents.List(ctx, db, req, func(q *bun.SelectQuery) *bun.SelectQuery {
		q = live(q)
		if filter.OwnerID != nil {
			q = q.Where("?TableAlias.owner_id = ?", *filter.OwnerID)
		}
		if filter.Type != nil {
			q = q.Where("?TableAlias.type = ?", *filter.Type)
		}
		if filter.Category != nil {
			q = q.Where("?TableAlias.category = ?", *filter.Category)
		}
		if filter.Tag != "" {
			q = q.Where("?TableAlias.tags @> ARRAY[?]::text[]", filter.Tag)
		}
		if !filter.AllVersions {
			q = q.Where("?TableAlias.is_latest_version")
		}
		return q
	})
}
