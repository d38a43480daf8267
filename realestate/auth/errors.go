package auth

import (
	"maps"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
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
