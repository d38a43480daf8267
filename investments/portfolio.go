package investments

import (
	"context"
	"encoding/json"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// Portfolio is what an investor holds in total of one currency. It is a projection of positions and
// transactions that the service recomputes; TotalInvested alone is also kept by a
// trigger between two computations. Rates are fractions, nil where undefined: the
// IRR is that of the pooled cash flows, never an average of deals. The allocations
// are fractions of CurrentValue.
type Portfolio struct {
	bun.BaseModel `bun:"table:investments.investor_portfolios,alias:f" json:"-"`

	ID              id.Of[Portfolio] `bun:"id,pk" json:"id"`
	InvestorID      id.Of[auth.User] `bun:"investor_id" json:"investor_id"`
	Currency        string           `bun:"currency" json:"currency"`
	TotalProperties int              `bun:"total_properties" json:"total_properties"`

	// Kept by investment_portfolio_trigger; everything else waits for the next recomputation.
	TotalInvested      money.Amount `bun:"total_invested" json:"total_invested"`
	CurrentValue       money.Amount `bun:"current_value" json:"current_value"`
	TotalDistributions money.Amount `bun:"total_distributions" json:"total_distributions"`

	// NULL where undefined. Of several rates the IRR is the one nearest 10 %, and
	// IRRUnique says that there is no other.
	IRR            *decimal.Decimal `bun:"weighted_avg_irr" json:"irr"`
	IRRUnique      *bool            `bun:"irr_unique" json:"irr_unique"`
	CashOnCash     *decimal.Decimal `bun:"weighted_avg_cash_on_cash" json:"cash_on_cash"`
	EquityMultiple *decimal.Decimal `bun:"total_equity_multiple" json:"equity_multiple"`

	// Fractions of the current value by key
	AllocationByState         map[string]decimal.Decimal `bun:"allocation_by_state,type:jsonb,nullzero" json:"allocation_by_state"`
	AllocationByCity          map[string]decimal.Decimal `bun:"allocation_by_city,type:jsonb,nullzero" json:"allocation_by_city"`
	AllocationByPropertyType  map[string]decimal.Decimal `bun:"allocation_by_property_type,type:jsonb,nullzero" json:"allocation_by_property_type"`
	AllocationByPropertyClass map[string]decimal.Decimal `bun:"allocation_by_property_class,type:jsonb,nullzero" json:"allocation_by_property_class"`
	AsOf                      *date.Date                 `bun:"as_of" json:"as_of"` // the day that it was computed for
	LastCalculatedAt          *time.Time                 `bun:"last_calculated_at" json:"last_calculated_at"`
	Movements                 int64                      `bun:"movements" json:"movements"` // how many movements of the positions it was computed from; where there are more, it waits for the next computation

	// What those movements come to, added up, and by position the number of the last of
	// them: the next computation goes on from it. It says nothing that the other figures
	// do not, and is left out where portfolios are read.
	Folded        []byte          `bun:"folded" json:"-"`
	FoldedNumbers json.RawMessage `bun:"folded_numbers,type:jsonb,nullzero" json:"-"`
	CreatedAt     time.Time       `bun:"created_at" json:"created_at"`
	UpdatedAt     time.Time       `bun:"updated_at" json:"updated_at"`
}

// The conditions of portfolios.
var (
	// ErrPortfolioNotFound: the investor has no portfolio.
	ErrPortfolioNotFound = fault.New(fault.NotFound, "portfolio_not_found", "the investor has no portfolio")
	// ErrPortfolioFolded: what the next computation goes on from is kept in part.
	ErrPortfolioFolded = fault.New(fault.Invalid, "portfolio_folded_incomplete", "what a portfolio goes on from is kept whole, with the day that it is of").On("folded")
	// ErrPortfolioExists: the investor has a portfolio.
	ErrPortfolioExists = fault.New(fault.Conflict, "portfolio_exists", "the investor has a portfolio").On("investor_id")
)

// portfolios is the repository of Portfolio rows, newest first.
var portfolios = store.Repo[Portfolio]{
	NotFound:    ErrPortfolioNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(r *Portfolio) (time.Time, string) { return r.CreatedAt, r.ID.String() }),
}

// TotalReturns is distributions and current value less what was invested. It
// returns [money.ErrOutOfRange].
func (p *Portfolio) TotalReturns() (money.Amount, error) {
	return money.Sum(p.TotalDistributions, p.CurrentValue, p.TotalInvested.Neg())
}

// ErrSeveralCurrencies: the investor holds more than one currency, and amounts of two
// are never added.
var ErrSeveralCurrencies = fault.New(fault.Conflict, "several_currencies", "the investor holds several currencies; name one").On("currency")

// Portfolio reads what an investor holds in total, as of its LastCalculatedAt, where
// they hold one currency; [Reports.Portfolios] lists those of each. It returns
// [ErrSeveralCurrencies] or [ErrPortfolioNotFound].
func (s *Reports) Portfolio(ctx context.Context, db bun.IDB, investor id.Of[auth.User]) (*Portfolio, error) {
	all, err := s.Portfolios(ctx, db, investor)
	switch {
	case err != nil:
		return nil, err
	case len(all) == 0:
		return nil, ErrPortfolioNotFound
	case len(all) > 1:
		return nil, ErrSeveralCurrencies.With("%d of them", len(all))
	}
	return &all[0], nil
}

// Portfolios reads what an investor holds in total of each currency, by its code.
func (s *Reports) Portfolios(ctx context.Context, db bun.IDB, investor id.Of[auth.User]) ([]Portfolio, error) {
	return portfolios.All(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.ExcludeColumn("folded", "folded_numbers").Where("f.investor_id = ?", investor).OrderExpr("f.currency")
	})
}
