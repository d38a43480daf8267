package auth

import (
	"context"
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// Passkey is an authenticator of a user, such as a phone or a security key, known
// by its public key. Package passkeys has the verbs.
type Passkey struct {
	bun.BaseModel `bun:"table:auth.passkeys,alias:pk" json:"-"`

	ID           id.Of[Passkey]  `bun:"id,pk" json:"id"`
	UserID       id.Of[User]     `bun:"user_id" json:"user_id"`
	CredentialID []byte          `bun:"credential_id" json:"credential_id"`
	Credential   json.RawMessage `bun:"credential,type:jsonb" json:"credential"` // as package passkeys keeps it
	Name         *string         `bun:"name" json:"name"`
	LastUsedAt   *time.Time      `bun:"last_used_at" json:"last_used_at"`
	CreatedAt    time.Time       `bun:"created_at" json:"created_at"`
	UpdatedAt    time.Time       `bun:"updated_at" json:"updated_at"`
}

var passkeys = store.Repo[Passkey]{NotFound: ErrPasskeyNotFound, Constraints: constraints}

// What follows is what package passkeys needs here: it keeps credentials and ceremonies,
// and opens sessions, without knowing the protocol.

// ErrPasskey: the passkey's answer is not accepted.
var ErrPasskey = fault.New(fault.Forbidden, "passkey_not_accepted", "the passkey is not accepted")

// The conditions of passkeys.
var (
	// ErrPasskeyNotFound: the user has no such passkey.
	ErrPasskeyNotFound = fault.New(fault.NotFound, "passkey_not_found", "there is no such passkey")
)

// Passkeys lists a user's passkeys, the oldest first. There are few.
func (s *Factors) Passkeys(ctx context.Context, db bun.IDB, user id.Of[User]) ([]Passkey, error) {
	return passkeys.AllParams(ctx, db, "pk.user_id = $1 ORDER BY pk.created_at, pk.id LIMIT 1000", user.String())
}

// AddPasskeyParams is a credential whose ceremony succeeded.
type AddPasskeyParams struct {
	SessionID    id.Of[Session]
	Token        Secret // of the ceremony, which this uses up
	CredentialID []byte
	Credential   json.RawMessage
	Name         string // at most 100 characters are kept
	Client       Client
}

// AddedPasskey is a passkey, and the new tokens of the session that added it.
type AddedPasskey struct {
	Passkey *Passkey `json:"passkey"`
	Tokens  *Tokens  `json:"tokens"` // at [LevelMFA]
	Notice  *Notice  `json:"notice"`
}

// AddPasskey adds a passkey to the user of a session whose proof is fresh. The second
// factor is on from now on, and the session is at [LevelMFA], with new tokens. It returns
// [ErrSession], [ErrFreshProof], [ErrChallenge], or [ErrPasskey] when the credential is known already.
func (s *Factors) AddPasskey(ctx context.Context, db bun.IDB, p AddPasskeyParams) (*AddedPasskey, error) {
	var f check.Fields
	f.JSON("credential", p.Credential)
	f.Check(len(p.CredentialID) <= 1023, "credential_id", check.TooLong, "at most 1,023 bytes") // WebAuthn's limit
	if err := f.Err(); err != nil {
		return nil, err
	}
	var out *AddedPasskey
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		u, _, err := s.fresh(ctx, tx, p.SessionID)
		if err != nil {
			return err
		}
		ch, err := pending(ctx, tx, p.Token, ChallengePasskeyEnrolment, " FOR NO KEY UPDATE")
		if err != nil {
			return err
		}
		if ch.UserID == nil || *ch.UserID != u.ID {
			return ErrChallenge
		}
		if err := finish(ctx, tx, ch); err != nil {
			return err
		}
		now := s.now()
		row := &Passkey{ID: id.New[Passkey](), UserID: u.ID, CredentialID: p.CredentialID, Credential: p.Credential, Name: kept(p.Name, 100), CreatedAt: now, UpdatedAt: now}
		made, err := passkeys.InsertParams(ctx, tx, row, "ON CONFLICT DO NOTHING")
		if err != nil {
			return err
		}
		if !made {
			return ErrPasskey
		}
		if err := s.settleFactors(ctx, tx, u); err != nil {
			return err
		}
		out = &AddedPasskey{Passkey: row, Notice: u.notice(AuditFactorAdded)}
		if out.Tokens, err = s.elevate(ctx, tx, p.SessionID, LevelMFA, p.Client); err != nil {
			return err
		}
		return s.factorChanged(ctx, tx, u, AuditFactorAdded, FactorPasskey, p.Client)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// RemovePasskeyParams removes a passkey.
type RemovePasskeyParams struct {
	SessionID id.Of[Session] // with a fresh proof
	PasskeyID id.Of[Passkey]
	Client    Client
}

// RemovePasskey forgets a passkey of the user of a session whose proof is fresh, and
// ends their other sessions: whoever was signed in with it signs in again. It returns [ErrSession], [ErrFreshProof] or [ErrPasskeyNotFound].
func (s *Factors) RemovePasskey(ctx context.Context, db bun.IDB, p RemovePasskeyParams) (*Notice, error) {
	var out *Notice
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		u, row, err := s.fresh(ctx, tx, p.SessionID)
		if err != nil {
			return err
		}
		n, err := store.ExecParams(ctx, tx, constraints, "DELETE FROM auth.passkeys WHERE id = $1 AND user_id = $2", p.PasskeyID.String(), u.ID.String())
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrPasskeyNotFound
		}
		if err := endSessions(ctx, tx, u.ID, RevokedByUser, &row.FamilyID); err != nil {
			return err
		}
		if err := s.settleFactors(ctx, tx, u); err != nil {
			return err
		}
		out = u.notice(AuditFactorRemoved)
		return s.factorChanged(ctx, tx, u, AuditFactorRemoved, FactorPasskey, p.Client)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// UsePasskeyParams is an answer of a passkey that the protocol has accepted.
type UsePasskeyParams struct {
	Token      Secret // of the ceremony, which this uses up
	PasskeyID  id.Of[Passkey]
	Credential json.RawMessage // with the counters as they are now
	Client     Client
	Refresh    bool
}

// SignInWithPasskey opens a session at [LevelMFA] for the owner of a passkey: it is
// something they have, unlocked by something they know or are. The attempt is written
// down. It takes the pool. It returns [ErrChallenge], [ErrPasskeyNotFound], [ErrSignIn]
// when the user is not active, [ErrTooManyAttempts] or [ErrPoolRequired].
func (s *Sessions) SignInWithPasskey(ctx context.Context, db bun.IDB, p UsePasskeyParams) (*SignedIn, error) {
	if err := s.guess(ctx, db, "passkey", p.PasskeyID.String(), p.Client); err != nil {
		return nil, err
	}
	var out *SignedIn
	var refused error
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		out, refused = nil, nil
		row, err := passkeys.OneParams(ctx, tx, "pk.id = $1", p.PasskeyID.String())
		if err != nil {
			return err
		}
		u, err := lockUser(ctx, tx, row.UserID)
		if err != nil {
			return err
		}
		ch, err := pending(ctx, tx, p.Token, ChallengePasskeySignIn, " FOR NO KEY UPDATE")
		if err != nil {
			return err
		}
		if err := finish(ctx, tx, ch); err != nil {
			return err
		}
		attempt, err := s.attempted(ctx, tx, AttemptPasskey, nil, &u.ID, p.Client)
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
		if err := usePasskey(ctx, tx, row, p.Credential); err != nil {
			return err
		}
		out = &SignedIn{UserID: u.ID}
		if out.NewDevice, err = s.unknownDevice(ctx, tx, u.ID, p.Client); err != nil {
			return err
		}
		if out.Tokens, err = s.open(ctx, tx, u.ID, p.Client, LevelMFA, p.Refresh); err != nil {
			return err
		}
		return s.signedIn(ctx, tx, u)
	})
	if err != nil {
		return nil, err
	}
	return out, refused
}

