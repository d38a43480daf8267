package recipes

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what authenticators use
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/realestatetest"
	"github.com/freehold-go/freehold/realestate/users"
)

const (
	password = "correct horse battery staple"
	another  = "another battery horse staple"
	issuer   = "https://op.example.test"
	phone    = "+12125550100"
)

// identityVerbs are those of people's own sessions and factors.
var identityVerbs = []Recipe{
	{"Users.ChangePassword", func(w *World) Call {
		return Do(w.P.Users.ChangePassword, auth.ChangePasswordParams{SessionID: w.signedIn().Session.ID, Current: auth.NewSecret(password), New: auth.NewSecret(another)})
	}},
	{"Users.Reinstate", func(w *World) Call {
		u := w.Person()
		_, err := w.P.Users.Suspend(w.T.Context(), w.DB, auth.SuspendUserParams{UserID: u, SuspendedBy: w.Admin, Reason: "late"})
		require.NoError(w.T, err)
		return Do(w.P.Users.Reinstate, auth.ReinstateUserParams{UserID: u, ReinstatedBy: w.Admin})
	}},
	{"Users.ResetPassword", func(w *World) Call {
		u, _ := w.member()
		sent := must(w.P.Users.RequestReset(w.T.Context(), w.DB, auth.RequestResetParams{Email: u.Email}))(w)
		return Do(w.P.Users.ResetPassword, auth.ResetPasswordParams{Token: sent.Code, New: auth.NewSecret(another)})
	}},
	{"Users.VerifyEmail", func(w *World) Call {
		u, _ := w.member()
		return Do(w.P.Users.VerifyEmail, auth.VerifyEmailParams{Token: must(w.P.Users.StartEmailVerification(w.T.Context(), w.DB, u.ID))(w).Code})
	}},
	{"Users.StartEmailChange", func(w *World) Call { return Do(w.P.Users.StartEmailChange, w.moving()) }},
	{"Users.ConfirmEmailChange", func(w *World) Call {
		change := must(w.P.Users.StartEmailChange(w.T.Context(), w.DB, w.moving()))(w)
		return Do(w.P.Users.ConfirmEmailChange, auth.ConfirmEmailChangeParams{Token: change.Delivery.Code})
	}},
	{"Users.StartPhoneVerification", func(w *World) Call {
		return Do(w.P.Users.StartPhoneVerification, auth.StartPhoneVerificationParams{SessionID: w.signedIn().Session.ID, Phone: phone})
	}},
	{"Users.VerifyPhone", func(w *World) Call {
		s := w.signedIn()
		sent := must(w.P.Users.StartPhoneVerification(w.T.Context(), w.DB, auth.StartPhoneVerificationParams{SessionID: s.Session.ID, Phone: phone}))(w)
		return Do(w.P.Users.VerifyPhone, auth.VerifyPhoneParams{SessionID: s.Session.ID, Code: sent.Code})
	}},
	{"Sessions.SignIn", func(w *World) Call {
		u, _ := w.member()
		return Do(w.P.Sessions.SignIn, auth.SignInParams{Email: u.Email, Password: auth.NewSecret(password), Refresh: true})
	}},
	{"Sessions.Authenticate", func(w *World) Call { return Calls(w.P.Sessions.Authenticate, w.signedIn().Access) }},
	{"Sessions.SignOut", func(w *World) Call { return Calls(w.P.Sessions.SignOut, w.signedIn().Access) }},
	{"Sessions.Refresh", func(w *World) Call { return Do(w.P.Sessions.Refresh, auth.RefreshParams{Token: w.signedIn().Refresh}) }},
	{"Sessions.Revoke", func(w *World) Call {
		s := w.signedIn().Session
		return Calls(w.P.Sessions.Revoke, auth.RevokeSessionParams{UserID: s.UserID, SessionID: s.ID, ActorID: w.Admin})
	}},
	{"Sessions.CompleteSignIn", func(w *World) Call {
		u, _ := w.member()
		s := w.signedInAs(u)
		done := w.enrolled(s)
		asked := must(w.P.Sessions.SignIn(w.T.Context(), w.DB, auth.SignInParams{Email: u.Email, Password: auth.NewSecret(password)}))(w).Asked
		return Do(w.P.Sessions.CompleteSignIn, auth.CompleteSignInParams{Token: asked.Token, Factor: auth.FactorRecoveryCode, Code: done.Codes[0], TrustDevice: "laptop"})
	}},
	{"Sessions.SendFactorCode", func(w *World) Call {
		s := w.mailed()
		return Do(w.P.Sessions.SendFactorCode, auth.SendFactorCodeParams{SessionID: s.Session.ID, Factor: auth.FactorEmail})
	}},
	{"Sessions.StepUp", func(w *World) Call {
		return Do(w.P.Sessions.StepUp, auth.StepUpParams{SessionID: w.signedIn().Session.ID, Password: auth.NewSecret(password)})
	}},
	{"Sessions.StepUpWithIdentity", func(w *World) Call {
		s, subject := w.linked()
		return Do(w.P.Sessions.StepUpWithIdentity, auth.StepUpWithIdentityParams{SessionID: s.Session.ID, Issuer: issuer, Subject: subject})
	}},
	{"Sessions.SignInWithIdentity", func(w *World) Call {
		_, subject := w.linked()
		return Do(w.P.Sessions.SignInWithIdentity, auth.SignInWithIdentityParams{Issuer: issuer, Subject: subject})
	}},
	{"Sessions.SignInWithPasskey", func(w *World) Call {
		_, key := w.keyed()
		token := must(w.P.Factors.StartCeremony(w.T.Context(), w.DB, auth.StartCeremonyParams{Purpose: auth.ChallengePasskeySignIn, Data: []byte("{}")}))(w)
		return Do(w.P.Sessions.SignInWithPasskey, auth.UsePasskeyParams{Token: token, PasskeyID: key.ID, Credential: []byte(`{"count": 1}`)})
	}},
	{"Sessions.StepUpWithPasskey", func(w *World) Call {
		s, key := w.keyed()
		token := must(w.P.Factors.StartCeremony(w.T.Context(), w.DB, auth.StartCeremonyParams{UserID: &s.Session.UserID, Purpose: auth.ChallengePasskeyStepUp, Data: []byte("{}")}))(w)
		return Do(w.P.Sessions.StepUpWithPasskey, auth.StepUpWithPasskeyParams{SessionID: s.Session.ID, Token: token, PasskeyID: key.ID, Credential: []byte(`{"count": 1}`)})
	}},
	{"Factors.AddPasskey", func(w *World) Call {
		s := w.signedIn()
		return Do(w.P.Factors.AddPasskey, w.passkey(s))
	}},
	{"Factors.Ceremony", func(w *World) Call {
		u := w.Person()
		token := must(w.P.Factors.StartCeremony(w.T.Context(), w.DB, auth.StartCeremonyParams{UserID: &u, Purpose: auth.ChallengePasskeyEnrolment, Data: []byte("{}")}))(w)
		return Calls(w.P.Factors.Ceremony, token, auth.ChallengePasskeyEnrolment)
	}},
	{"Factors.StartAuthenticator", func(w *World) Call { return Calls(w.P.Factors.StartAuthenticator, w.signedIn().Session.ID) }},
	{"Factors.ConfirmAuthenticator", func(w *World) Call {
		s := w.signedIn()
		e := must(w.P.Factors.StartAuthenticator(w.T.Context(), w.DB, s.Session.ID))(w)
		return Do(w.P.Factors.ConfirmAuthenticator, auth.ConfirmAuthenticatorParams{SessionID: s.Session.ID, Code: codeNow(e.Secret)})
	}},
	{"Factors.FreshUser", func(w *World) Call { return Calls(w.P.Factors.FreshUser, w.signedIn().Session.ID) }},
	{"Factors.RemoveAuthenticator", func(w *World) Call {
		s := w.signedIn()
		return Do(w.P.Factors.RemoveAuthenticator, auth.RemoveAuthenticatorParams{SessionID: w.enrolled(s).Tokens.Session.ID})
	}},
	{"Factors.RenewRecoveryCodes", func(w *World) Call {
		s := w.signedIn()
		return Do(w.P.Factors.RenewRecoveryCodes, auth.RenewRecoveryCodesParams{SessionID: w.enrolled(s).Tokens.Session.ID})
	}},
	{"Factors.RemovePasskey", func(w *World) Call {
		s, key := w.keyed()
		return Do(w.P.Factors.RemovePasskey, auth.RemovePasskeyParams{SessionID: s.Session.ID, PasskeyID: key.ID})
	}},
	{"Factors.RevokeDevice", func(w *World) Call {
		u, _ := w.member()
		in := must(w.P.Sessions.SignIn(w.T.Context(), w.DB, auth.SignInParams{Email: u.Email, Password: auth.NewSecret(password), RememberDevice: "laptop"}))(w)
		devices := must(w.P.Factors.TrustedDevices(w.T.Context(), w.DB, u.ID))(w)
		return Calls(w.P.Factors.RevokeDevice, auth.RevokeDeviceParams{SessionID: in.Tokens.Session.ID, DeviceID: devices[0].ID})
	}},
	{"Factors.SetEmailFactor", func(w *World) Call {
		return Do(w.P.Factors.SetEmailFactor, auth.SetEmailFactorParams{SessionID: w.verified().Session.ID, On: true})
	}},
	{"Factors.SetSMSFactor", func(w *World) Call {
		s := w.enrolled(w.signedIn()).Tokens
		sent := must(w.P.Users.StartPhoneVerification(w.T.Context(), w.DB, auth.StartPhoneVerificationParams{SessionID: s.Session.ID, Phone: phone}))(w)
		must(w.P.Users.VerifyPhone(w.T.Context(), w.DB, auth.VerifyPhoneParams{SessionID: s.Session.ID, Code: sent.Code}))(w)
		return Do(w.P.Factors.SetSMSFactor, auth.SetSMSFactorParams{SessionID: s.Session.ID, On: true})
	}},
	{"Access.LinkIdentity", func(w *World) Call {
		return Do(w.P.Access.LinkIdentity, auth.LinkIdentityParams{SessionID: w.signedIn().Session.ID, Issuer: issuer, Subject: Key()})
	}},
	{"Access.UnlinkIdentity", func(w *World) Call {
		s, _ := w.linked()
		all := must(w.P.Access.Identities(w.T.Context(), w.DB, s.Session.UserID))(w)
		return Do(w.P.Access.UnlinkIdentity, auth.UnlinkIdentityParams{SessionID: s.Session.ID, IdentityID: all[0].ID})
	}},
	{"Access.AuthenticateAPIKey", func(w *World) Call {
		u := w.Person()
		made := must(w.P.Access.CreateAPIKey(w.T.Context(), w.DB, auth.CreateAPIKeyParams{UserID: u, Name: "feed", Scopes: []string{"statements.read"}, ExpiresAt: time.Now().AddDate(0, 6, 0), ActorID: u}))(w)
		return Calls(w.P.Access.AuthenticateAPIKey, made.Key)
	}},
	{"Profiles.HoldVerification", func(w *World) Call {
		return Calls(w.P.Profiles.HoldVerification, w.Who[0], users.VerificationAccredited)
	}},
	{"Profiles.DateOfBirth", func(w *World) Call {
		u, born := w.Person(), date.MustParse("1971-02-03")
		must(w.P.Profiles.SaveProfile(w.T.Context(), w.DB, users.SaveProfileParams{UserID: u, DateOfBirth: &born}))(w)
		return Calls(w.P.Profiles.DateOfBirth, u)
	}},
}

