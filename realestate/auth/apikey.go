package auth

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// APIKey lets a machine act for a user, within scopes. The key itself is stored as
// its SHA-256; Hint is how it begins, to tell keys apart.
type APIKey struct {
	bun.BaseModel `bun:"table:auth.api_keys,alias:ak" json:"-"`

	ID         id.Of[APIKey]  `bun:"id,pk" json:"id"`
	UserID     id.Of[User]    `bun:"user_id" json:"user_id"`
	Name       string         `bun:"name" json:"name"`
	Hint       string         `bun:"hint" json:"hint"`
	KeyHash    Secret         `bun:"key_hash" json:"key_hash"`
	Scopes     []string       `bun:"scopes,array" json:"scopes"`
	ReplacesID *id.Of[APIKey] `bun:"replaces_id" json:"replaces_id"` // the key that it was rotated from
	CreatedBy  *id.Of[User]   `bun:"created_by" json:"created_by"`
	ExpiresAt  time.Time      `bun:"expires_at" json:"expires_at"`
	LastUsedAt *time.Time     `bun:"last_used_at" json:"last_used_at"`
	RevokedAt  *time.Time     `bun:"revoked_at" json:"revoked_at"`
	CreatedAt  time.Time      `bun:"created_at" json:"created_at"`
	UpdatedAt  time.Time      `bun:"updated_at" json:"updated_at"`
}

var apiKeys = store.Repo[APIKey]{
	NotFound: ErrAPIKeyNotFound, Constraints: constraints,
	Sort: store.NewestFirst(func(k *APIKey) (time.Time, string) { return k.CreatedAt, k.ID.String() }),
}
