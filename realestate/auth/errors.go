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
	// ErrEmailTaken: another user has this address, in whatever case.
	ErrEmailTaken = fault.New(fault.Conflict, "email_taken", "another user has this address").On("email")
	// ErrDeletion: a user's status says deleted and there is no time of
	// deletion, or the reverse.
	ErrDeletion = fault.New(fault.Invalid, "user_deletion_inconsistent", "status and time of deletion contradict each other").On("status")
	// ErrMFAType: the second factor is on and its kind is missing.
	ErrMFAType = fault.New(fault.Invalid, "mfa_type_required", "an enabled second factor needs its kind").On("mfa_type")
)

// constraints are the names that say more than the convention can tell.
var constraints = store.Constraints{
	"uk_users_email":     ErrEmailTaken,
	"chk_users_deletion": ErrDeletion,
	"chk_users_mfa":      ErrMFAType,
}

// Constraints names the constraints of this package's tables whose violation
// means one of its conditions, for hosts that write the tables themselves.
func Constraints() map[string]*fault.Error { return maps.Clone(constraints) }
