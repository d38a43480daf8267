package auth_test

import (
	"crypto/sha1"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
)

// cheap is argon2id at a cost that tests can pay.
var cheap = auth.Argon2Params{MemoryKiB: 64, Passes: 1, Lanes: 1}

// A hash is argon2id with the parameters of the configuration, and is made anew at
// sign-in when they have changed.
func TestPassword_argon2(t *testing.T) {
	t.Parallel()
	ctx, db := t.Context(), pgtest.Clone(t)
	with := func(p auth.Argon2Params) *auth.Services {
		return signing(func(c *auth.Config) { c.Hasher, c.Argon2 = nil, p })
	}
	old := with(cheap)
	u := member(t, db, old)
	stored := func() string {
		got, err := old.Users.User(ctx, db, u.ID)
		require.NoError(t, err)
		return got.PasswordHash.Reveal()
	}
	require.True(t, strings.HasPrefix(stored(), "$argon2id$v=19$m=64,t=1,p=1$"))
	signIn(t, db, old, u)
	before := stored()
	dearer := with(auth.Argon2Params{MemoryKiB: 128, Passes: 2, Lanes: 1})
	_, err := attempt(t, db, dearer, u.Email, "wrong")
	require.ErrorIs(t, err, auth.ErrSignIn)
	require.Equal(t, before, stored())
	signIn(t, db, dearer, u)
	require.True(t, strings.HasPrefix(stored(), "$argon2id$v=19$m=128,t=2,p=1$"))
	signIn(t, db, dearer, u)
	exec(t, db, "UPDATE auth.users SET password_hash = '$argon2id$v=19$m=4000000,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA' WHERE id = ?", u.ID)
	_, err = attempt(t, db, old, u.Email, password)
	require.ErrorIs(t, err, auth.ErrSignIn, "a row that asks for gigabytes is not obeyed")
	var why string
	require.NoError(t, db.NewRaw("SELECT failure_reason FROM auth.login_attempts ORDER BY created_at DESC LIMIT 1").Scan(ctx, &why))
	require.Equal(t, "password_hash_malformed", why)
	require.ErrorIs(t, auth.Config{Argon2: auth.Argon2Params{MemoryKiB: 1, Passes: 1, Lanes: 1}}.Validate(), fault.Invalid)
	require.NoError(t, auth.Config{}.Validate())
}

func TestPassword_rules(t *testing.T) {
	t.Parallel()
	ctx, db, dir := t.Context(), pgtest.Clone(t), t.TempDir()
	sum := sha1.Sum([]byte("password1234567"))
	hash := strings.ToUpper(hex.EncodeToString(sum[:]))
	require.NoError(t, os.WriteFile(filepath.Join(dir, hash[:5]+".txt"), []byte("0018A45C4D1DEF81644B54AB7F969B88D65:1\r\n"+hash[5:]+":42\r\n"), 0o600))
	svc := signing(func(c *auth.Config) { c.Breached = auth.BreachFiles{Dir: dir} })
	u := register(t, db, address("rules"))
	set := func(p string) error {
		exec(t, db, "UPDATE auth.users SET password_hash = '!' WHERE id = ?", u.ID)
		_, err := svc.Users.SetPassword(ctx, db, auth.SetPasswordParams{UserID: u.ID, New: auth.NewSecret(p), ActorID: administrator(t, db).ID})
		return err
	}
	require.ErrorIs(t, set("short"), auth.ErrPassword)
	require.ErrorIs(t, set(strings.Repeat("x", 129)), auth.ErrPassword)
	require.ErrorIs(t, set(strings.Repeat("x", 1<<20)), auth.ErrPassword)
	require.ErrorIs(t, set("fourteen chars"), auth.ErrPassword)
	require.ErrorIs(t, set("valid but \xff no text"), auth.ErrPassword)
	require.ErrorIs(t, set("password1234567"), auth.ErrPasswordBreached)
	require.NoError(t, set("aaaaaaaaaaaaaaa"), "no rule asks for kinds of characters")
	require.NoError(t, set(strings.Repeat("é", 128)))
	require.NoError(t, set("cafe\u0301 au lait noir"))
	_, err := attempt(t, db, svc, u.Email, "caf\u00e9 au lait noir")
	require.NoError(t, err, "one spelling")
	_, err = svc.Users.SetPassword(ctx, db, auth.SetPasswordParams{UserID: u.ID, New: auth.NewSecret(password)})
	require.ErrorIs(t, err, auth.ErrPasswordSet, "only the first")
	_, err = svc.Users.SetPassword(ctx, db, auth.SetPasswordParams{UserID: u.ID, New: auth.NewSecret(password), ActorID: administrator(t, db).ID})
	require.ErrorIs(t, err, auth.ErrPasswordSet, "nobody signs in as somebody else by a password that they set")
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	u := member(t, db, svc)
	mine, other := signIn(t, db, svc, u), signIn(t, db, svc, u)
	change := func(from, to string) error {
		_, err := svc.Users.ChangePassword(ctx, db, auth.ChangePasswordParams{SessionID: mine.Session.ID, Current: auth.NewSecret(from), New: auth.NewSecret(to)})
		return err
	}
	require.ErrorIs(t, change("wrong", "another long password"), auth.ErrSignIn)
	oneOf(t, 20, auth.ErrSignIn, func() error { return change(password, "another long password") })
	_, err := svc.Sessions.Authenticate(ctx, db, mine.Access)
	require.NoError(t, err, "who changes it stays signed in")
	_, err = svc.Sessions.Authenticate(ctx, db, other.Access)
	require.ErrorIs(t, err, auth.ErrSession)
	_, err = attempt(t, db, svc, u.Email, password)
	require.ErrorIs(t, err, auth.ErrSignIn)
}

