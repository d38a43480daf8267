package auth_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/page"
)

// 6.3.7: every change of a factor, a phone, an identity, a key or a role returns a notice
// to the user, and the list says from where it came.
func TestNotices(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	u, admin := member(t, db, svc), administrator(t, db)
	s := signIn(t, db, svc, u)
	told := func(want auth.AuditAction, n *auth.Notice, err error) {
		t.Helper()
		require.NoError(t, err)
		require.Equal(t, &auth.Notice{To: u.Email, Action: want}, n)
		require.True(t, want.Tells())
		entries, err := svc.Audit.Entries(ctx, db, auth.AuditFilter{UserID: u.ID, Action: want}, page.Request{Limit: 1})
		require.NoError(t, err)
		if want != auth.AuditRoleGranted && want != auth.AuditRoleRevoked {
			require.Equal(t, home.IPAddress, *entries.Items[0].IPAddress, "%s from where", want)
			require.Equal(t, home.UserAgent, *entries.Items[0].UserAgent)
		}
	}
	sent, err := svc.Users.StartEmailVerification(ctx, db, u.ID)
	require.NoError(t, err)
	_, err = svc.Users.VerifyEmail(ctx, db, auth.VerifyEmailParams{Token: sent.Code, Client: home})
	require.NoError(t, err)
	mail := auth.SetEmailFactorParams{SessionID: s.Session.ID, On: true, Client: home}
	n, err := svc.Factors.SetEmailFactor(ctx, db, mail)
	told(auth.AuditFactorAdded, n, err)
	n, err = svc.Factors.SetEmailFactor(ctx, db, mail)
	require.NoError(t, err)
	require.Equal(t, &auth.Notice{}, n, "nothing changed, and nobody is told")
	mail.On = false
	n, err = svc.Factors.SetEmailFactor(ctx, db, mail)
	told(auth.AuditFactorRemoved, n, err)

	phone, err := svc.Users.StartPhoneVerification(ctx, db, auth.StartPhoneVerificationParams{SessionID: s.Session.ID, Phone: "+1 212 555 0100"})
	require.NoError(t, err)
	proved, err := svc.Users.VerifyPhone(ctx, db, auth.VerifyPhoneParams{SessionID: s.Session.ID, Code: phone.Code, Client: home})
	require.NoError(t, err)
	told(auth.AuditPhoneVerified, proved.Notice, nil)
	e, err := svc.Factors.StartAuthenticator(ctx, db, s.Session.ID)
	require.NoError(t, err)
	confirmed, err := svc.Factors.ConfirmAuthenticator(ctx, db, auth.ConfirmAuthenticatorParams{SessionID: s.Session.ID, Code: code(e.Secret, 0), Client: home})
	require.NoError(t, err)
	told(auth.AuditFactorAdded, confirmed.Notice, nil)
	codes, err := svc.Factors.RenewRecoveryCodes(ctx, db, auth.RenewRecoveryCodesParams{SessionID: s.Session.ID, Client: home})
	require.NoError(t, err)
	told(auth.AuditRecoveryCodesMade, codes.Notice, nil)
	n, err = svc.Factors.SetSMSFactor(ctx, db, auth.SetSMSFactorParams{SessionID: s.Session.ID, On: true, Client: home})
	told(auth.AuditFactorAdded, n, err)
	n, err = svc.Factors.RemoveAuthenticator(ctx, db, auth.RemoveAuthenticatorParams{SessionID: s.Session.ID, Client: home})
	told(auth.AuditFactorRemoved, n, err)
	ceremony, err := svc.Factors.StartCeremony(ctx, db, auth.StartCeremonyParams{UserID: &u.ID, Purpose: auth.ChallengePasskeyEnrolment, Data: []byte("{}")})
	require.NoError(t, err)
	key, err := svc.Factors.AddPasskey(ctx, db, auth.AddPasskeyParams{SessionID: s.Session.ID, Token: ceremony, CredentialID: make([]byte, 16), Credential: []byte("{}"), Client: home})
	require.NoError(t, err)
	told(auth.AuditFactorAdded, key.Notice, nil)
	n, err = svc.Factors.RemovePasskey(ctx, db, auth.RemovePasskeyParams{SessionID: s.Session.ID, PasskeyID: key.Passkey.ID, Client: home})
	told(auth.AuditFactorRemoved, n, err)

	link := auth.LinkIdentityParams{SessionID: s.Session.ID, Issuer: "https://op.example", Subject: "1", Client: home}
	linked, err := svc.Access.LinkIdentity(ctx, db, link)
	require.NoError(t, err)
	told(auth.AuditIdentityLinked, linked.Notice, nil)
	again, err := svc.Access.LinkIdentity(ctx, db, link)
	require.NoError(t, err)
	require.Nil(t, again.Notice, "linked already")
	n, err = svc.Access.UnlinkIdentity(ctx, db, auth.UnlinkIdentityParams{SessionID: s.Session.ID, IdentityID: linked.Identity.ID, Client: home})
	told(auth.AuditIdentityUnlinked, n, err)
	require.Equal(t, [2]int{1, 2}, lines(t, db, auth.AuditIdentityLinked, "auth.user_identity_changed"))

	made, err := svc.Access.CreateAPIKey(ctx, db, auth.CreateAPIKeyParams{UserID: u.ID, Name: "k", Scopes: []string{"x"}, ExpiresAt: time.Now().AddDate(0, 1, 0), ActorID: u.ID, Client: home})
	require.NoError(t, err)
	told(auth.AuditAPIKeyMade, made.Notice, nil)
	next, err := svc.Access.RotateAPIKey(ctx, db, auth.RotateAPIKeyParams{ID: made.APIKey.ID, ActorID: u.ID, Client: home})
	require.NoError(t, err)
	told(auth.AuditAPIKeyMade, next.Notice, nil)
	off := auth.RevokeAPIKeyParams{ID: next.APIKey.ID, ActorID: u.ID, Client: home}
	n, err = svc.Access.RevokeAPIKey(ctx, db, off)
	told(auth.AuditAPIKeyRevoked, n, err)
	n, err = svc.Access.RevokeAPIKey(ctx, db, off)
	require.NoError(t, err)
	require.Equal(t, &auth.Notice{}, n)

	role := auth.GrantRoleParams{UserID: u.ID, Role: auth.RoleApprover, GrantedBy: admin.ID}
	g, err := svc.Access.GrantRole(ctx, db, role)
	require.NoError(t, err)
	told(auth.AuditRoleGranted, g.Notice, nil)
	g, err = svc.Access.GrantRole(ctx, db, role)
	require.NoError(t, err)
	require.Nil(t, g.Notice, "held already")
	g, err = svc.Access.RevokeRole(ctx, db, auth.RevokeRoleParams{ID: g.Grant.ID, RevokedBy: admin.ID})
	require.NoError(t, err)
	told(auth.AuditRoleRevoked, g.Notice, nil)
}
