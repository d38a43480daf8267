package auth

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of sessions.
var (
	// ErrSession: the token belongs to no live session of an active user.
	ErrSession = fault.New(fault.Forbidden, "session_invalid", "sign in")
	// ErrRefreshReplayed: a refresh token came a second time, so that somebody has a
	// copy; every session of its family has ended.
	ErrRefreshReplayed = fault.New(fault.Forbidden, "refresh_replayed", "sign in: this sign-in was ended for safety")
	// ErrFreshProof: what is asked needs a fresh proof; see [Sessions.StepUp].
	ErrFreshProof = fault.New(fault.Forbidden, "fresh_proof_required", "prove again who you are")
	// ErrSessionNotFound: the user has no such session.
	ErrSessionNotFound = fault.New(fault.NotFound, "session_not_found", "there is no such session")
)

var sessions = store.Repo[Session]{
	NotFound: ErrSession, Constraints: constraints,
	Sort: store.NewestFirst(func(s *Session) (time.Time, string) { return s.CreatedAt, s.ID.String() }),
}

// Tokens is what a client keeps of a session. The library keeps their hashes only,
// so that this is the one time they are seen.
type Tokens struct {
	Session *Session `json:"session"`
	Access  Secret   `json:"access"`
	Refresh Secret   `json:"refresh"` // zero for a session without one
}

// open adds a session. With refresh it has a refresh token and short access tokens;
// without, its one token lasts as long as it is used.
func (s *Sessions) open(ctx context.Context, tx bun.IDB, user id.Of[User], c Client, level Level, refresh bool) (*Tokens, error) {
	now := s.now()
	sid := id.New[Session]()
	out := &Tokens{Access: newToken()}
	row := &Session{ID: sid, UserID: user, FamilyID: sid, AuthLevel: level, CreatedAt: now, UpdatedAt: now}
	row.from(c)
	if refresh {
		out.Refresh = newToken()
	}
	if err := s.insert(ctx, tx, row, out, nil); err != nil {
		return nil, err
	}
	if err := s.audit(ctx, tx, AuditEntry{UserID: user, ActorID: &user, SessionID: &sid, Action: AuditSignedIn, Detail: (*string)(&level), CreatedAt: now}.from(c)); err != nil {
		return nil, err
	}
	return out, nil
}

// from writes where the session's client is.
func (row *Session) from(c Client) {
	row.IPAddress, row.Place, row.UserAgent, row.DeviceID = c.addr(), kept(c.Place, 100), kept(c.UserAgent, 500), kept(c.DeviceID, 100)
	if c.DeviceType.Valid() {
		row.DeviceType = &c.DeviceType
	}
}

// insert writes a session with the limits of the database's clock, within its family
// when it has a parent, and reads it back.
func (s *Sessions) insert(ctx context.Context, tx bun.IDB, row *Session, out *Tokens, parent *Session) error {
	life := s.cfg.Sessions.Idle
	var refreshHash any
	if !out.Refresh.IsZero() {
		life, refreshHash = s.cfg.Sessions.Access, hashToken(out.Refresh).Reveal()
	}
	var parentID, proved, end any
	if parent != nil {
		parentID, proved, end = parent.ID.String(), store.TimeKey(parent.AuthenticatedAt), store.TimeKey(parent.FamilyExpiresAt)
	}
	rows, err := store.Rows[Session](ctx, tx, `INSERT INTO auth.sessions (id, user_id, family_id, parent_id, token_hash, refresh_token_hash, ip_address, place,
			user_agent, device_id, device_type, auth_level, authenticated_at, expires_at, refresh_expires_at, family_expires_at, last_seen_at, created_at, updated_at)
		SELECT $1::uuid, $2::uuid, $3::uuid, $4::uuid, $5::text, $6::text, $7::inet, $8::text, $9::text, $10::text, $11::text, $12::text, coalesce($13::timestamptz, now()), least(now() + $14::interval, f.ends),
			CASE WHEN $6::text IS NOT NULL THEN least(now() + $15::interval, f.ends) END, f.ends, now(), $16::timestamptz, $16::timestamptz
		FROM (SELECT coalesce($17::timestamptz, now() + $18::interval) AS ends) f RETURNING `+sessionColumns,
		row.ID.String(), row.UserID.String(), row.FamilyID.String(), parentID, hashToken(out.Access).Reveal(), refreshHash, addrText(row), orNil(row.Place),
		orNil(row.UserAgent), orNil(row.DeviceID), orNil(row.DeviceType), string(row.AuthLevel), proved, interval(life), interval(s.cfg.Sessions.Idle),
		store.TimeKey(row.CreatedAt), end, interval(s.cfg.Sessions.Absolute))
	if err != nil {
		return store.Err(err, constraints)
	}
	out.Session = &rows[0]
	return nil
}

func addrText(row *Session) any {
	if row.IPAddress == nil {
		return nil
	}
	return row.IPAddress.String()
}

// sessionColumns are the columns of a session but the hashes, which nobody reads.
const sessionColumns = `id, user_id, family_id, parent_id, ip_address, place, user_agent, device_id, device_type, auth_level, authenticated_at, expires_at,
	refresh_expires_at, refresh_used_at, family_expires_at, last_seen_at, revoked_at, revoked_reason, created_at, updated_at`

