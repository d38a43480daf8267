package auth_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
	"github.com/freehold-go/freehold/realestate/vault"
)

// generous limits let 64 tries at once through, so that the code itself decides.
func generous(c *auth.Config) { c.Limits = auth.Limits{Account: 1000, Address: 10000} }

func code(secret auth.Secret, skew int64) auth.Secret {
	return auth.NewSecret(auth.CodeAt(secret.Reveal(), time.Now().Unix()/30+skew))
}

// enrolled is a user with an authenticator.
func enrolled(t *testing.T, db bun.IDB, svc *auth.Services) (*auth.User, *auth.Tokens, auth.Secret, []auth.Secret) {
	t.Helper()
	u := member(t, db, svc)
	s := signIn(t, db, svc, u)
	e, err := svc.Factors.StartAuthenticator(t.Context(), db, s.Session.ID)
	require.NoError(t, err)
	require.Contains(t, e.URI.Reveal(), "otpauth://totp/Freehold:"+u.Email)
	done, err := svc.Factors.ConfirmAuthenticator(t.Context(), db, auth.ConfirmAuthenticatorParams{SessionID: s.Session.ID, Code: code(e.Secret, -1), Client: home})
	require.NoError(t, err)
	require.Len(t, done.Codes, 10)
	require.Regexp(t, "^([A-Z2-7]{4}-){5}[A-Z2-7]{4}$", done.Codes[0].Reveal(), "120 bits")
	_, err = svc.Sessions.Authenticate(t.Context(), db, s.Access)
	require.ErrorIs(t, err, auth.ErrSession, "the token of before is worth nothing")
	return u, done.Tokens, e.Secret, done.Codes
}

func asked(t *testing.T, db bun.IDB, svc *auth.Services, u *auth.User) *auth.PendingFactor {
	t.Helper()
	in, err := attempt(t, db, svc, u.Email, password)
	require.NoError(t, err)
	require.Nil(t, in.Tokens)
	return in.Asked
}

