package documents

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// aggregateDocument is what this package's events are about: a document with all
// of its versions, named by the id of the first.
const aggregateDocument = "document"

// DocumentAdded says that the first version of a document is there.
type DocumentAdded struct {
	OwnerID           id.Of[auth.User] `json:"owner_id"`
	Visibility        Visibility       `json:"visibility"`
	RequiresSignature bool             `json:"requires_signature"`
}

// EventType names the event.
func (DocumentAdded) EventType() (string, int) { return "documents.document_added", 1 }

// AddDocumentParams describes a new document.
type AddDocumentParams struct {
	ID                id.Of[Document] // optional; a new one by default
	OwnerID           id.Of[auth.User]
	Name              string // at most 255 characters
	File              File
	Type              *Type
	Category          *Category
	Visibility        Visibility // the default is VisibilityPrivate
	RequiresSignature bool

	// OfferingID makes it a paper of an offering. With RequiresSignature its investors
	// have to sign its latest version before they commit, where the gate asks for that: a
	// private one its owner only, another one everybody.
	OfferingID *id.Of[investments.Offering]

	Description *string
	Tags        []string
	Metadata    map[string]any // the host's own
}

// check fills in defaults and reports every bad field.
func (p *AddDocumentParams) check() error {
	if p.Visibility == "" {
		p.Visibility = VisibilityPrivate
	}
	var f check.Fields
	f.Given("owner_id", p.OwnerID)
	f.Check(p.OfferingID == nil || !p.OfferingID.IsZero(), "offering_id", check.Required, "leave the offering out or name one")
	f.Required("name", p.Name, 255)
	p.File.check(&f)
	check.Enum(&f, "type", p.Type)
	check.Enum(&f, "category", p.Category)
	check.One(&f, "visibility", p.Visibility)
	check.OptionalText(&f, "description", p.Description, check.Long)
	f.Texts("tags", p.Tags)
	f.Object("metadata", p.Metadata)
	return f.Err()
}

// AddDocument adds the first version of a document whose bytes are stored
// already. It returns field errors, already_exists when the id is another
// document's, or reference_not_found when there is no such owner. Run again with
// the same id and params, it returns the document as it is then.
func (s *Service) AddDocument(ctx context.Context, db bun.IDB, p AddDocumentParams) (*Document, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	now := s.now()
	d := &Document{
		ID: p.ID.OrNew(), OwnerID: p.OwnerID, Name: p.Name, Type: p.Type, Category: p.Category,
		Version: 1, IsLatestVersion: true, Visibility: p.Visibility, RequiresSignature: p.RequiresSignature, OfferingID: p.OfferingID,
		Description: p.Description, Tags: p.Tags, Metadata: p.Metadata,
		UploadedAt: now, CreatedAt: now, UpdatedAt: now,
	}
	p.File.in(d)
	c := store.Creation[Document]{Verb: "documents.add_document", Params: p, Chosen: p.ID, Kind: "document", Rows: documents}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*Document, error) {
		if err := documents.Insert(ctx, tx, d); err != nil {
			return nil, err
		}
		return d, s.hooks.Emit(ctx, tx, now, store.Event(aggregateDocument, d.ID, DocumentAdded{d.OwnerID, d.Visibility, d.RequiresSignature}))
	})
}
