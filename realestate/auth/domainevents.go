package auth

// aggregateUser is what this package's events are about.
const aggregateUser = "user"

// UserRegistered says that there is a new user. The address is the user's own
// affair: read it from the user, if he still is one.
type UserRegistered struct{}

// EventType names the event.
func (UserRegistered) EventType() (string, int) { return "auth.user_registered", 1 }

// UserDeleted says that a user was deleted.
type UserDeleted struct{}

// EventType names the event.
func (UserDeleted) EventType() (string, int) { return "auth.user_deleted", 1 }
