package documents

import (
	"encoding/json"
	"net/netip"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of signatures.
var (
	// ErrSignatureRequested: the user has been asked to sign this document, or
	// has signed it.
	ErrSignatureRequested = fault.New(fault.Conflict, "signature_requested", "the user has been asked to sign this document already").On("signer_id")
	// ErrSignatureState: a signature's status and its times contradict each
	// other.
	ErrSignatureState = fault.New(fault.Invalid, "signature_state_inconsistent", "status and times of the signature contradict each other").On("status")
)

// SignatureType says how a document is signed.
type SignatureType string

// The types of signature.
const (
	SignatureElectronic SignatureType = "electronic"
	SignatureDigital    SignatureType = "digital"
)

// Valid reports whether t is one of the types.
func (t SignatureType) Valid() bool {
	switch t {
	case SignatureElectronic, SignatureDigital:
		return true
	}
	return false
}

// VerificationMethod says how the signer proved who they are.
type VerificationMethod string

// The methods of verification.
const (
	VerifyEmail          VerificationMethod = "email"
	VerifySMS            VerificationMethod = "sms"
	VerifyIDVerification VerificationMethod = "id_verification"
)

// Valid reports whether m is one of the methods.
func (m VerificationMethod) Valid() bool {
	switch m {
	case VerifyEmail, VerifySMS, VerifyIDVerification:
		return true
	}
	return false
}

// SignatureStatus says what became of a request to sign.
type SignatureStatus string

// The statuses of a signature.
const (
	SignaturePending  SignatureStatus = "pending"
	SignatureSigned   SignatureStatus = "signed"
	SignatureDeclined SignatureStatus = "declined"
)

// Valid reports whether s is one of the statuses.
func (s SignatureStatus) Valid() bool {
	switch s {
	case SignaturePending, SignatureSigned, SignatureDeclined:
		return true
	}
	return false
}

// Signature is what became of asking a user to sign a version of a document, once or
// again: who asked, when and in what order stands in its [SignatureRequest] rows. SignedAt is set
// exactly when it is signed, DeclinedAt when it is declined; who declined may
// be asked again. The evidence lies in the document's events.
type Signature struct {
	bun.BaseModel `bun:"table:documents.signatures,alias:sg" json:"-"`

	ID                 id.Of[Signature]    `bun:"id,pk" json:"id"`
	DocumentID         id.Of[Document]     `bun:"document_id" json:"document_id"`
	SignerID           id.Of[auth.User]    `bun:"signer_id" json:"signer_id"`
	SignatureType      *SignatureType      `bun:"signature_type" json:"signature_type"`
	SignatureData      *string             `bun:"signature_data" json:"signature_data"`
	SignatureImageURL  *string             `bun:"signature_image_url" json:"signature_image_url"`
	IPAddress          *netip.Addr         `bun:"ip_address" json:"ip_address"`
	UserAgent          *string             `bun:"user_agent" json:"user_agent"`
	VerificationMethod *VerificationMethod `bun:"verification_method" json:"verification_method"`
	VerificationData   json.RawMessage     `bun:"verification_data,type:jsonb,nullzero" json:"verification_data"`
	Status             SignatureStatus     `bun:"status" json:"status"`
	RequestedAt        time.Time           `bun:"requested_at" json:"requested_at"`
	SignedAt           *time.Time          `bun:"signed_at" json:"signed_at"`
	DeclinedAt         *time.Time          `bun:"declined_at" json:"declined_at"`
	CreatedAt          time.Time           `bun:"created_at" json:"created_at"`
	UpdatedAt          time.Time           `bun:"updated_at" json:"updated_at"`
}

var signatures = store.Repo[Signature]{Constraints: constraints}
