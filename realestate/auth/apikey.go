package auth

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/internal/text"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// APIKey lets a machine act for a user, within scopes. The key itself is stored as
// its SHA-256; Hint is how it begins, to tell keys apart.
type APIKey struct {
	bun.BaseModel `bun:"table:auth.api_keys,alias:ak" json:"-"`

	ID         id.Of[APIKey]  `bun:"id,pk" json:"id"`
	UserID     id.Of[User]    `bun:"user_id" json:"user_id"`
	Name       string         `bun:"name" json:"name"`
	Hint       string         `bun:"hint" json:"hint"`
	KeyHash    Secret         `bun:"key_hash" json:"key_hash"`
	Scopes     []string       `bun:"scopes,array" json:"scopes"`
	ReplacesID *id.Of[APIKey] `bun:"replaces_id" json:"replaces_id"` // the key that it was rotated from
	CreatedBy  *id.Of[User]   `bun:"created_by" json:"created_by"`
	ExpiresAt  time.Time      `bun:"expires_at" json:"expires_at"`
	LastUsedAt *time.Time     `bun:"last_used_at" json:"last_used_at"`
	RevokedAt  *time.Time     `bun:"revoked_at" json:"revoked_at"`
	CreatedAt  time.Time      `bun:"created_at" json:"created_at"`
	UpdatedAt  time.Time      `bun:"updated_at" json:"updated_at"`
}

var apiKeys = store.Repo[APIKey]{
	NotFound: ErrAPIKeyNotFound, Constraints: constraints,
	Sort: store.NewestFirst(func(k *APIKey) (time.Time, string) { return k.CreatedAt, k.ID.String() }),
}

// ErrAPIKey: the key is unknown, revoked or expired, or its user is not active.
var ErrAPIKey = fault.New(fault.Forbidden, "api_key_invalid", "the API key is not accepted")

// APIKeyPrefix tells a key from other secrets, to people and to scanners of code.
const APIKeyPrefix = "fhk_"

// CreateAPIKeyParams asks for a key for a machine.
type CreateAPIKeyParams struct {
	UserID    id.Of[User] // for whom it acts
	Name      string      // 1 to 100 characters
	Scopes    []string    // what it may do, in the host's words; 1 to 50 of at most 100 characters
	ExpiresAt time.Time   // at most two years ahead
	ActorID   id.Of[User] // the user, or, for an account of a machine, who may create API keys
	Client    Client
}

// CreatedAPIKey is a key and its row. The key is seen this once.
type CreatedAPIKey struct {
	APIKey *APIKey `json:"api_key"`
	Key    Secret  `json:"key"`
	Notice *Notice `json:"notice"` // to whom it acts for
}

// The conditions of API keys.
var (
	// ErrPersonsKey: only people themselves make keys that act in their name.
	ErrPersonsKey = fault.New(fault.Forbidden, "api_key_of_a_person", "people make their own keys").On("actor_id")
	// ErrAPIKeyNotFound: there is no such API key.
	ErrAPIKeyNotFound = fault.New(fault.NotFound, "api_key_not_found", "there is no such API key")
)

// UserAPIKeyChanged says that a user got an API key, or lost one.
type UserAPIKeyChanged struct {
	APIKeyID id.Of[APIKey] `json:"api_key_id"`
	Added    bool          `json:"added"`
}

// EventType names the event.
func (UserAPIKeyChanged) EventType() (string, int) { return "auth.user_api_key_changed", 1 }

