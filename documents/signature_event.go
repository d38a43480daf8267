package documents

import (
	"net/netip"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of the evidence behind a signature.
var (
	// ErrSignatureChain: an event does not carry the hash of the one before.
	ErrSignatureChain = fault.New(fault.Invalid, "signature_chain_broken", "only the first event has no previous hash").On("previous_hash")
	// ErrSignatureEvidence: a signed event lacks the bytes shown, the consent or
	// the intent.
	ErrSignatureEvidence = fault.New(fault.Invalid, "signature_evidence_missing", "a signed event needs the document's hash, consent and intent").On("document_hash")
)

// SignatureEventType says what happened to a signature.
type SignatureEventType string

// The types of signature event.
const (
	SignatureEventRequested SignatureEventType = "requested"
	SignatureEventSent      SignatureEventType = "sent"
	SignatureEventReminded  SignatureEventType = "reminded"
	SignatureEventViewed    SignatureEventType = "viewed"
	SignatureEventConsented SignatureEventType = "consented"
	SignatureEventSigned    SignatureEventType = "signed"
	SignatureEventDeclined  SignatureEventType = "declined"
)

// Valid reports whether t is one of the types.
func (t SignatureEventType) Valid() bool {
	switch t {
	case SignatureEventRequested, SignatureEventSent, SignatureEventReminded, SignatureEventViewed,
		SignatureEventConsented, SignatureEventSigned, SignatureEventDeclined:
		return true
	}
	return false
}

// SignatureEvent is one piece of evidence behind a signature. Events are never
// changed; those of a signature are numbered from 1 and each carries the hash
// of the one before. A signed event names the bytes that were shown and the
// signer's consent and intent.
type SignatureEvent struct {
	bun.BaseModel `bun:"table:documents.signature_events,alias:se"`

	ID              id.Of[SignatureEvent] `bun:"id,pk"`
	SignatureID     id.Of[Signature]      `bun:"signature_id"`
	Position        int                   `bun:"position"`
	Type            SignatureEventType    `bun:"type"`
	ActorID         *id.Of[auth.User]     `bun:"actor_id"` // nil: the platform itself
	DocumentVersion int                   `bun:"document_version"`
	DocumentHash    *string               `bun:"document_hash"` // SHA-256 of the bytes shown, in hexadecimal
	Consent         *string               `bun:"consent"`       // the words agreed to
	Intent          *string               `bun:"intent"`        // what the signer meant to do
	IPAddress       *netip.Addr           `bun:"ip_address"`
	UserAgent       *string               `bun:"user_agent"`
	Metadata        map[string]any        `bun:"metadata,type:jsonb,nullzero"`
	PreviousHash    []byte                `bun:"previous_hash"` // 32 bytes; nil on the first event
	Hash            []byte                `bun:"hash"`          // 32 bytes
	CreatedAt       time.Time             `bun:"created_at"`
}
