package auth

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/internal/text"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// Identity is a user's account at an OpenID provider. The host speaks the protocol
// and hands over what the provider has signed: who issued it and for which subject.
type Identity struct {
	bun.BaseModel `bun:"table:auth.identities,alias:idn" json:"-"`

	ID         id.Of[Identity] `bun:"id,pk" json:"id"`
	UserID     id.Of[User]     `bun:"user_id" json:"user_id"`
	Issuer     string          `bun:"issuer" json:"issuer"`
	Subject    string          `bun:"subject" json:"subject"`
	LastUsedAt *time.Time      `bun:"last_used_at" json:"last_used_at"`
	CreatedAt  time.Time       `bun:"created_at" json:"created_at"`
	UpdatedAt  time.Time       `bun:"updated_at" json:"updated_at"`
}

var identities = store.Repo[Identity]{NotFound: ErrIdentityNotFound, Constraints: constraints}

// LinkIdentityParams links an identity that a provider has vouched for, in a token
// that the host has verified.
type LinkIdentityParams struct {
	SessionID id.Of[Session] // with a fresh proof
	Issuer    string         // an https address, as in the token
	Subject   string         // as in the token; at most 255 characters
	Client    Client
}

// LinkedIdentity is an identity, and the notice of it: nil where it was linked already.
type LinkedIdentity struct {
	Identity *Identity `json:"identity"`
	Notice   *Notice   `json:"notice"`
}

// The conditions of identities.
var (
	// ErrIdentityNotFound: no user is linked to the identity.
	ErrIdentityNotFound = fault.New(fault.NotFound, "identity_not_found", "no user is linked to this identity")
	// ErrIdentityLinked: the identity is linked to a user already.
	ErrIdentityLinked = fault.New(fault.Conflict, "identity_linked", "this identity is linked to a user already")
)

// UserIdentityChanged says that an identity of a provider was linked to a user, or no
// longer is.
type UserIdentityChanged struct {
	IdentityID id.Of[Identity] `json:"identity_id"`
	Added      bool            `json:"added"`
}

// EventType names the event.
func (UserIdentityChanged) EventType() (string, int) { return "auth.user_identity_changed", 1 }

func checkIdentity(issuer, subject string) error {
	var f fault.Fields
	u, err := url.Parse(issuer)
	f.Check(err == nil && u.Scheme == "https" && u.Host != "" && len(issuer) <= 255, "issuer", check.BadURL, "an https address of at most 255 characters")
	f.Check(subject != "", "subject", check.Required, "a subject is needed")
	text.Line(&f, "subject", &subject, 255)
	return f.Err()
}

