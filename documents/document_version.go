package documents

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
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
	ID         id.Of[Document]  // of the version; optional, a new one by default
	DocumentID id.Of[Document]  // any version of the document
	ActorID    id.Of[auth.User] // who may edit it
	File       File             // bytes that the host has stored, or
	UploadID   *id.Of[Upload]   // a complete upload of the actor's, that is no document's yet
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
	f.Given("actor_id", p.ActorID)
	p.File.either(&f, p.UploadID)
	f.Check(p.ID != p.DocumentID || p.ID.IsZero(), "id", check.Duplicate, "another id than the document's")
	if err := f.Err(); err != nil {
		return nil, err
	}
	c := store.Creation[Document]{Verb: "documents.add_version", Params: p, Chosen: p.ID, Kind: "document", Rows: documents}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*Document, error) { return s.addVersion(ctx, tx, p) })
}

func (s *core) addVersion(ctx context.Context, tx bun.IDB, p AddVersionParams) (*Document, error) {
	// The first version is never replaced, so its lock orders all of them.
	old, err := s.lockLatest(ctx, tx, p.DocumentID, p.ActorID, mayEdit)
	if err != nil {
		return nil, err
	}
	root, now, next := old.Root(), s.now(), *old
	next.fromVersion(old, p.ID.OrNew(), now)
	old.IsLatestVersion = false
	if err := documents.Update(ctx, tx, old, "is_latest_version"); err != nil {
		return nil, err
	}
	if err := s.insert(ctx, tx, &next, p.File, p.UploadID, p.ActorID); err != nil {
		return nil, err
	}
	voided, err := voidOpen(ctx, tx, root, &p.ActorID, "a new version was added", now)
	if err != nil {
		return nil, err
	}
	events := append([]store.Emission{store.Event(aggregateDocument, root, DocumentVersionAdded{next.ID, next.Version})}, voided...)
	return &next, s.hooks.Emit(ctx, tx, now, events...)
}

// fromVersion makes a copy of a version the next one.
func (d *Document) fromVersion(old *Document, next id.Of[Document], now time.Time) {
	root := old.Root()
	d.ID, d.ParentDocumentID, d.Version = next, &root, old.Version+1
	d.UploadedAt, d.CreatedAt, d.UpdatedAt, d.ModifiedAt = now, now, now, nil
}

// lockLatest locks a document by its first version, and its latest version, for
// somebody who has a right. It returns [ErrDocumentNotFound] or [ErrForbidden].
func (s *core) lockLatest(ctx context.Context, tx bun.IDB, document id.Of[Document], actor id.Of[auth.User], right right) (*Document, error) {
	d, _, err := s.lockRights(ctx, tx, document, actor, right)
	return d, err
}

// lockRights is lockLatest that also says what else the actor may do. Who lets others at a
// document gives no right that they do not have themselves.
func (s *core) lockRights(ctx context.Context, tx bun.IDB, document id.Of[Document], actor id.Of[auth.User], right right) (d *Document, r rights, err error) {
	named, err := documents.Get(ctx, tx, document)
	if err != nil {
		return nil, r, err
	}
	root := named.Root()
	if _, err := documents.Lock(ctx, tx, root); err != nil {
		return nil, r, err
	}
	d, err = documents.One(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery { return latest(q, root).For("NO KEY UPDATE") })
	if err != nil {
		return nil, r, err
	}
	if actor.IsZero() {
		return nil, r, auth.ErrActorRequired
	}
	if r, err = s.rightsOf(ctx, tx, d, actor, false, right); err != nil {
		return nil, r, err
	}
	return d, r, r.need(right)
}
