package payables

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/reseal"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/vault"
)

// Config is what the service needs. The zero value is ready for use.
type Config struct {
	// Now is the clock, read once per call; nil is time.Now.
	Now func() time.Time
	// Horizon is how many days after today a bill may be due, or a repair be scheduled;
	// zero is 366.
	Horizon int
	// Scope keeps the idempotency keys apart from those of other programs.
	Scope string
	// Vault seals the tax ids of vendors; nil refuses to store any.
	Vault *vault.Vault
	// Approvals is how many people besides who entered it agree to a bill; zero is one.
	Approvals int
	// May asks whether the actor's roles permit what [Rules] names, on the property; nil
	// asks for no role, and every active user acts who is not the vendor.
	May auth.MayFunc
	// Hooks are called once per verb with all of its events, in order, after the
	// verb's writes and in its transaction; an error refuses the verb.
	Hooks []store.Hook
}

// Service keeps vendors, bills and maintenance requests. It holds no connection, is
// immutable and safe for concurrent use.
type Service struct {
	now        func() time.Time
	horizon    int
	scope      string
	vault      *vault.Vault
	approvals  int
	may        auth.MayFunc
	properties *properties.Service
	books      *ledger.Service
	hooks      store.Hooks
}

// NewService makes a Service.
func NewService(cfg Config) *Service {
	return &Service{now: store.Clock(cfg.Now), horizon: cfg.Horizon, scope: cfg.Scope, vault: cfg.Vault, approvals: max(cfg.Approvals, 1), may: cfg.May,
		properties: properties.NewService(properties.Config{Now: cfg.Now, Hooks: cfg.Hooks}),
		books:      ledger.NewService(ledger.Config{Now: cfg.Now, Hooks: cfg.Hooks}),
		hooks:      slices.Clone(cfg.Hooks)}
}

// days is the clock that dates are judged by.
func (s *Service) days() check.Days { return check.NewDays(s.now(), s.horizon) }

// Reseal encrypts the tax ids anew that are sealed by another key than the vault's first,
// batch rows at a time (0 is 500), each batch a transaction of its own on a pool. A value
// that does not open stays as it is and is reported by its table and id; the others go on.
// What is stored says the same afterwards, so no event tells of it. It returns
// [vault.ErrNoVault], or [fault.CodeOutOfRange] of batch.
func (s *Service) Reseal(ctx context.Context, db bun.IDB, batch int) (*vault.ResealReport, error) {
	return reseal.Run(ctx, db, s.vault, batch, reseal.Column{Table: vendorsTable, Name: taxIDColumn, Owner: "id", Indexed: "tax_id_index"})
}
