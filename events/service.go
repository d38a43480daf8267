package events

import (
	"time"

	"github.com/freehold-go/freehold/internal/store"
)

// Config configures a [Service]. The zero value is ready for use.
type Config struct {
	// Now is the clock, read once per call; nil is time.Now.
	Now func() time.Time
	// Horizon is how many days after today an event may start; zero is 366.
	Horizon int
}

// Service is the verbs on events. It holds no connection and is safe for
// concurrent use.
type Service struct {
	now     func() time.Time
	horizon int
}

// NewService makes a Service.
func NewService(cfg Config) *Service {
	return &Service{now: store.Clock(cfg.Now), horizon: cfg.Horizon}
}
