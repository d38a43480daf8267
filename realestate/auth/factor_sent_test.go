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

// verified proves a user's address.
func verified(t *testing.T, db bun.IDB, svc *auth.Services, u *auth.User) {
	t.Helper()
	sent, err := svc.Users.StartEmailVerification(t.Context(), db, u.ID)
	require.NoError(t, err)
	_, err = svc.Users.VerifyEmail(t.Context(), db, auth.VerifyEmailParams{Token: sent.Code})
	require.NoError(t, err)
}

// texted turns codes by text message on.
func texted(t *testing.T, db bun.IDB, svc *auth.Services, s *auth.Tokens) {
	t.Helper()
	phone, err := svc.Users.StartPhoneVerification(t.Context(), db, auth.StartPhoneVerificationParams{SessionID: s.Session.ID, Phone: "+1 212 555 0100"})
	require.NoError(t, err)
	_, err = svc.Users.VerifyPhone(t.Context(), db, auth.VerifyPhoneParams{SessionID: s.Session.ID, Code: phone.Code})
	require.NoError(t, err)
	require.NoError(t, failure(svc.Factors.SetSMSFactor(t.Context(), db, auth.SetSMSFactorParams{SessionID: s.Session.ID, On: true})))
}

// A code that was sent for one sign-in is worth nothing at another, nor the other way.
func TestSentFactors_boundToSignIn(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	u, s, _, _ := enrolled(t, db, svc)
	texted(t, db, svc, s)
	mine, theirs := asked(t, db, svc, u), asked(t, db, svc, u)
	sent, err := svc.Sessions.SendFactorCode(ctx, db, auth.SendFactorCodeParams{Token: mine.Token, Factor: auth.FactorSMS})
	require.NoError(t, err)
	complete := func(token auth.Secret) error {
		_, err := svc.Sessions.CompleteSignIn(ctx, db, auth.CompleteSignInParams{Token: token, Factor: auth.FactorSMS, Code: sent.Code})
		return err
	}
	require.ErrorIs(t, complete(theirs.Token), auth.ErrFactor)
	_, err = svc.Sessions.StepUp(ctx, db, auth.StepUpParams{SessionID: s.Session.ID, Factor: auth.FactorSMS, Code: sent.Code})
	require.ErrorIs(t, err, auth.ErrFactor)
	_, err = svc.Sessions.SendFactorCode(ctx, db, auth.SendFactorCodeParams{Token: theirs.Token, Factor: auth.FactorSMS})
	require.NoError(t, err)
	require.NoError(t, complete(mine.Token), "another sign-in's code does not replace it")
}

// Who has lost the authenticator proves themselves within a session by a text message.
func TestStepUp_sentCode(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	_, s, _, _ := enrolled(t, db, svc)
	texted(t, db, svc, s)
	sent, err := svc.Sessions.SendFactorCode(ctx, db, auth.SendFactorCodeParams{SessionID: s.Session.ID, Factor: auth.FactorSMS})
	require.NoError(t, err)
	up, err := svc.Sessions.StepUp(ctx, db, auth.StepUpParams{SessionID: s.Session.ID, Factor: auth.FactorSMS, Code: sent.Code, Client: home})
	require.NoError(t, err)
	require.Equal(t, auth.LevelElevated, up.Session.AuthLevel)
	entries, err := svc.Audit.Entries(ctx, db, auth.AuditFilter{Action: auth.AuditSteppedUp}, page.Request{Limit: 1})
	require.NoError(t, err)
	require.Equal(t, home.IPAddress, *entries.Items[0].IPAddress, "from where")
	require.NoError(t, svc.Sessions.SignOut(ctx, db, up.Access))
	_, err = svc.Sessions.SendFactorCode(ctx, db, auth.SendFactorCodeParams{SessionID: s.Session.ID, Factor: auth.FactorSMS})
	require.ErrorIs(t, err, auth.ErrSession)
}

