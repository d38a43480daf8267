package financials

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/ledger"
	"github.com/freehold-go/freehold/internal/check"
	"github.com/freehold-go/freehold/internal/propertybook"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/id"
)

// core is what the services on a property's money share.
type core struct {
	now        func() time.Time
	horizon    int
	scope      string
	rules      map[Verb]Rule
	may        auth.MayFunc
	value      ValueFunc
	properties *properties.Service
	books      *ledger.Service
	hooks      store.Hooks
}

// ErrStale: somebody else changed it since it was read.
var ErrStale = store.ErrStale

func newCore(cfg Config) *core {
	return &core{now: store.Clock(cfg.Now), horizon: cfg.Horizon, scope: cfg.Scope, rules: Rules(), may: cfg.May, value: cfg.Value,
		properties: properties.NewService(properties.Config{Now: cfg.Now}), books: ledger.NewService(ledger.Config{Now: cfg.Now, Hooks: cfg.Hooks}),
		hooks: slices.Clone(cfg.Hooks)}
}

// Loans keeps what is drawn on mortgages and paid, their rates, and what their lenders
// ask. It holds no connection, is immutable and safe for concurrent use.
type Loans struct{ *core }

// NewLoans makes the service of loans.
func NewLoans(cfg Config) *Loans { return &Loans{newCore(cfg)} }

// Cash keeps the reserves of properties and what of their cash may be distributed. It holds
// no connection, is immutable and safe for concurrent use.
type Cash struct{ *core }

// NewCash makes the service of a property's cash.
func NewCash(cfg Config) *Cash { return &Cash{newCore(cfg)} }

// days is the clock that dates are judged by.
func (s *core) days() check.Days { return check.NewDays(s.now(), s.horizon) }

// bookOf finds the book of a property, whose lock the caller holds, or opens it.
func (s *core) bookOf(ctx context.Context, tx bun.IDB, property id.Of[properties.Property]) (id.Of[ledger.Book], error) {
	return propertybook.Finder{Books: s.books, Properties: s.properties}.Find(ctx, tx, property, loanChart)
}

// chart is the accounts of a book by their codes; those that loans need and it lacks are
// added.
func (s *core) chart(ctx context.Context, tx bun.IDB, book id.Of[ledger.Book]) (map[string]id.Of[ledger.Account], error) {
	return propertybook.Finder{Books: s.books, Properties: s.properties}.Accounts(ctx, tx, book, loanChart, ErrLoanAccount)
}
