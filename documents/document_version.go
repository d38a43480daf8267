package documents

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// DocumentVersionAdded says that a document has another version.
type DocumentVersionAdded struct {
	DocumentID id.Of[Document] `json:"document_id"` // of the version
	Version    int             `json:"version"`
}

// EventType names the event.
func (DocumentVersionAdded) EventType() (string, int) { return "documents.document_version_added", 1 }

// AddVersionParams is another file of a document.
type AddVersionParams struct {
	ID         id.Of[Document] // of the version; optional, a new one by default
	DocumentID id.Of[Document] // any version of the document
	File       File
}

// AddVersion adds a version to a document, and returns it; everything but the
// file is taken over from the version that was the latest. It locks the first
// version, so that concurrent versions get numbers one after the other. It
// returns field errors, already_exists when the id is another document's, or
// [ErrDocumentNotFound]. Run again with the same id and params, it returns the
// version as it is then.
func (s *Service) AddVersion(ctx context.Context, db bun.IDB, p AddVersionParams) (*Document, error) {
	var f check.Fields
	f.Given("document_id", p.DocumentID)
	p.File.check(&f)
	if err := f.Err(); err != nil {
		return nil, err
	}
	c := store.Creation[Document]{Verb: "documents.add_version", Params: p, Chosen: p.ID, Kind: "document", Rows: documents}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*Document, error) { return s.addVersion(ctx, tx, p) })
}

func (s *Service) addVersion(ctx context.Context, tx bun.IDB, p AddVersionParams) (*Document, error) {
	named, err := documents.Get(ctx, tx, p.DocumentID)
	if err != nil {
		return nil, err
	}
	// The first version is never replaced, so its lock orders all of them.
	root := named.Root()
	if _, err := documents.Lock(ctx, tx, root); err != nil {
		return nil, err
	}
	old, err := documents.One(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
		return latest(q, root).For("NO KEY UPDATE")
	})
	if err != nil {
		return nil, err
	}
	now, next := s.now(), *old
	next.ID, next.ParentDocumentID, next.Version = p.ID.OrNew(), &root, old.Version+1
	next.UploadedAt, next.CreatedAt, next.UpdatedAt, next.ModifiedAt = now, now, now, nil
	p.File.in(&next)
	old.IsLatestVersion = false
	if err := documents.Update(ctx, tx, old, "is_latest_version"); err != nil {
		return nil, err
	}
	if err := documents.Insert(ctx, tx, &next); err != nil {
		return nil, err
	}
	return &next, s.hooks.Emit(ctx, tx, now, store.Event(aggregateDocument, root, DocumentVersionAdded{next.ID, next.Version}))
}
