package users

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// VerificationType says what a verification proves.
type VerificationType string

// The types of verification.
const (
	VerificationAccredited VerificationType = "accredited" // may invest in private offerings
	VerificationKYC        VerificationType = "kyc"        // known as a customer
	VerificationAML        VerificationType = "aml"        // no objection about the origin of money
	VerificationIdentity   VerificationType = "identity"   // is who they say they are
)

// The conditions of verifications.
var (
	// ErrNoVerificationData: nothing was handed in with the verification.
	ErrNoVerificationData = fault.New(fault.NotFound, "verification_data_not_found", "nothing was handed in with the verification")
	// ErrVerificationNotFound: there is no such verification.
	ErrVerificationNotFound = fault.New(fault.NotFound, "verification_not_found", "there is no such verification")
	// ErrNotVerified: the user has no verification of the type that is approved
	// and not expired.
	ErrNotVerified = fault.New(fault.NotFound, "not_verified", "the user has no current verification of this type")
	// ErrVerificationPending: a verification of the type already waits for its
	// review.
	ErrVerificationPending = fault.New(fault.Conflict, "verification_pending", "a verification of this type waits for its review").On("type")
)

// The aggregates that this package's events are about. An expiry is one run of
// [Service.ExpireVerifications].
const (
	aggregateVerification = "verification"
	aggregateExpiry       = "verification_expiry"
	aggregateProfile      = "profile"
)

// verifications is the repository of Verification rows.
var verifications = store.Repo[Verification]{NotFound: ErrVerificationNotFound, Constraints: constraints}

// proofs is verifications where none is the answer "not verified".
var proofs = store.Repo[Verification]{NotFound: ErrNotVerified, Constraints: constraints}

// Valid reports whether t is one of the types.
func (t VerificationType) Valid() bool {
	switch t {
	case VerificationAccredited, VerificationKYC, VerificationAML, VerificationIdentity:
		return true
	}
	return false
}

// VerificationStatus says how far a verification is.
type VerificationStatus string

// The statuses of a verification.
const (
	VerificationPending  VerificationStatus = "pending"
	VerificationApproved VerificationStatus = "approved"
	VerificationRejected VerificationStatus = "rejected"
	VerificationExpired  VerificationStatus = "expired"
)

// Valid reports whether s is one of the statuses.
func (s VerificationStatus) Valid() bool {
	switch s {
	case VerificationPending, VerificationApproved, VerificationRejected, VerificationExpired:
		return true
	}
	return false
}

// VerificationMethod says by what means a verification was made.
type VerificationMethod string

// The methods of verification.
const (
	MethodIncome     VerificationMethod = "income"
	MethodNetWorth   VerificationMethod = "net_worth"
	MethodLicense    VerificationMethod = "license"
	MethodThirdParty VerificationMethod = "third_party"
)

// Valid reports whether m is one of the methods.
func (m VerificationMethod) Valid() bool {
	switch m {
	case MethodIncome, MethodNetWorth, MethodLicense, MethodThirdParty:
		return true
	}
	return false
}

// Provider is who checked the evidence. The list is open.
type Provider string

// The usual providers.
const (
	ProviderJumio  Provider = "jumio"
	ProviderOnfido Provider = "onfido"
	ProviderManual Provider = "manual"
)

// EvidenceDocument names a document that was handed in with a verification. ID
// is the document's; the owner of the documents converts it with [id.Cast].
type EvidenceDocument struct {
	ID     *id.Of[EvidenceDocument] `json:"id,omitempty"`
	Name   string                   `json:"name"`
	Type   string                   `json:"type,omitempty"`
	SHA256 string                   `json:"sha256,omitempty"` // of the bytes, in hexadecimal
}

// Verification is a proof about a user: submitted, reviewed once, valid until
// it expires. A user has at most one pending verification of each type.
type Verification struct {
	bun.BaseModel `bun:"table:users.verifications,alias:v" json:"-"`

	ID               id.Of[Verification] `bun:"id,pk" json:"id"`
	UserID           id.Of[auth.User]    `bun:"user_id" json:"user_id"`
	Type             VerificationType    `bun:"type" json:"type"`
	Status           VerificationStatus  `bun:"status" json:"status"`
	Method           *VerificationMethod `bun:"method" json:"method"`
	Provider         *Provider           `bun:"provider" json:"provider"`
	VerificationData *auth.Secret        `bun:"verification_data" json:"verification_data"` // sealed; see [Service.VerificationData]
	Documents        []EvidenceDocument  `bun:"documents,type:jsonb,nullzero" json:"documents"`
	RejectionReason  *string             `bun:"rejection_reason" json:"rejection_reason"`
	ExpiresAt        *time.Time          `bun:"expires_at" json:"expires_at"` // nil: it does not expire
	SubmittedAt      time.Time           `bun:"submitted_at" json:"submitted_at"`
	ReviewedAt       *time.Time          `bun:"reviewed_at" json:"reviewed_at"`
	ReviewedBy       *id.Of[auth.User]   `bun:"reviewed_by" json:"reviewed_by"`
	CreatedAt        time.Time           `bun:"created_at" json:"created_at"`
	UpdatedAt        time.Time           `bun:"updated_at" json:"updated_at"`
}

// Current reports whether the verification is approved and not expired at now.
func (v *Verification) Current(now time.Time) bool {
	return v.Status == VerificationApproved && (v.ExpiresAt == nil || now.Before(*v.ExpiresAt))
}

// current selects the approved verification that lasts longest, judged by the
// database's clock.
func current(q *bun.SelectQuery, user id.Of[auth.User], t VerificationType) *bun.SelectQuery {
	return q.Where("?TableAlias.user_id = ?", user).Where("?TableAlias.type = ?", t).
		Where("?TableAlias.status = ?", VerificationApproved).
		Where("(?TableAlias.expires_at IS NULL OR ?TableAlias.expires_at > now())").
		OrderExpr("?TableAlias.expires_at DESC NULLS FIRST, ?TableAlias.id")
}
