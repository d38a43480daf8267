package auth

import (
	"context"
	"errors"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
)

// StepUpParams is a new proof within a session: the password, or a code of a second
// factor. A user who has a second factor shows that one.
type StepUpParams struct {
	SessionID id.Of[Session]
	Password  Secret
	Factor    Factor // "" for the password
	Code      Secret
	Client    Client
}

// StepUp proves again who the user of a session is, before something sensitive, and
// gives the session new tokens: at [LevelElevated] after a second factor, or after the
// password where the user has no second factor. A code by e-mail proves no more than
// [LevelPassword], and leaves level and time of a session that is above. Wrong proofs
// are counted; after 25 in a row within sessions, at this and at [Users.ChangePassword],
// every session of the user ends. It takes the pool. It returns [ErrSession], [ErrSignIn]
// for a wrong password, [ErrFactor], [ErrFactorOff], [ErrFactorClosed],
// [ErrTooManyAttempts] or [ErrPoolRequired].
func (s *Sessions) StepUp(ctx context.Context, db bun.IDB, p StepUpParams) (*Tokens, error) {
	if !store.IsPool(db) {
		return nil, ErrPoolRequired
	}
	row, err := liveSession(ctx, db, p.SessionID)
	if err != nil {
		return nil, err
	}
	if err := s.guessHere(ctx, db, "step_up", row.UserID, p.Client); err != nil {
		return nil, err
	}
	u, err := users.OneParams(ctx, db, "u.id = $1", row.UserID.String())
	if err != nil {
		return nil, err
	}
	if p.Factor == "" {
		if u.MFAEnabled && u.MFAType != nil && *u.MFAType != MFAEmail {
			return nil, ErrFactorOff.With("this user shows a second factor").On("password")
		}
		ok, err := s.knows(ctx, p.Password, &u.PasswordHash)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, s.failed(ctx, db, AttemptStepUp, u.ID, p.Client, ErrSignIn)
		}
	}
	var out *Tokens
	var refused error
	err = store.InTx(ctx, db, func(tx bun.IDB) error {
		out, refused = nil, nil
		was := u.PasswordHash
		if u, err = lockUser(ctx, tx, row.UserID); err != nil {
			return err
		}
		if !u.Active() || p.Factor == "" && !u.PasswordHash.Equal(was) {
			refused = ErrSession
			return nil
		}
		if p.Factor != "" {
			if refused, err = s.show(ctx, tx, u, shown{row.FamilyID.String(), p.Factor, p.Code, p.Client}); err != nil || refused != nil {
				return err
			}
		}
		level := LevelElevated
		if p.Factor == FactorEmail {
			level = LevelPassword // a code by e-mail is no second factor
		}
		also := byStranger // what was shown is open again
		if p.Factor != "" {
			also = byFactor
		}
		if err := forget(ctx, tx, bucket("step_up", u.ID.String()), also.bucket(u.ID), bySession.bucket(u.ID)); err != nil {
			return err
		}
		out, err = s.elevate(ctx, tx, p.SessionID, level, p.Client)
		return err
	})
	if err != nil {
		return nil, err
	}
	if errors.Is(refused, ErrFactor) || errors.Is(refused, ErrFactorClosed) {
		return nil, s.failed(ctx, db, AttemptStepUp, row.UserID, p.Client, refused)
	}
	return out, refused
}

// elevate lifts a session after a proof and gives it new tokens, so that a token
// that leaked before is worth nothing afterwards.
func (s *core) elevate(ctx context.Context, tx bun.IDB, session id.Of[Session], level Level, c Client) (*Tokens, error) {
	row, err := sessions.OneParams(ctx, tx, "s.id = $1 AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp() AND s.refresh_used_at IS NULL FOR NO KEY UPDATE", session.String())
	if err != nil {
		return nil, err
	}
	if err := s.raise(ctx, tx, row, level); err != nil {
		return nil, err
	}
	out := &Tokens{Access: newToken()}
	var refresh any
	if row.RefreshTokenHash != nil {
		out.Refresh = newToken()
		refresh = hashToken(out.Refresh).Reveal()
	}
	rows, err := store.Rows[Session](ctx, tx, "UPDATE auth.sessions SET token_hash = $2, refresh_token_hash = $3 WHERE id = $1 RETURNING "+sessionColumns,
		session.String(), hashToken(out.Access).Reveal(), refresh)
	if err != nil {
		return nil, err
	}
	out.Session = &rows[0]
	return out, s.audit(ctx, tx, AuditEntry{UserID: row.UserID, ActorID: &row.UserID, SessionID: &session, Action: AuditSteppedUp}.from(c))
}
