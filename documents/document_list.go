package documents

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// Document returns one version of a document that is not deleted, or
// [ErrDocumentNotFound].
func (s *Service) Document(ctx context.Context, db bun.IDB, document id.Of[Document]) (*Document, error) {
	return documents.One(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return live(q).Where("?TableAlias.id = ?", document)
	})
}

// DocumentFilter narrows a list of documents. The zero value narrows nothing.
type DocumentFilter struct {
	OwnerID     *id.Of[auth.User]
	OfferingID  *id.Of[investments.Offering]
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
		if filter.OfferingID != nil {
			q = q.Where("?TableAlias.opportunity_id = ?", *filter.OfferingID)
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