// must is a result, of which the world knows that there is one.
func must[T any](v T, err error) func(w *World) T {
	return func(w *World) T {
		w.T.Helper()
		require.NoError(w.T, err)
		return v
	}
}

// member is a user with a password.
func (w *World) member() (*auth.User, auth.Secret) {
	w.T.Helper()
	u := realestatetest.User(w.T, w.DB)
	must(w.P.Users.SetPassword(w.T.Context(), w.DB, auth.SetPasswordParams{UserID: u.ID, New: auth.NewSecret(password), ActorID: w.Admin}))(w)
	return u, auth.NewSecret(password)
}

func (w *World) signedIn() *auth.Tokens {
	w.T.Helper()
	u, _ := w.member()
	return w.signedInAs(u)
}

func (w *World) signedInAs(u *auth.User) *auth.Tokens {
	w.T.Helper()
	return must(w.P.Sessions.SignIn(w.T.Context(), w.DB, auth.SignInParams{Email: u.Email, Password: auth.NewSecret(password), Refresh: true}))(w).Tokens
}

// verified is a session of somebody whose address is verified.
func (w *World) verified() *auth.Tokens {
	w.T.Helper()
	u, _ := w.member()
	must(w.P.Users.VerifyEmail(w.T.Context(), w.DB, auth.VerifyEmailParams{Token: must(w.P.Users.StartEmailVerification(w.T.Context(), w.DB, u.ID))(w).Code}))(w)
	return w.signedInAs(u)
}

