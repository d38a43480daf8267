package auth

import (
	"net/netip"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/id"
)

// LoginAttempt is one attempt to sign in. Attempts are never changed; they are
// counted per account and per address before a password is verified. The table
// is partitioned by month, hence its key of ID and CreatedAt.
type LoginAttempt struct {
	bun.BaseModel `bun:"table:auth.login_attempts,alias:la" json:"-"`

	ID            id.Of[LoginAttempt] `bun:"id,pk" json:"id"`
	Email         *string             `bun:"email" json:"email"` // in lower case
	IPAddress     *netip.Addr         `bun:"ip_address" json:"ip_address"`
	Success       bool                `bun:"success" json:"success"`
	FailureReason *string             `bun:"failure_reason" json:"failure_reason"`
	CreatedAt     time.Time           `bun:"created_at,pk" json:"created_at"`
}
