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
type UserDeleted struct{}

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
