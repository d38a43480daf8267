package auth

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// ErrFactorClosed: too many wrong codes came in a row. A recovery code or a passkey is
// still accepted, and opens the factor again.
var ErrFactorClosed = fault.New(fault.Forbidden, "factor_closed", "too many wrong codes: show a recovery code or a passkey").On("factor")

// guesser is from where secrets of a user are guessed at. SP 800-63B (3.2.2) allows 100
// failures in a row on one authenticator of an account and then disables it. Whoever is
// known is not to suffer for what strangers do, so each has a share of the 100, and what
// ends at its end is that guesser's way:
//
//	stranger  the password, for whoever is not known, until it is set anew or known devices show it
//	device    the device is known no longer, and counts as a stranger
//	session   all sessions of the user
//	factor    codes of the second factor at sign-ins; a recovery code or a passkey opens it
//
// A success begins the count anew, as 63B says.
type guesser string

const (
	byStranger guesser = "stranger"
	byDevice   guesser = "device"
	bySession  guesser = "session"
	byFactor   guesser = "factor"
)

// UserPasswordClosed says that too many wrong passwords came in a row: strangers get no
// further guess, and nor does the user from where they are not known, until they set
// another or sign in from a known device. Tell them.
type UserPasswordClosed struct{}

// EventType names the event.
func (UserPasswordClosed) EventType() (string, int) { return "auth.user_password_closed", 1 }

// UserFactorsClosed says that too many wrong codes came in a row, from somebody who knows
// the password: a recovery code or a passkey is asked for. Tell the user.
type UserFactorsClosed struct{}

// EventType names the event.
func (UserFactorsClosed) EventType() (string, int) { return "auth.user_factors_closed", 1 }

// most is how many failures in a row a guesser has: together 100 on a password (strangers,
// devices, sessions), and 100 on a second factor (sign-ins, sessions).
func (g guesser) most() int {
	switch g {
	case byStranger:
		return 50
	case byFactor:
		return 75
	}
	return 25
}

func (g guesser) bucket(user id.Of[User]) id.Of[AttemptCounter] {
	return bucket("in a row "+string(g), user.String())
}

// inARow counts one attempt in a row, before anything is compared, and returns how many
// that makes. Nobody's is counted alike, and goes with the window.
func inARow(ctx context.Context, tx bun.IDB, of id.Of[AttemptCounter], lasting bool) (n int, err error) {
	err = store.Scan(ctx, tx, []any{&n}, `INSERT INTO auth.attempt_counters AS c (id, attempts, window_started_at, lasting) VALUES ($1, 1, clock_timestamp(), $2)
		ON CONFLICT (id) DO UPDATE SET attempts = least(c.attempts + 1, 1000000) RETURNING attempts`, of.String(), lasting)
	return n, err
}

// closed reports whether a guesser has no attempts left.
func (g guesser) closed(ctx context.Context, tx bun.IDB, user id.Of[User]) (bool, error) {
	var n int
	err := store.Scan(ctx, tx, []any{&n}, "SELECT attempts FROM auth.attempt_counters WHERE id = $1", g.bucket(user).String())
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return n > g.most(), err
}

// strange counts a stranger's attempt at the password of a user, or of nobody by that
// address, and reports whether there are none left. The first that is refused is told.
func (s *core) strange(ctx context.Context, tx bun.IDB, u *User, email string, c Client) (closed bool, err error) {
	of := bucket("in a row "+string(byStranger), email)
	if u != nil {
		of = byStranger.bucket(u.ID)
	}
	n, err := inARow(ctx, tx, of, u != nil)
	if err != nil || u == nil || n <= byStranger.most() {
		return false, err
	}
	if n == byStranger.most()+1 {
		now := s.now()
		if err := s.audit(ctx, tx, AuditEntry{UserID: u.ID, Action: AuditPasswordClosed, CreatedAt: now}.from(c)); err != nil {
			return false, err
		}
		err = s.hooks.Emit(ctx, tx, now, store.Event(aggregateUser, u.ID, UserPasswordClosed{}))
	}
	return true, err
}

// guessFactor is guess at a second factor of a sign-in, after the first. What nobody
// guesses, such as a recovery code, is not counted in a row.
func (s *core) guessFactor(ctx context.Context, db bun.IDB, user id.Of[User], f Factor, c Client) error {
	if err := s.guess(ctx, db, "factor", user.String(), c); err != nil || !f.guessable() {
		return err
	}
	return store.InTx(ctx, db, func(tx bun.IDB) error {
		n, err := inARow(ctx, tx, byFactor.bucket(user), true)
		if err != nil || n != byFactor.most()+1 {
			return err
		}
		now := s.now()
		if err := s.audit(ctx, tx, AuditEntry{UserID: user, Action: AuditFactorClosed, CreatedAt: now}.from(c)); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, now, store.Event(aggregateUser, user, UserFactorsClosed{}))
	})
}

// guessable reports whether a factor has so few codes that somebody could try them.
func (f Factor) guessable() bool {
	return f == FactorAuthenticator || f == FactorSMS || f == FactorEmail
}

// guessHere is guess within a session, at the password or a second factor. At the end of
// the row every session of the user ends: whoever holds this one cannot be them.
func (s *core) guessHere(ctx context.Context, db bun.IDB, kind string, user id.Of[User], c Client) error {
	if err := s.guess(ctx, db, kind, user.String(), c); err != nil {
		return err
	}
	n := 0
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		n, err = inARow(ctx, tx, bySession.bucket(user), true)
		return err
	})
	if err != nil || n <= bySession.most() {
		return err
	}
	err = store.InTx(ctx, db, func(tx bun.IDB) error {
		if _, err := lockUser(ctx, tx, user); err != nil { // the user before the count, as everywhere
			return err
		}
		if err := endSessions(ctx, tx, user, RevokedByUser, nil); err != nil {
			return err
		}
		if err := forget(ctx, tx, bySession.bucket(user)); err != nil {
			return err
		}
		return s.audit(ctx, tx, AuditEntry{UserID: user, Action: AuditSessionsRevoked}.from(c))
	})
	if err != nil {
		return err
	}
	return ErrSession
}