// LinkIdentity links an identity to the user of a session whose proof is fresh.
// Linking again changes nothing. The address in a token links nobody by itself: the
// user says so, signed in. It returns field errors, [ErrSession], [ErrFreshProof] or
// [ErrIdentityLinked].
func (s *Access) LinkIdentity(ctx context.Context, db bun.IDB, p LinkIdentityParams) (*LinkedIdentity, error) {
	if err := checkIdentity(p.Issuer, p.Subject); err != nil {
		return nil, err
	}
	var out *LinkedIdentity
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		u, _, err := s.fresh(ctx, tx, p.SessionID)
		if err != nil {
			return err
		}
		now := s.now()
		row := &Identity{ID: id.New[Identity](), UserID: u.ID, Issuer: p.Issuer, Subject: p.Subject, CreatedAt: now, UpdatedAt: now}
		made, err := identities.InsertParams(ctx, tx, row, "ON CONFLICT DO NOTHING")
		if err != nil {
			return err
		}
		if !made {
			if row, err = identities.OneParams(ctx, tx, "idn.issuer = $1 AND idn.subject = $2", p.Issuer, p.Subject); err == nil && row.UserID != u.ID {
				return ErrIdentityLinked
			}
			out = &LinkedIdentity{Identity: row}
			return err
		}
		out = &LinkedIdentity{Identity: row, Notice: u.notice(AuditIdentityLinked)}
		return s.identityChanged(ctx, tx, AuditEntry{UserID: u.ID, ActorID: &u.ID, SessionID: &p.SessionID, Action: AuditIdentityLinked, CreatedAt: now}.from(p.Client), row.ID)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// identityChanged writes the audit line and the event of an identity that came or went.
func (s *Access) identityChanged(ctx context.Context, tx bun.IDB, e AuditEntry, identity id.Of[Identity]) error {
	if err := s.audit(ctx, tx, e); err != nil {
		return err
	}
	return s.hooks.Emit(ctx, tx, e.CreatedAt, store.Event(aggregateUser, e.UserID, UserIdentityChanged{identity, e.Action == AuditIdentityLinked}))
}

// UnlinkIdentityParams removes the link of an identity.
type UnlinkIdentityParams struct {
	SessionID  id.Of[Session] // with a fresh proof
	IdentityID id.Of[Identity]
	Client     Client
}

// UnlinkIdentity removes the link of an identity to the user of a session whose proof
// is fresh. It returns [ErrSession], [ErrFreshProof] or [ErrIdentityNotFound].
func (s *Access) UnlinkIdentity(ctx context.Context, db bun.IDB, p UnlinkIdentityParams) (*Notice, error) {
	var out *Notice
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		u, _, err := s.fresh(ctx, tx, p.SessionID)
		if err != nil {
			return err
		}
		n, err := store.ExecParams(ctx, tx, constraints, "DELETE FROM auth.identities WHERE id = $1 AND user_id = $2", p.IdentityID.String(), u.ID.String())
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrIdentityNotFound
		}
		out = u.notice(AuditIdentityUnlinked)
		return s.identityChanged(ctx, tx, AuditEntry{UserID: u.ID, ActorID: &u.ID, SessionID: &p.SessionID, Action: AuditIdentityUnlinked, CreatedAt: s.now()}.from(p.Client), p.IdentityID)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Identities lists the identities linked to a user. There are few.
func (s *Access) Identities(ctx context.Context, db bun.IDB, user id.Of[User]) ([]Identity, error) {
	return identities.AllParams(ctx, db, "idn.user_id = $1 ORDER BY idn.created_at, idn.id LIMIT 1000", user.String())
}

// StepUpWithIdentityParams is a new proof of the user of a session at the provider of an
// identity of theirs. The host has asked the provider to authenticate them anew, and
// verified the token, its nonce and the time of the proof.
type StepUpWithIdentityParams struct {
	SessionID id.Of[Session]
	Issuer    string
	Subject   string
	Client    Client
}

// StepUpWithIdentity is [Sessions.StepUp] for a user without a second factor here, such
// as one who has no password. An identity that is not theirs is written down as a failed
// attempt. It takes the pool. It returns [ErrSession],
// [ErrIdentityNotFound] when the identity is not the user's, [ErrFactorOff] when they have
// a second factor, which they show, [ErrTooManyAttempts] or [ErrPoolRequired].
func (s *Sessions) StepUpWithIdentity(ctx context.Context, db bun.IDB, p StepUpWithIdentityParams) (*Tokens, error) {
	if err := s.guessInSession(ctx, db, "step_up", p.SessionID, p.Client); err != nil {
		return nil, err
	}
	var out *Tokens
	var u *User
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		row, err := liveSession(ctx, tx, p.SessionID)
		if err != nil {
			return err
		}
		u, err = lockUser(ctx, tx, row.UserID)
		if err != nil {
			return err
		}
		if !u.Active() {
			return ErrSession
		}
		if u.MFAEnabled && u.MFAType != nil && *u.MFAType != MFAEmail {
			return ErrFactorOff.With("this user shows a second factor")
		}
		n, err := store.ExecParams(ctx, tx, constraints, "UPDATE auth.identities SET last_used_at = now() WHERE issuer = $1 AND subject = $2 AND user_id = $3", p.Issuer, p.Subject, u.ID.String())
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrIdentityNotFound
		}
		if err := forget(ctx, tx, bucket("step_up", u.ID.String())); err != nil {
			return err
		}
		out, err = s.elevate(ctx, tx, p.SessionID, LevelElevated, p.Client)
		return err
	})
	if errors.Is(err, ErrIdentityNotFound) {
		return nil, s.failed(ctx, db, AttemptStepUp, u.ID, p.Client, err)
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// SignInWithIdentityParams signs in whom a provider vouches for. The host has verified
// the token, its audience, nonce and time.
type SignInWithIdentityParams struct {
	Issuer  string
	Subject string
	Client  Client
	Refresh bool
}

// SignInWithIdentity opens a session for the user whom an identity is linked to, or
// asks for the second factor that the user has here. It takes the pool, since it
// writes the attempt down. It returns [ErrIdentityNotFound], [ErrSignIn] when the user
// is not active, [ErrTooManyAttempts] or [ErrPoolRequired].
func (s *Sessions) SignInWithIdentity(ctx context.Context, db bun.IDB, p SignInWithIdentityParams) (*SignedIn, error) {
	if err := s.guess(ctx, db, "identity", p.Issuer+"\x00"+p.Subject, p.Client); err != nil {
		return nil, err
	}
	var out *SignedIn
	var refused error
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		out, refused = nil, nil
		row, err := identities.OneParams(ctx, tx, "idn.issuer = $1 AND idn.subject = $2", p.Issuer, p.Subject)
		if err != nil {
			return err
		}
		u, err := lockUser(ctx, tx, row.UserID)
		if err != nil {
			return err
		}
		attempt, err := s.attempted(ctx, tx, AttemptIdentity, nil, &u.ID, p.Client)
		if err != nil {
			return err
		}
		if !u.Active() {
			refused = ErrSignIn
			return attempt.settle(ctx, tx, failedInactive)
		}
		if err := attempt.settle(ctx, tx, ""); err != nil {
			return err
		}
		if _, err := store.ExecParams(ctx, tx, constraints, "UPDATE auth.identities SET last_used_at = now() WHERE id = $1", row.ID.String()); err != nil {
			return err
		}
		if err := forget(ctx, tx, bucket("identity", p.Issuer+"\x00"+p.Subject)); err != nil {
			return err
		}
		out, err = s.admit(ctx, tx, u, admission{client: p.Client, refresh: p.Refresh})
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, refused
}