func TestAuthenticator(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	u, s, secret, codes := enrolled(t, db, svc)
	got, err := svc.Sessions.Authenticate(ctx, db, s.Access)
	require.NoError(t, err)
	require.Equal(t, auth.LevelMFA, got.AuthLevel)
	stored, err := svc.Users.User(ctx, db, u.ID)
	require.NoError(t, err)
	require.Regexp(t, `^fv1\.`, stored.MFASecret.Reveal())
	require.Equal(t, auth.MFAAuthenticator, *stored.MFAType)

	wait := asked(t, db, svc, u)
	require.Equal(t, []auth.Factor{auth.FactorAuthenticator, auth.FactorRecoveryCode}, wait.Factors)
	complete := func(token auth.Secret, f auth.Factor, c auth.Secret) error {
		_, err := svc.Sessions.CompleteSignIn(ctx, db, auth.CompleteSignInParams{Token: token, Factor: f, Code: c, Client: home})
		return err
	}
	require.ErrorIs(t, complete(wait.Token, auth.FactorAuthenticator, auth.NewSecret("000000")), auth.ErrFactor)
	require.ErrorIs(t, complete(wait.Token, auth.FactorAuthenticator, code(secret, -1)), auth.ErrFactor, "the step of the enrolment is used")
	for _, off := range []int64{-3, 3, 10} {
		require.ErrorIs(t, complete(wait.Token, auth.FactorAuthenticator, code(secret, off)), auth.ErrFactor, "a clock differs by a step")
	}
	late := asked(t, db, svc, u)
	exec(t, db, "UPDATE auth.challenges SET expires_at = now() WHERE token_hash = encode(sha256(convert_to(?, 'UTF8')), 'hex')", late.Token.Reveal())
	require.ErrorIs(t, complete(late.Token, auth.FactorRecoveryCode, codes[9]), auth.ErrChallenge, "a sign-in waits ten minutes")
	require.ErrorIs(t, complete(wait.Token, auth.FactorSMS, auth.NewSecret("000000")), auth.ErrFactorOff)
	require.ErrorIs(t, complete(auth.NewSecret(strings.Repeat("x", 43)), auth.FactorAuthenticator, code(secret, 0)), auth.ErrChallenge)
	// One step, sixty-four sign-ins of their own: one gets in.
	var waits []auth.Secret
	for range 64 {
		waits = append(waits, asked(t, db, svc, u).Token)
	}
	next := make(chan auth.Secret, 64)
	for _, w := range waits {
		next <- w
	}
	now := code(secret, 1)
	one(t, auth.ErrFactor, func() error { return complete(<-next, auth.FactorAuthenticator, now) })

	// A recovery code works once, however it is typed.
	typed := auth.NewSecret(strings.ToLower(strings.ReplaceAll(codes[3].Reveal(), "-", " ")))
	require.NoError(t, complete(asked(t, db, svc, u).Token, auth.FactorRecoveryCode, typed))
	require.ErrorIs(t, complete(asked(t, db, svc, u).Token, auth.FactorRecoveryCode, codes[3]), auth.ErrFactor)
	for range 64 {
		next <- asked(t, db, svc, u).Token
	}
	one(t, auth.ErrFactor, func() error { return complete(<-next, auth.FactorRecoveryCode, codes[6]) })
	same := asked(t, db, svc, u).Token
	one(t, auth.ErrChallenge, func() error { return complete(same, auth.FactorRecoveryCode, codes[4]) })

	renewed, err := svc.Factors.RenewRecoveryCodes(ctx, db, auth.RenewRecoveryCodesParams{SessionID: s.Session.ID})
	require.NoError(t, err)
	require.ErrorIs(t, complete(asked(t, db, svc, u).Token, auth.FactorRecoveryCode, codes[5]), auth.ErrFactor, "the old ones are gone")
	require.NotEqual(t, codes[0].Reveal(), renewed.Codes[0].Reveal())

	require.NoError(t, failure(svc.Factors.RemoveAuthenticator(ctx, db, auth.RemoveAuthenticatorParams{SessionID: s.Session.ID})))
	in, err := attempt(t, db, svc, u.Email, password)
	require.NoError(t, err)
	require.NotNil(t, in.Tokens, "nothing is asked for any more")
	entries, err := svc.Audit.Entries(ctx, db, auth.AuditFilter{UserID: u.ID, Action: auth.AuditFactorRemoved}, page.Request{})
	require.NoError(t, err)
	require.Len(t, entries.Items, 1)
	entries, err = svc.Audit.Entries(ctx, db, auth.AuditFilter{UserID: u.ID, Action: auth.AuditFactorAdded}, page.Request{})
	require.NoError(t, err)
	require.Equal(t, home.IPAddress, *entries.Items[0].IPAddress, "from where")
}

