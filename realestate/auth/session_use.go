package auth

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// Authenticate returns the live session of an access token: neither revoked nor
// expired nor idle for too long, by the database's clock, of a user who is active
// now. It is one statement; once in SessionLimits.SeenEvery a second one keeps the time
// of last use. It returns [ErrSession].
func (s *Sessions) Authenticate(ctx context.Context, db bun.IDB, token Secret) (*Session, error) {
	if !plausible(token) {
		return nil, ErrSession
	}
	// Read at every request: a function of the database, whose plan the server keeps.
	// Parsing and planning the statement would cost three times as much.
	var found []byte
	err := store.Scan(ctx, db, []any{&found}, "SELECT auth.live_session($1, $2::interval)", hashToken(token).Reveal(), interval(s.cfg.Sessions.SeenEvery))
	switch {
	case err != nil:
		return nil, err
	case found == nil:
		return nil, ErrSession
	}
	live := struct {
		*Session
		Unseen bool `json:"unseen"`
	}{Session: &Session{}}
	if err := json.Unmarshal(found, &live); err != nil {
		return nil, err
	}
	got := live.Session
	for _, at := range []*time.Time{&got.AuthenticatedAt, &got.ExpiresAt, got.RefreshExpiresAt, got.RefreshUsedAt, &got.FamilyExpiresAt, got.LastSeenAt, &got.CreatedAt, &got.UpdatedAt} {
		if at != nil {
			*at = at.UTC()
		}
	}
	if !live.Unseen {
		return got, nil
	}
	// A session without a refresh token lives on while it is used.
	_, err = store.ExecParams(ctx, db, constraints, `UPDATE auth.sessions SET last_seen_at = now(),
			expires_at = CASE WHEN refresh_token_hash IS NULL THEN least(now() + $2::interval, family_expires_at) ELSE expires_at END
		WHERE id = $1 AND revoked_at IS NULL`, got.ID.String(), interval(s.cfg.Sessions.Idle))
	return got, err
}

// Proved reports whether the session's user has proved themselves at least as
// strongly as level, and within the given time before now; zero for ever.
func (s *Session) Proved(level Level, within time.Duration, now time.Time) bool {
	return s.AuthLevel.atLeast(level) && (within == 0 || now.Before(s.AuthenticatedAt.Add(within)))
}

// Proved is [Session.Proved] by the service's clock.
func (s *Sessions) Proved(session *Session, level Level, within time.Duration) bool {
	return session.Proved(level, within, s.now())
}

func (l Level) rank() int {
	switch l {
	case LevelPassword:
		return 1
	case LevelMFA:
		return 2
	case LevelElevated:
		return 3
	}
	return 0
}

func (l Level) atLeast(other Level) bool { return l.rank() >= other.rank() }

// liveSession reads a session that is neither revoked nor expired.
func liveSession(ctx context.Context, db bun.IDB, session id.Of[Session]) (*Session, error) {
	return sessions.OneParams(ctx, db, "s.id = $1 AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp()", session.String())
}

// fresh reads a live session and checks, by the database's clock, that its user has
// proved themselves a short while ago. It locks the user, then the session. It
// returns [ErrSession] or [ErrFreshProof].
func (s *core) fresh(ctx context.Context, tx bun.IDB, session id.Of[Session]) (*User, *Session, error) {
	row, err := sessions.OneParams(ctx, tx, "s.id = $1", session.String())
	if err != nil {
		return nil, nil, err
	}
	u, err := lockUser(ctx, tx, row.UserID)
	if err != nil {
		return nil, nil, err
	}
	row, err = sessions.OneParams(ctx, tx, "s.id = $1 AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp() FOR NO KEY UPDATE", session.String())
	if err != nil {
		return nil, nil, err
	}
	if !u.Active() {
		return nil, nil, ErrSession
	}
	var recent bool
	err = store.Scan(ctx, tx, []any{&recent}, "SELECT authenticated_at + $2::interval > clock_timestamp() FROM auth.sessions WHERE id = $1",
		session.String(), interval(s.cfg.Sessions.Fresh))
	if err == nil && !recent {
		return nil, nil, ErrFreshProof
	}
	// Whoever has a second factor proves it before factors change.
	if err == nil && u.MFAEnabled && u.MFAType != nil && *u.MFAType != MFAEmail && !row.AuthLevel.atLeast(LevelMFA) {
		return nil, nil, ErrFreshProof
	}
	return u, row, err
}

// Sessions lists a user's live sessions with device and place, the newest first.
func (s *Sessions) Sessions(ctx context.Context, db bun.IDB, user id.Of[User], req page.Request) (page.Page[Session], error) {
	return sessions.List(ctx, db, req, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("?TableAlias.user_id = ?", user).Where("?TableAlias.revoked_at IS NULL").
			Where("greatest(?TableAlias.expires_at, ?TableAlias.refresh_expires_at) > now()").Where("?TableAlias.refresh_used_at IS NULL")
	})
}

