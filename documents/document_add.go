package documents

import (
	"context"
	"errors"
	"strings"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
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
	Name              string         // at most 255 characters
	File              File           // bytes that the host has stored, or
	UploadID          *id.Of[Upload] // a complete upload of the owner's, that is no document's yet
	Type              *Type
	Category          *Category
	Visibility        Visibility // the default is VisibilityPrivate
	RequiresSignature bool

	// OfferingID makes it a paper of an offering. With RequiresSignature its investors
	// have to sign its latest version before they commit, where the gate asks for that:
	// everybody, or of a private one whom HoldSigned names.
	OfferingID *id.Of[investments.Offering]

	PropertyID  *id.Of[properties.Property]
	AccountID   *id.Of[investments.Account]
	PositionID  *id.Of[investments.Position]
	StatementID *id.Of[investments.Statement]

	Folder      string     // names between slashes, such as "Closing/Title"; at most 500 characters
	RetainUntil *date.Date // it is not deleted before this day's end
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
	given(&f, "offering_id", p.OfferingID)
	f.Required("name", p.Name, 255)
	p.File.either(&f, p.UploadID)
	given(&f, "property_id", p.PropertyID)
	given(&f, "account_id", p.AccountID)
	given(&f, "position_id", p.PositionID)
	given(&f, "statement_id", p.StatementID)
	checkFolder(&f, p.Folder)
	f.Day("retain_until", p.RetainUntil)
	check.Enum(&f, "type", p.Type)
	check.Enum(&f, "category", p.Category)
	check.One(&f, "visibility", p.Visibility)
	check.OptionalText(&f, "description", p.Description, check.Long)
	f.Texts("tags", p.Tags)
	f.Object("metadata", p.Metadata)
	return f.Err()
}

// given refuses an optional id that names nothing.
func given[T any](f *check.Fields, name string, v *id.Of[T]) {
	f.Check(v == nil || !v.IsZero(), name, check.Required, "leave it out or name one")
}

// maxFolder is how many characters a path has at most.
const maxFolder = 500

// checkFolder checks a path of names between slashes.
func checkFolder(f *check.Fields, folder string) {
	f.Text("folder", folder, maxFolder)
	f.Check(!strings.HasPrefix(folder, "/") && !strings.HasSuffix(folder, "/") && !strings.Contains(folder, "//"), "folder", check.Malformed,
		"names between single slashes")
}

// AddDocument adds the first version of a document, out of a complete upload or of
// bytes that the host stored elsewhere. It locks the upload. It returns field errors,
// [ErrUploadState], already_exists when the id is another document's, or
// reference_not_found when there is no such owner, or one who is suspended or deleted. Run
// again with the same id and params, it returns the document as it is then.
func (s *Service) AddDocument(ctx context.Context, db bun.IDB, p AddDocumentParams) (*Document, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	now := s.now()
	d := &Document{
		ID: p.ID.OrNew(), OwnerID: p.OwnerID, Name: p.Name, Type: p.Type, Category: p.Category,
		Version: 1, IsLatestVersion: true, Visibility: p.Visibility, RequiresSignature: p.RequiresSignature, OfferingID: p.OfferingID,
		PropertyID: p.PropertyID, AccountID: p.AccountID, PositionID: p.PositionID, StatementID: p.StatementID, Folder: p.Folder, RetainUntil: p.RetainUntil,
		Description: p.Description, Tags: p.Tags, Metadata: p.Metadata,
		UploadedAt: now, CreatedAt: now, UpdatedAt: now,
	}
	c := store.Creation[Document]{Verb: "documents.add_document", Params: p, Chosen: p.ID, Kind: "document", Rows: documents}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*Document, error) {
		if err := activeOwner(ctx, tx, p.OwnerID); err != nil {
			return nil, err
		}
		if err := s.insert(ctx, tx, d, p.File, p.UploadID, p.OwnerID); err != nil {
			return nil, err
		}
		return d, s.hooks.Emit(ctx, tx, now, store.Event(aggregateDocument, d.ID, DocumentAdded{d.OwnerID, d.Visibility, d.RequiresSignature}))
	})
}

// activeOwner refuses papers for whoever is unknown, suspended or deleted.
func activeOwner(ctx context.Context, tx bun.IDB, owner id.Of[auth.User]) error {
	err := auth.ActiveParty(ctx, tx, owner)
	if errors.Is(err, auth.ErrActorInactive) {
		return store.ErrReference.On("owner_id").Because(err)
	}
	return err
}

// insert writes a version with its file, which an upload gives up for it.
func (s *core) insert(ctx context.Context, tx bun.IDB, d *Document, file File, upload *id.Of[Upload], uploader id.Of[auth.User]) error {
	if upload == nil {
		d.fromFile(file)
		return documents.Insert(ctx, tx, d)
	}
	u, err := uploads.Lock(ctx, tx, *upload)
	if err != nil {
		return err
	}
	if err := u.attachable(uploader); err != nil {
		return err
	}
	d.fromUpload(u)
	if err := documents.Insert(ctx, tx, d); err != nil {
		return err
	}
	u.DocumentID = &d.ID
	return uploads.Update(ctx, tx, u, "document_id")
}
