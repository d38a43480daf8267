package auth_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/page"
)

// lines is how many lines of an action, and events of a type, there are.
func lines(t *testing.T, db bun.IDB, action auth.AuditAction, event string) (out [2]int) {
	t.Helper()
	require.NoError(t, db.NewRaw("SELECT count(*) FROM auth.audit_entries WHERE action = ?", action).Scan(t.Context(), &out[0]))
	require.NoError(t, db.NewRaw("SELECT count(*) FROM freehold.outbox WHERE type = ?", event).Scan(t.Context(), &out[1]))
	return out
}

// 63B 3.2.2: after fifty wrong passwords in a row strangers have no more, whatever the
// window; they cannot tell, and lock out neither a known device nor whoever has the mailbox.
func TestSignIn_inARow(t *testing.T) {
	t.Parallel()
	ctx, db, hasher := t.Context(), pgtest.Clone(t), &counting{}
	svc := signing(generous, func(c *auth.Config) { c.Hasher = hasher })
	u := member(t, db, svc)
	sign := func(pass string, device auth.Secret) (*auth.SignedIn, error) {
		return svc.Sessions.SignIn(ctx, db, auth.SignInParams{Email: u.Email, Password: auth.NewSecret(pass), Device: device, RememberDevice: "laptop", Client: home})
	}
	guess := func(n int) {
		for range n {
			_, err := sign("guess", auth.Secret{})
			require.ErrorIs(t, err, auth.ErrSignIn)
		}
	}
	in, err := sign(password, auth.Secret{})
	require.NoError(t, err)
	guess(49)
	_, err = sign(password, auth.Secret{})
	require.NoError(t, err, "the fiftieth is compared, and begins the count anew")
	guess(50)
	exec(t, db, "UPDATE auth.attempt_counters SET window_started_at = window_started_at - interval '1 year'")
	_, err = svc.Audit.PurgeCounters(ctx, db)
	require.NoError(t, err)
	require.Equal(t, [2]int{0, 0}, lines(t, db, auth.AuditPasswordClosed, "auth.user_password_closed"))
	before := hasher.verified.Load()
	for range 2 {
		_, err = sign(password, auth.Secret{})
		require.ErrorIs(t, err, auth.ErrSignIn, "the answer of before")
	}
	require.EqualValues(t, 2, hasher.verified.Load()-before, "after the time of before")
	require.Equal(t, [2]int{1, 1}, lines(t, db, auth.AuditPasswordClosed, "auth.user_password_closed"), "told once")
	tries, err := svc.Audit.Attempts(ctx, db, auth.AttemptFilter{UserID: u.ID, Failed: true}, page.Request{Limit: 1})
	require.NoError(t, err)
	require.Equal(t, "closed", *tries.Items[0].FailureReason)

	_, err = sign(password, in.Device)
	require.NoError(t, err, "a known device gets in, and opens it again")
	_, err = sign(password, auth.Secret{})
	require.NoError(t, err)
	guess(51)
	reset(t, db, svc, u, another)
	_, err = sign(another, auth.Secret{})
	require.NoError(t, err, "and so does whoever has the mailbox")
	for range 60 {
		_, err = attempt(t, db, svc, "nobody@example.com", "guess")
		require.ErrorIs(t, err, auth.ErrSignIn, "nobody's is counted alike")
	}
	exec(t, db, "UPDATE auth.attempt_counters SET window_started_at = window_started_at - interval '1 year'")
	_, err = svc.Audit.PurgeCounters(ctx, db)
	require.NoError(t, err)
	require.Zero(t, remaining(t, db, "auth.attempt_counters"), "and not for good")
}

// A device that is known has 25 in a row, then it is known no longer; the right password
// is still accepted, as a stranger's.
func TestSignIn_deviceInARow(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	u := member(t, db, svc)
	sign := func(pass string, device auth.Secret) (*auth.SignedIn, error) {
		return svc.Sessions.SignIn(ctx, db, auth.SignInParams{Email: u.Email, Password: auth.NewSecret(pass), Device: device, RememberDevice: "laptop", Client: home})
	}
	in, err := sign(password, auth.Secret{})
	require.NoError(t, err)
	for range 25 {
		_, err = sign("guess", in.Device)
		require.ErrorIs(t, err, auth.ErrSignIn)
	}
	devices, err := svc.Factors.TrustedDevices(ctx, db, u.ID)
	require.NoError(t, err)
	require.Len(t, devices, 1)
	again, err := sign(password, in.Device)
	require.NoError(t, err)
	require.False(t, again.Device.IsZero(), "it has a new token")
	for range 25 {
		_, err = sign("guess", again.Device)
		require.ErrorIs(t, err, auth.ErrSignIn)
	}
	_, err = sign("guess", again.Device)
	require.ErrorIs(t, err, auth.ErrSignIn)
	devices, err = svc.Factors.TrustedDevices(ctx, db, u.ID)
	require.NoError(t, err)
	require.Empty(t, devices)
}

