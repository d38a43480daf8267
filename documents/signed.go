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
// document asks for nothing, and nobody has signed that. It holds the documents and the
// signatures under a shared lock, so that the answer stays true to the end of the
// transaction.
func (s *Service) HoldSigned(ctx context.Context, tx bun.IDB, offering id.Of[investments.Offering], signer id.Of[auth.User]) (bool, error) {
	tx, done, err := store.Reader(ctx, tx)
	if err != nil {
		return false, err
	}
	defer done()
	var required, signed int
	err = tx.NewRaw(`WITH papers AS MATERIALIZED (
			SELECT d.id FROM documents.documents d WHERE d.opportunity_id = ?0 AND d.requires_signature AND d.is_latest_version
				AND d.deleted_at IS NULL AND (d.visibility <> 'private' OR d.owner_id = ?1) FOR SHARE OF d),
		held AS MATERIALIZED (
			SELECT s.document_id FROM documents.signatures s WHERE s.signer_id = ?1 AND s.status = 'signed'
				AND s.document_id IN (SELECT id FROM papers) FOR SHARE OF s)
		SELECT count(*), count(*) FILTER (WHERE id IN (SELECT document_id FROM held)) FROM papers`, offering, signer).Scan(ctx, &required, &signed)
	return required > 0 && signed == required, store.Err(err, constraints)
}
