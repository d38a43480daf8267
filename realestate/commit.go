package realestate

import (
	"context"
	"errors"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/users"
)

// Commit is [investments.Service.Commit] with the evidence loaded from the
// other domains, under lock and in the same transaction: whether the investor
// has an approved accreditation that has not expired, and whether he has signed
// every document that asks for his signature, whatever it is about; of several
// requests for one document the latest counts. Evidence given by the caller is
// replaced; what the investor has committed already, the verb itself loads in
// the same way. How far the investor has come with the offering is recorded with it.
func (p *Platform) Commit(ctx context.Context, db bun.IDB, c investments.CommitParams) (*investments.Subscription, error) {
	var out *investments.Subscription
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if c.Evidence, err = p.evidence(ctx, tx, c.InvestorID); err != nil {
			return err
		}
		if out, err = p.Investments.Commit(ctx, tx, c); err != nil {
			return err
		}
		return p.Analytics.SyncFunnel(ctx, tx, out.OfferingID, out.InvestorID)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (p *Platform) evidence(ctx context.Context, tx bun.IDB, investor id.Of[auth.User]) (e investments.Evidence, err error) {
	if investor.IsZero() {
		return e, nil // the verb reports the missing field
	}
	v, err := p.Users.HoldVerification(ctx, tx, investor, users.VerificationAccredited)
	switch {
	case err == nil:
		e.Accredited, e.AccreditedUntil, e.Source = true, v.ExpiresAt, "verification "+v.ID.String()
	case !errors.Is(err, users.ErrNotVerified):
		return e, err
	}
	var asked, signed int
	err = tx.NewRaw(`WITH held AS MATERIALIZED (
			SELECT s.id, s.document_id, s.status, s.requested_at FROM documents.signatures s JOIN documents.documents d ON d.id = s.document_id
			WHERE s.signer_id = ? AND d.requires_signature AND d.deleted_at IS NULL FOR SHARE OF s),
		latest AS (SELECT DISTINCT ON (document_id) status FROM held ORDER BY document_id, requested_at DESC, id DESC)
		SELECT count(*), count(*) FILTER (WHERE status = 'signed') FROM latest`, investor).Scan(ctx, &asked, &signed)
	e.DocumentsSigned = asked > 0 && signed == asked
	return e, store.Err(err, nil)
}
