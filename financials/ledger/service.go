package ledger

import (
	"slices"
	"time"

	"github.com/freehold-go/freehold/internal/store"
)

// Config is what a [Service] needs. The zero value is ready for use.
type Config struct {
	// Now is the clock, read once per call; nil is time.Now.
	Now func() time.Time
	// Hooks are called once per verb with all of its events, in order, after the
	// verb's writes and in its transaction; an error refuses the verb.
	Hooks []store.Hook
}

// Service is the verbs and reads of the books. It holds no connection, is
// immutable and safe for concurrent use. Each method takes the pool, or a
// transaction of the caller's that it then is a part of.
type Service struct {
	now   func() time.Time
	hooks store.Hooks
}

// NewService makes a Service.
func NewService(cfg Config) *Service {
	return &Service{now: store.Clock(cfg.Now), hooks: slices.Clone(cfg.Hooks)}
}

// Proofs is the verbs that prove books from mark to mark.
type Proofs struct{ books *Service }

// NewProofs makes the Proofs.
func NewProofs(cfg Config) *Proofs { return &Proofs{NewService(cfg)} }
