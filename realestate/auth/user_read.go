package auth

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// User returns a user, deleted ones included, because records of the past name
// them. It returns [ErrUserNotFound].
func (s *Users) User(ctx context.Context, db bun.IDB, user id.Of[User]) (*User, error) {
	if user.IsZero() {
		return nil, ErrUserNotFound
	}
	return users.OneParams(ctx, db, "u.id = $1", user.String())
}

// UserByEmail returns the user who has the address, in whatever spelling, and is
// not deleted. It returns [ErrUserNotFound].
func (s *Users) UserByEmail(ctx context.Context, db bun.IDB, email string) (*User, error) {
	email, err := NormalizeEmail(email)
	if err != nil {
		return nil, ErrUserNotFound
	}
	return userByEmail(ctx, db, email)
}

func userByEmail(ctx context.Context, db bun.IDB, email string) (*User, error) {
	return users.OneParams(ctx, db, "lower(u.email) = lower($1) AND u.deleted_at IS NULL", email)
}

// UserFilter narrows [Users.Users]. The zero value lists all who are not
// deleted.
type UserFilter struct {
	Status Status // "": active and suspended
	Role   Role   // "": with any role or none
	Search string // the beginning of an address or of its domain, at most 254 bytes
}

// Users lists users, the newest first. A search of anything but a beginning of an
// address finds nobody.
func (s *Users) Users(ctx context.Context, db bun.IDB, filter UserFilter, req page.Request) (page.Page[User], error) {
	search := strings.ToLower(strings.TrimSpace(filter.Search))
	if len(search) > maxEmail || strings.ContainsFunc(search, refusedInEmail) {
		return page.Page[User]{Items: []User{}}, nil
	}
	return users.List(ctx, db, req, func(q *bun.SelectQuery) *bun.SelectQuery {
		if filter.Status == "" {
			q = q.Where("?TableAlias.deleted_at IS NULL")
		} else {
			q = q.Where("?TableAlias.status = ?", filter.Status)
		}
		if filter.Role != "" {
			q = q.Where("EXISTS (SELECT 1 FROM auth.role_grants rg WHERE rg.user_id = ?TableAlias.id AND rg.role = ? AND rg.revoked_at IS NULL)", filter.Role)
		}
		if search != "" {
			like := strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(search)
			q = q.Where("(?TableAlias.email LIKE ? OR ?TableAlias.email LIKE ?)", like+"%", "%@"+like+"%")
		}
		return q
	})
}

// FreshUser returns the user of a session whose proof is fresh, for enrolling. It
// returns [ErrSession] or [ErrFreshProof].
func (s *Factors) FreshUser(ctx context.Context, db bun.IDB, session id.Of[Session]) (u *User, err error) {
	err = store.InTx(ctx, db, func(tx bun.IDB) error {
		u, _, err = s.fresh(ctx, tx, session)
		return err
	})
	return u, err
}