// A code by e-mail does not make the proof of a higher level fresh.
func TestStepUp_weakerProof(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	u := member(t, db, svc)
	s := signIn(t, db, svc, u)
	verified(t, db, svc, u)
	require.NoError(t, failure(svc.Factors.SetEmailFactor(ctx, db, auth.SetEmailFactorParams{SessionID: s.Session.ID, On: true})))
	up, err := svc.Sessions.StepUp(ctx, db, auth.StepUpParams{SessionID: s.Session.ID, Password: auth.NewSecret(password)})
	require.NoError(t, err)
	require.True(t, svc.Sessions.Proved(up.Session, auth.LevelElevated, 10*time.Minute))
	exec(t, db, "UPDATE auth.sessions SET authenticated_at = now() - interval '50 minutes' WHERE id = ?", up.Session.ID)
	sent, err := svc.Sessions.SendFactorCode(ctx, db, auth.SendFactorCodeParams{SessionID: s.Session.ID, Factor: auth.FactorEmail})
	require.NoError(t, err)
	again, err := svc.Sessions.StepUp(ctx, db, auth.StepUpParams{SessionID: up.Session.ID, Factor: auth.FactorEmail, Code: sent.Code})
	require.NoError(t, err)
	require.Equal(t, auth.LevelElevated, again.Session.AuthLevel)
	require.False(t, svc.Sessions.Proved(again.Session, auth.LevelElevated, 10*time.Minute))
}

// Text messages go beside an authenticator, and with the last one.
func TestSMSFactor_neverAlone(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	plain := signIn(t, db, svc, member(t, db, svc))
	phone, err := svc.Users.StartPhoneVerification(ctx, db, auth.StartPhoneVerificationParams{SessionID: plain.Session.ID, Phone: "+1 212 555 0100"})
	require.NoError(t, err)
	_, err = svc.Users.VerifyPhone(ctx, db, auth.VerifyPhoneParams{SessionID: plain.Session.ID, Code: phone.Code})
	require.NoError(t, err)
	require.ErrorIs(t, failure(svc.Factors.SetSMSFactor(ctx, db, auth.SetSMSFactorParams{SessionID: plain.Session.ID, On: true})), auth.ErrFactorOff)
	u, s, _, _ := enrolled(t, db, svc)
	texted(t, db, svc, s)
	got, err := svc.Users.User(ctx, db, u.ID)
	require.NoError(t, err)
	require.Equal(t, auth.MFASMS, *got.MFAType, "the weakest of several")
	require.NoError(t, failure(svc.Factors.RemoveAuthenticator(ctx, db, auth.RemoveAuthenticatorParams{SessionID: s.Session.ID})))
	got, err = svc.Users.User(ctx, db, u.ID)
	require.NoError(t, err)
	require.False(t, got.MFAEnabled || got.MFASMS)
	require.Nil(t, got.MFAType)
}

// What changes nothing ends no session and writes no line.
func TestSetFactor_noChange(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	u, s, _, codes := enrolled(t, db, svc)
	verified(t, db, svc, u)
	other, err := svc.Sessions.CompleteSignIn(ctx, db, auth.CompleteSignInParams{Token: asked(t, db, svc, u).Token, Factor: auth.FactorRecoveryCode, Code: codes[0]})
	require.NoError(t, err)
	require.NoError(t, failure(svc.Factors.SetEmailFactor(ctx, db, auth.SetEmailFactorParams{SessionID: s.Session.ID, On: true})), "there is something better")
	require.NoError(t, failure(svc.Factors.SetEmailFactor(ctx, db, auth.SetEmailFactorParams{SessionID: s.Session.ID})))
	require.NoError(t, failure(svc.Factors.SetSMSFactor(ctx, db, auth.SetSMSFactorParams{SessionID: s.Session.ID})))
	_, err = svc.Sessions.Authenticate(ctx, db, other.Tokens.Access)
	require.NoError(t, err)
	var lines, events int
	require.NoError(t, db.NewRaw("SELECT count(*) FROM auth.audit_entries WHERE action IN ('factor_added', 'factor_removed')").Scan(ctx, &lines))
	require.NoError(t, db.NewRaw("SELECT count(*) FROM freehold.outbox WHERE type = 'auth.user_factors_changed'").Scan(ctx, &events))
	require.Equal(t, []int{1, 1}, []int{lines, events}, "the enrolment alone")
}
