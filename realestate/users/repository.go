package users

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

var (
	profiles      = store.Repo[Profile]{NotFound: ErrProfileNotFound, Constraints: constraints}
	verifications = store.Repo[Verification]{NotFound: ErrVerificationNotFound, Constraints: constraints}
	// proofs is verifications where none is the answer "not verified".
	proofs = store.Repo[Verification]{NotFound: ErrNotVerified, Constraints: constraints}
)

// profileColumns are the columns that saving a profile may change.
var profileColumns = []string{
	"first_name", "last_name", "display_name", "avatar_url", "bio", "headline", "company", "position",
	"location_city", "location_state", "location_country", "timezone", "linkedin_url", "website_url",
	"phone", "date_of_birth", "investment_interests", "investment_range_min", "investment_range_max",
	"risk_tolerance", "investment_horizon", "sectors_of_interest", "profile_visibility", "show_email",
	"show_phone", "show_investments", "profile_completed_at", "profile_completion_score", "version",
}

// present checks that a user is there and not deleted, and keeps it so to the end
// of the transaction.
func present(ctx context.Context, tx bun.IDB, user id.Of[auth.User]) error {
	var status auth.Status
	err := store.Scan(ctx, tx, []any{&status}, "SELECT status FROM auth.users WHERE id = $1 FOR SHARE", user.String())
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return store.ErrReference.On("user_id")
	case err == nil && status == auth.StatusDeleted:
		return auth.ErrUserDeleted
	}
	return err
}

// insertProfile reports false when the user got a profile meanwhile.
func insertProfile(ctx context.Context, tx bun.IDB, p *Profile) (bool, error) {
	return profiles.InsertParams(ctx, tx, p, "ON CONFLICT (user_id) DO NOTHING")
}

func lockProfile(ctx context.Context, tx bun.IDB, user id.Of[auth.User]) (*Profile, error) {
	return profiles.OneParams(ctx, tx, "pf.user_id = $1 FOR NO KEY UPDATE", user.String())
}

// current selects the approved verification that lasts longest, judged by the
// database's clock.
func current(q *bun.SelectQuery, user id.Of[auth.User], t VerificationType) *bun.SelectQuery {
	return q.Where("?TableAlias.user_id = ?", user).Where("?TableAlias.type = ?", t).
		Where("?TableAlias.status = ?", VerificationApproved).
		Where("(?TableAlias.expires_at IS NULL OR ?TableAlias.expires_at > now())").
		OrderExpr("?TableAlias.expires_at DESC NULLS FIRST, ?TableAlias.id")
}