// Enrolment and removal need a proof of a short while ago; without a vault there is
// no authenticator.
func TestFactors_needFreshProof(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing()
	u, s, _, _ := enrolled(t, db, svc)
	ceremony, err := svc.Factors.StartCeremony(ctx, db, auth.StartCeremonyParams{UserID: &u.ID, Purpose: auth.ChallengePasskeyEnrolment, Data: []byte("{}")})
	require.NoError(t, err)
	_, err = svc.Factors.StartAuthenticator(ctx, db, s.Session.ID)
	require.NoError(t, err)
	exec(t, db, "UPDATE auth.sessions SET authenticated_at = now() - interval '11 minutes'")
	_, err = svc.Factors.StartAuthenticator(ctx, db, s.Session.ID)
	require.ErrorIs(t, err, auth.ErrFreshProof)
	_, err = svc.Factors.ConfirmAuthenticator(ctx, db, auth.ConfirmAuthenticatorParams{SessionID: s.Session.ID, Code: auth.NewSecret("000000")})
	require.ErrorIs(t, err, auth.ErrFreshProof)
	require.ErrorIs(t, failure(svc.Factors.SetEmailFactor(ctx, db, auth.SetEmailFactorParams{SessionID: s.Session.ID, On: true})), auth.ErrFreshProof)
	_, err = svc.Factors.AddPasskey(ctx, db, auth.AddPasskeyParams{SessionID: s.Session.ID, Token: ceremony, CredentialID: make([]byte, 16), Credential: []byte("{}")})
	require.ErrorIs(t, err, auth.ErrFreshProof)
	require.ErrorIs(t, failure(svc.Factors.RemovePasskey(ctx, db, auth.RemovePasskeyParams{SessionID: s.Session.ID, PasskeyID: id.New[auth.Passkey]()})), auth.ErrFreshProof)
	_, err = svc.Access.LinkIdentity(ctx, db, auth.LinkIdentityParams{SessionID: s.Session.ID, Issuer: "https://op.example", Subject: "1"})
	require.ErrorIs(t, err, auth.ErrFreshProof)
	require.ErrorIs(t, failure(svc.Access.UnlinkIdentity(ctx, db, auth.UnlinkIdentityParams{SessionID: s.Session.ID, IdentityID: id.New[auth.Identity]()})), auth.ErrFreshProof)
	_, err = svc.Users.StartPhoneVerification(ctx, db, auth.StartPhoneVerificationParams{SessionID: s.Session.ID, Phone: "+1 212 555 0100"})
	require.ErrorIs(t, err, auth.ErrFreshProof)
	require.ErrorIs(t, failure(svc.Factors.RemoveAuthenticator(ctx, db, auth.RemoveAuthenticatorParams{SessionID: s.Session.ID})), auth.ErrFreshProof)
	require.ErrorIs(t, failure(svc.Factors.SetSMSFactor(ctx, db, auth.SetSMSFactorParams{SessionID: s.Session.ID, On: true})), auth.ErrFreshProof)
	_, err = svc.Factors.RenewRecoveryCodes(ctx, db, auth.RenewRecoveryCodesParams{SessionID: s.Session.ID})
	require.ErrorIs(t, err, auth.ErrFreshProof)
	_, err = svc.Users.StartEmailChange(ctx, db, auth.StartEmailChangeParams{SessionID: s.Session.ID, Email: address("new")})
	require.ErrorIs(t, err, auth.ErrFreshProof)
	_, err = auth.New(auth.Config{}).Factors.StartAuthenticator(ctx, db, s.Session.ID)
	require.ErrorIs(t, err, vault.ErrNoVault)
}

func TestStepUp(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	plain := signIn(t, db, svc, member(t, db, svc))
	_, err := svc.Sessions.StepUp(ctx, db, auth.StepUpParams{SessionID: plain.Session.ID, Password: auth.NewSecret("wrong")})
	require.ErrorIs(t, err, auth.ErrSignIn)
	up, err := svc.Sessions.StepUp(ctx, db, auth.StepUpParams{SessionID: plain.Session.ID, Password: auth.NewSecret(password)})
	require.NoError(t, err)
	require.Equal(t, auth.LevelElevated, up.Session.AuthLevel)
	_, err = svc.Sessions.Authenticate(ctx, db, plain.Access)
	require.ErrorIs(t, err, auth.ErrSession, "the token of before is worth nothing")
	_, err = svc.Sessions.Authenticate(ctx, db, up.Access)
	require.NoError(t, err)

	_, s, _, codes := enrolled(t, db, svc)
	_, err = svc.Sessions.StepUp(ctx, db, auth.StepUpParams{SessionID: s.Session.ID, Password: auth.NewSecret(password)})
	require.ErrorIs(t, err, auth.ErrFactorOff, "who has a second factor shows it")
	_, err = svc.Sessions.StepUp(ctx, db, auth.StepUpParams{SessionID: s.Session.ID, Factor: auth.FactorRecoveryCode, Code: codes[0]})
	require.NoError(t, err)
}

