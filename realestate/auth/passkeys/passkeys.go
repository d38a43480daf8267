// Package passkeys enrols and uses passkeys (WebAuthn): authenticators that a user
// unlocks by a gesture, a finger or a code, and that no site but the host's own can
// talk to. It is a module of its own, so that hosts without passkeys do not carry the
// protocol; what it keeps stands in auth.passkeys and auth.challenges.
//
// A passkey that verifies its user is two factors at once, so a session by it is at
// auth.LevelMFA. User verification is always asked for. Attestation is not.
//
//	p, err := passkeys.New(passkeys.Config{Factors: platform.Factors, Sessions: platform.Sessions, ID: "example.com", Name: "Example", Origins: []string{"https://example.com"}})
//	ceremony, err := p.StartSignIn(ctx, db, client)      // Options go to navigator.credentials.get
//	in, err := p.SignIn(ctx, db, passkeys.SignInParams{Token: ceremony.Token, Answer: body, Client: client})
package passkeys

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// ErrConfig: the service cannot be made of the configuration.
var ErrConfig = fault.New(fault.Invalid, "passkeys_config", "factors, sessions, an id, a name and origins are needed")

// maxAnswer bounds what a browser sends, in bytes.
const maxAnswer = 64 << 10

// Config says for which site passkeys are.
type Config struct {
	Factors  *auth.Factors
	Sessions *auth.Sessions
	ID       string   // the site's domain, such as example.com
	Name     string   // what the authenticator shows
	Origins  []string // such as https://app.example.com
}

// Service is the ceremonies. It is immutable and safe for concurrent use.
type Service struct {
	factors  *auth.Factors
	sessions *auth.Sessions
	web      *webauthn.WebAuthn
}

// New makes a Service. It returns [ErrConfig].
func New(cfg Config) (*Service, error) {
	if cfg.Factors == nil || cfg.Sessions == nil {
		return nil, ErrConfig
	}
	web, err := webauthn.New(&webauthn.Config{RPID: cfg.ID, RPDisplayName: cfg.Name, RPOrigins: cfg.Origins,
		AuthenticatorSelection: protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired}})
	if err != nil {
		return nil, ErrConfig.Because(err)
	}
	return &Service{cfg.Factors, cfg.Sessions, web}, nil
}

// Ceremony is what the browser gets: Options for navigator.credentials, and the token
// that comes back with the answer.
type Ceremony struct {
	Token   auth.Secret
	Options json.RawMessage
}

// person is a user as the protocol sees one: by the id, and no address.
type person struct {
	user id.Of[auth.User]
	name string
	keys []webauthn.Credential
	rows []auth.Passkey
}

func (p *person) WebAuthnID() []byte                         { return p.user[:] }
func (p *person) WebAuthnName() string                       { return p.name }
func (p *person) WebAuthnDisplayName() string                { return p.name }
func (p *person) WebAuthnCredentials() []webauthn.Credential { return p.keys }

// load reads a user's passkeys.
func (s *Service) load(ctx context.Context, db bun.IDB, user id.Of[auth.User], name string) (*person, error) {
	rows, err := s.factors.Passkeys(ctx, db, user)
	if err != nil {
		return nil, err
	}
	p := &person{user: user, name: name, rows: rows, keys: make([]webauthn.Credential, len(rows))}
	for i, r := range rows {
		if err := json.Unmarshal(r.Credential, &p.keys[i]); err != nil {
			return nil, auth.ErrPasskey.Because(err)
		}
	}
	return p, nil
}

// StartEnrolment begins to add a passkey to the user of a session whose proof is
// fresh. It returns auth.ErrSession or auth.ErrFreshProof.
func (s *Service) StartEnrolment(ctx context.Context, db bun.IDB, session id.Of[auth.Session]) (*Ceremony, error) {
	u, err := s.factors.FreshUser(ctx, db, session)
	if err != nil {
		return nil, err
	}
	p, err := s.load(ctx, db, u.ID, u.Email)
	if err != nil {
		return nil, err
	}
	options, data, err := s.web.BeginRegistration(p, webauthn.WithExclusions(webauthn.Credentials(p.keys).CredentialDescriptors()))
	if err != nil {
		return nil, auth.ErrPasskey.Because(err)
	}
	return s.begun(ctx, db, &u.ID, auth.ChallengePasskeyEnrolment, auth.Client{}, options, data)
}

