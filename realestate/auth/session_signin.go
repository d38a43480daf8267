package auth

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// ErrSignIn: the address and the secret do not belong together, or the account may
// not be used. It is the one answer for all of that.
var ErrSignIn = fault.New(fault.Forbidden, "sign_in_failed", "the address or the password is wrong")

// SignInParams is an attempt to sign in with a password.
type SignInParams struct {
	Email    string
	Password Secret
	Client   Client
	Device   Secret // the token of a device that is trusted or remembered, when the client has one
	// RememberDevice is a name for the device, which gets a token: strangers who try the
	// account do not lock it out from then on. Its user is asked for the second factor
	// there as before. "" does not remember it.
	RememberDevice string
	Refresh        bool // with a refresh token, as programs want; else one token that lasts while it is used, as for cookies
}

// SignedIn is how a sign-in ended: with a session, or with a second factor to ask
// for.
type SignedIn struct {
	UserID id.Of[User]    `json:"user_id"`
	Tokens *Tokens        `json:"tokens"` // nil while a second factor is asked for
	Asked  *PendingFactor `json:"asked"`  // nil when there are tokens
	Device Secret         `json:"device"` // keep it at the device; zero when it is not remembered now
	// NewDevice: the user has not signed in from such a device or network lately. The
	// host may tell them.
	NewDevice bool `json:"new_device"`
}

// PendingFactor is a sign-in that waits for a second factor.
type PendingFactor struct {
	Token   Secret   `json:"token"`   // for [Sessions.CompleteSignIn]
	Factors []Factor `json:"factors"` // the strongest first; FactorPasskey is a sign-in of its own, by package passkeys
}

// SignIn verifies a password. An address that is unknown, a wrong password, and an
// account that is suspended, deleted or without a password get the same answer,
// [ErrSignIn], after the same work: one hash each. The attempt is counted and
// written down, in a transaction of its own, before the hash; over the limits of
// [Config] the answer is [ErrTooManyAttempts] without one. Hence the verb takes the
// pool, and counts although it fails.
//
// After 50 wrong passwords in a row from devices that are not known, nothing is compared
// there any more and the answer stays [ErrSignIn], until the user sets another password by
// [Users.RequestReset] or signs in from a device that is known: so strangers have no more
// guesses, and lock nobody out for good. [UserPasswordClosed] tells the host.
//
// A user with a second factor gets [PendingFactor] instead of tokens, unless the
// device is trusted. It returns [ErrSignIn], [ErrTooManyAttempts] or
// [ErrPoolRequired].
func (s *Sessions) SignIn(ctx context.Context, db bun.IDB, p SignInParams) (*SignedIn, error) {
	if !store.IsPool(db) {
		return nil, ErrPoolRequired
	}
	begun, err := s.beginSignIn(ctx, db, p)
	if err != nil {
		return nil, err
	}
	if !begun.allowed {
		return nil, ErrTooManyAttempts
	}
	var hash *Secret
	if begun.user != nil {
		hash = &begun.user.PasswordHash
	}
	ok, stale, err := s.verify(ctx, p.Password, hash)
	if begun.badHash = errors.Is(err, ErrHash); err != nil && !begun.badHash {
		return nil, err
	}
	var renewed *Secret
	if ok && stale {
		h, err := s.hash(ctx, normalPassword(p.Password))
		if err != nil {
			return nil, err
		}
		renewed = &h
	}
	return s.endSignIn(ctx, db, p, begun, ok, renewed)
}

// begun is what is known of a sign-in before the hash.
type begun struct {
	allowed bool
	attempt *LoginAttempt
	account id.Of[AttemptCounter]
	user    *User
	device  *TrustedDevice // nil for one that is not known
	badHash bool           // the stored hash is of another kind
	closed  bool           // to strangers, of whom this is one; user is nil
}

func (s *Sessions) beginSignIn(ctx context.Context, db bun.IDB, p SignInParams) (*begun, error) {
	email, err := NormalizeEmail(p.Email)
	var known *string
	if err == nil {
		known = &email
	}
	var out *begun
	err = store.InTx(ctx, db, func(tx bun.IDB) error {
		out = &begun{account: bucket("account", email)}
		u, err := userByEmail(ctx, tx, email)
		if err != nil && !errors.Is(err, ErrUserNotFound) {
			return err
		}
		var who *id.Of[User]
		if err == nil {
			out.user, who = u, &u.ID
		}
		if out.user != nil {
			if out.device, err = s.knownDevice(ctx, tx, u.ID, p); err != nil {
				return err
			}
			if out.device != nil { // a stranger's attempts do not lock this device out
				out.account = bucket("device", hashToken(p.Device).Reveal())
			}
		}
		out.allowed, err = s.count(ctx, tx, limit{out.account, s.cfg.Limits.Account}, limit{bucket("address", p.Client.network()), s.cfg.Limits.Address})
		if err != nil {
			return err
		}
		if out.attempt, err = s.attempted(ctx, tx, AttemptPassword, known, who, p.Client); err != nil {
			return err
		}
		if !out.allowed {
			return out.attempt.settle(ctx, tx, failedTooMany)
		}
		if out.device != nil {
			return nil
		}
		if out.closed, err = s.strange(ctx, tx, out.user, email, p.Client); out.closed {
			out.user = nil
		}
		return err
	})
	return out, err
}

