package documents

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// HoldSigned reports whether a person has signed what an offering requires of them:
// the latest version of each of its documents that ask for a signature. A private one is
// required of those who are asked to sign it or were asked to sign a version before,
// countersigners aside, such as the recipient of a paper that was sent to many
// ([Signatures.SendTemplate]), until the request is taken back; and of its owner, unless they
// have themselves asked somebody else. Whoever owns a paper may change what it asks for: one
// that an investor must not be able to lift is the sponsor's, and sent to them. Whatever else
// they were asked to sign, or declined, does not matter. An offering without such a document
// asks for nothing, and nobody has signed that.
//
// It holds the first version of each document that concerns them under a shared lock before it
// counts, as every verb that changes a document locks it: so it waits for a version that is
// being added and judges that one, and the answer stays true to the end of the transaction.
func (s *Service) HoldSigned(ctx context.Context, tx bun.IDB, offering id.Of[investments.Offering], signer id.Of[auth.User]) (bool, error) {
	tx, done, err := store.Reader(ctx, tx)
	if err != nil {
		return false, err
	}
	defer done()
	// In a statement of its own: one that waited for a lock would go on with what it saw before.
	if _, err := store.ExecParams(ctx, tx, constraints, `SELECT r.id FROM documents.documents r WHERE r.id IN
			(SELECT COALESCE(d.parent_document_id, d.id) FROM documents.documents d WHERE d.opportunity_id = $1 AND d.requires_signature
				AND (d.visibility <> 'private' OR d.owner_id = $2 OR EXISTS (SELECT 1 FROM documents.envelopes e
					JOIN documents.signature_requests q ON q.envelope_id = e.id WHERE e.document_id = d.id AND q.signer_id = $2)))
		ORDER BY r.id FOR SHARE OF r`, offering.String(), signer.String()); err != nil {
		return false, err
	}
	var required, signed int
	err = store.Scan(ctx, tx, []any{&required, &signed}, `WITH papers AS (SELECT d.id, d.owner_id, d.visibility, COALESCE(d.parent_document_id, d.id) AS root FROM documents.documents d
			WHERE d.opportunity_id = $1 AND d.requires_signature AND d.is_latest_version AND d.deleted_at IS NULL),
		asked AS (SELECT p.id, r.signer_id, e.requested_by FROM papers p JOIN documents.documents v ON v.parent_document_id = p.root OR v.id = p.root
			JOIN documents.envelopes e ON e.document_id = v.id JOIN documents.signature_requests r ON r.envelope_id = e.id
			WHERE NOT r.countersigner AND (r.status <> 'voided' OR v.id <> p.id))
		SELECT count(*), count(*) FILTER (WHERE EXISTS (
			SELECT 1 FROM documents.signatures s WHERE s.document_id = d.id AND s.signer_id = $2 AND s.status = 'signed'))
		FROM papers d WHERE d.visibility <> 'private' OR EXISTS (SELECT 1 FROM asked a WHERE a.id = d.id AND a.signer_id = $2)
			OR d.owner_id = $2 AND NOT EXISTS (SELECT 1 FROM asked a WHERE a.id = d.id AND a.requested_by = d.owner_id AND a.signer_id IS DISTINCT FROM d.owner_id)`,
		offering.String(), signer.String())
	return required > 0 && signed == required, err
}
