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

// DocumentUpdated says that what is known of a document's latest version changed; its
// bytes did not.
type DocumentUpdated struct {
	DocumentID id.Of[Document]  `json:"document_id"` // the latest version
	UpdatedBy  id.Of[auth.User] `json:"updated_by"`
}

// EventType names the event.
func (DocumentUpdated) EventType() (string, int) { return "documents.document_updated", 1 }

// UpdateDocumentParams changes what is known of a document; nil leaves a field.
type UpdateDocumentParams struct {
	DocumentID        id.Of[Document] // any version; the latest is changed
	ActorID           id.Of[auth.User]
	ReadAt            *time.Time // the UpdatedAt that the actor read; another one is store.ErrStale
	Name              *string
	Type              *Type
	Category          *Category
	Visibility        *Visibility
	RequiresSignature *bool
	Folder            *string
	Description       *string
	Tags              *[]string
	Metadata          map[string]any // nil leaves it
}

func (p UpdateDocumentParams) check() error {
	var f check.Fields
	f.Given("document_id", p.DocumentID)
	if p.Name != nil {
		f.Required("name", *p.Name, 255)
	}
	check.Enum(&f, "type", p.Type)
	check.Enum(&f, "category", p.Category)
	check.Enum(&f, "visibility", p.Visibility)
	if p.Folder != nil {
		checkFolder(&f, *p.Folder)
	}
	check.OptionalText(&f, "description", p.Description, check.Long)
	if p.Tags != nil {
		f.Texts("tags", *p.Tags)
	}
	f.Object("metadata", p.Metadata)
	f.Moment("read_at", p.ReadAt)
	return f.Err()
}

// UpdateDocument changes what is known of a document's latest version. Who may edit it
// does so; who changes its visibility may also share it, and who makes it public may
// download it. It locks the document, and returns field errors, [ErrDocumentNotFound],
// [ErrForbidden] or store.ErrStale.
//
// What is no longer public is so in none of its versions. What becomes public does so in
// its latest version only, and in those that come: nobody has meant to publish drafts.
func (s *Service) UpdateDocument(ctx context.Context, db bun.IDB, p UpdateDocumentParams) (*Document, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	var d *Document
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		var has rights
		if d, has, err = s.lockRights(ctx, tx, p.DocumentID, p.ActorID, mayEdit); err != nil {
			return err
		}
		if err := has.need(p.needs(d)...); err != nil {
			return err
		}
		if p.ReadAt != nil && !p.ReadAt.Equal(d.UpdatedAt) {
			return store.ErrStale
		}
		now, narrower := s.now(), d.Visibility == VisibilityPublic && p.Visibility != nil && *p.Visibility != VisibilityPublic
		p.in(d)
		d.ModifiedAt = &now
		if narrower {
			if err := s.ofAll(ctx, tx, d, "visibility = $2", "AND visibility = 'public' AND NOT is_latest_version", string(d.Visibility)); err != nil {
				return err
			}
		}
		if err := documents.Save(ctx, tx, d, &d.UpdatedAt, "name", "type", "category", "visibility", "requires_signature", "folder", "description", "tags",
			"metadata", "modified_at"); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, now, store.Event(aggregateDocument, d.Root(), DocumentUpdated{d.ID, p.ActorID}))
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

// needs are the rights that a change takes beyond editing.
func (p UpdateDocumentParams) needs(d *Document) []right {
	switch {
	case p.Visibility == nil || *p.Visibility == d.Visibility:
		return nil
	case *p.Visibility == VisibilityPublic:
		return []right{mayShare, mayDownload}
	}
	return []right{mayShare}
}

func (p UpdateDocumentParams) in(d *Document) {
	set(&d.Name, p.Name)
	set(&d.Visibility, p.Visibility)
	set(&d.RequiresSignature, p.RequiresSignature)
	set(&d.Folder, p.Folder)
	set(&d.Tags, p.Tags)
	if p.Type != nil {
		d.Type = p.Type
	}
	if p.Category != nil {
		d.Category = p.Category
	}
	if p.Description != nil {
		d.Description = p.Description
	}
	if p.Metadata != nil {
		d.Metadata = p.Metadata
	}
}

// set takes a value over where there is one.
func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}
