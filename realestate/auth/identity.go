package auth

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// Identity is a user's account at an OpenID provider. The host speaks the protocol
// and hands over what the provider has signed: who issued it and for which subject.
type Identity struct {
	bun.BaseModel `bun:"table:auth.identities,alias:idn"`

	ID         id.Of[Identity] `bun:"id,pk"`
	UserID     id.Of[User]     `bun:"user_id"`
	Issuer     string          `bun:"issuer"`
	Subject    string          `bun:"subject"`
	LastUsedAt *time.Time      `bun:"last_used_at"`
	CreatedAt  time.Time       `bun:"created_at"`
	UpdatedAt  time.Time       `bun:"updated_at"`
}

var identities = store.Repo[Identity]{NotFound: ErrIdentityNotFound, Constraints: constraints}
