package documents

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// FillTemplateParams is a template, what is put into it, and the document that it becomes.
// The merged title is the name of the document.
type FillTemplateParams struct {
	ID                id.Of[Document] // optional; a new one by default
	OwnerID           id.Of[auth.User]
	Template          Template
	Fields            map[string]string // each that the template asks for, and no others
	Type              *Type
	Category          *Category
	Visibility        Visibility // the default is VisibilityPrivate
	RequiresSignature bool
	OfferingID        *id.Of[investments.Offering] // as of AddDocument, as is what follows
	PropertyID        *id.Of[properties.Property]
	AccountID         *id.Of[investments.Account]
	PositionID        *id.Of[investments.Position]
	Folder            string
	Tags              []string
}

// document is the document that comes of it.
func (p FillTemplateParams) document(name string, upload *id.Of[Upload]) AddDocumentParams {
	return AddDocumentParams{ID: p.ID, OwnerID: p.OwnerID, Name: name, UploadID: upload, Type: p.Type, Category: p.Category, Visibility: p.Visibility,
		RequiresSignature: p.RequiresSignature, OfferingID: p.OfferingID, PropertyID: p.PropertyID, AccountID: p.AccountID, PositionID: p.PositionID,
		Folder: p.Folder, Tags: p.Tags}
}

// FillTemplate puts fields into a template, has it rendered, and makes a document of the
// file, such as an agreement that is then to be signed ([Signatures.RequestSignatures]).
// It returns field errors, [ErrField], also for a field that cannot be printed,
// [ErrNoRenderer], [ErrNoStorage], already_exists when the id is another document's, or
// auth.ErrActorInactive for the owner. Run again with the same id and params, it returns
// the document as it is then.
func (s *Service) FillTemplate(ctx context.Context, db bun.IDB, p FillTemplateParams) (*Document, error) {
	if s.renderer == nil {
		return nil, ErrNoRenderer
	}
	var f check.Fields
	p.Template.check(&f, "template.", p.Fields)
	d := p.document("any", nil)
	d.File = File{Name: "any", Type: "any", StorageURL: "any", SHA256: [32]byte{1}}
	f.AddErr("", d.check())
	if err := f.Err(); err != nil {
		return nil, err
	}
	paper, err := p.Template.Merge(p.Fields)
	if err != nil {
		return nil, err
	}
	if utf8.RuneCountInString(paper.Title) > 255 {
		return nil, ErrField.With("the title is longer than 255 characters")
	}
	c := store.Creation[Document]{Verb: "documents.fill_template", Params: p, Chosen: p.ID, Kind: "document", Rows: documents}
	return store.CreateOnce(ctx, db, c, func(tx bun.IDB) (*Document, error) {
		var file bytes.Buffer
		switch err := s.renderer.Paper(&file, *paper); {
		case errors.Is(err, fault.Invalid):
			return nil, ErrField.With("a field cannot be printed").Because(err)
		case err != nil:
			return nil, err
		}
		u, err := s.UploadFile(ctx, tx, UploadFileParams{UploaderID: p.OwnerID, FileName: fileName(paper.Title, file.Bytes()), Content: bytes.NewReader(file.Bytes())})
		if err != nil {
			return nil, err
		}
		return s.AddDocument(ctx, tx, p.document(paper.Title, &u.ID))
	})
}

// fileName is a title as the name of a file of its kind, without what no file has in its name.
func fileName(title string, file []byte) string {
	end := mimetype.Detect(file).Extension()
	name := []rune(title)
	for i, r := range name {
		if strings.ContainsRune(`:*?"<>|`, r) || unnamable(r) {
			name[i] = '-'
		}
	}
	return string(name[:min(len(name), maxFileName-len(end))]) + end
}
