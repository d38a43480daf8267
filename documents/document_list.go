package documents

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// DocumentParams names a version and who looks at it.
type DocumentParams struct {
	ID         id.Of[Document]
	ViewerID   id.Of[auth.User] // zero for anybody who is not signed in: public documents
	AsPlatform bool             // the platform itself, which sees everything
}

// Document returns one version of a document that is not deleted and that the viewer
// sees, or [ErrDocumentNotFound]:
//
//	who                     what they see
//	the owner               theirs
//	a holder of a share     with view, until it expires or is revoked
//	who is asked to sign    that version
//	a role                  that permits to view documents (Config.Can); one over a single document puts it into no list
//	everybody               public ones
func (s *Service) Document(ctx context.Context, db bun.IDB, p DocumentParams) (*Document, error) {
	var out *Document
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		out, err = s.see(ctx, tx, p.ID, p.ViewerID, p.AsPlatform, mayView)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (s *core) see(ctx context.Context, tx bun.IDB, document id.Of[Document], viewer id.Of[auth.User], platform bool, right right) (*Document, error) {
	d, err := documents.One(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery { return live(q).Where("?TableAlias.id = ?", document) })
	if err != nil {
		return nil, err
	}
	return d, s.need(ctx, tx, d, viewer, platform, right)
}

// DocumentFilter says who looks, and narrows a list of documents.
type DocumentFilter struct {
	ViewerID   id.Of[auth.User] // zero for anybody who is not signed in: public documents
	AsPlatform bool             // the platform itself, which sees everything

	OwnerID     *id.Of[auth.User]
	OfferingID  *id.Of[investments.Offering]
	PropertyID  *id.Of[properties.Property]
	AccountID   *id.Of[investments.Account]
	PositionID  *id.Of[investments.Position]
	StatementID *id.Of[investments.Statement]
	Type        *Type
	Category    *Category
	Tag         string  // one of the document's tags
	Text        string  // words of its name or description
	Folder      *string // this folder
	Below       bool    // and those below it
	AllVersions bool    // not only the latest
}

// Documents lists documents that are not deleted and that the viewer sees (see
// [Service.Document]), newest first. It returns field errors of the filter, or
// [store.ErrSearch] for a text that is too long.
func (s *Service) Documents(ctx context.Context, db bun.IDB, filter DocumentFilter, req page.Request) (page.Page[Document], error) {
	return narrowed(ctx, db, s.core, filter, func(tx bun.IDB, narrow func(*bun.SelectQuery) *bun.SelectQuery) (page.Page[Document], error) {
		return documents.List(ctx, tx, req, narrow)
	})
}

// narrowed runs a read of the documents that a filter selects and its viewer sees.
func narrowed[T any](ctx context.Context, db bun.IDB, s *core, f DocumentFilter, read func(tx bun.IDB, narrow func(*bun.SelectQuery) *bun.SelectQuery) (T, error)) (out T, err error) {
	err = store.InTx(ctx, db, func(tx bun.IDB) error {
		narrow, err := s.narrowed(ctx, tx, f)
		if err != nil {
			return err
		}
		out, err = read(tx, narrow)
		return err
	})
	return out, err
}

func (s *core) narrowed(ctx context.Context, tx bun.IDB, f DocumentFilter) (func(*bun.SelectQuery) *bun.SelectQuery, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	words, err := store.SearchText(f.Text)
	if err != nil {
		return nil, err
	}
	visible, err := s.visible(ctx, tx, f.ViewerID, f.AsPlatform)
	if err != nil {
		return nil, err
	}
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		q = f.narrow(visible(live(q)))
		if words != "" {
			q = q.Where("to_tsvector('english', coalesce(?TableAlias.name, '') || ' ' || coalesce(?TableAlias.description, '')) @@ websearch_to_tsquery('english', ?)", words)
		}
		return q
	}, nil
}

func (f DocumentFilter) check() error {
	var c check.Fields
	check.Enum(&c, "type", f.Type)
	check.Enum(&c, "category", f.Category)
	c.Text("tag", f.Tag, check.MaxEntry)
	check.OptionalText(&c, "folder", f.Folder, maxFolder)
	return c.Err()
}

func (f DocumentFilter) narrow(q *bun.SelectQuery) *bun.SelectQuery {
	q = same(q, "owner_id", f.OwnerID)
	q = same(q, "opportunity_id", f.OfferingID)
	q = same(q, "property_id", f.PropertyID)
	q = same(q, "account_id", f.AccountID)
	q = same(q, "position_id", f.PositionID)
	q = same(q, "statement_id", f.StatementID)
	q = same(q, "type", f.Type)
	q = same(q, "category", f.Category)
	if f.Tag != "" {
		q = q.Where("?TableAlias.tags @> ARRAY[?]::text[]", f.Tag)
	}
	if f.Folder != nil {
		// Everything is below the top, for every path begins with "".
		q = q.Where("(?TableAlias.folder = ?0 OR ?1 AND starts_with(?TableAlias.folder, ?2))", *f.Folder, f.Below, strings.TrimPrefix(*f.Folder+"/", "/"))
	}
	if !f.AllVersions {
		q = q.Where("?TableAlias.is_latest_version")
	}
	return q
}

// same narrows to the rows whose column has a value; nil narrows nothing.
func same[T any](q *bun.SelectQuery, column string, v *T) *bun.SelectQuery {
	if v == nil {
		return q
	}
	return q.Where("?TableAlias.? = ?", bun.Ident(column), *v)
}

// Folder is a path with documents in it.
type Folder struct {
	Path      string `json:"path"`
	Documents int    `json:"documents"` // in it, not below it
}

// maxFolders is how many folders a list has at most.
const maxFolders = 10_000

// Folders lists the folders of the documents that a filter selects and the viewer sees,
// sorted by path, at most 10,000.
func (s *Service) Folders(ctx context.Context, db bun.IDB, filter DocumentFilter) ([]Folder, error) {
	return narrowed(ctx, db, s.core, filter, func(tx bun.IDB, narrow func(*bun.SelectQuery) *bun.SelectQuery) ([]Folder, error) {
		out := []Folder{}
		q := narrow(tx.NewSelect().Model((*Document)(nil))).ColumnExpr("?TableAlias.folder AS path, count(*) AS documents").
			GroupExpr("?TableAlias.folder").OrderExpr("?TableAlias.folder").Limit(maxFolders)
		return out, store.Err(store.Read(ctx, tx, q, &out), constraints)
	})
}
