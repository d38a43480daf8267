package users

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/reseal"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/vault"
)

// Config configures a [Service]. The zero value is ready for use.
type Config struct {
	// Now is the clock; the default is time.Now.
	Now func() time.Time
	// Vault seals dates of birth and the data behind verifications; without one
	// neither is accepted.
	Vault *vault.Vault
	// Can judges what a role permits, such as auth.Access.Can; nil permits nothing.
	Can func(ctx context.Context, tx bun.IDB, user id.Of[auth.User], action auth.Action, object auth.Object) error
	// Hooks are called once per verb with all of its events, in order, after the
	// verb's writes and in its transaction; an error refuses the verb.
	Hooks []store.Hook
}

// Service is the verbs on profiles and verifications. It holds no connection
// and is safe for concurrent use.
type Service struct {
	clock func() time.Time
	vault *vault.Vault
	hooks store.Hooks
	can   func(ctx context.Context, tx bun.IDB, user id.Of[auth.User], action auth.Action, object auth.Object) error
}

// NewService makes a Service.
func NewService(cfg Config) *Service {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Service{clock: cfg.Now, vault: cfg.Vault, can: cfg.Can, hooks: slices.Clone(cfg.Hooks)}
}

// now reads the clock once, in the form that the database keeps.
func (s *Service) now() time.Time { return s.clock().UTC().Truncate(time.Microsecond) }

// The columns that the vault seals.
var (
	birthColumn    = reseal.Column{Table: "users.profiles", Name: "date_of_birth", Owner: "user_id"}
	evidenceColumn = reseal.Column{Table: "users.verifications", Name: "verification_data", Owner: "user_id"}
)

// Reseal seals the dates of birth and the data of verifications anew that are
// sealed by another key than the vault's first, batch rows at a time (0 is 500),
// each batch a transaction of its own on a pool. A value that does not open is
// reported, and the others go on. Earlier versions of a verification, which history
// keeps, stay sealed as they were: keep the keys for as long as those are to be
// read. It returns [vault.ErrNoVault], or [fault.CodeOutOfRange] of batch.
func (s *Service) Reseal(ctx context.Context, db bun.IDB, batch int) (*vault.ResealReport, error) {
	return reseal.Run(ctx, db, s.vault, batch, birthColumn, evidenceColumn)
}

// present checks that a user is there and not deleted, and keeps it so to the end
// of the transaction.
func present(ctx context.Context, tx bun.IDB, user id.Of[auth.User]) error {
	var status auth.Status
	err := store.Scan(ctx, tx, []any{&status}, "SELECT status FROM auth.users WHERE id = $1 FOR SHARE", user.String())
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return store.ErrReference.On("user_id")
	case err == nil && status == auth.StatusDeleted:
		return auth.ErrUserDeleted
	}
	return err
}
