package users

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// Profile returns a user's profile as the user sees it, or [ErrProfileNotFound].
func (s *Service) Profile(ctx context.Context, db bun.IDB, user id.Of[auth.User]) (*Profile, error) {
	if user.IsZero() {
		return nil, ErrProfileNotFound
	}
	return profiles.OneParams(ctx, db, "pf.user_id = $1", user.String())
}
