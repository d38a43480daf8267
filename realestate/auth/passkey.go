package auth

import (
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// Passkey is an authenticator of a user, such as a phone or a security key, known
// by its public key. Package passkeys has the verbs.
type Passkey struct {
	bun.BaseModel `bun:"table:auth.passkeys,alias:pk"`

	ID           id.Of[Passkey]  `bun:"id,pk"`
	UserID       id.Of[User]     `bun:"user_id"`
	CredentialID []byte          `bun:"credential_id"`
	Credential   json.RawMessage `bun:"credential,type:jsonb"` // as package passkeys keeps it
	Name         *string         `bun:"name"`
	LastUsedAt   *time.Time      `bun:"last_used_at"`
	CreatedAt    time.Time       `bun:"created_at"`
	UpdatedAt    time.Time       `bun:"updated_at"`
}

var passkeys = store.Repo[Passkey]{NotFound: ErrPasskeyNotFound, Constraints: constraints}