// StepUpWithPasskeyParams is an answer of a passkey, within a session of its owner,
// that the protocol has accepted.
type StepUpWithPasskeyParams struct {
	SessionID  id.Of[Session]
	Token      Secret // of the ceremony, which this uses up
	PasskeyID  id.Of[Passkey]
	Credential json.RawMessage // with the counters as they are now
	Client     Client
}

// StepUpWithPasskey is [Sessions.StepUp] by a passkey of the session's user. It takes
// the pool. It returns [ErrSession], [ErrChallenge], [ErrPasskeyNotFound], [ErrPasskey]
// when the passkey is somebody else's, [ErrTooManyAttempts] or [ErrPoolRequired].
func (s *Sessions) StepUpWithPasskey(ctx context.Context, db bun.IDB, p StepUpWithPasskeyParams) (*Tokens, error) {
	if err := s.guess(ctx, db, "passkey", p.PasskeyID.String(), p.Client); err != nil {
		return nil, err
	}
	var out *Tokens
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		row, err := passkeys.OneParams(ctx, tx, "pk.id = $1", p.PasskeyID.String())
		if err != nil {
			return err
		}
		u, err := lockUser(ctx, tx, row.UserID)
		if err != nil {
			return err
		}
		session, err := sessions.OneParams(ctx, tx, "s.id = $1", p.SessionID.String())
		if err != nil {
			return err
		}
		if session.UserID != u.ID {
			return ErrPasskey
		}
		if !u.Active() {
			return ErrSession
		}
		ch, err := pending(ctx, tx, p.Token, ChallengePasskeyStepUp, " FOR NO KEY UPDATE")
		if err != nil {
			return err
		}
		if ch.UserID == nil || *ch.UserID != u.ID {
			return ErrChallenge
		}
		if err := finish(ctx, tx, ch); err != nil {
			return err
		}
		if err := usePasskey(ctx, tx, row, p.Credential); err != nil {
			return err
		}
		out, err = s.elevate(ctx, tx, p.SessionID, LevelElevated, p.Client)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// RefusedPasskeyParams is an answer of a passkey that the protocol has not accepted.
type RefusedPasskeyParams struct {
	UserID *id.Of[User] // whose passkey it claims to be, when it is known
	Client Client
}

// RefusedPasskey writes a passkey's answer that was not accepted down as a failed
// attempt, and counts it per network: nobody is locked out by what strangers send. It
// takes the pool. It returns [ErrTooManyAttempts], when nothing more is written, or
// [ErrPoolRequired].
func (s *Sessions) RefusedPasskey(ctx context.Context, db bun.IDB, p RefusedPasskeyParams) error {
	if !store.IsPool(db) {
		return ErrPoolRequired
	}
	allowed := false
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		allowed, err = s.count(ctx, tx, limit{bucket("address", p.Client.network()), s.cfg.Limits.Address})
		if err != nil || !allowed {
			return err
		}
		attempt, err := s.attempted(ctx, tx, AttemptPasskey, nil, p.UserID, p.Client)
		if err != nil {
			return err
		}
		return attempt.settle(ctx, tx, failedWrong)
	})
	if err == nil && !allowed {
		return ErrTooManyAttempts
	}
	return err
}

// usePasskey stores the credential after its use, and lets its attempts and those at
// other factors begin anew.
func usePasskey(ctx context.Context, tx bun.IDB, row *Passkey, credential json.RawMessage) error {
	if err := forget(ctx, tx, bucket("passkey", row.ID.String()), byFactor.bucket(row.UserID)); err != nil {
		return err
	}
	_, err := store.ExecParams(ctx, tx, constraints, "UPDATE auth.passkeys SET credential = $2, last_used_at = now() WHERE id = $1", row.ID.String(), string(credential))
	return err
}
