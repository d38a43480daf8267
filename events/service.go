package events

import (
	"slices"
	"time"

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