// RefreshParams asks for new tokens.
type RefreshParams struct {
	Token  Secret // the refresh token
	Client Client
}

// Refresh replaces a session by a new one of the same family, with new tokens; the
// access token that it replaces lasts for the grace window only. The user's level
// and the time of the last proof go along, and no refresh outlasts the family.
//
// A client whose answer was lost shows the same refresh token again: within the
// grace window, and while the new refresh token is unused, it gets the same new tokens;
// so do two windows of a program that refresh at once. Later, or once that token was
// used, it is a replay: every session of the family ends and the error is
// [ErrRefreshReplayed]. So that this stands, the verb takes the pool. It locks the user
// and the session. It returns [ErrSession], [ErrRefreshReplayed] or [ErrPoolRequired].
func (s *Sessions) Refresh(ctx context.Context, db bun.IDB, p RefreshParams) (*Tokens, error) {
	if !store.IsPool(db) {
		return nil, ErrPoolRequired
	}
	if !plausible(p.Token) {
		return nil, ErrSession
	}
	var out *Tokens
	var refused error // an answer that is to stand
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		out, refused = nil, nil
		old, err := sessions.OneParams(ctx, tx, "s.refresh_token_hash = $1", hashToken(p.Token).Reveal())
		if err != nil {
			return err
		}
		// The user before the session, as everywhere: what ends all sessions of a user
		// does not miss the one that is made here.
		if _, err = lockUser(ctx, tx, old.UserID); err != nil {
			return err
		}
		if old, err = sessions.OneParams(ctx, tx, "s.refresh_token_hash = $1 FOR NO KEY UPDATE", hashToken(p.Token).Reveal()); err != nil {
			return err
		}
		var live, within bool
		err = store.Scan(ctx, tx, []any{&live, &within}, `SELECT s.revoked_at IS NULL AND s.refresh_expires_at > clock_timestamp() AND u.status = 'active',
				coalesce(s.refresh_used_at + $2::interval > clock_timestamp(), false)
			FROM auth.sessions s JOIN auth.users u ON u.id = s.user_id WHERE s.id = $1`, old.ID.String(), interval(s.cfg.Sessions.Grace))
		switch {
		case err != nil:
			return err
		case !live:
			return ErrSession
		case old.RefreshUsedAt == nil:
			out, err = s.rotate(ctx, tx, old, p)
			return err
		}
		if within {
			if out, err = s.again(ctx, tx, old, p.Token); err != nil || out != nil {
				return err
			}
		}
		refused = ErrRefreshReplayed
		return s.endFamily(ctx, tx, old, p.Client)
	})
	if err != nil {
		return nil, err
	}
	return out, refused
}

// rotate makes the child of a session whose refresh token is used for the first
// time. The child's tokens follow from that token and a salt, so that they can be
// given again and the database alone does not know them.
func (s *Sessions) rotate(ctx context.Context, tx bun.IDB, old *Session, p RefreshParams) (*Tokens, error) {
	salt := make([]byte, tokenBytes)
	_, _ = rand.Read(salt)
	_, err := store.ExecParams(ctx, tx, constraints, `UPDATE auth.sessions SET refresh_used_at = clock_timestamp(), rotation_salt = $2,
		expires_at = least(expires_at, now() + $3::interval) WHERE id = $1`, old.ID.String(), salt, interval(s.cfg.Sessions.Grace))
	if err != nil {
		return nil, err
	}
	now := s.now()
	out := &Tokens{Access: deriveToken(p.Token, salt, "access"), Refresh: deriveToken(p.Token, salt, "refresh")}
	row := &Session{ID: id.New[Session](), UserID: old.UserID, FamilyID: old.FamilyID, AuthLevel: old.AuthLevel, CreatedAt: now, UpdatedAt: now}
	row.from(p.Client)
	if row.DeviceType == nil {
		row.DeviceType = old.DeviceType
	}
	return out, s.insert(ctx, tx, row, out, old)
}

// again returns the tokens that a refresh made, while that of them for a refresh is
// unused; nil when it was used.
func (s *Sessions) again(ctx context.Context, tx bun.IDB, old *Session, token Secret) (*Tokens, error) {
	out := &Tokens{Access: deriveToken(token, old.RotationSalt, "access"), Refresh: deriveToken(token, old.RotationSalt, "refresh")}
	rows, err := store.Rows[Session](ctx, tx, "SELECT "+sessionColumns+` FROM auth.sessions WHERE parent_id = $1 AND token_hash = $2
		AND refresh_used_at IS NULL AND revoked_at IS NULL`, old.ID.String(), hashToken(out.Access).Reveal())
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	out.Session = &rows[0]
	return out, nil
}

func (s *Sessions) endFamily(ctx context.Context, tx bun.IDB, of *Session, c Client) error {
	_, err := store.ExecParams(ctx, tx, constraints, "UPDATE auth.sessions SET revoked_at = now(), revoked_reason = $2 WHERE family_id = $1 AND revoked_at IS NULL",
		of.FamilyID.String(), string(RevokedReplayed))
	if err != nil {
		return err
	}
	return s.audit(ctx, tx, AuditEntry{UserID: of.UserID, SessionID: &of.ID, Action: AuditRefreshReplayed}.from(c))
}