// A trusted device is not asked again, stays at the password's level, and is not
// locked out by strangers.
func TestTrustedDevice(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(func(c *auth.Config) { c.Limits.Account = 5 })
	u, _, _, codes := enrolled(t, db, svc)
	done, err := svc.Sessions.CompleteSignIn(ctx, db, auth.CompleteSignInParams{Token: asked(t, db, svc, u).Token, Factor: auth.FactorRecoveryCode, Code: codes[0], TrustDevice: "laptop"})
	require.NoError(t, err)
	for range 10 {
		_, _ = attempt(t, db, svc, u.Email, "a stranger's guess")
	}
	_, err = attempt(t, db, svc, u.Email, password)
	require.ErrorIs(t, err, auth.ErrTooManyAttempts)
	in, err := svc.Sessions.SignIn(ctx, db, auth.SignInParams{Email: u.Email, Password: auth.NewSecret(password), Client: home, Device: done.Device})
	require.NoError(t, err)
	require.NotNil(t, in.Tokens)
	require.Equal(t, auth.LevelPassword, in.Tokens.Session.AuthLevel)
	require.ErrorIs(t, failure(svc.Factors.RemoveAuthenticator(ctx, db, auth.RemoveAuthenticatorParams{SessionID: in.Tokens.Session.ID})), auth.ErrFreshProof, "what changes factors asks for one")
	// It is the device of one user, for its time.
	other := member(t, db, svc)
	for range 6 {
		_, err = svc.Sessions.SignIn(ctx, db, auth.SignInParams{Email: other.Email, Password: auth.NewSecret("guess"), Client: home, Device: done.Device})
	}
	require.ErrorIs(t, err, auth.ErrTooManyAttempts)
	exec(t, db, "UPDATE auth.trusted_devices SET expires_at = expires_at - interval '31 days'")
	_, err = svc.Sessions.SignIn(ctx, db, auth.SignInParams{Email: u.Email, Password: auth.NewSecret(password), Client: home, Device: done.Device})
	require.ErrorIs(t, err, auth.ErrTooManyAttempts)
	exec(t, db, "UPDATE auth.trusted_devices SET expires_at = expires_at + interval '31 days'")
	devices, err := svc.Factors.TrustedDevices(ctx, db, u.ID)
	require.NoError(t, err)
	require.Len(t, devices, 1)
	exec(t, db, "UPDATE auth.sessions SET expires_at = expires_at - interval '1 day' WHERE id = ?", in.Tokens.Session.ID)
	require.ErrorIs(t, svc.Factors.RevokeDevice(ctx, db, auth.RevokeDeviceParams{SessionID: in.Tokens.Session.ID, DeviceID: devices[0].ID}), auth.ErrSession, "a session that is over")
	exec(t, db, "UPDATE auth.sessions SET expires_at = expires_at + interval '1 day' WHERE id = ?", in.Tokens.Session.ID)
	require.NoError(t, svc.Factors.RevokeDevice(ctx, db, auth.RevokeDeviceParams{SessionID: in.Tokens.Session.ID, DeviceID: devices[0].ID}))
	require.ErrorIs(t, svc.Factors.RevokeDevice(ctx, db, auth.RevokeDeviceParams{SessionID: in.Tokens.Session.ID, DeviceID: devices[0].ID}), auth.ErrDeviceNotFound)
	_, err = svc.Sessions.SignIn(ctx, db, auth.SignInParams{Email: u.Email, Password: auth.NewSecret(password), Client: home, Device: done.Device})
	require.ErrorIs(t, err, auth.ErrTooManyAttempts)
}

