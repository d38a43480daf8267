package users

import (
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// The aggregates that this package's events are about. An expiry is one run of
// [Service.ExpireVerifications].
const (
	aggregateVerification = "verification"
	aggregateExpiry       = "verification_expiry"
	aggregateProfile      = "profile"
)

// expiry stands for a run of [Service.ExpireVerifications] in the type of its id.
type expiry struct{}

// VerificationSubmitted says that a verification waits for review.
type VerificationSubmitted struct {
	UserID id.Of[auth.User] `json:"user_id"`
	Type   VerificationType `json:"type"`
}

// EventType names the event.
func (VerificationSubmitted) EventType() (string, int) { return "users.verification_submitted", 1 }

// VerificationApprovedEvent says that a verification was approved.
type VerificationApprovedEvent struct {
	UserID     id.Of[auth.User] `json:"user_id"`
	Type       VerificationType `json:"type"`
	ReviewedBy id.Of[auth.User] `json:"reviewed_by"`
}

// EventType names the event.
func (VerificationApprovedEvent) EventType() (string, int) { return "users.verification_approved", 1 }

// VerificationRejectedEvent says that a verification was rejected.
type VerificationRejectedEvent struct {
	UserID     id.Of[auth.User] `json:"user_id"`
	Type       VerificationType `json:"type"`
	ReviewedBy id.Of[auth.User] `json:"reviewed_by"`
}

// EventType names the event.
func (VerificationRejectedEvent) EventType() (string, int) { return "users.verification_rejected", 1 }

// VerificationsExpired says that the time of approved verifications is over. It
// is the one event of the command.
type VerificationsExpired struct {
	Verifications int `json:"verifications"`
}

// EventType names the event.
func (VerificationsExpired) EventType() (string, int) { return "users.verifications_expired", 1 }

// ProfileSaved says that a user's profile is new or changed; never to what.
type ProfileSaved struct {
	UserID  id.Of[auth.User] `json:"user_id"`
	Version int64            `json:"version"`
}

// EventType names the event.
func (ProfileSaved) EventType() (string, int) { return "users.profile_saved", 1 }