// mailed is a session of somebody who gets codes by e-mail.
func (w *World) mailed() *auth.Tokens {
	w.T.Helper()
	s := w.verified()
	must(w.P.Factors.SetEmailFactor(w.T.Context(), w.DB, auth.SetEmailFactorParams{SessionID: s.Session.ID, On: true}))(w)
	return s
}

func (w *World) moving() auth.StartEmailChangeParams {
	return auth.StartEmailChangeParams{SessionID: w.signedIn().Session.ID, Email: Key() + "@example.test"}
}

// enrolled gives a session's user an authenticator.
func (w *World) enrolled(s *auth.Tokens) *auth.ConfirmedAuthenticator {
	w.T.Helper()
	e := must(w.P.Factors.StartAuthenticator(w.T.Context(), w.DB, s.Session.ID))(w)
	return must(w.P.Factors.ConfirmAuthenticator(w.T.Context(), w.DB, auth.ConfirmAuthenticatorParams{SessionID: s.Session.ID, Code: codeNow(e.Secret)}))(w)
}

// linked is a session, and what a provider calls its user.
func (w *World) linked() (*auth.Tokens, string) {
	w.T.Helper()
	s, subject := w.signedIn(), Key()
	must(w.P.Access.LinkIdentity(w.T.Context(), w.DB, auth.LinkIdentityParams{SessionID: s.Session.ID, Issuer: issuer, Subject: subject}))(w)
	return s, subject
}

