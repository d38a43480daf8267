package renovations

import (
	"slices"
	"time"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
)

// Config is what a [Service] needs. The zero value is ready for use.
type Config struct {
	// Now is the clock, read once per call; nil is time.Now.
	Now func() time.Time
	// OrderApprovals is how many people besides who asked agree to a change order; zero is
	// one.
	OrderApprovals int
	// May asks whether the actor's roles permit what [Rules] names, on the property; nil
	// asks for no role, and every active user acts.
	May auth.MayFunc
	// Tenancies asks the leases who is in a unit on a day; nil asks nobody, and what the
	// units say of themselves is taken as it stands.
	Tenancies properties.TenanciesFunc
	// Hooks are called once per verb with all of its events, in order, after the
	// verb's writes and in its transaction; an error refuses the verb.
	Hooks []store.Hook
}

// Service is the verbs and reads of this domain. It holds no connection, is
// immutable and safe for concurrent use.
type Service struct {
	now        func() time.Time
	approvals  int
	may        auth.MayFunc
	properties *properties.Service
	hooks      store.Hooks
}

// NewService makes a Service.
func NewService(cfg Config) *Service {
	return &Service{now: store.Clock(cfg.Now), approvals: max(cfg.OrderApprovals, 1), may: cfg.May,
		properties: properties.NewService(properties.Config{Now: cfg.Now, Tenancies: cfg.Tenancies, Hooks: cfg.Hooks}),
		hooks:      slices.Clone(cfg.Hooks)}
}