func (s *Service) begun(ctx context.Context, db bun.IDB, user *id.Of[auth.User], purpose auth.ChallengePurpose, client auth.Client, options any, data *webauthn.SessionData) (*Ceremony, error) {
	kept, err := json.Marshal(data)
	if err != nil {
		return nil, auth.ErrPasskey.Because(err)
	}
	out := &Ceremony{}
	if out.Options, err = json.Marshal(options); err != nil {
		return nil, auth.ErrPasskey.Because(err)
	}
	out.Token, err = s.factors.StartCeremony(ctx, db, auth.StartCeremonyParams{UserID: user, Purpose: purpose, Data: kept, From: client.IPAddress})
	return out, err
}

// session reads a ceremony that is open.
func (s *Service) session(ctx context.Context, db bun.IDB, token auth.Secret, purpose auth.ChallengePurpose) (*auth.Challenge, *webauthn.SessionData, error) {
	ch, err := s.factors.Ceremony(ctx, db, token, purpose)
	if err != nil {
		return nil, nil, err
	}
	data := &webauthn.SessionData{}
	if err := json.Unmarshal(ch.Data, data); err != nil {
		return nil, nil, auth.ErrChallenge
	}
	return ch, data, nil
}

// EnrolParams is the browser's answer to [Service.StartEnrolment].
type EnrolParams struct {
	SessionID id.Of[auth.Session]
	Token     auth.Secret
	Answer    []byte // the credential as JSON
	Name      string // what the user calls the passkey
	Client    auth.Client
}

// Enrol adds a passkey. The session goes on at auth.LevelMFA with the new tokens. It returns auth.ErrPasskey, auth.ErrChallenge,
// auth.ErrSession or auth.ErrFreshProof.
func (s *Service) Enrol(ctx context.Context, db bun.IDB, p EnrolParams) (*auth.AddedPasskey, error) {
	ch, data, err := s.session(ctx, db, p.Token, auth.ChallengePasskeyEnrolment)
	if err != nil {
		return nil, err
	}
	if len(p.Answer) > maxAnswer {
		return nil, auth.ErrPasskey
	}
	answer, err := protocol.ParseCredentialCreationResponseBytes(p.Answer)
	if err != nil {
		return nil, auth.ErrPasskey.Because(err)
	}
	made, err := s.web.CreateCredential(&person{user: *ch.UserID}, *data, answer)
	if err != nil {
		return nil, auth.ErrPasskey.Because(err)
	}
	body, err := json.Marshal(made)
	if err != nil {
		return nil, auth.ErrPasskey.Because(err)
	}
	return s.factors.AddPasskey(ctx, db, auth.AddPasskeyParams{SessionID: p.SessionID, Token: p.Token, CredentialID: made.ID, Credential: body, Name: p.Name, Client: p.Client})
}

// StartSignIn begins a sign-in of whoever shows a passkey. It asks for no address and
// tells nothing about any. It returns auth.ErrTooManyAttempts.
func (s *Service) StartSignIn(ctx context.Context, db bun.IDB, client auth.Client) (*Ceremony, error) {
	options, data, err := s.web.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, auth.ErrPasskey.Because(err)
	}
	return s.begun(ctx, db, nil, auth.ChallengePasskeySignIn, client, options, data)
}

// SignInParams is the browser's answer to [Service.StartSignIn].
type SignInParams struct {
	Token   auth.Secret
	Answer  []byte // the credential as JSON
	Client  auth.Client
	Refresh bool
}

// SignIn opens a session for the owner of a passkey. A passkey whose counter went
// back, so that a copy of it may be about, is refused. It takes the pool. It returns
// auth.ErrPasskey, auth.ErrChallenge, auth.ErrSignIn, auth.ErrTooManyAttempts or
// auth.ErrPoolRequired.
func (s *Service) SignIn(ctx context.Context, db bun.IDB, p SignInParams) (*auth.SignedIn, error) {
	_, data, err := s.session(ctx, db, p.Token, auth.ChallengePasskeySignIn)
	if err != nil {
		return nil, err
	}
	answer, err := parse(p.Answer)
	if err != nil {
		return nil, err
	}
	var who *person
	var broken error
	find := func(_, handle []byte) (webauthn.User, error) {
		if len(handle) != len(id.Of[auth.User]{}) {
			return nil, auth.ErrPasskey
		}
		who, broken = s.load(ctx, db, id.Of[auth.User](handle), "")
		return who, broken
	}
	_, used, err := s.web.ValidatePasskeyLogin(find, *data, answer)
	if broken != nil && !errors.Is(broken, auth.ErrPasskey) {
		return nil, broken
	}
	key, body, err := accepted(who, used, err)
	if err != nil {
		return nil, s.refused(ctx, db, who, p.Client, err)
	}
	return s.sessions.SignInWithPasskey(ctx, db, auth.UsePasskeyParams{Token: p.Token, PasskeyID: key, Credential: body, Client: p.Client, Refresh: p.Refresh})
}

