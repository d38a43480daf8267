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

// The conditions of who may do what.
var (
	// ErrActorRequired: nobody is named who does it.
	ErrActorRequired = fault.New(fault.Invalid, fault.CodeRequired, "somebody has to be named who does this").On("actor_id")
	// ErrActorInactive: who does it is suspended, deleted or unknown.
	ErrActorInactive = fault.New(fault.Forbidden, "actor_inactive", "this user may not act at present")
	// ErrActorParty: who does it is a party to the matter, such as an owner of an account
	// that money comes from or goes to, or a tenant of the lease.
	ErrActorParty = fault.New(fault.Forbidden, "actor_is_party", "who acts is a party to the matter").On("actor_id")
	// ErrNotPermitted: none of the actor's roles permits it.
	ErrNotPermitted = fault.New(fault.Forbidden, "not_permitted", "no role of this user permits it")
)

// ActiveActor checks, in the transaction of a verb, that whoever acts is an active
// user: neither suspended nor deleted. It holds the user's row in share mode to the
// transaction's end, so that a suspension waits for the verb, or the verb sees it.
// Call it after the verb's own locks and before its writes: from here on they are who the
// transaction's events and histories name. It returns
// [ErrActorRequired] or [ErrActorInactive].
func ActiveActor(ctx context.Context, tx bun.IDB, actor id.Of[User]) error {
	return active(ctx, tx, actor, "status, set_config('freehold.actor', id::text, TRUE)", " FOR SHARE")
}

// ActiveParty is [ActiveActor] for somebody whom a verb is about, and who does not act.
func ActiveParty(ctx context.Context, tx bun.IDB, party id.Of[User]) error {
	return active(ctx, tx, party, "status, ''", " FOR SHARE")
}

// ActiveViewer is [ActiveActor] for a read: it locks nothing, so that it waits for nobody
// and a standby serves it.
func ActiveViewer(ctx context.Context, tx bun.IDB, viewer id.Of[User]) error {
	return active(ctx, tx, viewer, "status, ''", "")
}

func active(ctx context.Context, tx bun.IDB, actor id.Of[User], columns, lock string) error {
	if actor.IsZero() {
		return ErrActorRequired
	}
	var status Status
	var named string
	err := store.Scan(ctx, tx, []any{&status, &named}, "SELECT "+columns+" FROM auth.users WHERE id = $1"+lock, actor.String())
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return ErrActorInactive
	case err != nil:
		return err
	case status != StatusActive:
		return ErrActorInactive
	}
	return nil
}

// MayFunc decides in the transaction of a verb whether an active user's roles permit an
// action on an object, such as by [Access.Can]; its error refuses the verb. It is what the
// services of other domains take in their Config.
type MayFunc func(ctx context.Context, tx bun.IDB, actor id.Of[User], action Action, object Object) error

// Can checks, in the transaction of a verb, that an active user holds a role that
// permits an action on an object, by the policy of the service and the grants of
// the database: over everything or over that object, neither revoked nor expired by
// the database's clock. It locks what [ActiveActor] locks, but for [ActionView]: a read
// waits for nobody, and a standby serves it. It returns
// [ErrActorRequired], [ErrActorInactive] or [ErrNotPermitted].
func (s *Access) Can(ctx context.Context, tx bun.IDB, user id.Of[User], action Action, object Object) error {
	return s.can(ctx, tx, user, action, object)
}

func (s *core) can(ctx context.Context, tx bun.IDB, user id.Of[User], action Action, object Object) error {
	judge := ActiveActor
	if action == ActionView {
		judge = ActiveViewer
	}
	if err := judge(ctx, tx, user); err != nil {
		return err
	}
	held, err := store.Rows[struct{ Role Role }](ctx, tx, `SELECT DISTINCT role FROM auth.role_grants WHERE user_id = $1 AND revoked_at IS NULL
		AND (expires_at IS NULL OR expires_at > now()) AND (object_id IS NULL OR object_kind = $2 AND object_id = $3::uuid)`,
		user.String(), string(object.Kind), object.idText())
	if err != nil {
		return err
	}
	for _, h := range held {
		if s.policy.permits(h.Role, object.Owner == user, action, object.Kind) {
			return nil
		}
	}
	return ErrNotPermitted.With("%s %s", action, object.Kind)
}

// idText is the object's id, or the id of nothing.
func (o Object) idText() string {
	if o.ID.IsZero() {
		return "00000000-0000-0000-0000-000000000000"
	}
	return o.ID.String()
}
