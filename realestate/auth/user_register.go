package auth

import (
	"context"
	"errors"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// RegisterParams describes a new user.
type RegisterParams struct {
	ID           id.Of[User] // optional; a new one by default
	Email        string      // required; see [NormalizeEmail]
	Phone        *string     // at most 20 digits, spaces and +-().
	PasswordHash Secret      // by default UnusablePassword
	ActorID      id.Of[User] // who may create users and registers somebody else; zero: people sign up themselves
}

// UserRegistered says that there is a new user. The address is the user's own
// affair: read it from the user, who may be gone meanwhile.
type UserRegistered struct{}

// EventType names the event.
func (UserRegistered) EventType() (string, int) { return "auth.user_registered", 1 }

// check normalizes p and reports every bad field.
func (p *RegisterParams) check() error {
	var f fault.Fields
	email, err := NormalizeEmail(p.Email)
	f.AddErr("", err)
	p.Email = email
	f.Check(p.Phone == nil || validPhone(*p.Phone), "phone", ErrPhone.Code, ErrPhone.Msg)
	hash := p.PasswordHash.Reveal()
	f.Check(len(hash) <= 255 && utf8.ValidString(hash), "password_hash", check.TooLong, "a hash of at most 255 characters")
	if p.PasswordHash.IsZero() {
		p.PasswordHash = NewSecret(UnusablePassword)
	}
	if p.ID.IsZero() {
		p.ID = id.New[User]()
	}
	return f.Err()
}

// same reports whether u is the user that p describes.
func (p *RegisterParams) same(u *User) bool {
	return u.Email == p.Email && equal(u.Phone, p.Phone) && !u.Deleted()
}

// Register adds an active user. Registering again with the id of a user who has
// that address and phone changes nothing and returns the user. It returns field
// errors, [ErrEmailTaken], [ErrUserExists], or what [Access.Can] returns to an actor.
func (s *Users) Register(ctx context.Context, db bun.IDB, p RegisterParams) (*User, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	now := s.now()
	u := &User{
		ID: p.ID, Email: p.Email, Phone: p.Phone, PasswordHash: p.PasswordHash,
		Status: StatusActive, CreatedAt: now, UpdatedAt: now,
	}
	by := u.ID
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		if !p.ActorID.IsZero() {
			if err := s.can(ctx, tx, p.ActorID, ActionCreate, Object{Kind: KindUser}); err != nil {
				return err
			}
			by = p.ActorID
		}
		made, err := users.InsertParams(ctx, tx, u, "ON CONFLICT DO NOTHING")
		if err != nil {
			return err
		}
		if !made {
			u, err = p.there(ctx, tx)
			return err
		}
		if err := s.audit(ctx, tx, AuditEntry{UserID: u.ID, ActorID: &by, Action: AuditRegistered, CreatedAt: now}); err != nil {
			return err
		}
		return s.hooks.Emit(ctx, tx, now, store.Event(aggregateUser, u.ID, UserRegistered{}))
	})
	if err != nil {
		return nil, err
	}
	return u, nil
}

// there finds out why a user could not be added.
func (p *RegisterParams) there(ctx context.Context, tx bun.IDB) (*User, error) {
	u, err := users.OneParams(ctx, tx, "u.id = $1", p.ID.String())
	switch {
	case errors.Is(err, ErrUserNotFound):
		return nil, ErrEmailTaken
	case err != nil:
		return nil, err
	case !p.same(u):
		return nil, ErrUserExists
	}
	return u, nil
}
