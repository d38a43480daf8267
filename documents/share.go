package documents

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// ErrShared: the document is shared with this user already.
var ErrShared = fault.New(fault.Conflict, "document_shared", "the document is shared with this user already").On("shared_with")

// Share lets a user at somebody else's document. A document has at most one
// share per user that is not revoked.
type Share struct {
	bun.BaseModel `bun:"table:documents.document_shares,alias:ds"`

	ID          id.Of[Share]     `bun:"id,pk"`
	DocumentID  id.Of[Document]  `bun:"document_id"`
	SharedBy    id.Of[auth.User] `bun:"shared_by"`
	SharedWith  id.Of[auth.User] `bun:"shared_with"`
	CanView     bool             `bun:"can_view"`
	CanDownload bool             `bun:"can_download"`
	CanEdit     bool             `bun:"can_edit"`
	CanShare    bool             `bun:"can_share"`
	ExpiresAt   *time.Time       `bun:"expires_at"` // nil: it does not expire
	AccessedAt  *time.Time       `bun:"accessed_at"`
	AccessCount int              `bun:"access_count"`
	SharedAt    time.Time        `bun:"shared_at"`
	RevokedAt   *time.Time       `bun:"revoked_at"`
	CreatedAt   time.Time        `bun:"created_at"`
	UpdatedAt   time.Time        `bun:"updated_at"`
}

// Live reports whether the share is neither revoked nor expired at now.
func (s *Share) Live(now time.Time) bool {
	return s.RevokedAt == nil && (s.ExpiresAt == nil || now.Before(*s.ExpiresAt))
}
