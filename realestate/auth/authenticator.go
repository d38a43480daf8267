package auth

import (
	"context"
	"crypto/rand"
	"net/url"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// RemoveAuthenticatorParams removes an authenticator.
type RemoveAuthenticatorParams struct {
	SessionID id.Of[Session] // with a fresh proof
	Client    Client
}

// RemoveAuthenticator forgets the authenticator of the user of a session whose proof
// is fresh, and without a passkey text messages and recovery codes too. It returns
// [ErrSession], [ErrFreshProof] or [ErrFactorOff].
func (s *Factors) RemoveAuthenticator(ctx context.Context, db bun.IDB, p RemoveAuthenticatorParams) (*Notice, error) {
	return s.setFactor(ctx, db, SetSMSFactorParams{SessionID: p.SessionID, Client: p.Client}, FactorAuthenticator, func(u *User) error {
		if u.MFASecret == nil {
			return ErrFactorOff
		}
		u.MFASecret, u.LastTOTPStep, u.MFAPendingSecret, u.MFAPendingAt = nil, nil, nil, nil
		return nil
	})
}

// Enrolment is what a user needs to set an authenticator up: the secret to type and
// the address of a QR code. They are shown once.
type Enrolment struct {
	Secret Secret `json:"secret"` // in base 32
	URI    Secret `json:"uri"`    // otpauth://...
}

// StartAuthenticator begins to set up an authenticator, for the user of a session
// whose proof is fresh. It works from [Factors.ConfirmAuthenticator] on; beginning
// again replaces the secret. It locks the user and the session. It returns
// [ErrSession], [ErrFreshProof] or vault.ErrNoVault.
func (s *Factors) StartAuthenticator(ctx context.Context, db bun.IDB, session id.Of[Session]) (*Enrolment, error) {
	if s.vault == nil {
		return nil, errNoVault
	}
	var out *Enrolment
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		u, _, err := s.fresh(ctx, tx, session)
		if err != nil {
			return err
		}
		raw := make([]byte, totpSecret)
		_, _ = rand.Read(raw)
		plain := base32NoPad.EncodeToString(raw)
		sealed, err := s.vault.Seal(mfaPendingSecret.Place(u.ID.String(), u.ID.String()), plain)
		if err != nil {
			return err
		}
		now := s.now()
		u.MFAPendingSecret, u.MFAPendingAt = NewSecret(sealed).Ptr(), &now
		uri := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + s.cfg.Issuer + ":" + u.Email,
			RawQuery: url.Values{"secret": {plain}, "issuer": {s.cfg.Issuer}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"}}.Encode()}
		out = &Enrolment{Secret: NewSecret(plain), URI: NewSecret(uri.String())}
		return users.Update(ctx, tx, u, "mfa_pending_secret", "mfa_pending_at")
	})
	return out, err
}

// ConfirmAuthenticatorParams shows the first code of an authenticator.
type ConfirmAuthenticatorParams struct {
	SessionID id.Of[Session]
	Code      Secret
	Client    Client
}

// ConfirmedAuthenticator is what follows from an authenticator that works.
type ConfirmedAuthenticator struct {
	Codes  []Secret `json:"codes"`  // new recovery codes, to be shown once
	Tokens *Tokens  `json:"tokens"` // the session's new tokens, at [LevelMFA]
	Notice *Notice  `json:"notice"`
}

// ConfirmAuthenticator turns the second factor on with the first code of the
// authenticator, and returns new recovery codes, to be shown once. The session is at
// [LevelMFA] from now on, with new tokens. Wrong codes are counted. It takes the pool. It returns
// [ErrSession], [ErrFreshProof], [ErrFactor], [ErrFactorOff] when nothing was begun,
// [ErrTooManyAttempts] or [ErrPoolRequired].
func (s *Factors) ConfirmAuthenticator(ctx context.Context, db bun.IDB, p ConfirmAuthenticatorParams) (*ConfirmedAuthenticator, error) {
	if err := s.guessInSession(ctx, db, "enrolment", p.SessionID, p.Client); err != nil {
		return nil, err
	}
	var out *ConfirmedAuthenticator
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		u, _, err := s.fresh(ctx, tx, p.SessionID)
		if err != nil {
			return err
		}
		if u.MFAPendingSecret == nil {
			return ErrFactorOff
		}
		step, err := s.matchTOTP(ctx, tx, mfaPendingSecret.Place(u.ID.String(), u.ID.String()), *u.MFAPendingSecret, p.Code)
		if err != nil {
			return err
		}
		if step == 0 {
			return ErrFactor
		}
		plain, err := s.vault.Open(mfaPendingSecret.Place(u.ID.String(), u.ID.String()), u.MFAPendingSecret.Reveal())
		if err != nil {
			return err
		}
		sealed, err := s.vault.Seal(mfaSecret.Place(u.ID.String(), u.ID.String()), plain)
		if err != nil {
			return err
		}
		u.MFASecret, u.MFAPendingSecret, u.MFAPendingAt, u.LastTOTPStep = NewSecret(sealed).Ptr(), nil, nil, &step
		if err := s.settleFactors(ctx, tx, u); err != nil {
			return err
		}
		out = &ConfirmedAuthenticator{Notice: u.notice(AuditFactorAdded)}
		if out.Codes, err = s.newRecoveryCodes(ctx, tx, u.ID, p.Client); err != nil {
			return err
		}
		if out.Tokens, err = s.elevate(ctx, tx, p.SessionID, LevelMFA, p.Client); err != nil {
			return err
		}
		return s.factorChanged(ctx, tx, u, AuditFactorAdded, FactorAuthenticator, p.Client)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// factorChanged writes the audit line and the event of a factor that came or went.
func (s *Factors) factorChanged(ctx context.Context, tx bun.IDB, u *User, action AuditAction, f Factor, c Client) error {
	now := s.now()
	if err := s.audit(ctx, tx, AuditEntry{UserID: u.ID, ActorID: &u.ID, Action: action, Detail: (*string)(&f), CreatedAt: now}.from(c)); err != nil {
		return err
	}
	return s.hooks.Emit(ctx, tx, now, store.Event(aggregateUser, u.ID, UserFactorsChanged{f, action == AuditFactorAdded}))
}
