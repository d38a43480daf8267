package auth

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/reseal"
	"github.com/freehold-go/freehold/realestate/vault"

	"context"
)

// Config configures a [Service]. The zero value is ready for use.
type Config struct {
	// Now is the clock; the default is time.Now. Whether something has expired is
	// judged by the database's.
	Now func() time.Time
	// Vault seals the secrets of authenticators and keys the hashes of short codes;
	// without one both are refused.
	Vault *vault.Vault
	// Policy says what each role permits; nil is [DefaultPolicy].
	Policy Policy
}

// Validate reports what cannot be used.
func (c *Config) Validate() error { return c.Policy.Validate() }

// Service is the verbs on identities. It holds no connection and is safe for
// concurrent use.
type Service struct {
	clock  func() time.Time
	vault  *vault.Vault
	policy Policy
}

// NewService makes a Service.
func NewService(cfg Config) *Service {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Policy == nil {
		cfg.Policy = DefaultPolicy()
	}
	return &Service{clock: cfg.Now, vault: cfg.Vault, policy: cfg.Policy}
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
// on. It returns [vault.ErrNoVault], or reseal_batch_out_of_range.
func (s *Service) Reseal(ctx context.Context, db bun.IDB, batch int) (*vault.ResealReport, error) {
	return reseal.Run(ctx, db, s.vault, batch, mfaSecret, mfaPendingSecret)
}
