package realestate_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/realestate/auth"
)

// Passwords, tokens, secrets and codes stand nowhere in the database, in the server's
// log, in an error, an event or what is printed of a result.
func TestSecrets_nowhere(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db, log := logged(t)
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
	enrolment, err := p.Factors.StartAuthenticator(ctx, db, next.Session.ID)
	see(enrolment, err)
	require.NoError(t, err)
	secret(enrolment.Secret)
	secret(enrolment.URI)
	_, err = p.Factors.ConfirmAuthenticator(ctx, db, auth.ConfirmAuthenticatorParams{SessionID: next.Session.ID, Code: auth.NewSecret("nonsense")})
	see(nil, err)
	verify, err := p.Users.StartEmailVerification(ctx, db, u.ID)
	see(verify, err)
	secret(verify.Code)
	reset, err := p.Users.RequestReset(ctx, db, auth.RequestResetParams{Email: u.Email})
	see(reset, err)
	_, err = p.Users.ResetPassword(ctx, db, auth.ResetPasswordParams{Token: secret(reset.Code), New: secret(auth.NewSecret("short"))})
	see(nil, err)
	key, err := p.Access.CreateAPIKey(ctx, db, auth.CreateAPIKeyParams{UserID: u.ID, Name: "k", Scopes: []string{"x"}, ExpiresAt: time.Now().AddDate(0, 1, 0), ActorID: u.ID})
	see(key, err)
	require.NoError(t, err)
	secret(key.Key)
	sms, err := p.Users.StartPhoneVerification(ctx, db, auth.StartPhoneVerificationParams{SessionID: next.Session.ID, Phone: "+1 212 555 0100"})
	see(sms, err)
	require.NoError(t, err)
	// The statements, failing for a reason of the server's.
	_, err = db.ExecContext(ctx, `CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$;
		CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON auth.sessions FOR EACH ROW EXECUTE FUNCTION public.refuse();
		CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON auth.password_resets FOR EACH ROW EXECUTE FUNCTION public.refuse()`)
	require.NoError(t, err)
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
	require.GreaterOrEqual(t, len(secrets), 11)
	for _, s := range secrets {
		if len(s) > 8 { // "short" is a word
			require.False(t, strings.Contains(text, s), "printed or logged")
			require.Empty(t, anywhere(t, db, strings.ReplaceAll(s, "_", `\_`)), "in the database")
		}
	}
	require.False(t, strings.Contains(strings.ToLower(log()), mark), "nor is the address logged")
}