// A text message goes to a verified number, and its code dies of five wrong tries; a
// code by e-mail lifts nothing.
func TestSentFactors(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(generous)
	u := member(t, db, svc)
	s := signIn(t, db, svc, u)
	require.ErrorIs(t, failure(svc.Factors.SetSMSFactor(ctx, db, auth.SetSMSFactorParams{SessionID: s.Session.ID, On: true})), auth.ErrPhoneUnverified)
	require.ErrorIs(t, failure(svc.Factors.SetEmailFactor(ctx, db, auth.SetEmailFactorParams{SessionID: s.Session.ID, On: true})), auth.ErrEmailUnverified)
	sent, err := svc.Users.StartEmailVerification(ctx, db, u.ID)
	require.NoError(t, err)
	_, err = svc.Users.VerifyEmail(ctx, db, auth.VerifyEmailParams{Token: sent.Code})
	require.NoError(t, err)
	require.NoError(t, failure(svc.Factors.SetEmailFactor(ctx, db, auth.SetEmailFactorParams{SessionID: s.Session.ID, On: true})))

	wait := asked(t, db, svc, u)
	require.Equal(t, []auth.Factor{auth.FactorEmail}, wait.Factors)
	sent, err = svc.Sessions.SendFactorCode(ctx, db, auth.SendFactorCodeParams{Token: wait.Token, Factor: auth.FactorEmail})
	require.NoError(t, err)
	require.Equal(t, u.Email, sent.To)
	done, err := svc.Sessions.CompleteSignIn(ctx, db, auth.CompleteSignInParams{Token: wait.Token, Factor: auth.FactorEmail, Code: sent.Code, TrustDevice: "laptop"})
	require.NoError(t, err)
	require.True(t, done.Device.IsZero(), "nor does it make a device trusted")
	require.Equal(t, auth.LevelPassword, done.Tokens.Session.AuthLevel, "no second factor at AAL2")

	phone, err := svc.Users.StartPhoneVerification(ctx, db, auth.StartPhoneVerificationParams{SessionID: s.Session.ID, Phone: "+1 212 555 0100"})
	require.NoError(t, err)
	require.Len(t, phone.Code.Reveal(), 6)
	one(t, auth.ErrFactor, func() error {
		_, err := svc.Users.VerifyPhone(ctx, db, auth.VerifyPhoneParams{SessionID: s.Session.ID, Code: phone.Code})
		return err
	})
	e, err := svc.Factors.StartAuthenticator(ctx, db, s.Session.ID)
	require.NoError(t, err)
	_, err = svc.Factors.ConfirmAuthenticator(ctx, db, auth.ConfirmAuthenticatorParams{SessionID: s.Session.ID, Code: code(e.Secret, 0)})
	require.NoError(t, err)
	require.NoError(t, failure(svc.Factors.SetSMSFactor(ctx, db, auth.SetSMSFactorParams{SessionID: s.Session.ID, On: true})))
	wait = asked(t, db, svc, u)
	require.Equal(t, []auth.Factor{auth.FactorAuthenticator, auth.FactorSMS, auth.FactorRecoveryCode}, wait.Factors)
	sent, err = svc.Sessions.SendFactorCode(ctx, db, auth.SendFactorCodeParams{Token: wait.Token, Factor: auth.FactorSMS})
	require.NoError(t, err)
	require.Equal(t, "+1 212 555 0100", sent.To)
	for range 5 {
		_, err = svc.Sessions.CompleteSignIn(ctx, db, auth.CompleteSignInParams{Token: wait.Token, Factor: auth.FactorSMS, Code: auth.NewSecret("wrong")})
		require.ErrorIs(t, err, auth.ErrFactor)
	}
	_, err = svc.Sessions.CompleteSignIn(ctx, db, auth.CompleteSignInParams{Token: wait.Token, Factor: auth.FactorSMS, Code: sent.Code})
	require.ErrorIs(t, err, auth.ErrFactor, "the code died")
	sent, err = svc.Sessions.SendFactorCode(ctx, db, auth.SendFactorCodeParams{Token: wait.Token, Factor: auth.FactorSMS})
	require.NoError(t, err)
	done, err = svc.Sessions.CompleteSignIn(ctx, db, auth.CompleteSignInParams{Token: wait.Token, Factor: auth.FactorSMS, Code: sent.Code})
	require.NoError(t, err)
	require.Equal(t, auth.LevelMFA, done.Tokens.Session.AuthLevel)
	var clear int
	require.NoError(t, db.NewRaw("SELECT count(*) FROM auth.one_time_codes WHERE code_hash = encode(sha256(?::bytea), 'hex')", sent.Code.Reveal()).Scan(ctx, &clear))
	require.Zero(t, clear, "a short code is stored as a keyed hash")
}
