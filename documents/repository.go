package documents

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// documents is the repository of documents, newest first.
var documents = store.Repo[Document]{
	NotFound:    ErrDocumentNotFound,
	Constraints: constraints,
	Sort: store.NewestFirst(func(d *Document) (time.Time, string) {
		return d.CreatedAt, d.ID.String()
	}),
}

// live leaves deleted documents out.
func live(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("?TableAlias.deleted_at IS NULL") }

// latest selects the latest version of the document whose first version is
// root.
func latest(q *bun.SelectQuery, root id.Of[Document]) *bun.SelectQuery {
	return live(q).Where("COALESCE(?TableAlias.parent_document_id, ?TableAlias.id) = ?", root).
		Where("?TableAlias.is_latest_version")
}
