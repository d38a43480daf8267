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
	bun.BaseModel `bun:"table:auth.identities,alias:idn" json:"-"`

	ID         id.Of[Identity] `bun:"id,pk" json:"id"`
	UserID     id.Of[User]     `bun:"user_id" json:"user_id"`
	Issuer     string          `bun:"issuer" json:"issuer"`
	Subject    string          `bun:"subject" json:"subject"`
	LastUsedAt *time.Time      `bun:"last_used_at" json:"last_used_at"`
	CreatedAt  time.Time       `bun:"created_at" json:"created_at"`
	UpdatedAt  time.Time       `bun:"updated_at" json:"updated_at"`
}

var identities = store.Repo[Identity]{NotFound: ErrIdentityNotFound, Constraints: constraints}
