package financials

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// Config is what a [Service] needs. The zero value is ready for use.
type Config struct {
	// Now is the clock, read once per call; nil is time.Now.
	Now func() time.Time
	// Horizon is how many days after today a loan may start; zero is 366.
	Horizon int
	// Scope keeps the idempotency keys apart from those of other programs.
	Scope string
	// May asks whether the actor's roles permit what [Rules] names, on the property; nil
	// asks for no role, and every active user acts.
	May auth.MayFunc
	// Value finds the valuation of a property that held on a day, out of a history that this
	// package may not know, such as that of market.Service.ValuationOn. With nil the
	// property's current valuation is all that is known.
	Value ValueFunc
	// Hooks are called once per verb with all of its events, in order, after the
	// verb's writes and in its transaction; an error refuses the verb.
	Hooks []store.Hook
}

// ValueFunc finds the valuation of a property that held at the end of a day; its amount is
// nil where there is none.
type ValueFunc func(ctx context.Context, db bun.IDB, property id.Of[properties.Property], on date.Date) (Valued, error)

// Valued is what a property was worth from a day on.
type Valued struct {
	Amount *money.Amount
	Date   date.Date
}

// Service is the verbs and reads of this domain. It holds no connection, is
// immutable and safe for concurrent use. Each method takes the pool, or a
// transaction of the caller's that it then is a part of.
type Service struct {
	now        func() time.Time
	horizon    int
	properties *properties.Service
	hooks      store.Hooks
}

// NewService makes a Service.
func NewService(cfg Config) *Service {
	return &Service{now: store.Clock(cfg.Now), horizon: cfg.Horizon, properties: properties.NewService(properties.Config{Now: cfg.Now}), hooks: slices.Clone(cfg.Hooks)}
}

// days is the clock that dates are judged by.
func (s *Service) days() check.Days { return check.NewDays(s.now(), s.horizon) }
