package auth

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// CodePurpose says what a code or link that was sent is for.
type CodePurpose string

// The purposes.
const (
	CodeVerifyEmail CodePurpose = "verify_email"
	CodeChangeEmail CodePurpose = "change_email"
	CodeVerifyPhone CodePurpose = "verify_phone"
	CodeSMSFactor   CodePurpose = "sms_factor"
	CodeEmailFactor CodePurpose = "email_factor"
)

// The conditions of codes and links.
var (
	// ErrCode: a code or link is wrong, was used, or is too old.
	ErrCode = fault.New(fault.Forbidden, "code_not_accepted", "the code is wrong, was used, or is too old").On("code")
)

// Valid reports whether p is one of the purposes.
func (p CodePurpose) Valid() bool {
	switch p {
	case CodeVerifyEmail, CodeChangeEmail, CodeVerifyPhone, CodeSMSFactor, CodeEmailFactor:
		return true
	}
	return false
}

// OneTimeCode is a code or link that went to a person and comes back once. A link
// is stored as its SHA-256; a short code as a hash that the vault keys, since all
// codes could be tried otherwise.
type OneTimeCode struct {
	bun.BaseModel `bun:"table:auth.one_time_codes,alias:oc" json:"-"`

	ID        id.Of[OneTimeCode] `bun:"id,pk" json:"id"`
	UserID    id.Of[User]        `bun:"user_id" json:"user_id"`
	Purpose   CodePurpose        `bun:"purpose" json:"purpose"`
	AskedBy   *id.Of[Thing]      `bun:"asked_by" json:"asked_by"` // the sign-in or family of sessions at which alone a short code counts
	CodeHash  Secret             `bun:"code_hash" json:"code_hash"`
	Target    string             `bun:"target" json:"target"`     // the address or number that it proves
	Attempts  int                `bun:"attempts" json:"attempts"` // wrong ones
	ExpiresAt time.Time          `bun:"expires_at" json:"expires_at"`
	UsedAt    *time.Time         `bun:"used_at" json:"used_at"`
	CreatedAt time.Time          `bun:"created_at" json:"created_at"`
	UpdatedAt time.Time          `bun:"updated_at" json:"updated_at"`
}

var oneTimeCodes = store.Repo[OneTimeCode]{NotFound: ErrCode, Constraints: constraints}
