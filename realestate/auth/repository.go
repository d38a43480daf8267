package auth

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

var users = store.Repo[User]{NotFound: ErrUserNotFound, Constraints: constraints}

// revokeSessions ends every session of a user that is not ended yet.
func revokeSessions(ctx context.Context, tx bun.IDB, user id.Of[User], at time.Time) error {
	_, err := tx.NewUpdate().Model((*Session)(nil)).Set("revoked_at = ?", at).
		Where("?TableAlias.user_id = ?", user).Where("?TableAlias.revoked_at IS NULL").Exec(ctx)
	return store.Err(err, constraints)
}
