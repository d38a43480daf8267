package realestate

import (
	"context"
	"errors"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/documents"
	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/realestate/users"
)

// evidenceFrom loads what a gate judges an investor by: whether they have an
// approved accreditation that has not expired, and whether they signed what the
// offering requires. Both are locked to the end of the transaction.
func evidenceFrom(people *users.Service, papers *documents.Service) investments.EvidenceFunc {
	return func(ctx context.Context, tx bun.IDB, r investments.EvidenceRequest) (e investments.Evidence, err error) {
		if r.InvestorID.IsZero() {
			return e, nil // the verb reports the missing field
		}
		v, err := people.HoldVerification(ctx, tx, r.InvestorID, users.VerificationAccredited)
		switch {
		case err == nil:
			e.Accredited, e.AccreditedUntil, e.Source = true, v.ExpiresAt, "verification "+v.ID.String()
		case !errors.Is(err, users.ErrNotVerified):
			return e, err
		}
		e.DocumentsSigned, err = papers.HoldSigned(ctx, tx, r.OfferingID, r.InvestorID)
		return e, err
	}
}