// CreateAPIKey makes a key of 256 bits, for the user themselves. Whoever may create API
// keys makes them for accounts of machines, which have no password, passkey or identity
// to sign in by; for a person they would act in that person's name. Those that others made
// end with the account's first password. It returns field errors, [ErrPersonsKey] or what [Access.Can] returns.
func (s *Access) CreateAPIKey(ctx context.Context, db bun.IDB, p CreateAPIKeyParams) (*CreatedAPIKey, error) {
	now := s.now()
	var f check.Fields
	f.Check(strings.TrimSpace(p.Name) != "", "name", check.Required, "a name is needed")
	text.Line(&f.Fields, "name", &p.Name, 100)
	f.Some("scopes", len(p.Scopes))
	text.Lines(&f.Fields, "scopes", p.Scopes, 50, 100)
	f.Check(now.Before(p.ExpiresAt) && p.ExpiresAt.Before(now.AddDate(2, 0, 1)), "expires_at", check.OutOfRange, "a time within two years")
	if err := f.Err(); err != nil {
		return nil, err
	}
	var out *CreatedAPIKey
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		if err := s.mayKey(ctx, tx, p.UserID, p.ActorID, ActionCreate); err != nil {
			return err
		}
		row := &APIKey{UserID: p.UserID, Name: p.Name, Scopes: p.Scopes, CreatedBy: &p.ActorID, ExpiresAt: p.ExpiresAt.UTC().Truncate(time.Microsecond)}
		var err error
		out, err = s.addKey(ctx, tx, row, byActor(p.UserID, p.ActorID, AuditAPIKeyMade).from(p.Client))
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// mayKey judges who handles whose keys.
func (s *Access) mayKey(ctx context.Context, tx bun.IDB, user, actor id.Of[User], action Action) error {
	if err := ActiveActor(ctx, tx, actor); err != nil || actor == user {
		return err
	}
	if err := s.can(ctx, tx, actor, action, Object{Kind: KindAPIKey, Owner: user}); err != nil {
		return err
	}
	if err := ActiveParty(ctx, tx, user); err != nil {
		return err
	}
	var person bool
	err := store.Scan(ctx, tx, []any{&person}, `SELECT password_hash <> $2 OR EXISTS (SELECT 1 FROM auth.passkeys WHERE user_id = $1)
		OR EXISTS (SELECT 1 FROM auth.identities WHERE user_id = $1) FROM auth.users WHERE id = $1`, user.String(), UnusablePassword)
	if err == nil && person {
		return ErrPersonsKey
	}
	return err
}

// addKey adds a key. entry is the audit line, without detail and time.
func (s *Access) addKey(ctx context.Context, tx bun.IDB, row *APIKey, entry AuditEntry) (*CreatedAPIKey, error) {
	u, err := users.OneParams(ctx, tx, "u.id = $1", row.UserID.String())
	if err != nil {
		return nil, err
	}
	now := s.now()
	key := NewSecret(APIKeyPrefix + newToken().Reveal())
	row.ID, row.Hint, row.KeyHash, row.CreatedAt, row.UpdatedAt = id.New[APIKey](), key.Reveal()[:8], hashToken(key), now, now
	if _, err := apiKeys.InsertParams(ctx, tx, row, ""); err != nil {
		return nil, err
	}
	entry.Detail, entry.CreatedAt = &row.Hint, now
	if err := s.audit(ctx, tx, entry); err != nil {
		return nil, err
	}
	return &CreatedAPIKey{APIKey: row, Key: key, Notice: u.notice(AuditAPIKeyMade)}, s.hooks.Emit(ctx, tx, now, store.Event(aggregateUser, row.UserID, UserAPIKeyChanged{row.ID, true}))
}

// AuthenticateAPIKey returns the key's row when it is accepted: neither revoked nor
// expired, of a user who is active now. Check [APIKey.Allows] before doing
// something. It keeps the time of last use, at most once a minute. It returns
// [ErrAPIKey].
func (s *Access) AuthenticateAPIKey(ctx context.Context, db bun.IDB, key Secret) (*APIKey, error) {
	if !strings.HasPrefix(key.Reveal(), APIKeyPrefix) || !plausible(key) {
		return nil, ErrAPIKey
	}
	rows, err := apiKeys.AllParams(ctx, db, `ak.key_hash = $1 AND ak.revoked_at IS NULL AND ak.expires_at > clock_timestamp()
		AND EXISTS (SELECT 1 FROM auth.users u WHERE u.id = ak.user_id AND u.status = 'active')`, hashToken(key).Reveal())
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, ErrAPIKey
	}
	_, err = store.ExecParams(ctx, db, constraints, `UPDATE auth.api_keys SET last_used_at = now()
		WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`, rows[0].ID.String())
	return &rows[0], err
}

// Allows reports whether the key has a scope.
func (k *APIKey) Allows(scope string) bool { return slices.Contains(k.Scopes, scope) }

// RotateAPIKeyParams replaces a key.
type RotateAPIKeyParams struct {
	ID      id.Of[APIKey]
	Overlap time.Duration // how long the old key works on, 0 to 30 days
	ActorID id.Of[User]   // the key's user, or, for an account of a machine, who may create API keys
	Client  Client
}

