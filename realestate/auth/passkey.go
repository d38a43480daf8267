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
	bun.BaseModel `bun:"table:auth.passkeys,alias:pk" json:"-"`

	ID           id.Of[Passkey]  `bun:"id,pk" json:"id"`
	UserID       id.Of[User]     `bun:"user_id" json:"user_id"`
	CredentialID []byte          `bun:"credential_id" json:"credential_id"`
	Credential   json.RawMessage `bun:"credential,type:jsonb" json:"credential"` // as package passkeys keeps it
	Name         *string         `bun:"name" json:"name"`
	LastUsedAt   *time.Time      `bun:"last_used_at" json:"last_used_at"`
	CreatedAt    time.Time       `bun:"created_at" json:"created_at"`
	UpdatedAt    time.Time       `bun:"updated_at" json:"updated_at"`
}

var passkeys = store.Repo[Passkey]{NotFound: ErrPasskeyNotFound, Constraints: constraints}
