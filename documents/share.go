package documents

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of shares.
var (
	// ErrShared: the document is shared with this user already.
	ErrShared = fault.New(fault.Conflict, "document_shared", "the document is shared with this user already").On("shared_with")
	// ErrShareNotFound: there is no such share.
	ErrShareNotFound = fault.New(fault.NotFound, "share_not_found", "there is no such share")
	// ErrShareSelf: nobody shares a document with its owner.
	ErrShareSelf = fault.New(fault.Invalid, "share_with_owner", "the document is this user's own").On("shared_with")
	// ErrOutlives: who lets others at a document by a share that expires does so no longer
	// than it lasts.
	ErrOutlives = fault.New(fault.Forbidden, "document_right_outlived", "nobody gives a right for longer than they have it").On("expires_at")
)

// Share lets a user at somebody else's document, all versions of it: DocumentID is the
// first. A document has at most one share per user that is not revoked.
type Share struct {
	bun.BaseModel `bun:"table:documents.document_shares,alias:ds" json:"-"`

	ID          id.Of[Share]     `bun:"id,pk" json:"id"`
	DocumentID  id.Of[Document]  `bun:"document_id" json:"document_id"`
	SharedBy    id.Of[auth.User] `bun:"shared_by" json:"shared_by"`
	SharedWith  id.Of[auth.User] `bun:"shared_with" json:"shared_with"`
	CanView     bool             `bun:"can_view" json:"can_view"`
	CanDownload bool             `bun:"can_download" json:"can_download"`
	CanEdit     bool             `bun:"can_edit" json:"can_edit"`
	CanShare    bool             `bun:"can_share" json:"can_share"`
	ExpiresAt   *time.Time       `bun:"expires_at" json:"expires_at"` // nil: it does not expire
	AccessedAt  *time.Time       `bun:"accessed_at" json:"accessed_at"`
	AccessCount int              `bun:"access_count" json:"access_count"`
	SharedAt    time.Time        `bun:"shared_at" json:"shared_at"`
	RevokedAt   *time.Time       `bun:"revoked_at" json:"revoked_at"`
	CreatedAt   time.Time        `bun:"created_at" json:"created_at"`
	UpdatedAt   time.Time        `bun:"updated_at" json:"updated_at"`
}

// Live reports whether the share is neither revoked nor expired at now.
func (s *Share) Live(now time.Time) bool {
	return s.RevokedAt == nil && (s.ExpiresAt == nil || now.Before(*s.ExpiresAt))
}

var shares = store.Repo[Share]{
	NotFound:    ErrShareNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(s *Share) (time.Time, string) { return s.CreatedAt, s.ID.String() }),
}
