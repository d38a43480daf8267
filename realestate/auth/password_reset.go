package auth

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// PasswordReset is a request to set a new password. The token went to the user
// by mail; the row knows its SHA-256 in hexadecimal.
type PasswordReset struct {
	bun.BaseModel `bun:"table:auth.password_resets,alias:pr" json:"-"`

	ID        id.Of[PasswordReset] `bun:"id,pk" json:"id"`
	UserID    id.Of[User]          `bun:"user_id" json:"user_id"`
	TokenHash Secret               `bun:"token_hash" json:"token_hash"`
	ExpiresAt time.Time            `bun:"expires_at" json:"expires_at"`
	UsedAt    *time.Time           `bun:"used_at" json:"used_at"`
	CreatedAt time.Time            `bun:"created_at" json:"created_at"`
	UpdatedAt time.Time            `bun:"updated_at" json:"updated_at"`
}

// Usable reports whether the request is neither used nor expired at now.
func (r *PasswordReset) Usable(now time.Time) bool {
	return r.UsedAt == nil && now.Before(r.ExpiresAt)
}

// RequestResetParams asks for a way to set a new password.
type RequestResetParams struct {
	Email  string
	Device Secret // the token of a device that is trusted or remembered, when the client has one
	Client Client
}

// RequestReset makes a link to set a new password, of 256 bits, which lives twenty
// minutes; those before stay good until one is used, so that whoever asks for another
// takes nobody's away. For an address of nobody, or of somebody who
// may not sign in, Send is false; the host answers the same and sends in the
// background. Requests are counted and written down, alike for addresses that exist and
// that don't; those of a device that is known count by themselves. The answer comes after
// 50 milliseconds, or when the work is done where that takes longer, so that its time does
// not tell whether there is such an account.
// It takes the pool. It returns [ErrTooManyAttempts] or [ErrPoolRequired].
func (s *Users) RequestReset(ctx context.Context, db bun.IDB, p RequestResetParams) (*Delivery, error) {
	answer := time.NewTimer(resetTime)
	defer answer.Stop()
	out, err := s.requestReset(ctx, db, p)
	if errors.Is(err, ErrPoolRequired) {
		return nil, err
	}
	select {
	case <-answer.C:
		return out, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// resetTime is what the answer to a request of a reset takes: several times the work.
const resetTime = 50 * time.Millisecond

func (s *Users) requestReset(ctx context.Context, db bun.IDB, p RequestResetParams) (*Delivery, error) {
	email, bad := NormalizeEmail(p.Email)
	of := email
	if plausible(p.Device) && store.IsPool(db) {
		if u, err := userByEmail(ctx, db, email); err == nil {
			if d, err := s.device(ctx, db, u.ID, p.Device); err == nil && d != nil {
				of = "device\x00" + hashToken(p.Device).Reveal()
			}
		}
	}
	if err := s.guess(ctx, db, "reset", of, p.Client); err != nil {
		return nil, err
	}
	if bad != nil {
		return &Delivery{}, nil
	}
	out := &Delivery{}
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		out = &Delivery{}
		u, err := userByEmail(ctx, tx, email)
		if err != nil && !errors.Is(err, ErrUserNotFound) {
			return err
		}
		known := err == nil && u.Active()
		var who *id.Of[User]
		reason := failedUnknown
		if known {
			who, reason = &u.ID, ""
		}
		attempt, err := s.attempted(ctx, tx, AttemptPasswordReset, &email, who, p.Client)
		if err != nil {
			return err
		}
		if err := attempt.settle(ctx, tx, reason); err != nil || !known {
			return err
		}
		if u, err = lockUser(ctx, tx, u.ID); err != nil || !u.Active() { // a new password meanwhile ends what was asked for before
			return err
		}
		token := newToken()
		_, err = store.ExecParams(ctx, tx, constraints, `INSERT INTO auth.password_resets (id, user_id, token_hash, expires_at)
			VALUES ($1, $2, $3, clock_timestamp() + $4::interval)`, id.New[PasswordReset]().String(), u.ID.String(), hashToken(token).Reveal(), interval(resetLife))
		if err != nil {
			return err
		}
		out = &Delivery{Send: true, To: u.Email, Code: token}
		return s.audit(ctx, tx, AuditEntry{UserID: u.ID, Action: AuditResetRequested}.from(p.Client))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

var resets = store.Repo[PasswordReset]{NotFound: ErrCode, Constraints: constraints}

// ResetPasswordParams sets a new password by a link.
type ResetPasswordParams struct {
	Token  Secret
	New    Secret
	Client Client
}

// ResetPassword sets a new password by the token of [Users.RequestReset], which
// works once. Every session and trusted device of the user ends, and nobody is
// signed in. Whoever has the token has the mailbox, so the address is verified. Where
// it was before, second factors, API keys and linked identities stay, as the notice
// says. Where it was not, whoever set them up has not shown to be who has the mailbox:
// they end. It takes the pool. It returns [ErrPassword],
// [ErrPasswordBreached], [ErrCode], [ErrTooManyAttempts] or [ErrPoolRequired].
func (s *Users) ResetPassword(ctx context.Context, db bun.IDB, p ResetPasswordParams) (*Notice, error) {
	if !store.IsPool(db) {
		return nil, ErrPoolRequired
	}
	normal, err := s.checkPassword(ctx, p.New)
	if err != nil {
		return nil, err
	}
	if !plausible(p.Token) {
		return nil, ErrCode
	}
	const open = "pr.token_hash = $1 AND pr.used_at IS NULL AND pr.expires_at > clock_timestamp()"
	if _, err := resets.OneParams(ctx, db, open, hashToken(p.Token).Reveal()); err != nil {
		return nil, err // no hash for a token that is none
	}
	hash, err := s.hash(ctx, normal)
	if err != nil {
		return nil, err
	}
	var out *Notice
	err = store.InTx(ctx, db, func(tx bun.IDB) error {
		r, err := resets.OneParams(ctx, tx, open, hashToken(p.Token).Reveal())
		if err != nil {
			return err
		}
		u, err := lockUser(ctx, tx, r.UserID) // the user before the reset, as everywhere
		if err != nil {
			return err
		}
		if _, err = resets.OneParams(ctx, tx, open+" FOR NO KEY UPDATE", hashToken(p.Token).Reveal()); err != nil {
			return err
		}
		if !u.Active() {
			return ErrCode
		}
		var told []store.Emission
		if !u.EmailVerified {
			if told, err = s.firstVerified(ctx, tx, u, p.Client); err != nil {
				return err
			}
		}
		out, err = s.writePassword(ctx, tx, u, hash, nil, byUser(u.ID, AuditPasswordReset).from(p.Client), told...) // uses up the reset
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
