package documents

import (
	"maps"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// The conditions of this package.
var (
	// ErrDocumentNotFound: there is no such document, or it has been deleted.
	ErrDocumentNotFound = fault.New(fault.NotFound, "document_not_found", "there is no such document")
	// ErrVersionExists: the document has a version of this number, or another
	// latest version.
	ErrVersionExists = fault.New(fault.Conflict, "document_version_exists", "the document has this version already").On("version")
	// ErrLineage: a later version does not name an other document as its first
	// version, or has no number above 1.
	ErrLineage = fault.New(fault.Invalid, "document_lineage_malformed", "a later version has a number above 1 and another document as its first version").On("parent_document_id")
	// ErrShared: the document is shared with this user already.
	ErrShared = fault.New(fault.Conflict, "document_shared", "the document is shared with this user already").On("shared_with")
	// ErrSignatureRequested: the user has been asked to sign this document, or
	// has signed it.
	ErrSignatureRequested = fault.New(fault.Conflict, "signature_requested", "the user has been asked to sign this document already").On("signer_id")
	// ErrSignatureState: a signature's status and its times contradict each
	// other.
	ErrSignatureState = fault.New(fault.Invalid, "signature_state_inconsistent", "status and times of the signature contradict each other").On("status")
	// ErrSignatureChain: an event does not carry the hash of the one before.
	ErrSignatureChain = fault.New(fault.Invalid, "signature_chain_broken", "only the first event has no previous hash").On("previous_hash")
	// ErrSignatureEvidence: a signed event lacks the bytes shown, the consent or
	// the intent.
	ErrSignatureEvidence = fault.New(fault.Invalid, "signature_evidence_missing", "a signed event needs the document's hash, consent and intent").On("document_hash")
)

// constraints are the names that say more than the convention can tell.
var constraints = store.Constraints{
	"chk_documents_lineage":               ErrLineage,
	"uk_documents_latest_version":         ErrVersionExists,
	"uk_documents_version":                ErrVersionExists,
	"uk_unique_share":                     ErrShared,
	"uk_signatures_document_id_signer_id": ErrSignatureRequested,
	"chk_signatures_signing":              ErrSignatureState,
	"chk_signatures_declining":            ErrSignatureState,
	"chk_signature_events_chain":          ErrSignatureChain,
	"chk_signature_events_evidence":       ErrSignatureEvidence,
}

// Constraints names the constraints of this package's tables whose violation
// means one of its conditions, for hosts that write the tables themselves.
func Constraints() map[string]*fault.Error { return maps.Clone(constraints) }
