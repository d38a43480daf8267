package auth

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/internal/text"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// SuspendUserParams takes a user's powers away for a while.
type SuspendUserParams struct {
	UserID      id.Of[User]
	SuspendedBy id.Of[User]
	Reason      string // required, at most 200 characters; for the audit list
}

// The conditions of what becomes of a user.
var (
	// ErrUserDeleted: the user has been deleted.
	ErrUserDeleted = fault.New(fault.Illegal, "user_deleted", "the user has been deleted")
	// ErrUserSuspended: the user is suspended.
	ErrUserSuspended = fault.New(fault.Illegal, "user_suspended", "the user is suspended")
	// ErrUserNotSuspended: a user who is not suspended cannot be reinstated.
	ErrUserNotSuspended = fault.New(fault.Illegal, "user_not_suspended", "the user is not suspended")
	// ErrOwnAccount: nobody suspends or reinstates themselves.
	ErrOwnAccount = fault.New(fault.Forbidden, "own_account", "somebody else has to do this").On("actor")
	// ErrDeletion: a user's status says deleted and there is no time of
	// deletion, or the reverse.
	ErrDeletion = fault.New(fault.Invalid, "user_deletion_inconsistent", "status and time of deletion contradict each other").On("status")
)

// UserSuspended says that a user lost their powers for a while.
type UserSuspended struct {
	SuspendedBy id.Of[User] `json:"suspended_by"`
}

// EventType names the event.
func (UserSuspended) EventType() (string, int) { return "auth.user_suspended", 1 }

// UserReinstated says that a suspended user got their powers back.
type UserReinstated struct {
	ReinstatedBy id.Of[User] `json:"reinstated_by"`
}

// EventType names the event.
func (UserReinstated) EventType() (string, int) { return "auth.user_reinstated", 1 }

// UserDeleted says that a user was deleted.
type UserDeleted struct {
	DeletedBy id.Of[User] `json:"deleted_by"`
}

// EventType names the event.
func (UserDeleted) EventType() (string, int) { return "auth.user_deleted", 1 }

// Suspend takes a user's powers away until [Users.Reinstate]: every
// session, sign-in in progress and trusted device ends, API keys stop, and verbs
// refuse the user as an actor. Whoever suspends may edit users (see [Access.Can])
// and is somebody else. Suspending again changes nothing. It locks the user. It
// returns field errors, [ErrUserNotFound], [ErrUserDeleted], [ErrOwnAccount],
// [ErrLastAdministrator], or what [Access.Can] returns.
func (s *Users) Suspend(ctx context.Context, db bun.IDB, p SuspendUserParams) (*User, error) {
	var f fault.Fields
	f.Check(p.Reason != "", "reason", check.Required, "a reason is needed")
	text.Line(&f, "reason", &p.Reason, 200)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return s.changeStatus(ctx, db, p.UserID, p.SuspendedBy, func(tx bun.IDB, u *User, now time.Time) error {
		if u.Status == StatusSuspended {
			return nil
		}
		if err := notLast(ctx, tx, u.ID); err != nil {
			return err
		}
		u.Status = StatusSuspended
		if err := users.Update(ctx, tx, u, "status"); err != nil {
			return err
		}
		if err := endAccess(ctx, tx, u.ID, RevokedSuspended); err != nil {
			return err
		}
		if err := s.audit(ctx, tx, AuditEntry{UserID: u.ID, ActorID: &p.SuspendedBy, Action: AuditSuspended, Detail: &p.Reason, CreatedAt: now}); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, now, store.Event(aggregateUser, u.ID, UserSuspended{p.SuspendedBy}))
	})
}

// ReinstateUserParams gives a suspended user their powers back.
type ReinstateUserParams struct {
	UserID       id.Of[User]
	ReinstatedBy id.Of[User]
}

