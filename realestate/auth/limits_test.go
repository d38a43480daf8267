package auth_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/page"
)

// few limits what is tried at an account to three.
func few(c *auth.Config) { c.Limits = auth.Limits{Account: 3, Address: 1000} }

// What is sent is counted by user: a refresh, which makes a new session, gives no more.
func TestLimits_sent(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(few)
	u := member(t, db, svc)
	s := signIn(t, db, svc, u)
	texts, mails := 0, 0
	for range 4 {
		_, err := svc.Users.StartPhoneVerification(ctx, db, auth.StartPhoneVerificationParams{SessionID: s.Session.ID, Phone: "+1 900 555 0100"})
		if err == nil {
			texts++
		} else {
			require.ErrorIs(t, err, auth.ErrTooManyAttempts)
		}
		_, err = svc.Users.StartEmailChange(ctx, db, auth.StartEmailChangeParams{SessionID: s.Session.ID, Email: address("new")})
		if err == nil {
			mails++
		} else {
			require.ErrorIs(t, err, auth.ErrTooManyAttempts)
		}
		s, err = svc.Sessions.Refresh(ctx, db, auth.RefreshParams{Token: s.Refresh})
		require.NoError(t, err)
	}
	require.Equal(t, []int{3, 3}, []int{texts, mails})
	_, err := svc.Users.StartEmailVerification(ctx, db, u.ID)
	require.ErrorIs(t, err, auth.ErrTooManyAttempts)
}

// Every proof is counted, and the right one is refused over the limit.
func TestLimits_proofs(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(few)
	plain, other := signIn(t, db, svc, member(t, db, svc)), member(t, db, svc)
	u, s, _, codes := enrolled(t, db, svc)
	wait, no := asked(t, db, svc, u), auth.NewSecret("wrong")
	for name, try := range map[string]func(right bool) error{
		"second factor": func(right bool) error {
			p := auth.CompleteSignInParams{Token: wait.Token, Factor: auth.FactorRecoveryCode, Code: no}
			if right {
				p.Code = codes[0]
			}
			_, err := svc.Sessions.CompleteSignIn(ctx, db, p)
			return err
		},
		"step-up": func(right bool) error {
			p := auth.StepUpParams{SessionID: s.Session.ID, Factor: auth.FactorRecoveryCode, Code: no, Client: home}
			if right {
				p.Code = codes[1]
			}
			_, err := svc.Sessions.StepUp(ctx, db, p)
			return err
		},
		"password": func(right bool) error {
			p := auth.ChangePasswordParams{SessionID: plain.Session.ID, Current: no, New: auth.NewSecret(another), Client: home}
			if right {
				p.Current = auth.NewSecret(password)
			}
			_, err := svc.Users.ChangePassword(ctx, db, p)
			return err
		},
		"reset": func(bool) error {
			_, err := svc.Users.RequestReset(ctx, db, auth.RequestResetParams{Email: other.Email})
			return err
		},
		"reset of nobody": func(bool) error {
			_, err := svc.Users.RequestReset(ctx, db, auth.RequestResetParams{Email: "nobody@example.com"})
			return err
		},
	} {
		for range 3 {
			require.NotErrorIs(t, try(false), auth.ErrTooManyAttempts, name)
		}
		require.ErrorIs(t, try(true), auth.ErrTooManyAttempts, name)
	}
	var written []struct {
		Kind string
		N    int
	}
	require.NoError(t, db.NewRaw(`SELECT kind, count(*) AS n FROM auth.login_attempts WHERE NOT success AND user_id IS NOT NULL GROUP BY kind ORDER BY kind`).Scan(ctx, &written))
	require.Equal(t, []struct {
		Kind string
		N    int
	}{{"password_change", 3}, {"second_factor", 3}, {"step_up", 3}}, written, "and written down")
	list, err := svc.Audit.Attempts(ctx, db, auth.AttemptFilter{UserID: u.ID, Kind: auth.AttemptStepUp, Failed: true}, page.Request{})
	require.NoError(t, err)
	require.Len(t, list.Items, 3)
	require.Equal(t, home.IPAddress, *list.Items[0].IPAddress)
}

// Strangers do not lock out whoever has signed in here before, with a second factor or
// without, nor take away the link that they asked for.
func TestSignIn_rememberedDevice(t *testing.T) {
	t.Parallel()
	ctx, db, svc := t.Context(), pgtest.Clone(t), signing(func(c *auth.Config) { c.Limits = auth.Limits{Account: 3, Address: 1000} })
	u, stranger := member(t, db, svc), member(t, db, svc)
	sign := func(u *auth.User, pass string, device auth.Secret) (*auth.SignedIn, error) {
		return svc.Sessions.SignIn(ctx, db, auth.SignInParams{Email: u.Email, Password: auth.NewSecret(pass), Device: device, RememberDevice: "laptop", Client: home})
	}
	in, err := sign(u, password, auth.Secret{})
	require.NoError(t, err)
	require.False(t, in.Device.IsZero())
	theirs, err := sign(stranger, password, auth.Secret{})
	require.NoError(t, err)
	for range 5 {
		_, _ = sign(u, "guess", auth.Secret{})
		_, _ = svc.Users.RequestReset(ctx, db, auth.RequestResetParams{Email: u.Email})
	}
	for _, device := range []auth.Secret{{}, theirs.Device, auth.NewSecret(in.Device.Reveal() + "x")} {
		_, err = sign(u, password, device)
		require.ErrorIs(t, err, auth.ErrTooManyAttempts, "a device counts for its user alone")
	}
	sent, err := svc.Users.RequestReset(ctx, db, auth.RequestResetParams{Email: u.Email, Device: in.Device})
	require.NoError(t, err)
	again, err := sign(u, password, in.Device)
	require.NoError(t, err)
	require.True(t, again.Device.IsZero(), "it has its token")
	for range 3 {
		_, err = sign(u, "guess", in.Device)
		require.ErrorIs(t, err, auth.ErrSignIn)
	}
	_, err = sign(u, password, in.Device)
	require.ErrorIs(t, err, auth.ErrTooManyAttempts, "a stolen device guesses no more than others")
	exec(t, db, "UPDATE auth.attempt_counters SET window_started_at = window_started_at - interval '16 minutes'")

	// With a second factor it is asked for, unlike on a trusted device.
	e, err := svc.Factors.StartAuthenticator(ctx, db, again.Tokens.Session.ID)
	require.NoError(t, err)
	_, err = svc.Factors.ConfirmAuthenticator(ctx, db, auth.ConfirmAuthenticatorParams{SessionID: again.Tokens.Session.ID, Code: code(e.Secret, 0)})
	require.NoError(t, err)
	in, err = sign(u, password, in.Device)
	require.NoError(t, err)
	require.NotNil(t, in.Asked)
	_, err = svc.Users.RequestReset(ctx, db, auth.RequestResetParams{Email: u.Email})
	require.NoError(t, err)
	_, err = svc.Users.ResetPassword(ctx, db, auth.ResetPasswordParams{Token: sent.Code, New: auth.NewSecret(another)})
	require.NoError(t, err, "a later request takes nobody's link away")
}

// What is to be sent does not show in an answer that is written carelessly.
func TestDelivery_json(t *testing.T) {
	t.Parallel()
	b, err := json.Marshal(auth.Delivery{Send: true, To: "ada@example.com", Code: auth.NewSecret("123456")})
	require.NoError(t, err)
	require.Equal(t, "{}", string(b))
}
