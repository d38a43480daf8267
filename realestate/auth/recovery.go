package auth

import (
	"context"
	"crypto/rand"
	"strings"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// The number of recovery codes, and their entropy: 80 bits, which nobody tries.
const (
	recoveryCodes = 10
	recoveryBytes = 10
)

// newRecoveryCodes replaces a user's recovery codes and returns the new ones.
func (s *Service) newRecoveryCodes(ctx context.Context, tx bun.IDB, user id.Of[User]) ([]Secret, error) {
	if _, err := store.ExecParams(ctx, tx, constraints, "DELETE FROM auth.recovery_codes WHERE user_id = $1", user.String()); err != nil {
		return nil, err
	}
	out := make([]Secret, recoveryCodes)
	for i := range out {
		raw := make([]byte, recoveryBytes)
		_, _ = rand.Read(raw)
		text := base32NoPad.EncodeToString(raw)
		out[i] = NewSecret(text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:])
		_, err := store.ExecParams(ctx, tx, constraints, "INSERT INTO auth.recovery_codes (id, user_id, code_hash) VALUES ($1, $2, $3)",
			id.New[RecoveryCode]().String(), user.String(), recoveryHash(out[i]).Reveal())
		if err != nil {
			return nil, err
		}
	}
	return out, s.audit(ctx, tx, AuditEntry{UserID: user, Action: AuditRecoveryCodesMade, CreatedAt: s.now()})
}

// recoveryHash is how a code is stored, however it was typed.
func recoveryHash(code Secret) Secret {
	return hashToken(NewSecret(strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(code.Reveal()))))
}

// showRecoveryCode uses up a recovery code.
func (s *Service) showRecoveryCode(ctx context.Context, tx bun.IDB, u *User, code Secret) (refused, err error) {
	n, err := store.ExecParams(ctx, tx, constraints, "UPDATE auth.recovery_codes SET used_at = clock_timestamp() WHERE user_id = $1 AND code_hash = $2 AND used_at IS NULL",
		u.ID.String(), recoveryHash(code).Reveal())
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return ErrFactor, nil
	}
	return nil, s.audit(ctx, tx, AuditEntry{UserID: u.ID, Action: AuditRecoveryCodeUsed, CreatedAt: s.now()})
}

// RenewRecoveryCodes replaces the recovery codes of the user of a session whose proof
// is fresh, and returns the new ones, to be shown once. It returns [ErrSession],
// [ErrFreshProof], or [ErrFactorOff] without a second factor.
func (s *Service) RenewRecoveryCodes(ctx context.Context, db bun.IDB, session id.Of[Session]) (codes []Secret, err error) {
	err = store.InTx(ctx, db, func(tx bun.IDB) error {
		u, _, err := s.fresh(ctx, tx, session)
		if err != nil {
			return err
		}
		if !u.MFAEnabled {
			return ErrFactorOff
		}
		codes, err = s.newRecoveryCodes(ctx, tx, u.ID)
		return err
	})
	return codes, err
}

// SetSMSFactorParams turns codes by text message on or off.
type SetSMSFactorParams struct {
	SessionID id.Of[Session]
	On        bool
}

// SetSMSFactor turns codes by text message on, beside an authenticator or alone, or
// off again. The session's proof is fresh and the number verified. It returns
// [ErrSession], [ErrFreshProof] or [ErrPhoneUnverified].
func (s *Service) SetSMSFactor(ctx context.Context, db bun.IDB, p SetSMSFactorParams) error {
	return s.setFactor(ctx, db, p, FactorSMS, func(u *User) error {
		if p.On && (!u.PhoneVerified || u.Phone == nil) {
			return ErrPhoneUnverified
		}
		u.MFASMS = p.On
		return nil
	})
}

// SetEmailFactorParams turns codes by e-mail on or off.
type SetEmailFactorParams SetSMSFactorParams

// SetEmailFactor turns codes by e-mail on or off, for users who have nothing better.
// They never lift a session above [LevelPassword]. The session's proof is fresh and
// the address verified. It returns [ErrSession], [ErrFreshProof] or
// [ErrEmailUnverified].
func (s *Service) SetEmailFactor(ctx context.Context, db bun.IDB, p SetEmailFactorParams) error {
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
		if u.MFASecret == nil && !u.MFASMS {
			kind := MFAEmail
			u.MFAType = &kind
		}
		return nil
	})
}

// RemoveAuthenticator forgets the authenticator of the user of a session whose proof
// is fresh, and the recovery codes when no other factor is left. It returns
// [ErrSession], [ErrFreshProof] or [ErrFactorOff].
func (s *Service) RemoveAuthenticator(ctx context.Context, db bun.IDB, session id.Of[Session]) error {
	return s.setFactor(ctx, db, SetSMSFactorParams{SessionID: session}, FactorAuthenticator, func(u *User) error {
		if u.MFASecret == nil {
			return ErrFactorOff
		}
		u.MFASecret, u.LastTOTPStep, u.MFAPendingSecret, u.MFAPendingAt = nil, nil, nil, nil
		return nil
	})
}

// setFactor changes a factor and finds what the user's second factor is now.
func (s *Service) setFactor(ctx context.Context, db bun.IDB, p SetSMSFactorParams, f Factor, change func(*User) error) error {
	return store.InTx(ctx, db, func(tx bun.IDB) error {
		u, row, err := s.fresh(ctx, tx, p.SessionID)
		if err != nil {
			return err
		}
		if err := change(u); err != nil {
			return err
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
		return s.factorChanged(ctx, tx, u, action, f)
	})
}

// settleFactors writes which second factor a user has, the strongest first.
func (s *Service) settleFactors(ctx context.Context, tx bun.IDB, u *User) error {
	var keys bool
	if err := store.Scan(ctx, tx, []any{&keys}, "SELECT EXISTS (SELECT FROM auth.passkeys WHERE user_id = $1)", u.ID.String()); err != nil {
		return err
	}
	kind := MFASMS
	switch {
	case u.MFASecret != nil || keys:
		kind = MFAAuthenticator
		u.MFAEnabled, u.MFAType = true, &kind
	case u.MFASMS:
		u.MFAEnabled, u.MFAType = true, &kind
	default:
		u.MFAEnabled = u.MFAType != nil && *u.MFAType == MFAEmail
		if !u.MFAEnabled {
			u.MFAType = nil
			if _, err := store.ExecParams(ctx, tx, constraints, "DELETE FROM auth.recovery_codes WHERE user_id = $1", u.ID.String()); err != nil {
				return err
			}
		}
	}
	return users.UpdateParams(ctx, tx, u, "mfa_secret", "mfa_pending_secret", "mfa_pending_at", "last_totp_step", "mfa_sms", "mfa_enabled", "mfa_type")
}
