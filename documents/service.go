package documents

import (
	"slices"
	"time"

	"github.com/freehold-go/freehold/internal/store"
)

// Config configures a [Service]. The zero value is ready for use.
type Config struct {
	// Now is the clock, read once per call; nil is time.Now.
	Now func() time.Time
	// Hooks are called once per verb with all of its events, in order, after the
	// verb's writes and in its transaction; an error refuses the verb.
	Hooks []store.Hook
}

// Service is the verbs on documents. It holds no connection and is safe for
// concurrent use.
type Service struct {
	now   func() time.Time
	hooks store.Hooks
}

// NewService makes a Service.
func NewService(cfg Config) *Service {
	return &Service{now: store.Clock(cfg.Now), hooks: slices.Clone(cfg.Hooks)}
}
