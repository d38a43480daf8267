package auth

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/page"
)

// Thing marks the id of an object of any kind; convert with [id.Cast].
type Thing struct{}

// Object is what an action is done to. ID is zero for the kind as a whole, such as
// for creating one. Owner is whose it is, zero for nobody's.
type Object struct {
	Kind  Kind
	ID    id.Of[Thing]
	Owner id.Of[User]
}

// The conditions of grants of roles.
var (
	// ErrGrantNotFound: there is no such grant of a role.
	ErrGrantNotFound = fault.New(fault.NotFound, "role_grant_not_found", "there is no such grant of a role")
	// ErrGranted: the user holds the role already.
	ErrGranted = fault.New(fault.Conflict, "role_granted", "the user holds the role already").On("role")
	// ErrGrantObject: a grant names the kind of an object without its id, or the reverse.
	ErrGrantObject = fault.New(fault.Invalid, "role_grant_object_inconsistent", "an object has a kind and an id").On("object_id")
	// ErrLastAdministrator: nobody could give powers any more.
	ErrLastAdministrator = fault.New(fault.Illegal, "last_administrator", "there has to be another administrator first")
	// ErrSelfGrant: nobody gives themselves a role.
	ErrSelfGrant = fault.New(fault.Forbidden, "role_self_grant", "nobody gives themselves a role").On("granted_by")
)

// RoleGranted says that a user got a role.
type RoleGranted struct {
	Role      Role         `json:"role"`
	GrantedBy *id.Of[User] `json:"granted_by,omitempty"`
}

// EventType names the event.
func (RoleGranted) EventType() (string, int) { return "auth.role_granted", 1 }

// RoleRevoked says that a role was taken from a user.
type RoleRevoked struct {
	Role      Role        `json:"role"`
	RevokedBy id.Of[User] `json:"revoked_by"`
}

// EventType names the event.
func (RoleRevoked) EventType() (string, int) { return "auth.role_revoked", 1 }

// ObjectOf names an object by its id of whatever type.
func ObjectOf[T any](kind Kind, v id.Of[T]) Object { return Object{Kind: kind, ID: id.Cast[Thing](v)} }

// OwnedBy returns the object with its owner.
func (o Object) OwnedBy(user id.Of[User]) Object { o.Owner = user; return o }

// RoleGrant says that a user holds a role, over everything or over one object. It
// is revoked rather than removed.
type RoleGrant struct {
	bun.BaseModel `bun:"table:auth.role_grants,alias:rg" json:"-"`

	ID         id.Of[RoleGrant] `bun:"id,pk" json:"id"`
	UserID     id.Of[User]      `bun:"user_id" json:"user_id"`
	Role       Role             `bun:"role" json:"role"`
	ObjectKind *Kind            `bun:"object_kind" json:"object_kind"` // nil: over everything
	ObjectID   *id.Of[Thing]    `bun:"object_id" json:"object_id"`
	GrantedBy  *id.Of[User]     `bun:"granted_by" json:"granted_by"` // nil: by the platform itself, for its first administrator
	ExpiresAt  *time.Time       `bun:"expires_at" json:"expires_at"` // by the database's clock; nil: never
	RevokedAt  *time.Time       `bun:"revoked_at" json:"revoked_at"`
	RevokedBy  *id.Of[User]     `bun:"revoked_by" json:"revoked_by"`
	CreatedAt  time.Time        `bun:"created_at" json:"created_at"`
	UpdatedAt  time.Time        `bun:"updated_at" json:"updated_at"`
}

var roleGrants = store.Repo[RoleGrant]{
	NotFound: ErrGrantNotFound, Constraints: constraints,
	Sort: store.NewestFirst(func(g *RoleGrant) (time.Time, string) { return g.CreatedAt, g.ID.String() }),
}

// GrantRoleParams gives a user a role.
type GrantRoleParams struct {
	UserID    id.Of[User]
	Role      Role
	Over      *Object     // nil: over everything
	ExpiresAt *time.Time  // nil: never
	GrantedBy id.Of[User] // zero only for the first administrator
}

// ChangedRole is a grant of a role, and the notice to its user: nil where nothing changed.
type ChangedRole struct {
	Grant  *RoleGrant `json:"grant"`
	Notice *Notice    `json:"notice"`
}

