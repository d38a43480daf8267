package users

import (
	"maps"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// The conditions of this package.
var (
	// ErrProfileNotFound: the user has no profile.
	ErrProfileNotFound = fault.New(fault.NotFound, "profile_not_found", "the user has no profile")
	// ErrNoDateOfBirth: the profile holds no date of birth.
	ErrNoDateOfBirth = fault.New(fault.NotFound, "date_of_birth_not_found", "the profile holds no date of birth")
	// ErrNoVerificationData: nothing was handed in with the verification.
	ErrNoVerificationData = fault.New(fault.NotFound, "verification_data_not_found", "nothing was handed in with the verification")
	// ErrInvestmentRange: the range ends below its beginning.
	ErrInvestmentRange = fault.New(fault.Invalid, fault.CodeInverted, "the maximum is below the minimum").On("investment_range")
	// ErrVerificationNotFound: there is no such verification.
	ErrVerificationNotFound = fault.New(fault.NotFound, "verification_not_found", "there is no such verification")
	// ErrNotVerified: the user has no verification of the type that is approved
	// and not expired.
	ErrNotVerified = fault.New(fault.NotFound, "not_verified", "the user has no current verification of this type")
	// ErrVerificationPending: a verification of the type already waits for its
	// review.
	ErrVerificationPending = fault.New(fault.Conflict, "verification_pending", "a verification of this type waits for its review").On("type")
	// ErrVerificationReviewed: the verification is no longer pending.
	ErrVerificationReviewed = fault.New(fault.Illegal, "verification_reviewed", "the verification is no longer pending")
	// ErrVerificationReview: an approved or rejected verification lacks the
	// time of its review.
	ErrVerificationReview = fault.New(fault.Invalid, "verification_review_required", "a reviewed verification needs the time of its review").On("reviewed_at")
	// ErrSelfReview: nobody reviews their own verification.
	ErrSelfReview = fault.New(fault.Forbidden, "verification_self_review", "nobody reviews their own verification").On("reviewer_id")
	// ErrConnected: the two users have a connection already.
	ErrConnected = fault.New(fault.Conflict, "connection_exists", "the two users have a connection already")
	// ErrSelfConnection: a user cannot be connected to themselves.
	ErrSelfConnection = fault.New(fault.Invalid, "connection_to_self", "a user cannot be connected to themselves").On("recipient_id")
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