// Whoever holds a session has 25 wrong proofs in a row, at a step-up and at a change of the
// password together; then every session of the user ends.
func TestStepUp_inARow(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	u := member(t, db, svc)
	s, other := signIn(t, db, svc, u), signIn(t, db, svc, u)
	up := func(pass string) error {
		_, err := svc.Sessions.StepUp(ctx, db, auth.StepUpParams{SessionID: s.Session.ID, Password: auth.NewSecret(pass), Client: home})
		return err
	}
	for range 24 {
		require.ErrorIs(t, up("guess"), auth.ErrSignIn)
	}
	require.NoError(t, up(password), "a success begins anew")
	for range 12 {
		require.ErrorIs(t, up("guess"), auth.ErrSignIn)
	}
	for range 13 {
		_, err := svc.Users.ChangePassword(ctx, db, auth.ChangePasswordParams{SessionID: s.Session.ID, Current: auth.NewSecret("guess"), New: auth.NewSecret(another)})
		require.ErrorIs(t, err, auth.ErrSignIn)
	}
	_, err := svc.Sessions.Authenticate(ctx, db, other.Access)
	require.NoError(t, err)
	require.ErrorIs(t, up(password), auth.ErrSession)
	_, err = svc.Sessions.Authenticate(ctx, db, other.Access)
	require.ErrorIs(t, err, auth.ErrSession)
	s = signIn(t, db, svc, u)
	require.NoError(t, up(password))
	entries, err := svc.Audit.Entries(ctx, db, auth.AuditFilter{Action: auth.AuditSessionsRevoked}, page.Request{})
	require.NoError(t, err)
	require.Len(t, entries.Items, 1)
	require.Nil(t, entries.Items[0].ActorID)
	require.Equal(t, home.IPAddress, *entries.Items[0].IPAddress)
}

// After 75 wrong codes in a row nobody guesses at a second factor any more: not even the
// right code counts, until a recovery code does.
func TestCompleteSignIn_inARow(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	u, s, secret, codes := enrolled(t, db, svc)
	texted(t, db, svc, s)
	complete := func(f auth.Factor, c auth.Secret) (*auth.CompletedSignIn, error) {
		return svc.Sessions.CompleteSignIn(ctx, db, auth.CompleteSignInParams{Token: asked(t, db, svc, u).Token, Factor: f, Code: c, Client: home, TrustDevice: "laptop"})
	}
	for range 75 {
		_, err := complete(auth.FactorAuthenticator, auth.NewSecret("000000"))
		require.ErrorIs(t, err, auth.ErrFactor)
	}
	require.Equal(t, [2]int{0, 0}, lines(t, db, auth.AuditFactorClosed, "auth.user_factors_closed"))
	for range 2 {
		_, err := complete(auth.FactorAuthenticator, code(secret, 0))
		require.ErrorIs(t, err, auth.ErrFactorClosed)
	}
	require.Equal(t, [2]int{1, 1}, lines(t, db, auth.AuditFactorClosed, "auth.user_factors_closed"), "told once")
	wait := asked(t, db, svc, u)
	require.Equal(t, []auth.Factor{auth.FactorRecoveryCode}, wait.Factors)
	_, err := svc.Sessions.SendFactorCode(ctx, db, auth.SendFactorCodeParams{Token: wait.Token, Factor: auth.FactorSMS})
	require.ErrorIs(t, err, auth.ErrFactorClosed)
	_, err = svc.Sessions.StepUp(ctx, db, auth.StepUpParams{SessionID: s.Session.ID, Factor: auth.FactorAuthenticator, Code: code(secret, 0)})
	require.ErrorIs(t, err, auth.ErrFactorClosed, "nor within a session")
	in, err := complete(auth.FactorRecoveryCode, codes[0])
	require.NoError(t, err)
	require.Equal(t, []auth.Notice{{To: u.Email, Action: auth.AuditRecoveryCodeUsed}, {To: u.Email, Action: auth.AuditDeviceTrusted}}, in.Notices)
	_, err = complete(auth.FactorAuthenticator, code(secret, 1))
	require.NoError(t, err, "it is open again")
}