// GrantRole gives a user a role of the policy. Whoever grants may create roles
// (see [Access.Can]) and is somebody else. Only the first administrator of a
// platform is granted by nobody: while there is any other who is active, GrantedBy is
// required.
// Granting again what is held changes nothing, its end included, and returns the grant
// that there is; a grant that has expired is held no more.
// It locks the user. It returns field errors, [ErrUserNotFound], [ErrUserDeleted],
// [ErrSelfGrant], or what [Access.Can] returns.
func (s *Access) GrantRole(ctx context.Context, db bun.IDB, p GrantRoleParams) (*ChangedRole, error) {
	now := s.now()
	var f fault.Fields
	_, known := s.policy[p.Role]
	f.Check(known, "role", check.NotAllowed, "a role of the policy")
	f.Check(p.Over == nil || p.Over.Kind != "" && !p.Over.ID.IsZero(), "over", check.Required, "an object has a kind and an id")
	f.Check(p.ExpiresAt == nil || now.Before(*p.ExpiresAt), "expires_at", check.InPast, "a time in the future")
	if err := f.Err(); err != nil {
		return nil, err
	}
	g := &RoleGrant{ID: id.New[RoleGrant](), UserID: p.UserID, Role: p.Role, ExpiresAt: p.ExpiresAt, CreatedAt: now, UpdatedAt: now}
	if p.Over != nil {
		g.ObjectKind, g.ObjectID = &p.Over.Kind, p.Over.ID.Ptr()
	}
	if !p.GrantedBy.IsZero() {
		g.GrantedBy = p.GrantedBy.Ptr()
	}
	out := &ChangedRole{}
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		out.Grant, out.Notice = g, nil
		if err := s.mayGrant(ctx, tx, p); err != nil {
			return err
		}
		u, err := lockUser(ctx, tx, p.UserID)
		if err != nil {
			return err
		}
		if u.Deleted() {
			return ErrUserDeleted
		}
		// A grant whose time is over stands in nobody's way.
		same := []any{p.UserID.String(), string(p.Role), orNil(g.ObjectKind), idOrNil(g.ObjectID)}
		if _, err := store.ExecParams(ctx, tx, constraints, "UPDATE auth.role_grants rg SET revoked_at = expires_at WHERE "+openGrant+" AND expires_at <= now()", same...); err != nil {
			return err
		}
		made, err := roleGrants.InsertParams(ctx, tx, g, "ON CONFLICT DO NOTHING")
		if err != nil {
			return err
		}
		if !made {
			out.Grant, err = roleGrants.OneParams(ctx, tx, openGrant, same...)
			return err
		}
		out.Notice = u.notice(AuditRoleGranted)
		if err := s.audit(ctx, tx, AuditEntry{UserID: p.UserID, ActorID: g.GrantedBy, Action: AuditRoleGranted, Detail: (*string)(&p.Role), CreatedAt: now}); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, now, store.Event(aggregateUser, p.UserID, RoleGranted{p.Role, g.GrantedBy}))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// openGrant finds the grant of a role to a user over an object that was not revoked.
const openGrant = `rg.user_id = $1 AND rg.role = $2 AND rg.revoked_at IS NULL
	AND rg.object_kind IS NOT DISTINCT FROM $3 AND rg.object_id IS NOT DISTINCT FROM $4::uuid`

func (s *Access) mayGrant(ctx context.Context, tx bun.IDB, p GrantRoleParams) error {
	if !p.GrantedBy.IsZero() {
		if p.GrantedBy == p.UserID {
			return ErrSelfGrant
		}
		return s.can(ctx, tx, p.GrantedBy, ActionCreate, Object{Kind: KindRole})
	}
	if p.Role != RoleAdministrator || p.Over != nil {
		return ErrActorRequired.On("granted_by")
	}
	// The lock makes two first administrators at once one after the other.
	if _, err := store.ExecParams(ctx, tx, nil, "LOCK TABLE auth.role_grants IN SHARE ROW EXCLUSIVE MODE"); err != nil {
		return err
	}
	var others bool
	err := store.Scan(ctx, tx, []any{&others}, "SELECT EXISTS ("+administrators+" AND rg.user_id <> $2)", string(RoleAdministrator), p.UserID.String())
	if err == nil && others {
		return ErrActorRequired.On("granted_by")
	}
	return err
}

