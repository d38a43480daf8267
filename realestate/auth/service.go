package auth

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/reseal"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/vault"
)

// Services are the verbs and reads of this domain, by what they are about. They hold
// no connection and are safe for concurrent use.
type Services struct {
	// Users: signing up, addresses and phones, passwords, suspending, deleting.
	Users *Users
	// Sessions: signing in, with a second factor or without, and what follows.
	Sessions *Sessions
	// Factors: authenticators, recovery codes, passkeys, trusted devices.
	Factors *Factors
	// Access: who may do what; roles, keys of machines, identities of providers.
	Access *Access
	// Audit: what happened to identities, and how long it is kept.
	Audit *Audit
}

// Users is the verbs and reads of users, their addresses, phones and passwords.
type Users struct{ *core }

// Sessions is the verbs and reads of sign-ins and sessions.
type Sessions struct{ *core }

// Factors is the verbs and reads of second factors and trusted devices.
type Factors struct{ *core }

// Access is the verbs and reads of roles, API keys and linked identities.
type Access struct{ *core }

// Audit is the audit list and the retention of what is kept of identities.
type Audit struct{ *core }

// core is what the services share.
type core struct {
	cfg    Config
	clock  func() time.Time
	vault  *vault.Vault
	policy Policy
	hooks  store.Hooks
	hashes chan struct{} // a place for each hash that may be computed at once

	dummyLock sync.Mutex
	dummyHash *Secret
}

// New makes the services of this domain.
func New(cfg Config) *Services {
	cfg = cfg.usable()
	c := &core{cfg: cfg, clock: cfg.Now, vault: cfg.Vault, policy: cfg.Policy, hooks: slices.Clone(cfg.Hooks), hashes: make(chan struct{}, cfg.ParallelHashes)}
	return &Services{Users: &Users{c}, Sessions: &Sessions{c}, Factors: &Factors{c}, Access: &Access{c}, Audit: &Audit{c}}
}

// now reads the clock once, in the form that the database keeps.
func (s *core) now() time.Time { return s.clock().UTC().Truncate(time.Microsecond) }

// The columns that the vault seals.
var (
	mfaSecret        = reseal.Column{Table: "auth.users", Name: "mfa_secret", Owner: "id"}
	mfaPendingSecret = reseal.Column{Table: "auth.users", Name: "mfa_pending_secret", Owner: "id"}
)

// Reseal seals the secrets of authenticators anew that are sealed by another key
// than the vault's first, batch rows at a time (0 is 500), each batch a transaction
// of its own on a pool. A value that does not open is reported, and the others go
// on. It returns [vault.ErrNoVault], or [fault.CodeOutOfRange] of batch.
func (s *Factors) Reseal(ctx context.Context, db bun.IDB, batch int) (*vault.ResealReport, error) {
	return reseal.Run(ctx, db, s.vault, batch, mfaSecret, mfaPendingSecret)
}

// interval is a duration as a parameter that is cast to interval.
func interval(d time.Duration) string { return fmt.Sprintf("%d microseconds", d.Microseconds()) }

// orNil is the text of a nullable parameter.
func orNil[T ~string](s *T) any {
	if s == nil {
		return nil
	}
	return string(*s)
}

// idOrNil is the id of a nullable parameter.
func idOrNil[T any](v *id.Of[T]) any {
	if v == nil {
		return nil
	}
	return v.String()
}

func equal[T comparable](a, b *T) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}
