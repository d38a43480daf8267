package auth_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/auth"
)

const another = "another long password"

// waiting waits until n statements of the test's database wait for a lock, or done.
func waiting(t *testing.T, db bun.IDB, n int, done <-chan error) {
	t.Helper()
	require.Eventually(t, func() bool {
		var now int
		err := db.NewRaw("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(t.Context(), &now)
		return err == nil && now >= n || len(done) > 0
	}, time.Minute, time.Millisecond)
}

// Whoever refreshes a stolen session in the moment in which the sessions end does not
// get away with the new one.
func TestRefresh_whileSessionsEnd(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	admin := administrator(t, db)
	exec(t, db, `CREATE FUNCTION public.held() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NEW; END $$`)
	exec(t, db, "CREATE TRIGGER held BEFORE INSERT ON auth.sessions FOR EACH ROW EXECUTE FUNCTION public.held()")
	for name, end := range map[string]func(first, mine *auth.Tokens) error{
		"password": func(_, mine *auth.Tokens) error {
			_, err := svc.Users.ChangePassword(ctx, db, auth.ChangePasswordParams{SessionID: mine.Session.ID, Current: auth.NewSecret(password), New: auth.NewSecret(another)})
			return err
		},
		"all revoked": func(_, mine *auth.Tokens) error {
			return svc.Sessions.RevokeAll(ctx, db, auth.RevokeSessionsParams{UserID: mine.Session.UserID, ActorID: mine.Session.UserID})
		},
		"revoked": func(first, _ *auth.Tokens) error {
			return svc.Sessions.Revoke(ctx, db, auth.RevokeSessionParams{UserID: first.Session.UserID, SessionID: first.Session.ID, ActorID: admin.ID})
		},
		"signed out": func(first, _ *auth.Tokens) error { return svc.Sessions.SignOut(ctx, db, first.Access) },
		"replayed": func(first, _ *auth.Tokens) error {
			_, err := svc.Sessions.Refresh(ctx, db, auth.RefreshParams{Token: first.Refresh})
			require.ErrorIs(t, err, auth.ErrRefreshReplayed)
			return nil
		},
		"suspended": func(_, mine *auth.Tokens) error {
			_, err := svc.Users.Suspend(ctx, db, auth.SuspendUserParams{UserID: mine.Session.UserID, SuspendedBy: admin.ID, Reason: "x"})
			if err == nil {
				_, err = svc.Users.Reinstate(ctx, db, auth.ReinstateUserParams{UserID: mine.Session.UserID, ReinstatedBy: admin.ID})
			}
			return err
		},
	} {
		u := member(t, db, svc)
		first, mine := signIn(t, db, svc, u), signIn(t, db, svc, u)
		stolen, err := svc.Sessions.Refresh(ctx, db, auth.RefreshParams{Token: first.Refresh})
		require.NoError(t, err)
		exec(t, db, "UPDATE auth.sessions SET refresh_used_at = refresh_used_at - interval '31 seconds' WHERE id = ?", first.Session.ID)

		hold, err := db.Conn(ctx)
		require.NoError(t, err)
		_, err = hold.ExecContext(ctx, "SELECT pg_advisory_lock(7)")
		require.NoError(t, err)
		got, done := make(chan *auth.Tokens, 1), make(chan error, 1)
		go func() {
			next, _ := svc.Sessions.Refresh(ctx, db, auth.RefreshParams{Token: stolen.Refresh})
			got <- next
		}()
		waiting(t, db, 1, nil)
		go func() { done <- end(first, mine) }()
		waiting(t, db, 2, done)
		_, err = hold.ExecContext(ctx, "SELECT pg_advisory_unlock(7)")
		require.NoError(t, err)
		require.NoError(t, hold.Close())
		next := <-got
		require.NoError(t, <-done, name)
		require.NotNil(t, next, name)
		_, err = svc.Sessions.Authenticate(ctx, db, next.Access)
		require.ErrorIs(t, err, auth.ErrSession, name)
		_, err = svc.Sessions.Refresh(ctx, db, auth.RefreshParams{Token: next.Refresh})
		require.ErrorIs(t, err, auth.ErrSession, name)
	}
}

// A change of address that an intruder has begun ends with what drives them out: the
// link in their mailbox takes the account no more.
func TestEmailChange_endsWithAccess(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	for name, end := range map[string]func(u *auth.User, s *auth.Tokens){
		"password": func(_ *auth.User, s *auth.Tokens) {
			_, err := svc.Users.ChangePassword(ctx, db, auth.ChangePasswordParams{SessionID: s.Session.ID, Current: auth.NewSecret(password), New: auth.NewSecret(another)})
			require.NoError(t, err)
		},
		"reset": func(u *auth.User, _ *auth.Tokens) { reset(t, db, svc, u, another) },
		"all revoked": func(u *auth.User, s *auth.Tokens) {
			require.NoError(t, svc.Sessions.RevokeAll(ctx, db, auth.RevokeSessionsParams{UserID: u.ID, ActorID: u.ID, Keep: &s.Session.ID}))
		},
	} {
		u := member(t, db, svc)
		s, intruder := signIn(t, db, svc, u), signIn(t, db, svc, u)
		change, err := svc.Users.StartEmailChange(ctx, db, auth.StartEmailChangeParams{SessionID: intruder.Session.ID, Email: address("intruder")})
		require.NoError(t, err)
		end(u, s)
		_, err = svc.Users.ConfirmEmailChange(ctx, db, auth.ConfirmEmailChangeParams{Token: change.Delivery.Code})
		require.ErrorIs(t, err, auth.ErrCode, name)
	}
}

// reset sets a password by a link.
func reset(t *testing.T, db bun.IDB, svc *auth.Services, u *auth.User, to string) *auth.Notice {
	t.Helper()
	sent, err := svc.Users.RequestReset(t.Context(), db, auth.RequestResetParams{Email: u.Email})
	require.NoError(t, err)
	notice, err := svc.Users.ResetPassword(t.Context(), db, auth.ResetPasswordParams{Token: sent.Code, New: auth.NewSecret(to)})
	require.NoError(t, err)
	return notice
}

// Whoever signed up with somebody else's address keeps nothing when that person takes
// the account by a reset.
func TestResetPassword_firstVerification(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	u, s, _, codes := enrolled(t, db, svc)
	texted(t, db, svc, s)
	key, err := svc.Access.CreateAPIKey(ctx, db, auth.CreateAPIKeyParams{UserID: u.ID, Name: "k", Scopes: []string{"x"}, ExpiresAt: time.Now().AddDate(0, 1, 0), ActorID: u.ID})
	require.NoError(t, err)
	_, err = svc.Access.LinkIdentity(ctx, db, auth.LinkIdentityParams{SessionID: s.Session.ID, Issuer: "https://op.example", Subject: "1"})
	require.NoError(t, err)
	exec(t, db, "INSERT INTO auth.passkeys (user_id, credential_id, credential) VALUES (?, decode(repeat('00', 16), 'hex'), '{}')", u.ID)
	wait := asked(t, db, svc, u)
	require.Equal(t, auth.Stays{}, reset(t, db, svc, u, another).Stays)
	_, err = svc.Access.AuthenticateAPIKey(ctx, db, key.Key)
	require.ErrorIs(t, err, auth.ErrAPIKey)
	_, err = svc.Sessions.SignInWithIdentity(ctx, db, auth.SignInWithIdentityParams{Issuer: "https://op.example", Subject: "1"})
	require.ErrorIs(t, err, auth.ErrIdentityNotFound)
	_, err = svc.Sessions.CompleteSignIn(ctx, db, auth.CompleteSignInParams{Token: wait.Token, Factor: auth.FactorRecoveryCode, Code: codes[0]})
	require.ErrorIs(t, err, auth.ErrChallenge)
	in, err := attempt(t, db, svc, u.Email, another)
	require.NoError(t, err)
	require.NotNil(t, in.Tokens, "nothing of the stranger's is asked for")
	keys, err := svc.Factors.Passkeys(ctx, db, u.ID)
	require.NoError(t, err)
	require.Empty(t, keys)
	// Each of them has its line and its event.
	var ended []string
	require.NoError(t, db.NewRaw("SELECT action || coalesce(' ' || CASE WHEN action = 'factor_removed' THEN detail END, '') FROM auth.audit_entries WHERE user_id = ? AND action IN ('api_key_revoked', 'identity_unlinked', 'factor_removed') ORDER BY 1", u.ID).Scan(ctx, &ended))
	require.Equal(t, []string{"api_key_revoked", "factor_removed authenticator", "factor_removed passkey", "factor_removed sms", "identity_unlinked"}, ended)
	var told []string
	require.NoError(t, db.NewRaw(`SELECT type || coalesce(' ' || (payload ->> 'factor'), '') FROM freehold.outbox WHERE aggregate_id = ? AND payload ->> 'added' = 'false' ORDER BY 1`, u.ID).Scan(ctx, &told))
	require.Equal(t, []string{"auth.user_api_key_changed", "auth.user_factors_changed authenticator", "auth.user_factors_changed passkey", "auth.user_factors_changed sms",
		"auth.user_identity_changed"}, told)

	// Now the address is verified: what the user sets up stays, and the notice says it.
	_, err = svc.Access.CreateAPIKey(ctx, db, auth.CreateAPIKeyParams{UserID: u.ID, Name: "k", Scopes: []string{"x"}, ExpiresAt: time.Now().AddDate(0, 1, 0), ActorID: u.ID})
	require.NoError(t, err)
	_, err = svc.Access.LinkIdentity(ctx, db, auth.LinkIdentityParams{SessionID: in.Tokens.Session.ID, Issuer: "https://op.example", Subject: "1"})
	require.NoError(t, err)
	require.Equal(t, auth.Stays{APIKeys: 1, Identities: 1}, reset(t, db, svc, u, password).Stays)
}

// A link proves the address that it went to, and none that the user has since.
func TestVerifyEmail_otherAddress(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	u := member(t, db, svc)
	sent, err := svc.Users.StartEmailVerification(ctx, db, u.ID)
	require.NoError(t, err)
	exec(t, db, "UPDATE auth.users SET email = 'other@example.com' WHERE id = ?", u.ID)
	_, err = svc.Users.VerifyEmail(ctx, db, auth.VerifyEmailParams{Token: sent.Code})
	require.ErrorIs(t, err, auth.ErrCode)
}

// The user ends a change of address that they did not begin.
func TestCancelEmailChange(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	u := member(t, db, svc)
	s := signIn(t, db, svc, u)
	require.NoError(t, svc.Users.CancelEmailChange(ctx, db, auth.CancelEmailChangeParams{SessionID: s.Session.ID}), "there is none")
	change, err := svc.Users.StartEmailChange(ctx, db, auth.StartEmailChangeParams{SessionID: s.Session.ID, Email: address("new")})
	require.NoError(t, err)
	require.Equal(t, auth.Notice{To: u.Email, Action: auth.AuditEmailChangeAsked}, *change.Notice)
	require.NoError(t, svc.Users.CancelEmailChange(ctx, db, auth.CancelEmailChangeParams{SessionID: s.Session.ID}))
	_, err = svc.Users.ConfirmEmailChange(ctx, db, auth.ConfirmEmailChangeParams{Token: change.Delivery.Code})
	require.ErrorIs(t, err, auth.ErrCode)
	require.NoError(t, svc.Sessions.SignOut(ctx, db, s.Access))
	require.ErrorIs(t, svc.Users.CancelEmailChange(ctx, db, auth.CancelEmailChangeParams{SessionID: s.Session.ID}), auth.ErrSession)
}
