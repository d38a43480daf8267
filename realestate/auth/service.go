package auth

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/reseal"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/vault"
)

// Service is the verbs on identities. It holds no connection and is safe for
// concurrent use.
type Service struct {
	cfg    Config
	clock  func() time.Time
	vault  *vault.Vault
	policy Policy
	hooks  store.Hooks
	hashes chan struct{} // a place for each hash that may be computed at once

	dummyLock sync.Mutex
	dummyHash *Secret
}

// NewService makes a Service.
func NewService(cfg Config) *Service {
	cfg = cfg.usable()
	return &Service{cfg: cfg, clock: cfg.Now, vault: cfg.Vault, policy: cfg.Policy, hooks: slices.Clone(cfg.Hooks), hashes: make(chan struct{}, cfg.ParallelHashes)}
}

// now reads the clock once, in the form that the database keeps.
func (s *Service) now() time.Time { return s.clock().UTC().Truncate(time.Microsecond) }

// The columns that the vault seals.
var (
	mfaSecret        = reseal.Column{Table: "auth.users", Name: "mfa_secret", Owner: "id"}
	mfaPendingSecret = reseal.Column{Table: "auth.users", Name: "mfa_pending_secret", Owner: "id"}
)

// Reseal seals the secrets of authenticators anew that are sealed by another key
// than the vault's first, batch rows at a time (0 is 500), each batch a transaction
// of its own on a pool. A value that does not open is reported, and the others go
// on. It returns [vault.ErrNoVault], or [fault.CodeOutOfRange] of batch.
func (s *Service) Reseal(ctx context.Context, db bun.IDB, batch int) (*vault.ResealReport, error) {
	return reseal.Run(ctx, db, s.vault, batch, mfaSecret, mfaPendingSecret)
}
