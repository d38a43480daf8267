package auth

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// users is the repository of User rows. Its statements send parameters, because
// they carry addresses and hashes.
var users = store.Repo[User]{
	NotFound: ErrUserNotFound, Constraints: constraints,
	Sort: store.NewestFirst(func(u *User) (time.Time, string) { return u.CreatedAt, u.ID.String() }),
}

// lockUser reads a user and locks the row against other writers.
func lockUser(ctx context.Context, tx bun.IDB, user id.Of[User]) (*User, error) {
	if user.IsZero() {
		return nil, ErrUserNotFound
	}
	return users.OneParams(ctx, tx, "u.id = $1 FOR NO KEY UPDATE", user.String())
}

// endAccess ends every way in that a user has open: sessions, sign-ins in
// progress, trusted devices, codes and links that are on their way. API keys are
// refused while their user is not active.
func endAccess(ctx context.Context, tx bun.IDB, user id.Of[User], why RevokedReason) error {
	if err := endSessions(ctx, tx, user, why, nil); err != nil {
		return err
	}
	if err := endPending(ctx, tx, user); err != nil {
		return err
	}
	_, err := store.ExecParams(ctx, tx, constraints, "UPDATE auth.one_time_codes SET used_at = now() WHERE user_id = $1 AND used_at IS NULL", user.String())
	return err
}

// endPending ends what a user, or whoever was in their place, has begun: sign-ins in
// progress, trusted devices, codes and links that are on their way. A link that verifies
// the present address stays: it gives nobody anything but that.
func endPending(ctx context.Context, tx bun.IDB, user id.Of[User]) error {
	for _, q := range []string{
		"UPDATE auth.trusted_devices SET revoked_at = now() WHERE user_id = $1 AND revoked_at IS NULL",
		"UPDATE auth.challenges SET used_at = now() WHERE user_id = $1 AND used_at IS NULL",
		"UPDATE auth.one_time_codes SET used_at = now() WHERE user_id = $1 AND used_at IS NULL AND purpose <> 'verify_email'",
		"UPDATE auth.password_resets SET used_at = now() WHERE user_id = $1 AND used_at IS NULL",
	} {
		if _, err := store.ExecParams(ctx, tx, constraints, q, user.String()); err != nil {
			return err
		}
	}
	return nil
}

// endSessions ends a user's sessions, but for those of the family of keep.
func endSessions(ctx context.Context, tx bun.IDB, user id.Of[User], why RevokedReason, keep *id.Of[Session]) error {
	_, err := store.ExecParams(ctx, tx, constraints, `UPDATE auth.sessions SET revoked_at = now(), revoked_reason = $2
		WHERE user_id = $1 AND revoked_at IS NULL AND family_id IS DISTINCT FROM $3::uuid`, user.String(), string(why), idOrNil(keep))
	return err
}

// interval is a duration as a parameter that is cast to interval.
func interval(d time.Duration) string { return fmt.Sprintf("%d microseconds", d.Microseconds()) }

// orNil is the text of a nullable parameter.
func orNil[T ~string](s *T) any {
	if s == nil {
		return nil
	}
	return string(*s)
}

// idOrNil is the id of a nullable parameter.
func idOrNil[T any](v *id.Of[T]) any {
	if v == nil {
		return nil
	}
	return v.String()
}

func equal[T comparable](a, b *T) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}
