package auth

import (
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// ChallengePurpose says which ceremony a challenge belongs to.
type ChallengePurpose string

// The purposes.
const (
	ChallengeSecondFactor     ChallengePurpose = "second_factor"
	ChallengePasskeyEnrolment ChallengePurpose = "passkey_enrolment"
	ChallengePasskeySignIn    ChallengePurpose = "passkey_sign_in"
	ChallengePasskeyStepUp    ChallengePurpose = "passkey_step_up"
)

// Valid reports whether p is one of the purposes.
func (p ChallengePurpose) Valid() bool {
	switch p {
	case ChallengeSecondFactor, ChallengePasskeyEnrolment, ChallengePasskeySignIn, ChallengePasskeyStepUp:
		return true
	}
	return false
}

// Challenge is a ceremony that has begun: a sign-in that waits for its second
// factor, or a passkey that is being made or shown. Its token is stored as its
// SHA-256 and used once.
type Challenge struct {
	bun.BaseModel `bun:"table:auth.challenges,alias:ch" json:"-"`

	ID        id.Of[Challenge] `bun:"id,pk" json:"id"`
	UserID    *id.Of[User]     `bun:"user_id" json:"user_id"` // nil: whoever shows a passkey
	Purpose   ChallengePurpose `bun:"purpose" json:"purpose"`
	TokenHash Secret           `bun:"token_hash" json:"token_hash"`
	Data      json.RawMessage  `bun:"data,type:jsonb,nullzero" json:"data"` // of the ceremony; no secret
	ExpiresAt time.Time        `bun:"expires_at" json:"expires_at"`
	UsedAt    *time.Time       `bun:"used_at" json:"used_at"`
	CreatedAt time.Time        `bun:"created_at" json:"created_at"`
	UpdatedAt time.Time        `bun:"updated_at" json:"updated_at"`
}

var challenges = store.Repo[Challenge]{NotFound: ErrChallenge, Constraints: constraints}
