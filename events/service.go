package events

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/reseal"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/vault"
)

// Config configures a [Service]. The zero value is ready for use.
type Config struct {
	// Now is the clock, read once per call; nil is time.Now.
	Now func() time.Time
	// Horizon is how many days after today an event may start; zero is 366.
	Horizon int
	// Vault seals passcodes; nil refuses to store any.
	Vault *vault.Vault
	// Hooks are called once per verb with all of its events, in order, after the
	// verb's writes and in its transaction; an error refuses the verb.
	Hooks []store.Hook
}

// Service is the verbs on events. It holds no connection and is safe for
// concurrent use.
type Service struct {
	now     func() time.Time
	horizon int
	vault   *vault.Vault
	hooks   store.Hooks
}

// NewService makes a Service.
func NewService(cfg Config) *Service {
	return &Service{now: store.Clock(cfg.Now), horizon: cfg.Horizon, vault: cfg.Vault, hooks: slices.Clone(cfg.Hooks)}
}

// Reseal seals passcodes anew that are sealed by another key than the vault's
// first, batch rows at a time (0 is 500), each batch a transaction of its own on a
// pool. A value that does not open is reported, and the others go on. It returns
// [vault.ErrNoVault], or [fault.CodeOutOfRange] of batch.
func (s *Service) Reseal(ctx context.Context, db bun.IDB, batch int) (*vault.ResealReport, error) {
	return reseal.Run(ctx, db, s.vault, batch, passcodes)
}
