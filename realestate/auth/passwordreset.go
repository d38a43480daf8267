package auth

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/id"
)

// PasswordReset is a request to set a new password. The token went to the user
// by mail; the row knows its SHA-256 in hexadecimal.
type PasswordReset struct {
	bun.BaseModel `bun:"table:auth.password_resets,alias:pr" json:"-"`

	ID        id.Of[PasswordReset] `bun:"id,pk" json:"id"`
	UserID    id.Of[User]          `bun:"user_id" json:"user_id"`
	TokenHash Secret               `bun:"token_hash" json:"token_hash"`
	ExpiresAt time.Time            `bun:"expires_at" json:"expires_at"`
	UsedAt    *time.Time           `bun:"used_at" json:"used_at"`
	CreatedAt time.Time            `bun:"created_at" json:"created_at"`
	UpdatedAt time.Time            `bun:"updated_at" json:"updated_at"`
}

// Usable reports whether the request is neither used nor expired at now.
func (r *PasswordReset) Usable(now time.Time) bool {
	return r.UsedAt == nil && now.Before(r.ExpiresAt)
}
