package auth

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/internal/text"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// The conditions of erasure.
var (
	// ErrErasure: a user is marked as erased who is not deleted.
	ErrErasure = fault.New(fault.Invalid, "user_erasure_inconsistent", "only a deleted user is erased").On("erased_at")
)

// UserErased says that a person was erased: receivers forget what they know too.
type UserErased struct {
	ErasedBy id.Of[User] `json:"erased_by"`
}

// EventType names the event.
func (UserErased) EventType() (string, int) { return "auth.user_erased", 1 }

// UserErasureHeld says that a person's data is kept for now, or no longer.
type UserErasureHeld struct {
	Held  bool        `json:"held"`
	SetBy id.Of[User] `json:"set_by"`
}

// EventType names the event.
func (UserErasureHeld) EventType() (string, int) { return "auth.user_erasure_held", 1 }

// Lock reads a user for a decision and locks the row against other writers. It returns
// [ErrUserNotFound].
func (s *Users) Lock(ctx context.Context, tx bun.IDB, user id.Of[User]) (*User, error) {
	return lockUser(ctx, tx, user)
}

// KeepAdministrator refuses, in the transaction of what takes a user's powers elsewhere, to
// take those of the last administrator: it returns [ErrLastAdministrator]. The user's row
// is locked.
func (s *Access) KeepAdministrator(ctx context.Context, tx bun.IDB, user id.Of[User]) error {
	return notLast(ctx, tx, user)
}

// RecordErasureParams says who was erased, and by whom.
type RecordErasureParams struct {
	UserID  id.Of[User]
	ActorID id.Of[User]
}

// RecordErasure writes the audit line and the event of an erasure, in its
// transaction.
func (s *Users) RecordErasure(ctx context.Context, tx bun.IDB, p RecordErasureParams) error {
	now := s.now()
	if err := s.audit(ctx, tx, AuditEntry{UserID: p.UserID, ActorID: &p.ActorID, Action: AuditErased, CreatedAt: now}); err != nil {
		return err
	}
	return s.hooks.Emit(ctx, tx, now, store.Event(aggregateUser, p.UserID, UserErased{p.ActorID}))
}

// SetErasureHoldParams holds or releases a user's data.
type SetErasureHoldParams struct {
	UserID  id.Of[User]
	ActorID id.Of[User]
	Reason  *string // 1 to 100 characters and no name; nil releases
}

// SetErasureHold keeps a user from being erased, or ends that. Whoever does may edit
// users. Setting what is set changes nothing. It locks the user. It returns field
// errors, [ErrUserNotFound], or what [Access.Can] returns.
func (s *Users) SetErasureHold(ctx context.Context, db bun.IDB, p SetErasureHoldParams) error {
	var f fault.Fields
	f.Check(p.Reason == nil || *p.Reason != "", "reason", check.Required, "a reason is needed")
	text.Line(&f, "reason", p.Reason, 100)
	if err := f.Err(); err != nil {
		return err
	}
	return store.InTx(ctx, db, func(tx bun.IDB) error {
		u, err := lockUser(ctx, tx, p.UserID)
		if err != nil {
			return err
		}
		if err := s.can(ctx, tx, p.ActorID, ActionEdit, ObjectOf(KindUser, p.UserID)); err != nil {
			return err
		}
		if equal(u.ErasureHold, p.Reason) {
			return nil
		}
		u.ErasureHold = p.Reason
		if err := users.Update(ctx, tx, u, "erasure_hold"); err != nil {
			return err
		}
		action := AuditErasureHeld
		if p.Reason == nil {
			action = AuditErasureReleased
		}
		now := s.now()
		if err := s.audit(ctx, tx, AuditEntry{UserID: p.UserID, ActorID: &p.ActorID, Action: action, Detail: p.Reason, CreatedAt: now}); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, now, store.Event(aggregateUser, p.UserID, UserErasureHeld{p.Reason != nil, p.ActorID}))
	})
}
