package documents

import (
	"slices"

	"github.com/freehold-go/freehold/internal/store"
)

// Invariants is what always holds in the schema documents.
func Invariants() []store.Invariant { return slices.Clone(invariants) }

var invariants = []store.Invariant{
	{Name: "a document that has a version has one latest", Query: `SELECT COALESCE(d.parent_document_id, d.id) AS row,
			format('%s latest versions of %s', count(*) FILTER (WHERE d.is_latest_version), count(*)) AS detail
		FROM documents.documents d WHERE d.deleted_at IS NULL
		GROUP BY COALESCE(d.parent_document_id, d.id) HAVING count(*) FILTER (WHERE d.is_latest_version) <> 1`},
	{Name: "a version has the size and the hash of its upload", Query: `SELECT u.id AS row, 'the document says otherwise' AS detail
		FROM documents.uploads u JOIN documents.documents d ON d.id = u.document_id
		WHERE (d.file_hash, d.file_size, d.storage_url) IS DISTINCT FROM (u.file_hash, u.file_size, 'object:' || u.object_key)`},
	{Name: "what is in storage came by an upload", Query: `SELECT d.id AS row, 'no upload has its object' AS detail FROM documents.documents d
		WHERE d.storage_url LIKE 'object:%' AND NOT EXISTS (SELECT 1 FROM documents.uploads u WHERE u.document_id = d.id)`},
	{Name: "a share was opened as often as the access log says", Query: `SELECT s.id AS row, format('%s, not %s', s.access_count, l.n) AS detail
		FROM documents.document_shares s CROSS JOIN LATERAL (SELECT count(*) AS n FROM documents.access_log a WHERE a.share_id = s.id) l WHERE s.access_count <> l.n`},
	{Name: "a link was opened as often as the access log says", Query: `SELECT k.id AS row, format('%s, not %s', k.access_count, l.n) AS detail
		FROM documents.links k CROSS JOIN LATERAL (SELECT count(*) AS n FROM documents.access_log a WHERE a.link_id = k.id) l WHERE k.access_count <> l.n`},
	{Name: "a chain of signatures has every link", Query: `SELECT e.id AS row, format('position %s', e.position) AS detail
		FROM documents.signature_events e LEFT JOIN documents.signature_events b ON b.document_id = e.document_id AND b.position = e.position - 1
		WHERE e.position > 1 AND b.hash IS DISTINCT FROM e.previous_hash`},
	{Name: "a signed request has its link and its evidence", Query: `SELECT r.id AS row, r.status AS detail FROM documents.signature_requests r
		WHERE (r.status = 'signed') <> EXISTS (SELECT 1 FROM documents.signature_events e JOIN documents.signature_evidence v ON v.event_id = e.id
			JOIN documents.envelopes n ON n.id = r.envelope_id
			WHERE e.request_id = r.id AND e.type = 'signed' AND e.document_hash = n.document_hash)`},
	{Name: "a user's signature says what its request does", Query: `SELECT r.id AS row, format('%s, and %s', r.status, g.status) AS detail
		FROM documents.signature_requests r JOIN documents.signatures g ON g.id = r.signature_id
		WHERE r.status IN ('signed', 'declined') AND g.status <> r.status`},
	{Name: "a completed envelope is signed by all", Query: `SELECT e.id AS row, e.status AS detail FROM documents.envelopes e
		WHERE (e.status = 'completed') <> NOT EXISTS (SELECT 1 FROM documents.signature_requests r WHERE r.envelope_id = e.id AND r.status <> 'signed')`},
}
