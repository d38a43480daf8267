// Package acting reads who acts, in the transaction of a verb, for the services that judge
// their actors by rules of their own.
package acting

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// Read checks, behind the locks of a verb and before its writes, that its actor is active,
// and reports whether they are a party to its matter: party is a condition in SQL on the
// actor, ?0, with args from ?1 on; "" is nobody is. From here on the actor is who the
// transaction's events and histories name. The actor's row stays locked in share mode, so
// that a suspension waits for the verb, or the verb sees it. It returns
// [auth.ErrActorRequired] or [auth.ErrActorInactive].
func Read(ctx context.Context, tx bun.IDB, actor id.Of[auth.User], party string, args ...any) (bool, error) {
	if actor.IsZero() {
		return false, auth.ErrActorRequired
	}
	if party == "" {
		party, args = "FALSE", nil
	}
	var status auth.Status
	var named string
	var is bool
	err := store.Read(ctx, tx, tx.NewRaw("SELECT u.status, set_config('freehold.actor', ?0::text, TRUE), "+party+" FROM auth.users u WHERE u.id = ?0 FOR SHARE OF u",
		append([]any{actor}, args...)...), &status, &named, &is)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return false, auth.ErrActorInactive.On("actor_id")
	case err != nil:
		return false, store.Err(err, nil)
	case status != auth.StatusActive:
		return false, auth.ErrActorInactive.On("actor_id")
	}
	return is, nil
}

// Active locks people, an array of their ids, by the strength of a lock such as "SHARE", and
// says who of them is active. It is the part of [Read] that several commands of a transaction
// have in common: it names nobody to the transaction. Whom somebody else has locked is left
// out, as whoever there is not: with the people of others locked it must not wait for them.
func Active(ctx context.Context, tx bun.IDB, people, strength string) (map[id.Of[auth.User]]bool, error) {
	rows, err := store.Rows[struct {
		ID     id.Of[auth.User]
		Status auth.Status
	}](ctx, tx, "SELECT id, status FROM auth.users WHERE id = ANY ($1::uuid[]) ORDER BY id FOR "+strength+" SKIP LOCKED", people)
	active := make(map[id.Of[auth.User]]bool, len(rows))
	for _, r := range rows {
		active[r.ID] = r.Status == auth.StatusActive
	}
	return active, err
}
