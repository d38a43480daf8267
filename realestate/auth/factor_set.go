package auth

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// SetSMSFactorParams turns codes by text message on or off.
type SetSMSFactorParams struct {
	SessionID id.Of[Session]
	On        bool
	Client    Client
}

// SetSMSFactor turns codes by text message on, beside an authenticator or a passkey, or
// off again; what is so already changes nothing, and has nobody to tell: the notice is to
// nobody. The session's proof is fresh and the number verified. It returns
// [ErrSession], [ErrFreshProof], [ErrPhoneUnverified], or [ErrFactorOff] without either.
func (s *Factors) SetSMSFactor(ctx context.Context, db bun.IDB, p SetSMSFactorParams) (*Notice, error) {
	return s.setFactor(ctx, db, p, FactorSMS, func(u *User) error {
		if p.On && (!u.PhoneVerified || u.Phone == nil) {
			return ErrPhoneUnverified
		}
		if p.On && (!u.MFAEnabled || u.MFAType == nil || *u.MFAType == MFAEmail) {
			return ErrFactorOff.With("text messages go beside an authenticator or a passkey")
		}
		u.MFASMS = p.On
		return nil
	})
}

// SetEmailFactorParams turns codes by e-mail on or off.
type SetEmailFactorParams SetSMSFactorParams

// SetEmailFactor turns codes by e-mail on or off, for users who have nothing better:
// beside a better factor, and where it is so already, it changes nothing, and the notice
// is to nobody. They never lift
// a session above [LevelPassword]. The session's proof is fresh and
// the address verified. It returns [ErrSession], [ErrFreshProof] or
// [ErrEmailUnverified].
func (s *Factors) SetEmailFactor(ctx context.Context, db bun.IDB, p SetEmailFactorParams) (*Notice, error) {
	return s.setFactor(ctx, db, SetSMSFactorParams(p), FactorEmail, func(u *User) error {
		if p.On && !u.EmailVerified {
			return ErrEmailUnverified
		}
		if !p.On {
			if u.MFAType != nil && *u.MFAType == MFAEmail {
				u.MFAType = nil
			}
			return nil
		}
		if !u.MFAEnabled {
			kind := MFAEmail
			u.MFAType = &kind
		}
		return nil
	})
}

// setFactor changes a factor and finds what the user's second factor is now.
func (s *Factors) setFactor(ctx context.Context, db bun.IDB, p SetSMSFactorParams, f Factor, change func(*User) error) (*Notice, error) {
	var out *Notice
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		out = &Notice{}
		u, row, err := s.fresh(ctx, tx, p.SessionID)
		if err != nil {
			return err
		}
		was := *u
		if err := change(u); err != nil {
			return err
		}
		if u.MFASMS == was.MFASMS && equal(u.MFAType, was.MFAType) && (u.MFASecret == nil) == (was.MFASecret == nil) {
			return nil
		}
		if err := s.settleFactors(ctx, tx, u); err != nil {
			return err
		}
		action := AuditFactorAdded
		if !p.On {
			action = AuditFactorRemoved
			// Whoever was signed in with it signs in again.
			if err := endSessions(ctx, tx, u.ID, RevokedByUser, &row.FamilyID); err != nil {
				return err
			}
		}
		out = u.notice(action)
		return s.factorChanged(ctx, tx, u, action, f, p.Client)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// settleFactors writes which second factors a user has. Text messages end with the last
// authenticator; while they are on, they are what the kind says, as the weakest.
func (s *Factors) settleFactors(ctx context.Context, tx bun.IDB, u *User) error {
	var keys bool
	if err := store.Scan(ctx, tx, []any{&keys}, "SELECT EXISTS (SELECT FROM auth.passkeys WHERE user_id = $1)", u.ID.String()); err != nil {
		return err
	}
	kind := MFAAuthenticator
	if u.MFASMS {
		kind = MFASMS
	}
	switch {
	case u.MFASecret != nil || keys:
		u.MFAEnabled, u.MFAType = true, &kind
	default:
		u.MFASMS = false
		u.MFAEnabled = u.MFAType != nil && *u.MFAType == MFAEmail
		if !u.MFAEnabled {
			u.MFAType = nil
			if _, err := store.ExecParams(ctx, tx, constraints, "DELETE FROM auth.recovery_codes WHERE user_id = $1", u.ID.String()); err != nil {
				return err
			}
		}
	}
	return users.Update(ctx, tx, u, "mfa_secret", "mfa_pending_secret", "mfa_pending_at", "last_totp_step", "mfa_sms", "mfa_enabled", "mfa_type")
}
