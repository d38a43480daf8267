package auth

import "github.com/freehold-go/freehold/realestate/id"

// aggregateUser is what this package's events are about.
const aggregateUser = "user"

// UserRegistered says that there is a new user. The address is the user's own
// affair: read it from the user, who may be gone meanwhile.
type UserRegistered struct{}

// EventType names the event.
func (UserRegistered) EventType() (string, int) { return "auth.user_registered", 1 }

// UserSuspended says that a user lost their powers for a while.
type UserSuspended struct {
	SuspendedBy id.Of[User] `json:"suspended_by"`
}

// EventType names the event.
func (UserSuspended) EventType() (string, int) { return "auth.user_suspended", 1 }

// UserReinstated says that a suspended user got their powers back.
type UserReinstated struct {
	ReinstatedBy id.Of[User] `json:"reinstated_by"`
}

// EventType names the event.
func (UserReinstated) EventType() (string, int) { return "auth.user_reinstated", 1 }

// UserDeleted says that a user was deleted.
type UserDeleted struct {
	DeletedBy id.Of[User] `json:"deleted_by"`
}

// EventType names the event.
func (UserDeleted) EventType() (string, int) { return "auth.user_deleted", 1 }

// RoleGranted says that a user got a role.
type RoleGranted struct {
	Role      Role         `json:"role"`
	GrantedBy *id.Of[User] `json:"granted_by,omitempty"`
}

// EventType names the event.
func (RoleGranted) EventType() (string, int) { return "auth.role_granted", 1 }

// RoleRevoked says that a role was taken from a user.
type RoleRevoked struct {
	Role      Role        `json:"role"`
	RevokedBy id.Of[User] `json:"revoked_by"`
}

// EventType names the event.
func (RoleRevoked) EventType() (string, int) { return "auth.role_revoked", 1 }

// UserErased says that a person was erased: receivers forget what they know too.
type UserErased struct {
	ErasedBy id.Of[User] `json:"erased_by"`
}

// EventType names the event.
func (UserErased) EventType() (string, int) { return "auth.user_erased", 1 }

// UserErasureHeld says that a person's data is kept for now, or no longer.
type UserErasureHeld struct {
	Held  bool        `json:"held"`
	SetBy id.Of[User] `json:"set_by"`
}

// EventType names the event.
func (UserErasureHeld) EventType() (string, int) { return "auth.user_erasure_held", 1 }

// UserFactorsChanged says that a user's second factors changed.
type UserFactorsChanged struct {
	Factor Factor `json:"factor"`
	Added  bool   `json:"added"`
}

// EventType names the event.
func (UserFactorsChanged) EventType() (string, int) { return "auth.user_factors_changed", 1 }

// UserPasswordChanged says that a user has another password.
type UserPasswordChanged struct{}

// EventType names the event.
func (UserPasswordChanged) EventType() (string, int) { return "auth.user_password_changed", 1 }

// UserPasswordClosed says that too many wrong passwords came in a row: strangers get no
// further guess, and nor does the user from where they are not known, until they set
// another or sign in from a known device. Tell them.
type UserPasswordClosed struct{}

// EventType names the event.
func (UserPasswordClosed) EventType() (string, int) { return "auth.user_password_closed", 1 }

// UserFactorsClosed says that too many wrong codes came in a row, from somebody who knows
// the password: a recovery code or a passkey is asked for. Tell the user.
type UserFactorsClosed struct{}

// EventType names the event.
func (UserFactorsClosed) EventType() (string, int) { return "auth.user_factors_closed", 1 }

// UserContactChanged says that a user's address or phone was verified or changed;
// never to what.
type UserContactChanged struct {
	EmailVerified bool `json:"email_verified"`
	PhoneVerified bool `json:"phone_verified"`
}

// EventType names the event.
func (UserContactChanged) EventType() (string, int) { return "auth.user_contact_changed", 1 }

// UserIdentityChanged says that an identity of a provider was linked to a user, or no
// longer is.
type UserIdentityChanged struct {
	IdentityID id.Of[Identity] `json:"identity_id"`
	Added      bool            `json:"added"`
}

// EventType names the event.
func (UserIdentityChanged) EventType() (string, int) { return "auth.user_identity_changed", 1 }

// UserAPIKeyChanged says that a user got an API key, or lost one.
type UserAPIKeyChanged struct {
	APIKeyID id.Of[APIKey] `json:"api_key_id"`
	Added    bool          `json:"added"`
}

// EventType names the event.
func (UserAPIKeyChanged) EventType() (string, int) { return "auth.user_api_key_changed", 1 }
