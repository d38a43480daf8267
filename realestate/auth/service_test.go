package auth_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

var at = time.Date(2026, 3, 31, 12, 0, 0, 123456789, time.UTC)

func service() *auth.Services {
	return auth.New(auth.Config{Now: func() time.Time { return at }})
}

// address is unlike every other test's, because tests share a database.
func address(name string) string { return name + "-" + id.New[auth.User]().String() + "@example.com" }

func ptr[T any](v T) *T { return &v }

func register(t *testing.T, db bun.IDB, email string) *auth.User {
	t.Helper()
	u, err := service().Users.Register(t.Context(), db, auth.RegisterParams{Email: email})
	require.NoError(t, err)
	return u
}

func TestRegister(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	svc := service()

	phone, email := "+1 212 555 0100", address("Ada")
	u, err := svc.Users.Register(ctx, tx, auth.RegisterParams{Email: "  " + email + "\n", Phone: &phone, PasswordHash: auth.NewSecret("$argon2id$x")})
	require.NoError(t, err)

	got, err := svc.Users.User(ctx, tx, u.ID)
	require.NoError(t, err)
	require.Equal(t, strings.ToLower(email), got.Email, "in the one spelling")
	require.Equal(t, phone, *got.Phone)
	require.Equal(t, auth.StatusActive, got.Status)
	require.True(t, got.HasPassword())
	require.Equal(t, "$argon2id$x", got.PasswordHash.Reveal())
	require.True(t, got.CreatedAt.Equal(at.Truncate(time.Microsecond)), "the service's clock, to the microsecond")

	got, err = svc.Users.UserByEmail(ctx, tx, strings.ToUpper(email))
	require.NoError(t, err)
	require.Equal(t, u.ID, got.ID)
}

func TestRegister_hostIdentity(t *testing.T) {
	t.Parallel()
	u := register(t, pgtest.Tx(t), address("host"))
	require.False(t, u.HasPassword())
}

// The caller's transaction survives a refused registration.
func TestRegister_emailTakenInAnyCase(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	email := address("twin")
	register(t, tx, email)

	_, err := service().Users.Register(ctx, tx, auth.RegisterParams{Email: strings.ToUpper(email)})
	require.ErrorIs(t, err, auth.ErrEmailTaken)
	require.ErrorIs(t, err, fault.Conflict)
	require.NotContains(t, err.Error(), email, "an error shows no personal data")

	_, err = service().Users.UserByEmail(ctx, tx, email)
	require.NoError(t, err)
}

func TestRegister_reportsEveryField(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	phone := strings.Repeat("1", 21)
	for _, email := range []string{"", "ada", "Ada <ada@example.com>", "a@b@c", "ada@example.com,bob@example.com", "a\x00@b.c", strings.Repeat("x", 250) + "@b.com"} {
		_, err := service().Users.Register(t.Context(), tx, auth.RegisterParams{
			Email: email, Phone: &phone, PasswordHash: auth.NewSecret(strings.Repeat("h", 256)),
		})
		var fields []string
		for _, e := range fault.FieldErrors(err) {
			require.Equal(t, fault.Invalid, e.Kind)
			fields = append(fields, e.Field)
		}
		require.Equal(t, []string{"email", "phone", "password_hash"}, fields, "%q", email)
	}
}

func TestUser_notFound(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	_, err := service().Users.User(ctx, tx, id.New[auth.User]())
	require.ErrorIs(t, err, auth.ErrUserNotFound)
	_, err = service().Users.UserByEmail(ctx, tx, address("nobody"))
	require.ErrorIs(t, err, auth.ErrUserNotFound)
	_, err = service().Users.Delete(ctx, tx, auth.DeleteUserParams{UserID: id.New[auth.User](), ActorID: id.New[auth.User]()})
	require.ErrorIs(t, err, fault.NotFound)
}

func session(user id.Of[auth.User], token string) *auth.Session {
	sid := id.New[auth.Session]()
	return &auth.Session{
		ID: sid, UserID: user, FamilyID: sid, TokenHash: auth.NewSecret(strings.Repeat(token, 64)),
		AuthLevel: auth.LevelPassword, AuthenticatedAt: at, ExpiresAt: at.Add(time.Hour), FamilyExpiresAt: at.Add(time.Hour), CreatedAt: at, UpdatedAt: at,
	}
}

func TestDeleteUser(t *testing.T) {
	t.Parallel()
	ctx, tx := t.Context(), pgtest.Tx(t)
	svc, email := service(), address("gone")
	u := register(t, tx, email)
	other := register(t, tx, address("stays"))
	mine, theirs := session(u.ID, "a"), session(other.ID, "b")
	for _, s := range []*auth.Session{mine, theirs} {
		_, err := tx.NewInsert().Model(s).Exec(ctx)
		require.NoError(t, err)
	}

	gone, err := svc.Users.Delete(ctx, tx, auth.DeleteUserParams{UserID: u.ID, ActorID: u.ID})
	require.NoError(t, err)
	require.Equal(t, auth.StatusDeleted, gone.Status)
	require.True(t, gone.Deleted())
	require.True(t, gone.UpdatedAt.After(u.UpdatedAt))
	require.True(t, gone.CreatedAt.Equal(u.CreatedAt))

	require.NoError(t, tx.NewSelect().Model(mine).WherePK().Scan(ctx))
	require.NotNil(t, mine.RevokedAt, "a deleted user's sessions end")
	require.False(t, mine.Live(at))
	require.NoError(t, tx.NewSelect().Model(theirs).WherePK().Scan(ctx))
	require.True(t, theirs.Live(at), "nobody else's do")

	_, err = svc.Users.Delete(ctx, tx, auth.DeleteUserParams{UserID: u.ID, ActorID: u.ID})
	require.ErrorIs(t, err, auth.ErrUserDeleted)
	_, err = svc.Users.UserByEmail(ctx, tx, email)
	require.ErrorIs(t, err, auth.ErrUserNotFound)
	_, err = svc.Users.User(ctx, tx, u.ID)
	require.NoError(t, err, "records of the past still name the user")

	again := register(t, tx, email)
	require.NotEqual(t, u.ID, again.ID, "the address is free")
}

// A cancelled deletion leaves nothing in the caller's transaction.
func TestDeleteUser_cancelled(t *testing.T) {
	t.Parallel()
	tx := pgtest.Tx(t)
	u := register(t, tx, address("cancel"))
	ctx, cancel := context.WithCancel(t.Context())
	svc := auth.New(auth.Config{Now: func() time.Time {
		cancel() // in the middle of the verb, after the lock
		return at
	}})
	_, err := svc.Users.Delete(ctx, tx, auth.DeleteUserParams{UserID: u.ID, ActorID: u.ID})
	require.ErrorIs(t, err, context.Canceled)
	got, err := service().Users.User(t.Context(), tx, u.ID)
	require.NoError(t, err)
	require.False(t, got.Deleted())
	require.Equal(t, auth.StatusActive, got.Status)
}

// Of eight who delete the same user at once one does it.
func TestDeleteUser_once(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	u := register(t, db, "race@example.com")
	errs := make(chan error, 8)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			_, err := service().Users.Delete(ctx, db, auth.DeleteUserParams{UserID: u.ID, ActorID: u.ID})
			errs <- err
		})
	}
	wg.Wait()
	close(errs)
	won := 0
	for err := range errs {
		if err == nil {
			won++
			continue
		}
		require.ErrorIs(t, err, auth.ErrUserDeleted)
	}
	require.Equal(t, 1, won)
}

// failure is the error of a verb whose answer a test does not need.
func failure(_ any, err error) error { return err }
