package documents

import "github.com/freehold-go/freehold/internal/store"

// keptEvidence says why signatures and shares are kept, and erasedPapers what is taken
// out of documents.
const (
	keptEvidence = "evidence of signatures and of what was shown to whom"
	erasedPapers = "name, folder, file name, description, tags and place of private papers that nobody else was shown or asked to sign; what is signed, shared, held, retained, of an offering or of tax stays"
)

// PersonalTables lists the tables of this package that name people or what they told
// about themselves, with what an erasure and an export make of them.
func PersonalTables() []store.PersonalTable {
	return []store.PersonalTable{
		{Name: "documents.documents", Erased: erasedPapers, Mine: "owner_id = $1"},
		{Name: "documents.documents_history", Erased: erasedPapers, Mine: "owner_id = $1"},
		{Name: "documents.document_shares", Kept: keptEvidence, Mine: "$1 IN (shared_by, shared_with)"},
		{Name: "documents.signatures", Kept: keptEvidence, Mine: "signer_id = $1"},
		{Name: "documents.signature_events", Kept: keptEvidence, Mine: "actor_id = $1"},
		{Name: "documents.signature_evidence", Kept: keptEvidence, Mine: "event_id IN (SELECT e.id FROM documents.signature_events e WHERE e.actor_id = $1)"},
		{Name: "documents.signature_requests", Erased: "the address of whoever has no account, and the name unless they have signed",
			Mine: "signer_id = $1 OR signer_id IS NULL AND lower(signer_email) = (SELECT lower(u.email) FROM auth.users u WHERE u.id = $1 AND u.email_verified)"},
		{Name: "documents.envelopes", Kept: store.KeptID, Mine: "requested_by = $1"},
		{Name: "documents.uploads", Erased: "the names of files, but of those that stay", Mine: "uploader_id = $1"},
		{Name: "documents.links", Kept: store.KeptID, Mine: "created_by = $1"},
		{Name: "documents.access_log", Kept: keptEvidence, Mine: "viewer_id = $1"},
	}
}
