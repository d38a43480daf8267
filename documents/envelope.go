package documents

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of asking for signatures.
var (
	// ErrEnvelopeNotFound: there is no such ask for signatures.
	ErrEnvelopeNotFound = fault.New(fault.NotFound, "envelope_not_found", "there is no such ask for signatures")
	// ErrEnvelopeClosed: it was completed, declined, voided or has expired.
	ErrEnvelopeClosed = fault.New(fault.Illegal, "envelope_closed", "nothing is asked here any more")
	// ErrRequestNotFound: there is no such request to sign, or it is another's.
	ErrRequestNotFound = fault.New(fault.NotFound, "signature_request_not_found", "there is no such request to sign")
	// ErrRequestAnswered: the request was signed or declined already.
	ErrRequestAnswered = fault.New(fault.Illegal, "signature_request_answered", "the request was answered already")
	// ErrNotYourTurn: others sign before.
	ErrNotYourTurn = fault.New(fault.Illegal, "signature_not_in_turn", "others sign first")
	// ErrNotViewed: nobody signs what they were not shown.
	ErrNotViewed = fault.New(fault.Illegal, "signature_not_viewed", "the document was not shown to the signer yet")
	// ErrOtherBytes: the signer saw other bytes than those that are asked about.
	ErrOtherBytes = fault.New(fault.Conflict, "signature_other_bytes", "the bytes shown are not those to be signed").On("document_hash")
	// ErrSigner: a signer is a user with a signature, or has a name, an address and a link.
	ErrSigner = fault.New(fault.Invalid, "signature_request_signer", "a signer is a user, or has a name, an address and a link").On("signer_id")
	// ErrNoHash: nothing is known of the bytes, so that nothing could be signed.
	ErrNoHash = fault.New(fault.Illegal, "document_without_hash", "the document has no hash to sign")
)

// EnvelopeStatus says what became of an ask for signatures.
type EnvelopeStatus string

// The statuses of an envelope.
const (
	EnvelopeOpen      EnvelopeStatus = "open"
	EnvelopeCompleted EnvelopeStatus = "completed" // all have signed
	EnvelopeDeclined  EnvelopeStatus = "declined"  // one has declined
	EnvelopeVoided    EnvelopeStatus = "voided"    // taken back, or the version was replaced
	EnvelopeExpired   EnvelopeStatus = "expired"
)

// Valid reports whether s is one of the statuses.
func (s EnvelopeStatus) Valid() bool {
	switch s {
	case EnvelopeOpen, EnvelopeCompleted, EnvelopeDeclined, EnvelopeVoided, EnvelopeExpired:
		return true
	}
	return false
}

// Envelope asks one or several people to sign the exact bytes of one version.
type Envelope struct {
	bun.BaseModel `bun:"table:documents.envelopes,alias:en" json:"-"`

	ID              id.Of[Envelope]  `bun:"id,pk" json:"id"`
	DocumentID      id.Of[Document]  `bun:"document_id" json:"document_id"` // the version
	DocumentVersion int              `bun:"document_version" json:"document_version"`
	DocumentHash    string           `bun:"document_hash" json:"document_hash"` // SHA-256 of the bytes, in hexadecimal
	RequestedBy     id.Of[auth.User] `bun:"requested_by" json:"requested_by"`
	InOrder         bool             `bun:"in_order" json:"in_order"`
	Message         *string          `bun:"message" json:"message"`
	Status          EnvelopeStatus   `bun:"status" json:"status"`
	ExpiresAt       time.Time        `bun:"expires_at" json:"expires_at"`
	ClosedAt        *time.Time       `bun:"closed_at" json:"closed_at"`
	ClosedReason    *string          `bun:"closed_reason" json:"closed_reason"`
	CreatedAt       time.Time        `bun:"created_at" json:"created_at"`
	UpdatedAt       time.Time        `bun:"updated_at" json:"updated_at"`
}

var envelopes = store.Repo[Envelope]{
	NotFound:    ErrEnvelopeNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(e *Envelope) (time.Time, string) { return e.CreatedAt, e.ID.String() }),
}

// RequestStatus says what became of a request to sign.
type RequestStatus string

// The statuses of a request.
const (
	RequestPending  RequestStatus = "pending"
	RequestSigned   RequestStatus = "signed"
	RequestDeclined RequestStatus = "declined"
	RequestVoided   RequestStatus = "voided"
	RequestExpired  RequestStatus = "expired"
)

// Valid reports whether s is one of the statuses.
func (s RequestStatus) Valid() bool {
	switch s {
	case RequestPending, RequestSigned, RequestDeclined, RequestVoided, RequestExpired:
		return true
	}
	return false
}

// SignatureRequest is what one signer is asked: a user, whose signature is the row that
// SignatureID names, or somebody without an account, who has a name, an address and a
// link, and whose signature is here.
type SignatureRequest struct {
	bun.BaseModel `bun:"table:documents.signature_requests,alias:sr" json:"-"`

	ID                id.Of[SignatureRequest] `bun:"id,pk" json:"id"`
	EnvelopeID        id.Of[Envelope]         `bun:"envelope_id" json:"envelope_id"`
	Position          int                     `bun:"position" json:"position"`           // 1, 2, ...
	Countersigner     bool                    `bun:"countersigner" json:"countersigner"` // signs when all others have
	SignerID          *id.Of[auth.User]       `bun:"signer_id" json:"signer_id"`
	SignatureID       *id.Of[Signature]       `bun:"signature_id" json:"signature_id"`
	SignerName        *string                 `bun:"signer_name" json:"signer_name"`
	SignerEmail       *string                 `bun:"signer_email" json:"signer_email"`
	TokenHash         *auth.Secret            `bun:"token_hash" json:"token_hash"`
	Status            RequestStatus           `bun:"status" json:"status"`
	SignatureType     *SignatureType          `bun:"signature_type" json:"signature_type"`
	SignatureData     *string                 `bun:"signature_data" json:"signature_data"`
	SignatureImageURL *string                 `bun:"signature_image_url" json:"signature_image_url"`
	ViewedAt          *time.Time              `bun:"viewed_at" json:"viewed_at"`
	AnsweredAt        *time.Time              `bun:"answered_at" json:"answered_at"`
	DeclineReason     *string                 `bun:"decline_reason" json:"decline_reason"`
	RemindedAt        *time.Time              `bun:"reminded_at" json:"reminded_at"`
	CreatedAt         time.Time               `bun:"created_at" json:"created_at"`
	UpdatedAt         time.Time               `bun:"updated_at" json:"updated_at"`
}

var requests = store.Repo[SignatureRequest]{NotFound: ErrRequestNotFound, Constraints: constraints}

// turn reports why a signer has to wait for others. It touches no database.
func (r *SignatureRequest) turn(inOrder bool, all []SignatureRequest) error {
	for _, o := range all {
		before := r.Countersigner && !o.Countersigner || r.Countersigner == o.Countersigner && inOrder && o.Position < r.Position
		if o.ID != r.ID && before && o.Status == RequestPending {
			return ErrNotYourTurn
		}
	}
	return nil
}
