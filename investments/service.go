package investments

import (
	"slices"
	"time"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/vault"
)

// Config is what a [Service] needs. The zero value is ready for use.
type Config struct {
	// Now is the clock, read once per call; nil is time.Now.
	Now func() time.Time
	// Gate decides whether the evidence lets an investor commit; nil is
	// [RequireAccreditation]. It touches no database: what it may judge by is in
	// the evidence, which the caller loads in the same transaction.
	Gate Gate
	// Scope keeps the idempotency keys of this service apart from those of other
	// programs on the same database, at most 200 bytes; "" is a scope of its own.
	Scope string
	// Vault seals tax ids and payment details; nil refuses to store any
	// ([ErrNoVault]).
	Vault *vault.Vault
	// Approvals says how many people have to agree to a distribution, by its
	// amount; nil is one other than who declared it. See [ApprovalPolicy.Validate].
	Approvals ApprovalPolicy
}

// Service is the verbs and reads of this domain. It holds no connection, is
// immutable and safe for concurrent use. Each method takes the pool, or a
// transaction of the caller's that it then is a part of.
type Service struct {
	clock     func() time.Time
	gate      Gate
	scope     string
	vault     *vault.Vault
	approvals ApprovalPolicy
	ledger    *ledger.Service
}

// NewService makes a Service.
func NewService(cfg Config) *Service {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Gate == nil {
		cfg.Gate = RequireAccreditation
	}
	return &Service{clock: cfg.Now, gate: cfg.Gate, scope: cfg.Scope, vault: cfg.Vault, approvals: slices.Clone(cfg.Approvals),
		ledger: ledger.NewService(ledger.Config{Now: cfg.Now})}
}

// now is the time of a call as the database keeps it.
func (s *Service) now() time.Time { return s.clock().UTC().Truncate(time.Microsecond) }

// command names one use of a verb by the caller's key.
func (s *Service) command(verb, key string) store.Command {
	return store.Command{Scope: s.scope, Verb: verb, Key: key}
}

func optional(v string) *string {
	if v == "" {
		return nil
	}
	return &v
}

func ptr[T any](v T) *T { return &v }