// passkey is a new one, whose ceremony has begun.
func (w *World) passkey(s *auth.Tokens) auth.AddPasskeyParams {
	w.T.Helper()
	token := must(w.P.Factors.StartCeremony(w.T.Context(), w.DB, auth.StartCeremonyParams{UserID: &s.Session.UserID, Purpose: auth.ChallengePasskeyEnrolment, Data: []byte("{}")}))(w)
	raw := id.New[auth.Passkey]()
	return auth.AddPasskeyParams{SessionID: s.Session.ID, Token: token, CredentialID: raw[:], Credential: []byte("{}"), Name: "key"}
}

// keyed is a session of somebody with a passkey.
func (w *World) keyed() (*auth.Tokens, *auth.Passkey) {
	w.T.Helper()
	s := w.signedIn()
	added := must(w.P.Factors.AddPasskey(w.T.Context(), w.DB, w.passkey(s)))(w)
	return added.Tokens, added.Passkey
}

// codeNow is what an authenticator with a secret shows now.
func codeNow(secret auth.Secret) auth.Secret {
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret.Reveal())
	if err != nil {
		panic(err)
	}
	mac := hmac.New(sha1.New, key)
	_ = binary.Write(mac, binary.BigEndian, time.Now().Unix()/30)
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 15
	return auth.NewSecret(fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[at:])&0x7fffffff)%1_000_000))
}
