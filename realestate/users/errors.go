package users

import (
	"maps"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// constraints are the names that say more than the convention can tell.
var constraints = store.Constraints{
	"fk_profile_user":          store.ErrReference.On("user_id"),
	"chk_investment_range":     ErrInvestmentRange,
	"fk_verification_user":     store.ErrReference.On("user_id"),
	"uk_verifications_pending": ErrVerificationPending,
	"chk_verifications_review": ErrVerificationReview,
	"uk_unique_connection":     ErrConnected,
	"chk_connections_self":     ErrSelfConnection,
}

// Constraints names the constraints of this package's tables whose violation
// means one of its conditions, for hosts that write the tables themselves.
func Constraints() map[string]*fault.Error { return maps.Clone(constraints) }
