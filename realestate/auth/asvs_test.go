package auth_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/page"
)

// lives is how many seconds the latest row of a table has, by the database's clock.
func lives(t *testing.T, db bun.IDB, table, column string) float64 {
	t.Helper()
	var s float64
	require.NoError(t, db.NewRaw("SELECT extract(epoch FROM ? - now()) FROM ? ORDER BY created_at DESC, id DESC LIMIT 1", bun.Ident(column), bun.Ident(table)).Scan(t.Context(), &s))
	return s
}

// V6.4: a reset proves the mailbox and nothing else. Second factors stay, nobody is
// signed in, and the way in asks for the factor as before.
func TestResetPassword_keepsFactors(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	u, s, _, codes := enrolled(t, db, svc)
	verified(t, db, svc, u)
	sent, err := svc.Users.RequestReset(ctx, db, auth.RequestResetParams{Email: u.Email, Client: home})
	require.NoError(t, err)
	var sessions int
	require.NoError(t, db.NewRaw("SELECT count(*) FROM auth.sessions").Scan(ctx, &sessions))
	notice, err := svc.Users.ResetPassword(ctx, db, auth.ResetPasswordParams{Token: sent.Code, New: auth.NewSecret("another long password"), Client: home})
	require.NoError(t, err)
	require.Equal(t, u.Email, notice.To, "and the user hears of it")
	require.Equal(t, auth.Stays{MFA: true}, notice.Stays, "and of what stays")
	var after int
	require.NoError(t, db.NewRaw("SELECT count(*) FROM auth.sessions").Scan(ctx, &after))
	require.Equal(t, sessions, after, "a reset opens no session")
	_, err = svc.Sessions.Authenticate(ctx, db, s.Access)
	require.ErrorIs(t, err, auth.ErrSession)
	in, err := attempt(t, db, svc, u.Email, "another long password")
	require.NoError(t, err)
	require.Nil(t, in.Tokens)
	require.Equal(t, []auth.Factor{auth.FactorAuthenticator, auth.FactorRecoveryCode}, in.Asked.Factors)
	_, err = svc.Sessions.CompleteSignIn(ctx, db, auth.CompleteSignInParams{Token: in.Asked.Token, Factor: auth.FactorRecoveryCode, Code: codes[0], Client: home})
	require.NoError(t, err)
	entries, err := svc.Audit.Entries(ctx, db, auth.AuditFilter{Action: auth.AuditPasswordReset}, page.Request{})
	require.NoError(t, err)
	require.Len(t, entries.Items, 1)
	require.Equal(t, home.IPAddress, *entries.Items[0].IPAddress, "from where")
}

// V6.4: what is sent lives shortly, by the database's clock, and a link has 256 bits.
func TestSent_lives(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	u := member(t, db, svc)
	s := signIn(t, db, svc, u)
	reset, err := svc.Users.RequestReset(ctx, db, auth.RequestResetParams{Email: u.Email})
	require.NoError(t, err)
	require.InDelta(t, 20*60, lives(t, db, "auth.password_resets", "expires_at"), 60)
	link, err := svc.Users.StartEmailVerification(ctx, db, u.ID)
	require.NoError(t, err)
	require.InDelta(t, 24*3600, lives(t, db, "auth.one_time_codes", "expires_at"), 60)
	for _, secret := range []auth.Secret{reset.Code, link.Code, s.Access, s.Refresh} {
		require.Len(t, secret.Reveal(), 43, "256 bits in base 64")
	}
	code, err := svc.Users.StartPhoneVerification(ctx, db, auth.StartPhoneVerificationParams{SessionID: s.Session.ID, Phone: "+1 212 555 0100"})
	require.NoError(t, err)
	require.Regexp(t, "^[0-9]{6}$", code.Code.Reveal())
	require.InDelta(t, 10*60, lives(t, db, "auth.one_time_codes", "expires_at"), 60)
	exec(t, db, "UPDATE auth.one_time_codes SET expires_at = now()")
	_, err = svc.Users.VerifyPhone(ctx, db, auth.VerifyPhoneParams{SessionID: s.Session.ID, Code: code.Code})
	require.ErrorIs(t, err, auth.ErrFactor)
	_, err = svc.Users.VerifyEmail(ctx, db, auth.VerifyEmailParams{Token: link.Code})
	require.ErrorIs(t, err, auth.ErrCode)
}

// V7.6 and 63B 2.2.3: a session by an identity ends by our limits, whatever the
// provider thinks: idle for an hour, or a day at most, refreshed or not.
func TestSessions_limitsOfIdentities(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	u := member(t, db, svc)
	mine := signIn(t, db, svc, u)
	_, err := svc.Access.LinkIdentity(ctx, db, auth.LinkIdentityParams{SessionID: mine.Session.ID, Issuer: "https://op.example", Subject: "1"})
	require.NoError(t, err)
	for _, refresh := range []bool{false, true} {
		in, err := svc.Sessions.SignInWithIdentity(ctx, db, auth.SignInWithIdentityParams{Issuer: "https://op.example", Subject: "1", Client: home, Refresh: refresh})
		require.NoError(t, err)
		life, idle := time.Hour.Seconds(), "expires_at"
		if refresh {
			require.InDelta(t, (15 * time.Minute).Seconds(), lives(t, db, "auth.sessions", "expires_at"), 60)
			idle = "refresh_expires_at"
		}
		require.InDelta(t, life, lives(t, db, "auth.sessions", idle), 60)
		require.InDelta(t, (24 * time.Hour).Seconds(), lives(t, db, "auth.sessions", "family_expires_at"), 60)
		exec(t, db, "UPDATE auth.sessions SET family_expires_at = now() WHERE id = ?", in.Tokens.Session.ID)
		_, err = svc.Sessions.Authenticate(ctx, db, in.Tokens.Access)
		require.ErrorIs(t, err, auth.ErrSession)
	}
}