// knownDevice finds the device of the user's that a sign-in comes from, nil for none. One
// from which too many attempts in a row came is known no longer.
func (s *Sessions) knownDevice(ctx context.Context, tx bun.IDB, user id.Of[User], p SignInParams) (*TrustedDevice, error) {
	d, err := s.device(ctx, tx, user, p.Device)
	if err != nil || d == nil {
		return nil, err
	}
	n, err := inARow(ctx, tx, byDevice.bucket(user), true)
	if err != nil || n <= byDevice.most() {
		return d, err
	}
	if _, err := store.ExecParams(ctx, tx, constraints, "UPDATE auth.trusted_devices SET revoked_at = now() WHERE id = $1", d.ID.String()); err != nil {
		return nil, err
	}
	return nil, s.audit(ctx, tx, AuditEntry{UserID: user, Action: AuditDeviceRevoked}.from(p.Client))
}

// endSignIn settles the attempt and, when it succeeded, opens what follows. The
// user's row is read again under its lock: who was suspended meanwhile, or changed
// the password, does not get in.
func (s *Sessions) endSignIn(ctx context.Context, db bun.IDB, p SignInParams, b *begun, ok bool, renewed *Secret) (*SignedIn, error) {
	var out *SignedIn
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		out = nil
		// Whoever does not get in costs the same statements: nobody is locked where the
		// user is unknown or the password wrong.
		who, reason := id.New[User](), failedUnknown
		switch {
		case b.user != nil && ok:
			who = b.user.ID
		case b.badHash:
			reason = failedHash
		case b.closed:
			reason = failedClosed
		case b.user != nil:
			reason = failedWrong
		}
		u, err := lockUser(ctx, tx, who)
		if errors.Is(err, ErrUserNotFound) {
			return b.attempt.settle(ctx, tx, reason)
		}
		if err != nil {
			return err
		}
		if !u.Active() || !u.PasswordHash.Equal(b.user.PasswordHash) {
			return b.attempt.settle(ctx, tx, failedInactive)
		}
		if renewed != nil {
			u.PasswordHash = *renewed
			if err := users.Update(ctx, tx, u, "password_hash"); err != nil {
				return err
			}
		}
		if err := b.attempt.settle(ctx, tx, ""); err != nil {
			return err
		}
		if err := forget(ctx, tx, byDevice.bucket(u.ID), b.account, byStranger.bucket(u.ID)); err != nil {
			return err
		}
		as := admission{client: p.Client, trusted: b.device != nil && b.device.SkipsFactor, refresh: p.Refresh}
		if b.device == nil {
			as.remember = p.RememberDevice
		}
		out, err = s.admit(ctx, tx, u, as)
		return err
	})
	if err != nil {
		return nil, err
	}
	if out == nil {
		return nil, ErrSignIn
	}
	return out, nil
}

// admission is how a user whose first factor is proved comes in.
type admission struct {
	client   Client
	trusted  bool   // on a device that is not asked for the second factor
	remember string // a name for the device, "" does not
	refresh  bool
}

// admit opens a session for a user whose first factor is proved, or asks for the
// second.
func (s *Sessions) admit(ctx context.Context, tx bun.IDB, u *User, as admission) (*SignedIn, error) {
	out := &SignedIn{UserID: u.ID}
	var err error
	if out.NewDevice, err = s.unknownDevice(ctx, tx, u.ID, as.client); err != nil {
		return nil, err
	}
	if u.MFAEnabled && !as.trusted {
		out.Asked, err = s.ask(ctx, tx, u, pendingData{as.refresh, as.remember})
		return out, err
	}
	if out.Tokens, err = s.open(ctx, tx, u.ID, as.client, LevelPassword, as.refresh); err != nil {
		return nil, err
	}
	if as.remember != "" {
		if out.Device, err = s.remember(ctx, tx, u, as.remember, false, as.client); err != nil {
			return nil, err
		}
	}
	return out, s.signedIn(ctx, tx, u)
}

func (s *Sessions) signedIn(ctx context.Context, tx bun.IDB, u *User) error {
	now := s.now()
	u.LastLoginAt = &now
	return users.Update(ctx, tx, u, "last_login_at")
}

// unknownDevice reports whether none of the user's sessions was from this device or
// this address.
func (s *Sessions) unknownDevice(ctx context.Context, tx bun.IDB, user id.Of[User], c Client) (unknown bool, err error) {
	row := &Session{}
	row.from(c)
	err = store.Scan(ctx, tx, []any{&unknown}, `SELECT NOT EXISTS (SELECT FROM auth.sessions WHERE user_id = $1
		AND (device_id = $2 OR ip_address = $3::inet))`, user.String(), orNil(row.DeviceID), addrText(row))
	return unknown, err
}

// pendingData is what a challenge of a sign-in remembers.
type pendingData struct {
	Refresh  bool   `json:"refresh"`
	Remember string `json:"remember,omitempty"`
}

// ask begins the wait for a second factor.
func (s *Sessions) ask(ctx context.Context, tx bun.IDB, u *User, remembered pendingData) (*PendingFactor, error) {
	name := kept(remembered.Remember, 100) // as the column holds it
	remembered.Remember = ""
	if name != nil {
		remembered.Remember = *name
	}
	data, err := json.Marshal(remembered)
	if err != nil {
		return nil, err
	}
	token, err := s.challenge(ctx, tx, &u.ID, ChallengeSecondFactor, data)
	if err != nil {
		return nil, err
	}
	factors, err := s.factors(ctx, tx, u)
	return &PendingFactor{Token: token, Factors: factors}, err
}