// SignOut ends the session of an access token and its family. A token of no session
// is fine. It locks the user.
func (s *Sessions) SignOut(ctx context.Context, db bun.IDB, token Secret) error {
	return store.InTx(ctx, db, func(tx bun.IDB) error {
		row, err := sessions.OneParams(ctx, tx, "s.token_hash = $1 FOR KEY SHARE", hashToken(token).Reveal())
		if errors.Is(err, ErrSession) {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := lockUser(ctx, tx, row.UserID); err != nil { // no refresh of the family goes on meanwhile
			return err
		}
		n, err := store.ExecParams(ctx, tx, constraints, "UPDATE auth.sessions SET revoked_at = now(), revoked_reason = 'signed_out' WHERE revoked_at IS NULL AND family_id = $1",
			row.FamilyID.String())
		if err != nil || n == 0 {
			return err
		}
		return s.audit(ctx, tx, AuditEntry{UserID: row.UserID, ActorID: &row.UserID, SessionID: &row.ID, Action: AuditSignedOut, CreatedAt: s.now()})
	})
}

// RevokeSessionParams ends one session of a user.
type RevokeSessionParams struct {
	UserID    id.Of[User] // whose session it is
	SessionID id.Of[Session]
	ActorID   id.Of[User] // the user, or who may edit users
	Client    Client
}

// Revoke ends a session with its family. It locks the user. It returns
// [ErrUserNotFound], [ErrSessionNotFound] or what [Access.Can] returns.
func (s *Sessions) Revoke(ctx context.Context, db bun.IDB, p RevokeSessionParams) error {
	return s.revoke(ctx, db, byActor(p.UserID, p.ActorID, AuditSessionsRevoked).from(p.Client), func(tx bun.IDB) error {
		n, err := store.ExecParams(ctx, tx, constraints, `UPDATE auth.sessions SET revoked_at = now(), revoked_reason = 'revoked'
			WHERE revoked_at IS NULL AND family_id = (SELECT family_id FROM auth.sessions WHERE id = $1 AND user_id = $2)`, p.SessionID.String(), p.UserID.String())
		if err == nil && n == 0 {
			return ErrSessionNotFound
		}
		return err
	})
}

// RevokeSessionsParams ends a user's sessions.
type RevokeSessionsParams struct {
	UserID  id.Of[User]
	ActorID id.Of[User]     // the user, or who may edit users
	Keep    *id.Of[Session] // the family of this one stays
	Client  Client
}

// RevokeAll ends a user's sessions, and with them the trust in devices and what was
// begun from them: sign-ins in progress, codes, and links to set a password or to
// change the address. It locks the user. It returns [ErrUserNotFound], [ErrSession]
// when Keep is no session, or what [Access.Can] returns.
func (s *Sessions) RevokeAll(ctx context.Context, db bun.IDB, p RevokeSessionsParams) error {
	return s.revoke(ctx, db, byActor(p.UserID, p.ActorID, AuditSessionsRevoked).from(p.Client), func(tx bun.IDB) error {
		keep, err := familyOf(ctx, tx, p.Keep)
		if err != nil {
			return err
		}
		if err := endSessions(ctx, tx, p.UserID, RevokedByUser, keep); err != nil {
			return err
		}
		return endPending(ctx, tx, p.UserID)
	})
}

// familyOf is the family of a session, nil for none.
func familyOf(ctx context.Context, tx bun.IDB, session *id.Of[Session]) (*id.Of[Session], error) {
	if session == nil {
		return nil, nil
	}
	row, err := sessions.OneParams(ctx, tx, "s.id = $1", session.String())
	if err != nil {
		return nil, err
	}
	return &row.FamilyID, nil
}

// revoke locks a user whose sessions the actor of an audit line may end, and lets end do it.
func (s *Sessions) revoke(ctx context.Context, db bun.IDB, entry AuditEntry, end func(bun.IDB) error) error {
	user, actor := entry.UserID, *entry.ActorID
	return store.InTx(ctx, db, func(tx bun.IDB) error {
		if _, err := lockUser(ctx, tx, user); err != nil {
			return err
		}
		if actor == user {
			if err := ActiveActor(ctx, tx, actor); err != nil {
				return err
			}
		} else if err := s.can(ctx, tx, actor, ActionEdit, ObjectOf(KindUser, user)); err != nil {
			return err
		}
		if err := end(tx); err != nil {
			return err
		}
		return s.audit(ctx, tx, entry)
	})
}
