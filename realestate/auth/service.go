package auth

import (
	"context"
	"net/mail"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
)

// Config configures a [Service]. The zero value is ready for use.
type Config struct {
	// Now is the clock; the default is time.Now.
	Now func() time.Time
}

// Service is the verbs on users. It holds no connection and is safe for
// concurrent use.
type Service struct{ clock func() time.Time }

// NewService makes a Service.
func NewService(cfg Config) *Service {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Service{clock: cfg.Now}
}

// now reads the clock once, in the form that the database keeps.
func (s *Service) now() time.Time { return s.clock().UTC().Truncate(time.Microsecond) }

// RegisterParams describes a new user.
type RegisterParams struct {
	ID           id.Of[User] // optional; a new one by default
	Email        string      // required; white space around it is dropped
	Phone        *string     // at most 20 characters
	PasswordHash Secret      // by default UnusablePassword
}

// check normalizes p and reports every bad field.
func (p *RegisterParams) check() error {
	var f fault.Fields
	p.Email = strings.TrimSpace(p.Email)
	f.Check(validEmail(p.Email), "email", "email_malformed", "an address such as ada@example.com of at most 255 characters")
	if p.Phone != nil {
		n := utf8.RuneCountInString(*p.Phone)
		f.Check(n >= 1 && n <= 20, "phone", "phone_malformed", "a phone number of 1 to 20 characters")
	}
	f.Check(utf8.RuneCountInString(p.PasswordHash.Reveal()) <= 255, "password_hash", "password_hash_too_long", "a hash of at most 255 characters")
	if p.PasswordHash.IsZero() {
		p.PasswordHash = NewSecret(UnusablePassword)
	}
	if p.ID.IsZero() {
		p.ID = id.New[User]()
	}
	return f.Err()
}

// validEmail reports whether s is a bare address. Whether mail arrives there is
// for a verification to find out.
func validEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && utf8.RuneCountInString(s) <= 255
}

// Register adds an active user. It returns field errors or [ErrEmailTaken].
func (s *Service) Register(ctx context.Context, db bun.IDB, p RegisterParams) (*User, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	now := s.now()
	u := &User{
		ID: p.ID, Email: p.Email, Phone: p.Phone, PasswordHash: p.PasswordHash,
		Status: StatusActive, CreatedAt: now, UpdatedAt: now,
	}
	err := store.InTx(ctx, db, func(tx bun.IDB) error {
		if err := users.Insert(ctx, tx, u); err != nil {
			return err
		}
		return store.Emit(ctx, tx, now, store.Event(aggregateUser, u.ID, UserRegistered{}))
	})
	if err != nil {
		return nil, err
	}
	return u, nil
}

// User returns a user, deleted ones included, because records of the past name
// them. It returns [ErrUserNotFound].
func (s *Service) User(ctx context.Context, db bun.IDB, user id.Of[User]) (*User, error) {
	return users.Get(ctx, db, user)
}

// UserByEmail returns the user who has the address, in whatever case, and is
// not deleted. It returns [ErrUserNotFound].
func (s *Service) UserByEmail(ctx context.Context, db bun.IDB, email string) (*User, error) {
	return users.One(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("lower(?TableAlias.email) = lower(?)", strings.TrimSpace(email)).
			Where("?TableAlias.deleted_at IS NULL")
	})
}

// DeleteUser deletes a user: the row stays for the records that refer to it,
// the address becomes free and every session ends. It locks the user. It
// returns [ErrUserNotFound], or [ErrUserDeleted] the second time.
func (s *Service) DeleteUser(ctx context.Context, db bun.IDB, user id.Of[User]) (*User, error) {
	var u *User
	err := store.InTx(ctx, db, func(tx bun.IDB) (err error) {
		if u, err = users.Lock(ctx, tx, user); err != nil {
			return err
		}
		if u.Deleted() {
			return ErrUserDeleted
		}
		now := s.now()
		u.Status, u.DeletedAt = StatusDeleted, &now
		if err := users.Update(ctx, tx, u, "status", "deleted_at"); err != nil {
			return err
		}
		if err := revokeSessions(ctx, tx, user, now); err != nil {
			return err
		}
		if u, err = users.Get(ctx, tx, user); err != nil { // the database keeps updated_at
			return err
		}
		return store.Emit(ctx, tx, now, store.Event(aggregateUser, u.ID, UserDeleted{}))
	})
	if err != nil {
		return nil, err
	}
	return u, nil
}
