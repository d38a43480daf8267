package auth

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/id"
)

// PasswordReset is a request to set a new password. The token went to the user
// by mail; the row knows its SHA-256 in hexadecimal.
type PasswordReset struct {
	bun.BaseModel `bun:"table:auth.password_resets,alias:pr"`

	ID        id.Of[PasswordReset] `bun:"id,pk"`
	UserID    id.Of[User]          `bun:"user_id"`
	TokenHash Secret               `bun:"token_hash"`
	ExpiresAt time.Time            `bun:"expires_at"`
	UsedAt    *time.Time           `bun:"used_at"`
	CreatedAt time.Time            `bun:"created_at"`
	UpdatedAt time.Time            `bun:"updated_at"`
}

// Usable reports whether the request is neither used nor expired at now.
func (r *PasswordReset) Usable(now time.Time) bool {
	return r.UsedAt == nil && now.Before(r.ExpiresAt)
}
