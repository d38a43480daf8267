package auth

import (
	"net/netip"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/id"
)

// AttemptKind says what was tried.
type AttemptKind string

// The kinds of attempt.
const (
	AttemptPassword       AttemptKind = "password"
	AttemptSecondFactor   AttemptKind = "second_factor"
	AttemptPasskey        AttemptKind = "passkey"
	AttemptIdentity       AttemptKind = "identity"        // at an OpenID provider, as the host reports it
	AttemptStepUp         AttemptKind = "step_up"         // within a session; failures only
	AttemptPasswordChange AttemptKind = "password_change" // within a session; failures only
	AttemptPasswordReset  AttemptKind = "password_reset"  // a request of a link
)

// Valid reports whether k is one of the kinds.
func (k AttemptKind) Valid() bool {
	switch k {
	case AttemptPassword, AttemptSecondFactor, AttemptPasskey, AttemptIdentity, AttemptStepUp, AttemptPasswordChange, AttemptPasswordReset:
		return true
	}
	return false
}

// LoginAttempt is one attempt to sign in, or at another proof. It is written before a password is
// verified, as a failure, and settled once afterwards. The table is partitioned by
// month, hence its key of ID and CreatedAt.
type LoginAttempt struct {
	bun.BaseModel `bun:"table:auth.login_attempts,alias:la" json:"-"`

	ID            id.Of[LoginAttempt] `bun:"id,pk" json:"id"`
	Email         *string             `bun:"email" json:"email"` // normalized; nil when it was none
	UserID        *id.Of[User]        `bun:"user_id" json:"user_id"`
	Kind          AttemptKind         `bun:"kind" json:"kind"`
	IPAddress     *netip.Addr         `bun:"ip_address" json:"ip_address"`
	UserAgent     *string             `bun:"user_agent" json:"user_agent"`
	Success       bool                `bun:"success" json:"success"`
	FailureReason *string             `bun:"failure_reason" json:"failure_reason"`
	CreatedAt     time.Time           `bun:"created_at,pk" json:"created_at"`
}

// AttemptCounter is how often something was tried in the present window, or, when it is
// lasting, since the last success. ID is the beginning of the SHA-256 of what is counted.
type AttemptCounter struct {
	bun.BaseModel `bun:"table:auth.attempt_counters,alias:ac" json:"-"`

	ID              id.Of[AttemptCounter] `bun:"id,pk" json:"id"`
	Attempts        int                   `bun:"attempts" json:"attempts"`
	WindowStartedAt time.Time             `bun:"window_started_at" json:"window_started_at"`
	Lasting         bool                  `bun:"lasting" json:"lasting"`
}