// A reset works once, for its time, ends the sessions, and tells nobody who has an
// account.
func TestResetPassword(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	u := member(t, db, svc)
	s := signIn(t, db, svc, u)
	for _, email := range []string{address("nobody"), "no address"} {
		sent, err := svc.Users.RequestReset(ctx, db, auth.RequestResetParams{Email: email})
		require.NoError(t, err)
		require.False(t, sent.Send)
	}
	first, err := svc.Users.RequestReset(ctx, db, auth.RequestResetParams{Email: u.Email, Client: home})
	require.NoError(t, err)
	sent, err := svc.Users.RequestReset(ctx, db, auth.RequestResetParams{Email: u.Email, Client: home})
	require.NoError(t, err)
	require.Equal(t, u.Email, sent.To)
	reset := func(token auth.Secret) error {
		_, err := svc.Users.ResetPassword(ctx, db, auth.ResetPasswordParams{Token: token, New: auth.NewSecret("another long password")})
		return err
	}
	one(t, auth.ErrCode, func() error { return reset(first.Code) })
	require.ErrorIs(t, reset(sent.Code), auth.ErrCode, "one use ends all of them")
	_, err = svc.Sessions.Authenticate(ctx, db, s.Access)
	require.ErrorIs(t, err, auth.ErrSession)
	got, err := svc.Users.User(ctx, db, u.ID)
	require.NoError(t, err)
	require.True(t, got.EmailVerified)
	require.NotNil(t, got.PasswordChangedAt)
	_, err = attempt(t, db, svc, u.Email, "another long password")
	require.NoError(t, err)

	late, err := svc.Users.RequestReset(ctx, db, auth.RequestResetParams{Email: u.Email})
	require.NoError(t, err)
	exec(t, db, "UPDATE auth.password_resets SET expires_at = now() WHERE used_at IS NULL")
	require.ErrorIs(t, reset(late.Code), auth.ErrCode)
	suspend(t, db, u)
	sent, err = svc.Users.RequestReset(ctx, db, auth.RequestResetParams{Email: u.Email})
	require.NoError(t, err)
	require.False(t, sent.Send)
}

func TestEmailChange(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	u, other := member(t, db, svc), member(t, db, svc)
	s := signIn(t, db, svc, u)
	verify, err := svc.Users.StartEmailVerification(ctx, db, u.ID)
	require.NoError(t, err)
	one(t, auth.ErrCode, func() error {
		_, err := svc.Users.VerifyEmail(ctx, db, auth.VerifyEmailParams{Token: verify.Code})
		return err
	})

	taken, err := svc.Users.StartEmailChange(ctx, db, auth.StartEmailChangeParams{SessionID: s.Session.ID, Email: other.Email})
	require.NoError(t, err)
	require.False(t, taken.Delivery.Send, "and the host tells nobody")
	want := address("new")
	change, err := svc.Users.StartEmailChange(ctx, db, auth.StartEmailChangeParams{SessionID: s.Session.ID, Email: strings.ToUpper(want)})
	require.NoError(t, err)
	require.Equal(t, strings.ToLower(want), change.Delivery.To)
	require.Equal(t, u.Email, change.Notice.To)
	var done *auth.ConfirmedEmailChange
	one(t, auth.ErrCode, func() error {
		out, err := svc.Users.ConfirmEmailChange(ctx, db, auth.ConfirmEmailChangeParams{Token: change.Delivery.Code})
		if err == nil {
			done = out
		}
		return err
	})
	require.Equal(t, strings.ToLower(want), done.User.Email)
	require.Equal(t, []string{u.Email, strings.ToLower(want)}, []string{done.Notices[0].To, done.Notices[1].To}, "both hear of it")
	_, err = svc.Sessions.Authenticate(ctx, db, s.Access)
	require.ErrorIs(t, err, auth.ErrSession)
	_, err = attempt(t, db, svc, want, password)
	require.NoError(t, err)
}
