package auth

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" // what authenticators compute (RFC 6238)
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/vault"
)

var errNoVault = vault.ErrNoVault

// The parameters of TOTP that every authenticator takes for granted.
const (
	totpPeriod = 30 * time.Second
	totpDigits = 6
	totpSkew   = 1 // steps before and after, for clocks that differ
	totpSecret = 20
)

// totpCode is the code of a time step (RFC 6238, RFC 4226).
func totpCode(secret []byte, step int64, digits int) string {
	var msg [8]byte
	binary.BigEndian.PutUint64(msg[:], uint64(step))
	h := hmac.New(sha1.New, secret)
	h.Write(msg[:])
	sum := h.Sum(nil)
	at := sum[len(sum)-1] & 0x0f
	v := binary.BigEndian.Uint32(sum[at:at+4]) & 0x7fffffff
	most := uint32(1)
	for range digits {
		most *= 10
	}
	return fmt.Sprintf("%0*d", digits, v%most)
}

func totpStep(at time.Time) int64 { return at.Unix() / int64(totpPeriod/time.Second) }

var base32NoPad = base32.StdEncoding.WithPadding(base32.NoPadding)

// showTOTP accepts the code of a step near now, by the database's clock, that is
// later than the last step accepted: a code works once, in however many tries at
// once. The user's row is locked.
func (s *Sessions) showTOTP(ctx context.Context, tx bun.IDB, u *User, code Secret) (refused, err error) {
	if u.MFASecret == nil {
		return ErrFactorOff, nil
	}
	step, err := s.matchTOTP(ctx, tx, mfaSecret.Place(u.ID.String(), u.ID.String()), *u.MFASecret, code)
	if err != nil {
		return nil, err
	}
	if step == 0 || u.LastTOTPStep != nil && step <= *u.LastTOTPStep {
		return ErrFactor, nil
	}
	u.LastTOTPStep = &step
	return nil, users.UpdateParams(ctx, tx, u, "last_totp_step")
}

// matchTOTP finds the step that a code belongs to, 0 for none.
func (s *core) matchTOTP(ctx context.Context, tx bun.IDB, at vault.Place, sealed, code Secret) (int64, error) {
	plain, err := s.vault.Open(at, sealed.Reveal())
	if err != nil {
		return 0, err
	}
	secret, err := base32NoPad.DecodeString(plain)
	if err != nil {
		return 0, vault.ErrSealed
	}
	var now time.Time
	if err := store.Scan(ctx, tx, []any{&now}, "SELECT clock_timestamp()"); err != nil {
		return 0, err
	}
	given, found := strings.ReplaceAll(code.Reveal(), " ", ""), int64(0)
	for step := totpStep(now) - totpSkew; step <= totpStep(now)+totpSkew; step++ {
		if subtle.ConstantTimeCompare([]byte(totpCode(secret, step, totpDigits)), []byte(given)) == 1 {
			found = step
		}
	}
	return found, nil
}

// Enrolment is what a user needs to set an authenticator up: the secret to type and
// the address of a QR code. They are shown once.
type Enrolment struct {
	Secret Secret // in base 32
	URI    Secret // otpauth://...
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
		return users.UpdateParams(ctx, tx, u, "mfa_pending_secret", "mfa_pending_at")
	})
	return out, err
}

// ConfirmAuthenticatorParams shows the first code of an authenticator.
type ConfirmAuthenticatorParams struct {
	SessionID id.Of[Session]
	Code      Secret
	Client    Client
}

// ConfirmAuthenticator turns the second factor on with the first code of the
// authenticator, and returns new recovery codes, to be shown once. The session is at
// [LevelMFA] from now on. Wrong codes are counted. It takes the pool. It returns
// [ErrSession], [ErrFreshProof], [ErrFactor], [ErrFactorOff] when nothing was begun,
// [ErrTooManyAttempts] or [ErrPoolRequired].
func (s *Factors) ConfirmAuthenticator(ctx context.Context, db bun.IDB, p ConfirmAuthenticatorParams) ([]Secret, error) {
	if err := s.guess(ctx, db, "enrolment", p.SessionID.String(), p.Client); err != nil {
		return nil, err
	}
	var codes []Secret
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		u, row, err := s.fresh(ctx, tx, p.SessionID)
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
		kind := MFAAuthenticator
		u.MFASecret, u.MFAPendingSecret, u.MFAPendingAt, u.LastTOTPStep, u.MFAEnabled, u.MFAType = NewSecret(sealed).Ptr(), nil, nil, &step, true, &kind
		if err := users.UpdateParams(ctx, tx, u, "mfa_secret", "mfa_pending_secret", "mfa_pending_at", "last_totp_step", "mfa_enabled", "mfa_type"); err != nil {
			return err
		}
		if codes, err = s.newRecoveryCodes(ctx, tx, u.ID); err != nil {
			return err
		}
		if err := s.raise(ctx, tx, row, LevelMFA); err != nil {
			return err
		}
		return s.factorChanged(ctx, tx, u, AuditFactorAdded, FactorAuthenticator)
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// factorChanged writes the audit line and the event of a factor that came or went.
func (s *Factors) factorChanged(ctx context.Context, tx bun.IDB, u *User, action AuditAction, f Factor) error {
	now := s.now()
	if err := s.audit(ctx, tx, AuditEntry{UserID: u.ID, Action: action, Detail: (*string)(&f), CreatedAt: now}); err != nil {
		return err
	}
	return s.hooks.Emit(ctx, tx, now, store.Event(aggregateUser, u.ID, UserFactorsChanged{f, action == AuditFactorAdded}))
}

// raise lifts a session's level, never lowers it, and counts as a proof now.
func (s *core) raise(ctx context.Context, tx bun.IDB, row *Session, level Level) error {
	if row.AuthLevel.atLeast(level) {
		level = row.AuthLevel
	}
	_, err := store.ExecParams(ctx, tx, constraints, "UPDATE auth.sessions SET auth_level = $2, authenticated_at = clock_timestamp() WHERE id = $1",
		row.ID.String(), string(level))
	return err
}
