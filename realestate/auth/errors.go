package auth

import (
	"maps"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// The conditions of this package.
var (
	// ErrUserNotFound: there is no such user.
	ErrUserNotFound = fault.New(fault.NotFound, "user_not_found", "there is no such user")
	// ErrUserDeleted: the user has been deleted.
	ErrUserDeleted = fault.New(fault.Illegal, "user_deleted", "the user has been deleted")
	// ErrUserExists: a user with this id exists, and is not the one described.
	ErrUserExists = fault.New(fault.Conflict, "user_exists", "another user has this id").On("id")
	// ErrUserSuspended: the user is suspended.
	ErrUserSuspended = fault.New(fault.Illegal, "user_suspended", "the user is suspended")
	// ErrUserNotSuspended: a user who is not suspended cannot be reinstated.
	ErrUserNotSuspended = fault.New(fault.Illegal, "user_not_suspended", "the user is not suspended")
	// ErrOwnAccount: nobody suspends or reinstates themselves.
	ErrOwnAccount = fault.New(fault.Forbidden, "own_account", "somebody else has to do this").On("actor")
	// ErrPersonsKey: only people themselves make keys that act in their name.
	ErrPersonsKey = fault.New(fault.Forbidden, "api_key_of_a_person", "people make their own keys").On("actor_id")
	// ErrEmailTaken: another user has this address, in whatever spelling.
	ErrEmailTaken = fault.New(fault.Conflict, "email_taken", "another user has this address").On("email")
	// ErrDeletion: a user's status says deleted and there is no time of
	// deletion, or the reverse.
	ErrDeletion = fault.New(fault.Invalid, "user_deletion_inconsistent", "status and time of deletion contradict each other").On("status")
	// ErrMFAType: the second factor is on and its kind is missing.
	ErrMFAType = fault.New(fault.Invalid, fault.CodeRequired, "an enabled second factor needs its kind").On("mfa_type")
	// ErrErasure: a user is marked as erased who is not deleted.
	ErrErasure = fault.New(fault.Invalid, "user_erasure_inconsistent", "only a deleted user is erased").On("erased_at")
	// ErrRevocation: a session has a reason why it ended, and did not end.
	ErrRevocation = fault.New(fault.Invalid, "session_revocation_inconsistent", "a reason without an end").On("revoked_reason")
	// ErrGrantNotFound: there is no such grant of a role.
	ErrGrantNotFound = fault.New(fault.NotFound, "role_grant_not_found", "there is no such grant of a role")
	// ErrGranted: the user holds the role already.
	ErrGranted = fault.New(fault.Conflict, "role_granted", "the user holds the role already").On("role")
	// ErrGrantObject: a grant names the kind of an object without its id, or the reverse.
	ErrGrantObject = fault.New(fault.Invalid, "role_grant_object_inconsistent", "an object has a kind and an id").On("object_id")
	// ErrLastAdministrator: nobody could give powers any more.
	ErrLastAdministrator = fault.New(fault.Illegal, "last_administrator", "there has to be another administrator first")
	// ErrSelfGrant: nobody gives themselves a role.
	ErrSelfGrant = fault.New(fault.Forbidden, "role_self_grant", "nobody gives themselves a role").On("granted_by")
	// ErrPhone: the text is no phone number.
	ErrPhone = fault.New(fault.Invalid, "phone_malformed", "a phone number of 3 to 15 digits").On("phone")
	// ErrCode: a code or link is wrong, was used, or is too old.
	ErrCode = fault.New(fault.Forbidden, "code_not_accepted", "the code is wrong, was used, or is too old").On("code")
	// ErrChallenge: the ceremony was finished, is too old, or never began.
	ErrChallenge = fault.New(fault.Forbidden, "challenge_not_accepted", "begin again: this is over or too old")
	// ErrDeviceNotFound: the user trusts no such device.
	ErrDeviceNotFound = fault.New(fault.NotFound, "trusted_device_not_found", "there is no such device")
	// ErrPasskeyNotFound: the user has no such passkey.
	ErrPasskeyNotFound = fault.New(fault.NotFound, "passkey_not_found", "there is no such passkey")
	// ErrAPIKeyNotFound: there is no such API key.
	ErrAPIKeyNotFound = fault.New(fault.NotFound, "api_key_not_found", "there is no such API key")
	// ErrIdentityNotFound: no user is linked to the identity.
	ErrIdentityNotFound = fault.New(fault.NotFound, "identity_not_found", "no user is linked to this identity")
	// ErrIdentityLinked: the identity is linked to a user already.
	ErrIdentityLinked = fault.New(fault.Conflict, "identity_linked", "this identity is linked to a user already")
)

// constraints are the names that say more than the convention can tell.
var constraints = store.Constraints{
	"uk_users_email":               ErrEmailTaken,
	"chk_users_deletion":           ErrDeletion,
	"chk_users_mfa":                ErrMFAType,
	"chk_users_erasure":            ErrErasure,
	"chk_sessions_revocation":      ErrRevocation,
	"uk_role_grants_open":          ErrGranted,
	"chk_role_grants_object":       ErrGrantObject,
	"uk_identities_issuer_subject": ErrIdentityLinked,
}

// Constraints names the constraints of this package's tables whose violation
// means one of its conditions, for hosts that write the tables themselves.
func Constraints() map[string]*fault.Error { return maps.Clone(constraints) }