// A code by e-mail is closed likewise; the mailbox itself opens it, by a new password.
func TestCompleteSignIn_inARowByMail(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	u := member(t, db, svc)
	verified(t, db, svc, u)
	require.NoError(t, failure(svc.Factors.SetEmailFactor(ctx, db, auth.SetEmailFactorParams{SessionID: signIn(t, db, svc, u).Session.ID, On: true})))
	for range 76 {
		_, err := svc.Sessions.CompleteSignIn(ctx, db, auth.CompleteSignInParams{Token: asked(t, db, svc, u).Token, Factor: auth.FactorEmail, Code: auth.NewSecret("0")})
		require.Error(t, err)
	}
	require.Empty(t, asked(t, db, svc, u).Factors)
	reset(t, db, svc, u, another)
	in, err := attempt(t, db, svc, u.Email, another)
	require.NoError(t, err)
	require.Equal(t, []auth.Factor{auth.FactorEmail}, in.Asked.Factors)
}

// A thousand wrong guesses at once within sessions compute no more hashes than the limit.
func TestSessions_parallelGuesses(t *testing.T) {
	t.Parallel()
	ctx, db, hasher := t.Context(), pgtest.Clone(t), &counting{}
	svc := signing(func(c *auth.Config) { c.Hasher, c.Limits = hasher, auth.Limits{Account: 10, Address: 5000} })
	s := signIn(t, db, svc, member(t, db, svc))
	for name, try := range map[string]func(context.Context) error{
		"step-up": func(ctx context.Context) error {
			_, err := svc.Sessions.StepUp(ctx, db, auth.StepUpParams{SessionID: s.Session.ID, Password: auth.NewSecret("guess"), Client: home})
			return err
		},
		"change": func(ctx context.Context) error {
			_, err := svc.Users.ChangePassword(ctx, db, auth.ChangePasswordParams{SessionID: s.Session.ID, Current: auth.NewSecret("guess"), New: auth.NewSecret(another), Client: home})
			return err
		},
	} {
		hasher.verified.Store(0)
		var wg sync.WaitGroup
		errs := make(chan error, 1000)
		for range 1000 {
			wg.Go(func() { errs <- try(ctx) })
		}
		wg.Wait()
		close(errs)
		wrong := 0
		for err := range errs {
			if errors.Is(err, auth.ErrSignIn) {
				wrong++
				continue
			}
			require.ErrorIs(t, err, auth.ErrTooManyAttempts, name)
		}
		require.Equal(t, 10, wrong, name)
		require.EqualValues(t, 10, hasher.verified.Load(), name)
	}
}

// A key that somebody else made for an account of a machine does not outlast the account's
// becoming a person's; the person's own keys do.
func TestAPIKeys_firstPassword(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	admin := administrator(t, db)
	for name, set := range map[string]func(u *auth.User){
		"set": func(u *auth.User) {
			_, err := svc.Users.SetPassword(ctx, db, auth.SetPasswordParams{UserID: u.ID, New: auth.NewSecret(another)})
			require.NoError(t, err)
		},
		"reset": func(u *auth.User) { reset(t, db, svc, u, another) },
	} {
		u := register(t, db, address("machine"))
		exec(t, db, "UPDATE auth.users SET email_verified = true, email_verified_at = now() WHERE id = ?", u.ID)
		key := func(by *auth.User) auth.Secret {
			made, err := svc.Access.CreateAPIKey(ctx, db, auth.CreateAPIKeyParams{UserID: u.ID, Name: "k", Scopes: []string{"x"}, ExpiresAt: time.Now().AddDate(0, 1, 0), ActorID: by.ID})
			require.NoError(t, err)
			require.Equal(t, &auth.Notice{To: u.Email, Action: auth.AuditAPIKeyMade}, made.Notice)
			return made.Key
		}
		theirs, own := key(admin), key(u)
		set(u)
		_, err := svc.Access.AuthenticateAPIKey(ctx, db, theirs)
		require.ErrorIs(t, err, auth.ErrAPIKey, name)
		_, err = svc.Access.AuthenticateAPIKey(ctx, db, own)
		require.NoError(t, err, name)
		gone, err := svc.Audit.Entries(ctx, db, auth.AuditFilter{UserID: u.ID, Action: auth.AuditAPIKeyRevoked}, page.Request{})
		require.NoError(t, err)
		require.Len(t, gone.Items, 1, name)
		var told int
		require.NoError(t, db.NewRaw("SELECT count(*) FROM freehold.outbox WHERE aggregate_id = ? AND type = 'auth.user_api_key_changed' AND payload ->> 'added' = 'false'", u.ID).Scan(ctx, &told))
		require.Equal(t, 1, told, name)
	}
}
