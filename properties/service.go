package properties

import (
	"slices"
	"time"

	"github.com/freehold-go/freehold/internal/store"
)

// Config is what a [Service] needs. The zero value is ready for use.
type Config struct {
	// Now is the clock, read once per call; nil is time.Now.
	Now func() time.Time
	// Horizon is how many days after today a purchase may take effect; zero is 366.
	Horizon int
	// Tenancies asks the leases who is in a unit on a day; nil asks nobody, and what the
	// units say of themselves is taken as it stands.
	Tenancies TenanciesFunc
	// Hooks are called once per verb with all of its events, in order, after the
	// verb's writes and in its transaction; an error refuses the verb.
	Hooks []store.Hook
}

// Service is the verbs and reads of this domain. It holds no connection, is
// immutable and safe for concurrent use. Each method takes the pool, or a
// transaction of the caller's that it then is a part of.
type Service struct {
	now       func() time.Time
	tenancies TenanciesFunc
	hooks     store.Hooks
	horizon   int
}

// NewService makes a Service.
func NewService(cfg Config) *Service {
	return &Service{now: store.Clock(cfg.Now), tenancies: cfg.Tenancies, hooks: slices.Clone(cfg.Hooks), horizon: cfg.Horizon}
}
