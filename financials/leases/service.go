package leases

import (
	"slices"
	"time"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
)

// Config is what the services need. The zero value is ready for use.
type Config struct {
	// Now is the clock, read once per call; nil is time.Now.
	Now func() time.Time
	// Horizon is how many days after today a lease may start, a charge be due or a
	// notice take effect; zero is 366. The end of a lease has no such limit.
	Horizon int
	// Scope keeps the idempotency keys apart from those of other programs.
	Scope string
	// WriteOffApprovals is how many people besides who asked agree to a write-off;
	// zero is one.
	WriteOffApprovals int
	// May asks whether the actor's roles permit what [Rules] names, on the property; nil
	// asks for no role, and every active user acts who is not kept from it as a party.
	May auth.MayFunc
	// Hooks are called once per verb with all of its events, in order, after the
	// verb's writes and in its transaction; an error refuses the verb.
	Hooks []store.Hook
}

// Services are the services of this package.
type Services struct {
	Leases   *Leases
	Accounts *Accounts
	Rolls    *Rolls
}

// Leases keeps tenants and what leases say. It holds no connection, is immutable and
// safe for concurrent use, as the other services are.
type Leases struct{ *core }

// Accounts keeps what tenants are charged, pay and owe.
type Accounts struct{ *core }

// Rolls reads rent rolls of any day, and closes months.
type Rolls struct{ *core }

// core is what the services share.
type core struct {
	now        func() time.Time
	horizon    int
	scope      string
	approvals  int
	rules      map[Verb]Rule
	may        auth.MayFunc
	properties *properties.Service
	books      *ledger.Service
	rolls      *financials.Service
	hooks      store.Hooks
}

// New makes the services.
func New(cfg Config) Services {
	c := &core{now: store.Clock(cfg.Now), horizon: cfg.Horizon, scope: cfg.Scope, approvals: max(cfg.WriteOffApprovals, 1),
		rules: Rules(), may: cfg.May,
		properties: properties.NewService(properties.Config{Now: cfg.Now, Hooks: cfg.Hooks}),
		books:      ledger.NewService(ledger.Config{Now: cfg.Now, Hooks: cfg.Hooks}),
		rolls:      financials.NewService(financials.Config{Now: cfg.Now, Hooks: cfg.Hooks}),
		hooks:      slices.Clone(cfg.Hooks)}
	return Services{&Leases{c}, &Accounts{c}, &Rolls{c}}
}

// days is the clock that dates are judged by.
func (c *core) days() check.Days { return check.NewDays(c.now(), c.horizon) }

// knownAs is the condition that a row of a superseded kind was known at a time, which is
// the query's argument at place; nil is now.
func knownAs(alias, place string, known *time.Time) string {
	if known == nil {
		return alias + ".superseded_at IS NULL"
	}
	return alias + ".recorded_at <= " + place + " AND (" + alias + ".superseded_at IS NULL OR " + alias + ".superseded_at > " + place + ")"
}
