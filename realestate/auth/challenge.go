package auth

import (
	"context"
	"encoding/json"
	"net/netip"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// ChallengePurpose says which ceremony a challenge belongs to.
type ChallengePurpose string

// The purposes.
const (
	ChallengeSecondFactor     ChallengePurpose = "second_factor"
	ChallengePasskeyEnrolment ChallengePurpose = "passkey_enrolment"
	ChallengePasskeySignIn    ChallengePurpose = "passkey_sign_in"
	ChallengePasskeyStepUp    ChallengePurpose = "passkey_step_up"
)

// The conditions of ceremonies.
var (
	// ErrChallenge: the ceremony was finished, is too old, or never began.
	ErrChallenge = fault.New(fault.Forbidden, "challenge_not_accepted", "begin again: this is over or too old")
)

// Valid reports whether p is one of the purposes.
func (p ChallengePurpose) Valid() bool {
	switch p {
	case ChallengeSecondFactor, ChallengePasskeyEnrolment, ChallengePasskeySignIn, ChallengePasskeyStepUp:
		return true
	}
	return false
}

// Challenge is a ceremony that has begun: a sign-in that waits for its second
// factor, or a passkey that is being made or shown. Its token is stored as its
// SHA-256 and used once.
type Challenge struct {
	bun.BaseModel `bun:"table:auth.challenges,alias:ch" json:"-"`

	ID        id.Of[Challenge] `bun:"id,pk" json:"id"`
	UserID    *id.Of[User]     `bun:"user_id" json:"user_id"` // nil: whoever shows a passkey
	Purpose   ChallengePurpose `bun:"purpose" json:"purpose"`
	TokenHash Secret           `bun:"token_hash" json:"token_hash"`
	Data      json.RawMessage  `bun:"data,type:jsonb,nullzero" json:"data"` // of the ceremony; no secret
	ExpiresAt time.Time        `bun:"expires_at" json:"expires_at"`
	UsedAt    *time.Time       `bun:"used_at" json:"used_at"`
	CreatedAt time.Time        `bun:"created_at" json:"created_at"`
	UpdatedAt time.Time        `bun:"updated_at" json:"updated_at"`
}

var challenges = store.Repo[Challenge]{NotFound: ErrChallenge, Constraints: constraints}

// challengeLife is how long a ceremony may take.
const challengeLife = 10 * time.Minute

// challenge begins a ceremony and returns its token.
func (s *core) challenge(ctx context.Context, tx bun.IDB, user *id.Of[User], purpose ChallengePurpose, data []byte) (Secret, error) {
	token := newToken()
	_, err := store.ExecParams(ctx, tx, constraints, `INSERT INTO auth.challenges (id, user_id, purpose, token_hash, data, expires_at)
		VALUES ($1, $2, $3, $4, $5, clock_timestamp() + $6::interval)`, id.New[Challenge]().String(), idOrNil(user), string(purpose), hashToken(token).Reveal(),
		string(data), interval(challengeLife))
	return token, err
}

// pending reads a ceremony that is still open; with lock it is used from now on.
func pending(ctx context.Context, tx bun.IDB, token Secret, purpose ChallengePurpose, lock string) (*Challenge, error) {
	if !plausible(token) || !purpose.Valid() {
		return nil, ErrChallenge
	}
	return challenges.OneParams(ctx, tx, "ch.token_hash = $1 AND ch.purpose = $2 AND ch.used_at IS NULL AND ch.expires_at > clock_timestamp()"+lock,
		hashToken(token).Reveal(), string(purpose))
}

func finish(ctx context.Context, tx bun.IDB, ch *Challenge) error {
	_, err := store.ExecParams(ctx, tx, constraints, "UPDATE auth.challenges SET used_at = clock_timestamp() WHERE id = $1", ch.ID.String())
	return err
}

// StartCeremonyParams begins a ceremony.
type StartCeremonyParams struct {
	UserID  *id.Of[User] // required, but nil for whoever signs in by a passkey
	Purpose ChallengePurpose
	Data    json.RawMessage // what the ceremony remembers, for whoever goes on with it
	From    netip.Addr      // the client's address, by whose network ceremonies of a sign-in are counted
}

// StartCeremony begins a ceremony, of ten minutes and one use, and returns its token.
// Ceremonies are counted per user, and of whoever signs in per network. It returns field errors or [ErrTooManyAttempts].
func (s *Factors) StartCeremony(ctx context.Context, db bun.IDB, p StartCeremonyParams) (Secret, error) {
	var f check.Fields
	// The wait for a second factor is begun by whoever has proved the first.
	f.Check(p.Purpose.Valid() && p.Purpose != ChallengeSecondFactor, "purpose", check.NotAllowed, "a ceremony of passkeys")
	f.Check((p.UserID == nil) == (p.Purpose == ChallengePasskeySignIn) && (p.UserID == nil || !p.UserID.IsZero()), "user_id", check.Required, "whoever signs in is not known yet, and everybody else is")
	f.JSON("data", p.Data)
	if err := f.Err(); err != nil {
		return Secret{}, err
	}
	var token Secret
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		// Apart from attempts: a page begins one whenever it is shown.
		of := Client{IPAddress: p.From}.network()
		if p.UserID != nil {
			of = p.UserID.String()
		}
		allowed, err := s.count(ctx, tx, limit{bucket("ceremony", of), s.cfg.Limits.Address})
		if err != nil {
			return err
		}
		if !allowed {
			return ErrTooManyAttempts
		}
		token, err = s.challenge(ctx, tx, p.UserID, p.Purpose, p.Data)
		return err
	})
	return token, err
}

// Ceremony reads a ceremony that is still open. It returns [ErrChallenge].
func (s *Factors) Ceremony(ctx context.Context, db bun.IDB, token Secret, purpose ChallengePurpose) (*Challenge, error) {
	return pending(ctx, db, token, purpose, "")
}
