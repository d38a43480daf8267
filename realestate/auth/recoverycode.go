package auth

import (
	"bytes"
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// RecoveryCode is a one-time code for a lost second factor, stored as its hash.
type RecoveryCode struct {
	bun.BaseModel `bun:"table:auth.recovery_codes,alias:rc" json:"-"`

	ID        id.Of[RecoveryCode] `bun:"id,pk" json:"id"`
	UserID    id.Of[User]         `bun:"user_id" json:"user_id"`
	CodeHash  Secret              `bun:"code_hash" json:"code_hash"`
	UsedAt    *time.Time          `bun:"used_at" json:"used_at"`
	CreatedAt time.Time           `bun:"created_at" json:"created_at"`
	UpdatedAt time.Time           `bun:"updated_at" json:"updated_at"`
}

// The number of recovery codes, and their entropy: 120 bits, which nobody tries, so that a
// plain hash is enough.
const (
	recoveryCodes = 10
	recoveryBytes = 15
)

// newRecoveryCodes replaces a user's recovery codes and returns the new ones.
func (s *Factors) newRecoveryCodes(ctx context.Context, tx bun.IDB, user id.Of[User], c Client) ([]Secret, error) {
	if _, err := store.ExecParams(ctx, tx, constraints, "DELETE FROM auth.recovery_codes WHERE user_id = $1", user.String()); err != nil {
		return nil, err
	}
	out := make([]Secret, recoveryCodes)
	for i := range out {
		raw := make([]byte, recoveryBytes)
		_, _ = rand.Read(raw)
		text := base32NoPad.EncodeToString(raw)
		out[i] = NewSecret(string(bytes.Join(slices.Collect(slices.Chunk([]byte(text), 4)), []byte("-"))))
		_, err := store.ExecParams(ctx, tx, constraints, "INSERT INTO auth.recovery_codes (id, user_id, code_hash) VALUES ($1, $2, $3)",
			id.New[RecoveryCode]().String(), user.String(), recoveryHash(out[i]).Reveal())
		if err != nil {
			return nil, err
		}
	}
	return out, s.audit(ctx, tx, byUser(user, AuditRecoveryCodesMade).from(c))
}

// recoveryHash is how a code is stored, however it was typed.
func recoveryHash(code Secret) Secret {
	return hashToken(NewSecret(strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(code.Reveal()))))
}

// showRecoveryCode uses up a recovery code.
func (s *Sessions) showRecoveryCode(ctx context.Context, tx bun.IDB, u *User, code Secret, c Client) (refused, err error) {
	n, err := store.ExecParams(ctx, tx, constraints, "UPDATE auth.recovery_codes SET used_at = clock_timestamp() WHERE user_id = $1 AND code_hash = $2 AND used_at IS NULL",
		u.ID.String(), recoveryHash(code).Reveal())
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return ErrFactor, nil
	}
	return nil, s.audit(ctx, tx, byUser(u.ID, AuditRecoveryCodeUsed).from(c))
}

// RenewRecoveryCodesParams asks for new recovery codes.
type RenewRecoveryCodesParams struct {
	SessionID id.Of[Session] // with a fresh proof
	Client    Client
}

// RenewedRecoveryCodes are new recovery codes, to be shown once.
type RenewedRecoveryCodes struct {
	Codes  []Secret `json:"codes"`
	Notice *Notice  `json:"notice"`
}

// RenewRecoveryCodes replaces the recovery codes of the user of a session whose proof
// is fresh, and returns the new ones. It returns [ErrSession], [ErrFreshProof], or
// [ErrFactorOff] without a second factor.
func (s *Factors) RenewRecoveryCodes(ctx context.Context, db bun.IDB, p RenewRecoveryCodesParams) (*RenewedRecoveryCodes, error) {
	var out *RenewedRecoveryCodes
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		u, _, err := s.fresh(ctx, tx, p.SessionID)
		if err != nil {
			return err
		}
		if !u.MFAEnabled {
			return ErrFactorOff
		}
		out = &RenewedRecoveryCodes{Notice: u.notice(AuditRecoveryCodesMade)}
		out.Codes, err = s.newRecoveryCodes(ctx, tx, u.ID, p.Client)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
