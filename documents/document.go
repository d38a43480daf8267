package documents

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of documents and their versions.
var (
	// ErrDocumentNotFound: there is no such document, or it has been deleted.
	ErrDocumentNotFound = fault.New(fault.NotFound, "document_not_found", "there is no such document")
	// ErrVersionExists: the document has a version of this number, or another
	// latest version.
	ErrVersionExists = fault.New(fault.Conflict, "document_version_exists", "the document has this version already").On("version")
	// ErrLineage: a later version does not name another document as its first
	// version, or has no number above 1.
	ErrLineage = fault.New(fault.Invalid, "document_lineage_malformed", "a later version has a number above 1 and another document as its first version").On("parent_document_id")
	// ErrForbidden: somebody sees the document and has no right to do this with it.
	ErrForbidden = fault.New(fault.Forbidden, "document_forbidden", "no right to do this with the document")
	// ErrNotLatest: another version has taken the place of this one.
	ErrNotLatest = fault.New(fault.Illegal, "document_version_replaced", "there is a later version of the document")
)

// Type says what kind of document it is.
type Type string

// The types of document.
const (
	TypeContract     Type = "contract"
	TypeReport       Type = "report"
	TypePresentation Type = "presentation"
	TypeTaxForm      Type = "tax_form"
)

// Valid reports whether t is one of the types.
func (t Type) Valid() bool {
	switch t {
	case TypeContract, TypeReport, TypePresentation, TypeTaxForm:
		return true
	}
	return false
}

// Category says what part of the business a document belongs to.
type Category string

// The categories.
const (
	CategoryInvestment Category = "investment"
	CategoryLegal      Category = "legal"
	CategoryFinancial  Category = "financial"
	CategoryMarketing  Category = "marketing"
)

// Valid reports whether c is one of the categories.
func (c Category) Valid() bool {
	switch c {
	case CategoryInvestment, CategoryLegal, CategoryFinancial, CategoryMarketing:
		return true
	}
	return false
}

// Visibility says who may see a version of a document. Nothing else is public when one
// version is; see [Service.UpdateDocument].
type Visibility string

// The visibilities.
const (
	VisibilityPublic  Visibility = "public"
	VisibilityPrivate Visibility = "private" // whoever has a right to it; a signature is required as of HoldSigned
	VisibilityShared  Visibility = "shared"  // likewise; a signature is required of everybody
)

// Valid reports whether v is one of the visibilities.
func (v Visibility) Valid() bool {
	switch v {
	case VisibilityPublic, VisibilityPrivate, VisibilityShared:
		return true
	}
	return false
}

// Document is one version of a document. The versions of a document share
// their first version as parent, have different numbers, and exactly one of
// those not deleted is the latest. The bytes lie in a storage backend;
// FileHash is their SHA-256 in hexadecimal.
type Document struct {
	bun.BaseModel `bun:"table:documents.documents,alias:d" json:"-"`

	ID                id.Of[Document]  `bun:"id,pk" json:"id"`
	OwnerID           id.Of[auth.User] `bun:"owner_id" json:"owner_id"`
	Name              string           `bun:"name" json:"name"`
	Type              *Type            `bun:"type" json:"type"`
	Category          *Category        `bun:"category" json:"category"`
	FileName          *string          `bun:"file_name" json:"file_name"`
	FileSize          *int64           `bun:"file_size" json:"file_size"` // bytes
	FileType          *string          `bun:"file_type" json:"file_type"` // a media type, such as application/pdf
	FileHash          *string          `bun:"file_hash" json:"file_hash"`
	StorageURL        *string          `bun:"storage_url" json:"storage_url"`
	Version           int              `bun:"version" json:"version"`                       // 1, 2, ...
	ParentDocumentID  *id.Of[Document] `bun:"parent_document_id" json:"parent_document_id"` // the first version; nil on it
	IsLatestVersion   bool             `bun:"is_latest_version" json:"is_latest_version"`
	Visibility        Visibility       `bun:"visibility" json:"visibility"`
	RequiresSignature bool             `bun:"requires_signature" json:"requires_signature"`
	Description       *string          `bun:"description" json:"description"`

	// OfferingID is the offering whose paper it is; nil is none's. What requires a
	// signature there is required of its investors.
	OfferingID *id.Of[investments.Offering] `bun:"opportunity_id" json:"offering_id"`
	// What else it is about.
	PropertyID  *id.Of[properties.Property]   `bun:"property_id" json:"property_id"`
	AccountID   *id.Of[investments.Account]   `bun:"account_id" json:"account_id"`
	PositionID  *id.Of[investments.Position]  `bun:"position_id" json:"position_id"`
	StatementID *id.Of[investments.Statement] `bun:"statement_id" json:"statement_id"`

	Folder      string     `bun:"folder" json:"folder"`             // names between slashes; "" is the top
	RetainUntil *date.Date `bun:"retain_until" json:"retain_until"` // not deleted before this day's end
	HoldReason  *string    `bun:"hold_reason" json:"hold_reason"`   // set while there is a legal hold

	Tags       []string       `bun:"tags,array" json:"tags"`
	Metadata   map[string]any `bun:"metadata,type:jsonb,nullzero" json:"metadata"`
	UploadedAt time.Time      `bun:"uploaded_at" json:"uploaded_at"`
	ModifiedAt *time.Time     `bun:"modified_at" json:"modified_at"`
	CreatedAt  time.Time      `bun:"created_at" json:"created_at"`
	UpdatedAt  time.Time      `bun:"updated_at" json:"updated_at"`
	DeletedAt  *time.Time     `bun:"deleted_at" json:"deleted_at"`
}

// Root returns the id of the document's first version.
func (d *Document) Root() id.Of[Document] {
	if d.ParentDocumentID != nil {
		return *d.ParentDocumentID
	}
	return d.ID
}

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
