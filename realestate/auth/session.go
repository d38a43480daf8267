package auth

import (
	"context"
	"net/netip"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// DeviceType is the kind of client a session belongs to.
type DeviceType string

// The kinds of client.
const (
	DeviceWeb     DeviceType = "web"
	DeviceIOS     DeviceType = "ios"
	DeviceAndroid DeviceType = "android"
)

// The conditions of sessions.
var (
	// ErrRevocation: a session has a reason why it ended, and did not end.
	ErrRevocation = fault.New(fault.Invalid, "session_revocation_inconsistent", "a reason without an end").On("revoked_reason")
)

// Valid reports whether t is one of the kinds.
func (t DeviceType) Valid() bool {
	switch t {
	case DeviceWeb, DeviceIOS, DeviceAndroid:
		return true
	}
	return false
}

// RevokedReason says why a session ended before its time.
type RevokedReason string

// The reasons.
const (
	RevokedSignedOut       RevokedReason = "signed_out"
	RevokedByUser          RevokedReason = "revoked"  // from another session, or by the platform
	RevokedReplayed        RevokedReason = "replayed" // a refresh token came a second time
	RevokedPasswordChanged RevokedReason = "password_changed"
	RevokedEmailChanged    RevokedReason = "email_changed"
	RevokedSuspended       RevokedReason = "suspended"
	RevokedDeleted         RevokedReason = "deleted"
)

// Valid reports whether r is one of the reasons.
func (r RevokedReason) Valid() bool {
	switch r {
	case RevokedSignedOut, RevokedByUser, RevokedReplayed, RevokedPasswordChanged, RevokedEmailChanged, RevokedSuspended, RevokedDeleted:
		return true
	}
	return false
}

// Level says how strongly the user of a session has proved who they are.
type Level string

// The levels, weakest first.
const (
	LevelPassword Level = "password" // a password or the host's own sign-in
	LevelMFA      Level = "mfa"      // a second factor as well
	LevelElevated Level = "elevated" // asked again for a sensitive action
)

// Valid reports whether l is one of the levels.
func (l Level) Valid() bool {
	switch l {
	case LevelPassword, LevelMFA, LevelElevated:
		return true
	}
	return false
}

// Session is a signed-in device. Its tokens are random bytes that only the
// client holds; the row knows their SHA-256 in hexadecimal. A refresh makes a
// new session of the same family, and a refresh token that comes a second time
// revokes the family.
type Session struct {
	bun.BaseModel `bun:"table:auth.sessions,alias:s" json:"-"`

	ID               id.Of[Session]  `bun:"id,pk" json:"id"`
	UserID           id.Of[User]     `bun:"user_id" json:"user_id"`
	FamilyID         id.Of[Session]  `bun:"family_id" json:"family_id"` // the first session of the family
	ParentID         *id.Of[Session] `bun:"parent_id" json:"parent_id"` // the session this one was refreshed from
	TokenHash        Secret          `bun:"token_hash" json:"token_hash"`
	RefreshTokenHash *Secret         `bun:"refresh_token_hash" json:"refresh_token_hash"`
	RotationSalt     []byte          `bun:"rotation_salt" json:"rotation_salt"` // of the refresh that replaced the session
	IPAddress        *netip.Addr     `bun:"ip_address" json:"ip_address"`
	Place            *string         `bun:"place" json:"place"` // what the host says about the address, such as a city
	UserAgent        *string         `bun:"user_agent" json:"user_agent"`
	DeviceID         *string         `bun:"device_id" json:"device_id"`
	DeviceType       *DeviceType     `bun:"device_type" json:"device_type"`
	AuthLevel        Level           `bun:"auth_level" json:"auth_level"`
	AuthenticatedAt  time.Time       `bun:"authenticated_at" json:"authenticated_at"` // the last proof
	ExpiresAt        time.Time       `bun:"expires_at" json:"expires_at"`
	FamilyExpiresAt  time.Time       `bun:"family_expires_at" json:"family_expires_at"` // no refresh goes beyond
	RefreshExpiresAt *time.Time      `bun:"refresh_expires_at" json:"refresh_expires_at"`
	RefreshUsedAt    *time.Time      `bun:"refresh_used_at" json:"refresh_used_at"`
	LastSeenAt       *time.Time      `bun:"last_seen_at" json:"last_seen_at"`
	RevokedAt        *time.Time      `bun:"revoked_at" json:"revoked_at"`
	RevokedReason    *RevokedReason  `bun:"revoked_reason" json:"revoked_reason"`
	CreatedAt        time.Time       `bun:"created_at" json:"created_at"`
	UpdatedAt        time.Time       `bun:"updated_at" json:"updated_at"`
}

// Live reports whether the session is neither revoked nor expired at now.
func (s *Session) Live(now time.Time) bool { return s.RevokedAt == nil && now.Before(s.ExpiresAt) }

// endAccess ends every way in that a user has open: sessions, sign-ins in
// progress, trusted devices, codes and links that are on their way. API keys are
// refused while their user is not active.
func endAccess(ctx context.Context, tx bun.IDB, user id.Of[User], why RevokedReason) error {
	if err := endSessions(ctx, tx, user, why, nil); err != nil {
		return err
	}
	if err := endPending(ctx, tx, user); err != nil {
		return err
	}
	_, err := store.ExecParams(ctx, tx, constraints, "UPDATE auth.one_time_codes SET used_at = now() WHERE user_id = $1 AND used_at IS NULL", user.String())
	return err
}

// endPending ends what a user, or whoever was in their place, has begun: sign-ins in
// progress, trusted devices, codes and links that are on their way. A link that verifies
// the present address stays: it gives nobody anything but that.
func endPending(ctx context.Context, tx bun.IDB, user id.Of[User]) error {
	for _, q := range []string{
		"UPDATE auth.trusted_devices SET revoked_at = now() WHERE user_id = $1 AND revoked_at IS NULL",
		"UPDATE auth.challenges SET used_at = now() WHERE user_id = $1 AND used_at IS NULL",
		"UPDATE auth.one_time_codes SET used_at = now() WHERE user_id = $1 AND used_at IS NULL AND purpose <> 'verify_email'",
		"UPDATE auth.password_resets SET used_at = now() WHERE user_id = $1 AND used_at IS NULL",
	} {
		if _, err := store.ExecParams(ctx, tx, constraints, q, user.String()); err != nil {
			return err
		}
	}
	return nil
}

// endSessions ends a user's sessions, but for those of the family of keep.
func endSessions(ctx context.Context, tx bun.IDB, user id.Of[User], why RevokedReason, keep *id.Of[Session]) error {
	_, err := store.ExecParams(ctx, tx, constraints, `UPDATE auth.sessions SET revoked_at = now(), revoked_reason = $2
		WHERE user_id = $1 AND revoked_at IS NULL AND family_id IS DISTINCT FROM $3::uuid`, user.String(), string(why), idOrNil(keep))
	return err
}
