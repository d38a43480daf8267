package realestate_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/auth"
)

// codeNow is what an authenticator shows (RFC 6238).
func codeNow(t *testing.T, secret auth.Secret) auth.Secret {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret.Reveal())
	require.NoError(t, err)
	h := hmac.New(sha1.New, key)
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(time.Now().Unix()/30)))
	sum := h.Sum(nil)
	n := binary.BigEndian.Uint32(sum[sum[len(sum)-1]&15:]) & 0x7fffffff
	return auth.NewSecret(fmt.Sprintf("%06d", n%1_000_000))
}

// Passwords, tokens, secrets and codes stand nowhere in the database, in the server's
// log, in an error, an event or what is printed of a result.
func TestSecrets_nowhere(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db, log := pgtest.Logged(t)
	p, mark := platformWithVault(t), canary()
	var secrets []string
	var shown []any
	secret := func(s auth.Secret) auth.Secret { secrets = append(secrets, s.Reveal()); return s }
	see := func(v any, err error) { shown = append(shown, v, err) }
	password := secret(auth.NewSecret("password of " + mark))
	u, err := p.Users.Register(ctx, db, auth.RegisterParams{Email: mark + "@example.com"})
	require.NoError(t, err)
	_, err = p.Users.SetPassword(ctx, db, auth.SetPasswordParams{UserID: u.ID, New: password})
	require.NoError(t, err)
	wrong := secret(auth.NewSecret("wrong guess of " + mark))
	_, err = p.Sessions.SignIn(ctx, db, auth.SignInParams{Email: u.Email, Password: wrong})
	see(nil, err)
	in, err := p.Sessions.SignIn(ctx, db, auth.SignInParams{Email: u.Email, Password: password, Refresh: true})
	see(in, err)
	require.NoError(t, err)
	secret(in.Tokens.Access)
	next, err := p.Sessions.Refresh(ctx, db, auth.RefreshParams{Token: secret(in.Tokens.Refresh)})
	see(next, err)
	require.NoError(t, err)
	secret(next.Access)
	secret(next.Refresh)
	// A code by e-mail, of somebody who has nothing better.
	mailed, err := p.Users.Register(ctx, db, auth.RegisterParams{Email: "mail." + mark + "@example.com"})
	require.NoError(t, err)
	_, err = p.Users.SetPassword(ctx, db, auth.SetPasswordParams{UserID: mailed.ID, New: password})
	require.NoError(t, err)
	proof, err := p.Users.StartEmailVerification(ctx, db, mailed.ID)
	require.NoError(t, err)
	_, err = p.Users.VerifyEmail(ctx, db, auth.VerifyEmailParams{Token: secret(proof.Code)})
	require.NoError(t, err)
	remembered, err := p.Sessions.SignIn(ctx, db, auth.SignInParams{Email: mailed.Email, Password: password, RememberDevice: "laptop"})
	see(remembered, err)
	require.NoError(t, err)
	secret(remembered.Device)
	_, err = p.Factors.SetEmailFactor(ctx, db, auth.SetEmailFactorParams{SessionID: remembered.Tokens.Session.ID, On: true})
	require.NoError(t, err)
	coded, err := p.Sessions.SendFactorCode(ctx, db, auth.SendFactorCodeParams{SessionID: remembered.Tokens.Session.ID, Factor: auth.FactorEmail})
	see(coded, err)
	require.NoError(t, err)
	_, err = p.Sessions.StepUp(ctx, db, auth.StepUpParams{SessionID: remembered.Tokens.Session.ID, Factor: auth.FactorEmail, Code: secret(coded.Code)})
	require.NoError(t, err)
	enrolment, err := p.Factors.StartAuthenticator(ctx, db, next.Session.ID)
	see(enrolment, err)
	require.NoError(t, err)
	secret(enrolment.Secret)
	secret(enrolment.URI)
	_, err = p.Factors.ConfirmAuthenticator(ctx, db, auth.ConfirmAuthenticatorParams{SessionID: next.Session.ID, Code: auth.NewSecret("nonsense")})
	see(nil, err)
	confirmed, err := p.Factors.ConfirmAuthenticator(ctx, db, auth.ConfirmAuthenticatorParams{SessionID: next.Session.ID,
		Code: codeNow(t, enrolment.Secret)})
	see(confirmed, err)
	require.NoError(t, err)
	secret(confirmed.Tokens.Access)
	secret(confirmed.Tokens.Refresh)
	codes := confirmed.Codes
	for _, c := range codes {
		secret(c)
		secret(auth.NewSecret(strings.ReplaceAll(c.Reveal(), "-", ""))) // as they are compared
	}
	in, err = p.Sessions.SignIn(ctx, db, auth.SignInParams{Email: u.Email, Password: password})
	see(in, err)
	require.NoError(t, err)
	secret(in.Asked.Token)
	_, err = p.Sessions.CompleteSignIn(ctx, db, auth.CompleteSignInParams{Token: in.Asked.Token, Factor: auth.FactorRecoveryCode, Code: secret(auth.NewSecret("no code of " + mark))})
	see(nil, err)
	done, err := p.Sessions.CompleteSignIn(ctx, db, auth.CompleteSignInParams{Token: in.Asked.Token, Factor: auth.FactorRecoveryCode, Code: codes[0], TrustDevice: "laptop"})
	see(done, err)
	require.NoError(t, err)
	secret(done.Device)
	verify, err := p.Users.StartEmailVerification(ctx, db, u.ID)
	see(verify, err)
	secret(verify.Code)
	change, err := p.Users.StartEmailChange(ctx, db, auth.StartEmailChangeParams{SessionID: next.Session.ID, Email: "next." + mark + "@example.com"})
	see(change, err)
	require.NoError(t, err)
	secret(change.Delivery.Code)
	ceremony, err := p.Factors.StartCeremony(ctx, db, auth.StartCeremonyParams{Purpose: auth.ChallengePasskeySignIn, Data: []byte("{}")})
	see(ceremony, err)
	require.NoError(t, err)
	secret(ceremony)
	reset, err := p.Users.RequestReset(ctx, db, auth.RequestResetParams{Email: u.Email})
	see(reset, err)
	_, err = p.Users.ResetPassword(ctx, db, auth.ResetPasswordParams{Token: secret(reset.Code), New: secret(auth.NewSecret("short"))})
	see(nil, err)
	key, err := p.Access.CreateAPIKey(ctx, db, auth.CreateAPIKeyParams{UserID: u.ID, Name: "k", Scopes: []string{"x"}, ExpiresAt: time.Now().AddDate(0, 1, 0), ActorID: u.ID})
	see(key, err)
	require.NoError(t, err)
	secret(key.Key)
	rotated, err := p.Access.RotateAPIKey(ctx, db, auth.RotateAPIKeyParams{ID: key.APIKey.ID, ActorID: u.ID})
	see(rotated, err)
	require.NoError(t, err)
	secret(rotated.Key)
	sms, err := p.Users.StartPhoneVerification(ctx, db, auth.StartPhoneVerificationParams{SessionID: next.Session.ID, Phone: "+1 212 555 0100"})
	see(sms, err)
	require.NoError(t, err)
	// The statements, failing for a reason of the server's.
	_, err = db.ExecContext(ctx, `CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$;
		CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON auth.passkeys FOR EACH ROW EXECUTE FUNCTION public.refuse()`)
	require.NoError(t, err)
	enrol, err := p.Factors.StartCeremony(ctx, db, auth.StartCeremonyParams{UserID: &u.ID, Purpose: auth.ChallengePasskeyEnrolment, Data: []byte("{}")})
	require.NoError(t, err)
	_, err = p.Factors.AddPasskey(ctx, db, auth.AddPasskeyParams{SessionID: next.Session.ID, Token: secret(enrol), CredentialID: []byte("id of " + mark),
		Credential: []byte(`{"key": "` + mark + `"}`), Name: "laptop of " + mark})
	require.ErrorContains(t, err, "refused")
	see(nil, err)
	_, err = db.ExecContext(ctx, `CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON auth.sessions FOR EACH ROW EXECUTE FUNCTION public.refuse();
		CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON auth.password_resets FOR EACH ROW EXECUTE FUNCTION public.refuse();
		CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON auth.recovery_codes FOR EACH ROW EXECUTE FUNCTION public.refuse();
		CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON auth.trusted_devices FOR EACH ROW EXECUTE FUNCTION public.refuse();
		CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON auth.api_keys FOR EACH ROW EXECUTE FUNCTION public.refuse();
		CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON auth.one_time_codes FOR EACH ROW EXECUTE FUNCTION public.refuse();
		CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON auth.challenges FOR EACH ROW EXECUTE FUNCTION public.refuse()`)
	require.NoError(t, err)
	refused := func(err error) {
		t.Helper()
		require.Error(t, err)
		require.Contains(t, fmt.Sprintf("%v %v", err, errors.Unwrap(err)), "refused")
		see(nil, err)
	}
	_, err = p.Factors.RenewRecoveryCodes(ctx, db, auth.RenewRecoveryCodesParams{SessionID: next.Session.ID})
	refused(err)
	_, err = p.Access.AuthenticateAPIKey(ctx, db, rotated.Key)
	refused(err)
	_, err = p.Users.RequestReset(ctx, db, auth.RequestResetParams{Email: u.Email})
	refused(err)
	_, err = p.Users.StartEmailVerification(ctx, db, u.ID)
	refused(err)
	_, err = p.Sessions.SignIn(ctx, db, auth.SignInParams{Email: u.Email, Password: password, Device: done.Device})
	refused(err)
	_, err = p.Sessions.SignIn(ctx, db, auth.SignInParams{Email: u.Email, Password: password})
	require.Error(t, err)
	see(nil, err)
	_, err = p.Sessions.Refresh(ctx, db, auth.RefreshParams{Token: next.Refresh})
	require.Error(t, err)
	see(nil, err)

	text := log()
	for _, v := range shown {
		body, _ := json.Marshal(v)
		text += string(body) + fmt.Sprintf("%v %+v %#v", v, v, v)
		if err, ok := v.(error); ok {
			for e := err; e != nil; e = errors.Unwrap(e) {
				text += e.Error()
			}
		}
	}
	require.GreaterOrEqual(t, len(secrets), 35)
	for _, s := range secrets {
		if len(s) >= 8 { // "short" is a word, and six digits are in any time
			require.False(t, strings.Contains(text, s), "printed or logged")
			require.Empty(t, anywhere(t, db, strings.ReplaceAll(s, "_", `\_`)), "in the database")
		}
	}
	require.False(t, strings.Contains(strings.ToLower(log()), mark), "nor is the address logged")
}