// administrators finds who is an administrator of everything now.
const administrators = `SELECT 1 FROM auth.role_grants rg JOIN auth.users u ON u.id = rg.user_id AND u.status = 'active'
	WHERE rg.role = $1 AND rg.revoked_at IS NULL AND rg.object_id IS NULL AND (rg.expires_at IS NULL OR rg.expires_at > now())`

// firstAdministrator locks the grant that made the first administrator of everything. It
// stays the same row, taken back or not, so that all who wait for it wait for one another.
const firstAdministrator = `SELECT rg.id FROM auth.role_grants rg WHERE rg.role = $1 AND rg.object_id IS NULL
	ORDER BY rg.id LIMIT 1 FOR NO KEY UPDATE`

// notLast refuses to take the last administrator's powers, after which nobody could
// give any. Two at once who would leave nobody come one after the other.
func notLast(ctx context.Context, tx bun.IDB, user id.Of[User]) error {
	var is, others bool
	err := store.Scan(ctx, tx, []any{&is}, "SELECT EXISTS ("+administrators+" AND rg.user_id = $2)", string(RoleAdministrator), user.String())
	if err != nil || !is {
		return err
	}
	if _, err := store.ExecParams(ctx, tx, nil, firstAdministrator, string(RoleAdministrator)); err != nil {
		return err
	}
	err = store.Scan(ctx, tx, []any{&others}, "SELECT EXISTS ("+administrators+" AND rg.user_id <> $2)", string(RoleAdministrator), user.String())
	if err == nil && !others {
		return ErrLastAdministrator
	}
	return err
}

// RevokeRoleParams takes a role back.
type RevokeRoleParams struct {
	ID        id.Of[RoleGrant]
	RevokedBy id.Of[User]
}

// RevokeRole takes a role back. Whoever revokes may delete roles. Revoking again
// changes nothing. It locks the grant. It returns [ErrGrantNotFound],
// [ErrLastAdministrator] or what [Access.Can] returns.
func (s *Access) RevokeRole(ctx context.Context, db bun.IDB, p RevokeRoleParams) (*ChangedRole, error) {
	out := &ChangedRole{}
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		out.Notice = nil
		err := s.can(ctx, tx, p.RevokedBy, ActionDelete, Object{Kind: KindRole})
		if err != nil {
			return err
		}
		g, err := roleGrants.OneParams(ctx, tx, "rg.id = $1 FOR NO KEY UPDATE", p.ID.String())
		if err != nil {
			return err
		}
		if out.Grant = g; g.RevokedAt != nil {
			return nil
		}
		if g.Role == RoleAdministrator && g.ObjectID == nil {
			if err := notLast(ctx, tx, g.UserID); err != nil {
				return err
			}
		}
		now := s.now()
		g.RevokedAt, g.RevokedBy = &now, &p.RevokedBy
		if err = roleGrants.Update(ctx, tx, g, "revoked_at", "revoked_by"); err != nil {
			return err
		}
		u, err := users.OneParams(ctx, tx, "u.id = $1", g.UserID.String())
		if err != nil {
			return err
		}
		out.Notice = u.notice(AuditRoleRevoked)
		if err := s.audit(ctx, tx, AuditEntry{UserID: g.UserID, ActorID: &p.RevokedBy, Action: AuditRoleRevoked, Detail: (*string)(&g.Role), CreatedAt: now}); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, now, store.Event(aggregateUser, g.UserID, RoleRevoked{g.Role, p.RevokedBy}))
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// RoleGrantFilter narrows [Access.RoleGrants].
type RoleGrantFilter struct {
	UserID  id.Of[User] // zero: everybody's
	Role    Role        // "": every role
	Revoked bool        // also those that were revoked
}

// RoleGrants lists who holds which roles, the newest grants first.
func (s *Access) RoleGrants(ctx context.Context, db bun.IDB, filter RoleGrantFilter, req page.Request) (page.Page[RoleGrant], error) {
	return roleGrants.List(ctx, db, req, func(q *bun.SelectQuery) *bun.SelectQuery {
		if !filter.UserID.IsZero() {
			q = q.Where("?TableAlias.user_id = ?", filter.UserID)
		}
		if filter.Role != "" {
			q = q.Where("?TableAlias.role = ?", filter.Role)
		}
		if !filter.Revoked {
			q = q.Where("?TableAlias.revoked_at IS NULL")
		}
		return q
	})
}
