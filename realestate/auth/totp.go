package auth

import (
	"context"
	"crypto/hmac"
	"crypto/sha1" // what authenticators compute (RFC 6238)
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
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
	return nil, users.Update(ctx, tx, u, "last_totp_step")
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

// raise lifts a session's level, never lowers it, and counts as a proof now. A proof of
// less than what the session has renews nothing: its time is that of the level.
func (s *core) raise(ctx context.Context, tx bun.IDB, row *Session, level Level) error {
	if !level.atLeast(row.AuthLevel) {
		return nil
	}
	_, err := store.ExecParams(ctx, tx, constraints, "UPDATE auth.sessions SET auth_level = $2, authenticated_at = clock_timestamp() WHERE id = $1",
		row.ID.String(), string(level))
	return err
}
