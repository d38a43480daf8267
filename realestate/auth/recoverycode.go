package auth

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/id"
)

// RecoveryCode is a one-time code for a lost second factor, stored as its hash.
type RecoveryCode struct {
	bun.BaseModel `bun:"table:auth.recovery_codes,alias:rc" json:"-"`

	ID        id.Of[RecoveryCode] `bun:"id,pk" json:"id"`
	UserID    id.Of[User]         `bun:"user_id" json:"user_id"`
	CodeHash  Secret              `bun:"code_hash" json:"code_hash"`
	UsedAt    *time.Time          `bun:"used_at" json:"used_at"`
	CreatedAt time.Time           `bun:"created_at" json:"created_at"`
	UpdatedAt time.Time           `bun:"updated_at" json:"updated_at"`
}