// StartStepUp begins a new proof of the user of a session, by a passkey of theirs. It
// returns auth.ErrSession, or auth.ErrFactorOff for a user without one.
func (s *Service) StartStepUp(ctx context.Context, db bun.IDB, session *auth.Session) (*Ceremony, error) {
	p, err := s.load(ctx, db, session.UserID, "")
	if err != nil {
		return nil, err
	}
	if len(p.keys) == 0 {
		return nil, auth.ErrFactorOff
	}
	options, data, err := s.web.BeginLogin(p, webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, auth.ErrPasskey.Because(err)
	}
	return s.begun(ctx, db, &session.UserID, auth.ChallengePasskeyStepUp, auth.Client{}, options, data)
}

// StepUpParams is the browser's answer to [Service.StartStepUp].
type StepUpParams struct {
	Session *auth.Session
	Token   auth.Secret
	Answer  []byte // the credential as JSON
	Client  auth.Client
}

// StepUp gives the session of a passkey's owner new tokens at auth.LevelElevated. It
// takes the pool. It returns auth.ErrPasskey, auth.ErrChallenge, auth.ErrSession,
// auth.ErrTooManyAttempts or auth.ErrPoolRequired.
func (s *Service) StepUp(ctx context.Context, db bun.IDB, p StepUpParams) (*auth.Tokens, error) {
	_, data, err := s.session(ctx, db, p.Token, auth.ChallengePasskeyStepUp)
	if err != nil {
		return nil, err
	}
	answer, err := parse(p.Answer)
	if err != nil {
		return nil, err
	}
	who, err := s.load(ctx, db, p.Session.UserID, "")
	if err != nil {
		return nil, err
	}
	used, err := s.web.ValidateLogin(who, *data, answer)
	key, body, err := accepted(who, used, err)
	if err != nil {
		return nil, s.refused(ctx, db, who, p.Client, err)
	}
	return s.sessions.StepUpWithPasskey(ctx, db, auth.StepUpWithPasskeyParams{SessionID: p.Session.ID, Token: p.Token, PasskeyID: key, Credential: body, Client: p.Client})
}

// refused writes an answer that is not accepted down, and says why it is not.
func (s *Service) refused(ctx context.Context, db bun.IDB, who *person, client auth.Client, why error) error {
	p := auth.RefusedPasskeyParams{Client: client}
	if who != nil && len(who.rows) > 0 {
		p.UserID = &who.user
	}
	if err := s.sessions.RefusedPasskey(ctx, db, p); err != nil {
		return err
	}
	return why
}

// parse reads the browser's answer.
func parse(answer []byte) (*protocol.ParsedCredentialAssertionData, error) {
	if len(answer) > maxAnswer {
		return nil, auth.ErrPasskey
	}
	out, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return nil, auth.ErrPasskey.Because(err)
	}
	return out, nil
}

// accepted finds the passkey that was used, and what is stored of it from now on.
func accepted(who *person, used *webauthn.Credential, err error) (key id.Of[auth.Passkey], body json.RawMessage, _ error) {
	switch {
	case err != nil || who == nil:
		return key, nil, auth.ErrPasskey.Because(err)
	case used.Authenticator.CloneWarning:
		return key, nil, auth.ErrPasskey
	}
	for _, row := range who.rows {
		if bytes.Equal(row.CredentialID, used.ID) {
			body, err := json.Marshal(used)
			if err != nil {
				return key, nil, auth.ErrPasskey.Because(err)
			}
			return row.ID, body, nil
		}
	}
	return key, nil, auth.ErrPasskey
}
