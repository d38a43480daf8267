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
// the latest version of each of its documents that ask for a signature, the private ones
// of other people aside. Whatever else they were asked to sign, or declined, does not
// matter, nor do requests for versions that were replaced. An offering without such a
// document asks for nothing, and nobody has signed that. It holds the first version of each
// document that asks for a signature under a shared lock before it counts, as every verb
// that changes a document locks it: so it waits for a version that is being added and
// judges that one, and the answer stays true to the end of the transaction.
func (s *Service) HoldSigned(ctx context.Context, tx bun.IDB, offering id.Of[investments.Offering], signer id.Of[auth.User]) (bool, error) {
	tx, done, err := store.Reader(ctx, tx)
	if err != nil {
		return false, err
	}
	defer done()
	// In a statement of its own: one that waited for a lock would go on with what it saw before.
	if _, err := store.ExecParams(ctx, tx, constraints, `SELECT r.id FROM documents.documents r WHERE r.id IN
			(SELECT COALESCE(d.parent_document_id, d.id) FROM documents.documents d WHERE d.opportunity_id = $1 AND d.requires_signature)
		ORDER BY r.id FOR SHARE OF r`, offering.String()); err != nil {
		return false, err
	}
	var required, signed int
	err = store.Scan(ctx, tx, []any{&required, &signed}, `SELECT count(*), count(*) FILTER (WHERE EXISTS (
			SELECT 1 FROM documents.signatures s WHERE s.document_id = d.id AND s.signer_id = $2 AND s.status = 'signed'))
		FROM documents.documents d WHERE d.opportunity_id = $1 AND d.requires_signature AND d.is_latest_version AND d.deleted_at IS NULL
			AND (d.visibility <> 'private' OR d.owner_id = $2)`, offering.String(), signer.String())
	return required > 0 && signed == required, err
}
