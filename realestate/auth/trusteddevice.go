package auth

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// TrustedDevice is a device on which its user is not asked for the second factor
// at sign-in, until it expires. The token that the device keeps is stored as its
// SHA-256.
type TrustedDevice struct {
	bun.BaseModel `bun:"table:auth.trusted_devices,alias:td" json:"-"`

	ID         id.Of[TrustedDevice] `bun:"id,pk" json:"id"`
	UserID     id.Of[User]          `bun:"user_id" json:"user_id"`
	TokenHash  Secret               `bun:"token_hash" json:"token_hash"`
	Name       *string              `bun:"name" json:"name"`
	ExpiresAt  time.Time            `bun:"expires_at" json:"expires_at"`
	LastUsedAt *time.Time           `bun:"last_used_at" json:"last_used_at"`
	RevokedAt  *time.Time           `bun:"revoked_at" json:"revoked_at"`
	CreatedAt  time.Time            `bun:"created_at" json:"created_at"`
	UpdatedAt  time.Time            `bun:"updated_at" json:"updated_at"`
}

var trustedDevices = store.Repo[TrustedDevice]{NotFound: ErrDeviceNotFound, Constraints: constraints}