// RotateAPIKey makes a new key with the name, scopes and end of an old one, which
// works on for the overlap. A key is rotated once. It locks the key. It returns a
// field error, [ErrAPIKeyNotFound], [ErrAPIKey] when it no longer works or was rotated,
// [ErrPersonsKey], or what [Access.Can] returns.
func (s *Access) RotateAPIKey(ctx context.Context, db bun.IDB, p RotateAPIKeyParams) (*CreatedAPIKey, error) {
	var f fault.Fields
	f.Check(p.Overlap >= 0 && p.Overlap <= 30*24*time.Hour, "overlap", check.OutOfRange, "up to 30 days")
	if err := f.Err(); err != nil {
		return nil, err
	}
	var out *CreatedAPIKey
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		old, err := apiKeys.OneParams(ctx, tx, "ak.id = $1 FOR NO KEY UPDATE", p.ID.String())
		if err != nil {
			return err
		}
		if err := s.mayKey(ctx, tx, old.UserID, p.ActorID, ActionCreate); err != nil {
			return err
		}
		var usable bool
		err = store.Scan(ctx, tx, []any{&usable}, `SELECT revoked_at IS NULL AND expires_at > clock_timestamp()
			AND NOT EXISTS (SELECT 1 FROM auth.api_keys n WHERE n.replaces_id = k.id) FROM auth.api_keys k WHERE id = $1`, p.ID.String())
		if err != nil {
			return err
		}
		if !usable {
			return ErrAPIKey
		}
		row := &APIKey{UserID: old.UserID, Name: old.Name, Scopes: old.Scopes, ReplacesID: &old.ID, CreatedBy: &p.ActorID, ExpiresAt: old.ExpiresAt}
		if out, err = s.addKey(ctx, tx, row, byActor(row.UserID, p.ActorID, AuditAPIKeyMade).from(p.Client)); err != nil {
			return err
		}
		_, err = store.ExecParams(ctx, tx, constraints, "UPDATE auth.api_keys SET expires_at = least(expires_at, clock_timestamp() + $2::interval) WHERE id = $1",
			old.ID.String(), interval(p.Overlap))
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// RevokeAPIKeyParams ends a key.
type RevokeAPIKeyParams struct {
	ID      id.Of[APIKey]
	ActorID id.Of[User] // the key's user, or who may delete API keys
	Client  Client
}

// RevokeAPIKey ends a key; again changes nothing, and the notice is to nobody. It locks
// the key. It returns [ErrAPIKeyNotFound] or what [Access.Can] returns.
func (s *Access) RevokeAPIKey(ctx context.Context, db bun.IDB, p RevokeAPIKeyParams) (*Notice, error) {
	var out *Notice
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		out = &Notice{}
		row, err := apiKeys.OneParams(ctx, tx, "ak.id = $1 FOR NO KEY UPDATE", p.ID.String())
		if err != nil {
			return err
		}
		if err := ActiveActor(ctx, tx, p.ActorID); err != nil {
			return err
		}
		if p.ActorID != row.UserID {
			if err := s.can(ctx, tx, p.ActorID, ActionDelete, Object{Kind: KindAPIKey, Owner: row.UserID}); err != nil {
				return err
			}
		}
		if row.RevokedAt != nil {
			return nil
		}
		now := s.now()
		row.RevokedAt = &now
		if err := apiKeys.Update(ctx, tx, row, "revoked_at"); err != nil {
			return err
		}
		u, err := users.OneParams(ctx, tx, "u.id = $1", row.UserID.String())
		if err != nil {
			return err
		}
		entry := byActor(row.UserID, p.ActorID, AuditAPIKeyRevoked).from(p.Client)
		entry.Detail, entry.CreatedAt = &row.Hint, now
		if err := s.audit(ctx, tx, entry); err != nil {
			return err
		}
		out = u.notice(AuditAPIKeyRevoked)
		return s.hooks.Emit(ctx, tx, now, store.Event(aggregateUser, row.UserID, UserAPIKeyChanged{row.ID, false}))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// APIKeys lists a user's keys, the newest first, ended ones included.
func (s *Access) APIKeys(ctx context.Context, db bun.IDB, user id.Of[User], req page.Request) (page.Page[APIKey], error) {
	return apiKeys.List(ctx, db, req, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("?TableAlias.user_id = ?", user) })
}
