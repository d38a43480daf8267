package documents

import (
	"maps"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
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
	"chk_uploads_attached":                ErrUploadState,
	"chk_uploads_completed":               ErrUploadState,
	"chk_uploads_removed":                 ErrUploadState,
	"chk_uploads_taken":                   ErrUploadState,
	"uk_uploads_document_id":              ErrUploadState,
	"chk_envelopes_closing":               ErrSignatureState,
	"chk_signature_requests_answer":       ErrSignatureState,
	"chk_signature_requests_signer":       ErrSigner,
	"chk_signature_events_chain":          ErrSignatureChain,
	"chk_signature_events_evidence":       ErrSignatureEvidence,
}

// Constraints names the constraints of this package's tables whose violation
// means one of its conditions, for hosts that write the tables themselves.
func Constraints() map[string]*fault.Error { return maps.Clone(constraints) }