// Deleting somebody takes a right, which one's own account needs not, and the list and
// the event say who did it.
func TestDelete_actors(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	u, other, admin := member(t, db, svc), member(t, db, svc), administrator(t, db)
	del := func(who, by *auth.User) error {
		_, err := svc.Users.Delete(ctx, db, auth.DeleteUserParams{UserID: who.ID, ActorID: by.ID})
		return err
	}
	require.ErrorIs(t, del(u, &auth.User{}), auth.ErrActorRequired)
	require.ErrorIs(t, del(u, other), auth.ErrNotPermitted)
	require.NoError(t, del(u, admin))
	require.ErrorIs(t, del(other, u), auth.ErrActorInactive)
	require.NoError(t, del(other, other))
	for of, by := range map[*auth.User]*auth.User{u: admin, other: other} {
		entries, err := svc.Audit.Entries(ctx, db, auth.AuditFilter{UserID: of.ID, Action: auth.AuditDeleted}, page.Request{})
		require.NoError(t, err)
		require.Len(t, entries.Items, 1)
		require.Equal(t, by.ID, *entries.Items[0].ActorID)
		var told string
		require.NoError(t, db.NewRaw("SELECT payload ->> 'deleted_by' FROM freehold.outbox WHERE type = 'auth.user_deleted' AND aggregate_id = ?", of.ID).Scan(ctx, &told))
		require.Equal(t, by.ID.String(), told)
	}
	_, err := svc.Users.Register(ctx, db, auth.RegisterParams{Email: address("by"), ActorID: other.ID})
	require.ErrorIs(t, err, auth.ErrActorInactive)
	made, err := svc.Users.Register(ctx, db, auth.RegisterParams{Email: address("by"), ActorID: admin.ID})
	require.NoError(t, err)
	entries, err := svc.Audit.Entries(ctx, db, auth.AuditFilter{UserID: made.ID}, page.Request{})
	require.NoError(t, err)
	require.Equal(t, admin.ID, *entries.Items[0].ActorID)
}

// The audit list names who did it where that is not the user.
func TestAudit_actors(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	u, admin := register(t, db, address("u")), administrator(t, db)
	_, err := svc.Users.SetPassword(ctx, db, auth.SetPasswordParams{UserID: u.ID, New: auth.NewSecret("another long password"), ActorID: admin.ID})
	require.NoError(t, err)
	suspend(t, db, u)
	entries, err := svc.Audit.Entries(ctx, db, auth.AuditFilter{UserID: u.ID}, page.Request{})
	require.NoError(t, err)
	by := map[auth.AuditAction]bool{}
	for _, e := range entries.Items {
		by[e.Action] = by[e.Action] || e.ActorID != nil && *e.ActorID != u.ID
	}
	require.Equal(t, map[auth.AuditAction]bool{auth.AuditRegistered: false, auth.AuditPasswordChanged: true, auth.AuditSuspended: true}, by)
}

// 6.3.7: the list says which changes the user is to hear of.
func TestAudit_tells(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	u, s, _, _ := enrolled(t, db, svc)
	texted(t, db, svc, s)
	_, err := svc.Access.CreateAPIKey(ctx, db, auth.CreateAPIKeyParams{UserID: u.ID, Name: "k", Scopes: []string{"x"}, ExpiresAt: time.Now().AddDate(0, 1, 0), ActorID: u.ID})
	require.NoError(t, err)
	row, err := svc.Access.LinkIdentity(ctx, db, auth.LinkIdentityParams{SessionID: s.Session.ID, Issuer: "https://op.example", Subject: "1"})
	require.NoError(t, err)
	require.NoError(t, failure(svc.Access.UnlinkIdentity(ctx, db, auth.UnlinkIdentityParams{SessionID: s.Session.ID, IdentityID: row.Identity.ID})))
	require.NoError(t, failure(svc.Factors.RemoveAuthenticator(ctx, db, auth.RemoveAuthenticatorParams{SessionID: s.Session.ID})))
	entries, err := svc.Audit.Entries(ctx, db, auth.AuditFilter{UserID: u.ID}, page.Request{})
	require.NoError(t, err)
	told := map[auth.AuditAction]bool{}
	for _, e := range entries.Items {
		told[e.Action] = e.Action.Tells()
	}
	require.Equal(t, map[auth.AuditAction]bool{auth.AuditRegistered: false, auth.AuditSignedIn: false, auth.AuditSteppedUp: false, auth.AuditPasswordChanged: true,
		auth.AuditRecoveryCodesMade: true, auth.AuditFactorAdded: true, auth.AuditPhoneVerified: true, auth.AuditAPIKeyMade: true,
		auth.AuditIdentityLinked: true, auth.AuditIdentityUnlinked: true, auth.AuditFactorRemoved: true}, told)
}