// Reinstate gives a suspended user their powers back, and their API keys work again;
// sessions that ended stay ended. Whoever reinstates may edit users and is somebody else. It locks the user.
// It returns [ErrUserNotFound], [ErrUserDeleted], [ErrUserNotSuspended],
// [ErrOwnAccount], or what [Access.Can] returns.
func (s *Users) Reinstate(ctx context.Context, db bun.IDB, p ReinstateUserParams) (*User, error) {
	return s.changeStatus(ctx, db, p.UserID, p.ReinstatedBy, func(tx bun.IDB, u *User, now time.Time) error {
		if u.Status != StatusSuspended {
			return ErrUserNotSuspended
		}
		u.Status = StatusActive
		if err := users.Update(ctx, tx, u, "status"); err != nil {
			return err
		}
		if err := s.audit(ctx, tx, AuditEntry{UserID: u.ID, ActorID: &p.ReinstatedBy, Action: AuditReinstated, CreatedAt: now}); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, now, store.Event(aggregateUser, u.ID, UserReinstated{p.ReinstatedBy}))
	})
}

// edits locks a user whom somebody else edits, who may do so.
func (s *Users) edits(ctx context.Context, tx bun.IDB, user, actor id.Of[User]) (*User, error) {
	u, err := lockUser(ctx, tx, user)
	if err != nil {
		return nil, err
	}
	if actor == user {
		return nil, ErrOwnAccount
	}
	if err := s.can(ctx, tx, actor, ActionEdit, ObjectOf(KindUser, user)); err != nil {
		return nil, err
	}
	if u.Deleted() {
		return nil, ErrUserDeleted
	}
	return u, nil
}

// changeStatus lets change write to a user whom the actor may edit.
func (s *Users) changeStatus(ctx context.Context, db bun.IDB, user, actor id.Of[User], change func(bun.IDB, *User, time.Time) error) (*User, error) {
	var u *User
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if u, err = s.edits(ctx, tx, user, actor); err != nil {
			return err
		}
		if err = change(tx, u, s.now()); err != nil {
			return err
		}
		u, err = users.OneParams(ctx, tx, "u.id = $1", user.String()) // the database keeps updated_at
		return err
	})
	if err != nil {
		return nil, err
	}
	return u, nil
}

// DeleteUserParams deletes a user.
type DeleteUserParams struct {
	UserID  id.Of[User]
	ActorID id.Of[User] // the user, or who may delete users
}

// Delete deletes a user: the row stays for the records that refer to it, the
// address becomes free and every way in ends. It removes no personal data; that is
// the platform's Erase. It locks the user. It returns [ErrUserNotFound],
// [ErrUserDeleted] the second time, [ErrLastAdministrator], or what [Access.Can]
// returns.
func (s *Users) Delete(ctx context.Context, db bun.IDB, p DeleteUserParams) (*User, error) {
	var u *User
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if u, err = lockUser(ctx, tx, p.UserID); err != nil {
			return err
		}
		if u.Deleted() {
			return ErrUserDeleted
		}
		if p.ActorID == p.UserID {
			err = ActiveActor(ctx, tx, p.ActorID)
		} else {
			err = s.can(ctx, tx, p.ActorID, ActionDelete, ObjectOf(KindUser, p.UserID))
		}
		if err != nil {
			return err
		}
		if err := notLast(ctx, tx, u.ID); err != nil {
			return err
		}
		now := s.now()
		u.Status, u.DeletedAt = StatusDeleted, &now
		if err := users.Update(ctx, tx, u, "status", "deleted_at"); err != nil {
			return err
		}
		if err := endAccess(ctx, tx, p.UserID, RevokedDeleted); err != nil {
			return err
		}
		if u, err = users.OneParams(ctx, tx, "u.id = $1", p.UserID.String()); err != nil { // the database keeps updated_at
			return err
		}
		if err := s.audit(ctx, tx, AuditEntry{UserID: p.UserID, ActorID: &p.ActorID, Action: AuditDeleted, CreatedAt: now}); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, now, store.Event(aggregateUser, u.ID, UserDeleted{p.ActorID}))
	})
	if err != nil {
		return nil, err
	}
	return u, nil
}
