package documents

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// HoldSigned reports whether a person has signed every document that asks for
// their signature, and was asked for one at least. Of several requests for one
// document the latest counts. It holds the requests under a shared lock, so that
// the answer stays true to the end of the transaction.
func (s *Service) HoldSigned(ctx context.Context, tx bun.IDB, signer id.Of[auth.User]) (bool, error) {
	var asked, signed int
	err := tx.NewRaw(`WITH held AS MATERIALIZED (
			SELECT s.id, s.document_id, s.status, s.requested_at FROM documents.signatures s JOIN documents.documents d ON d.id = s.document_id
			WHERE s.signer_id = ? AND d.requires_signature AND d.deleted_at IS NULL FOR SHARE OF s),
		latest AS (SELECT DISTINCT ON (document_id) status FROM held ORDER BY document_id, requested_at DESC, id DESC)
		SELECT count(*), count(*) FILTER (WHERE status = 'signed') FROM latest`, signer).Scan(ctx, &asked, &signed)
	return asked > 0 && signed == asked, store.Err(err, constraints)
}
