package auth

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// Status says whether a user may use the platform.
type Status string

// The statuses of a user.
const (
	StatusActive    Status = "active"
	StatusSuspended Status = "suspended"
	StatusDeleted   Status = "deleted"
)

// The conditions of users.
var (
	// ErrUserNotFound: there is no such user.
	ErrUserNotFound = fault.New(fault.NotFound, "user_not_found", "there is no such user")
	// ErrUserExists: a user with this id exists, and is not the one described.
	ErrUserExists = fault.New(fault.Conflict, "user_exists", "another user has this id").On("id")
	// ErrMFAType: the second factor is on and its kind is missing.
	ErrMFAType = fault.New(fault.Invalid, fault.CodeRequired, "an enabled second factor needs its kind").On("mfa_type")
)

// aggregateUser is what this package's events are about.
const aggregateUser = "user"

// users is the repository of User rows. Its statements send parameters, because
// they carry addresses and hashes.
var users = store.Repo[User]{
	NotFound: ErrUserNotFound, Constraints: constraints,
	Sort: store.NewestFirst(func(u *User) (time.Time, string) { return u.CreatedAt, u.ID.String() }),
}

// Valid reports whether s is one of the statuses.
func (s Status) Valid() bool {
	switch s {
	case StatusActive, StatusSuspended, StatusDeleted:
		return true
	}
	return false
}

// MFAType is the kind of second factor a user signs in with; of several the weakest, so
// that a list shows who is at its risk.
type MFAType string

// The kinds of second factor.
const (
	MFASMS           MFAType = "sms"
	MFAAuthenticator MFAType = "authenticator"
	MFAEmail         MFAType = "email"
)

// Valid reports whether t is one of the kinds.
func (t MFAType) Valid() bool {
	switch t {
	case MFASMS, MFAAuthenticator, MFAEmail:
		return true
	}
	return false
}

// UnusablePassword is the password hash of an account whose identity lives with
// the host: no password ever matches it.
const UnusablePassword = "!"

// User is an identity. Status is [StatusDeleted] exactly when DeletedAt is set;
// a deleted user's row stays, because money and legal records refer to it, and
// the e-mail address becomes free.
type User struct {
	bun.BaseModel `bun:"table:auth.users,alias:u" json:"-"`

	ID                id.Of[User] `bun:"id,pk" json:"id"`
	Email             string      `bun:"email" json:"email"` // see [NormalizeEmail]; unique among users who are not deleted
	EmailVerified     bool        `bun:"email_verified" json:"email_verified"`
	EmailVerifiedAt   *time.Time  `bun:"email_verified_at" json:"email_verified_at"`
	Phone             *string     `bun:"phone" json:"phone"`
	PhoneVerified     bool        `bun:"phone_verified" json:"phone_verified"`
	PhoneVerifiedAt   *time.Time  `bun:"phone_verified_at" json:"phone_verified_at"`
	PasswordHash      Secret      `bun:"password_hash" json:"password_hash"`
	MFAEnabled        bool        `bun:"mfa_enabled" json:"mfa_enabled"`
	MFAType           *MFAType    `bun:"mfa_type" json:"mfa_type"`
	MFASecret         *Secret     `bun:"mfa_secret" json:"mfa_secret"`                 // sealed by the vault
	MFAPendingSecret  *Secret     `bun:"mfa_pending_secret" json:"mfa_pending_secret"` // sealed; of an authenticator that has shown no code yet
	MFAPendingAt      *time.Time  `bun:"mfa_pending_at" json:"mfa_pending_at"`
	MFASMS            bool        `bun:"mfa_sms" json:"mfasms"`                // codes by text message too, beside an authenticator
	LastTOTPStep      *int64      `bun:"last_totp_step" json:"last_totp_step"` // the last time step whose code was accepted
	Status            Status      `bun:"status" json:"status"`
	LastLoginAt       *time.Time  `bun:"last_login_at" json:"last_login_at"`
	PasswordChangedAt *time.Time  `bun:"password_changed_at" json:"password_changed_at"`
	CreatedAt         time.Time   `bun:"created_at" json:"created_at"`
	UpdatedAt         time.Time   `bun:"updated_at" json:"updated_at"`
	DeletedAt         *time.Time  `bun:"deleted_at" json:"deleted_at"`
	ErasureHold       *string     `bun:"erasure_hold" json:"erasure_hold"` // why the user's data must be kept; no name in it
	ErasedAt          *time.Time  `bun:"erased_at" json:"erased_at"`
}

// HasPassword reports whether the user can sign in with a password of ours.
func (u *User) HasPassword() bool { return u.PasswordHash.Reveal() != UnusablePassword }

// Deleted reports whether the user has been deleted.
func (u *User) Deleted() bool { return u.DeletedAt != nil }

// Active reports whether the user may use the platform.
func (u *User) Active() bool { return u.Status == StatusActive }

// lockUser reads a user and locks the row against other writers.
func lockUser(ctx context.Context, tx bun.IDB, user id.Of[User]) (*User, error) {
	if user.IsZero() {
		return nil, ErrUserNotFound
	}
	return users.OneParams(ctx, tx, "u.id = $1 FOR NO KEY UPDATE", user.String())
}
