package market

import (
	"context"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// The conditions of valuations.
var (
	// ErrValuationNotFound: there is no such valuation.
	ErrValuationNotFound = fault.New(fault.NotFound, "valuation_not_found", "there is no such valuation")
	// ErrValuationExists: a valuation with this id was recorded before.
	ErrValuationExists = fault.New(fault.Conflict, "valuation_exists", "a valuation with this id exists")
	// ErrStale: somebody else changed the row since it was read.
	ErrStale = store.ErrStale
)

// The aggregates that this package's events are about.
const (
	aggregateValuation = "valuation"
	aggregateArea      = "market_area"
)

// ValuationType says who judged the value.
type ValuationType string

// The valuation types; a BPO is a broker's price opinion.
const (
	ValuationAppraisal ValuationType = "appraisal"
	ValuationBPO       ValuationType = "bpo"
	ValuationAutomated ValuationType = "automated"
	ValuationInternal  ValuationType = "internal"
)

// Valid reports whether t is one of the valuation types.
func (t ValuationType) Valid() bool {
	switch t {
	case ValuationAppraisal, ValuationBPO, ValuationAutomated, ValuationInternal:
		return true
	}
	return false
}

// ValuationMethod says how the value was judged.
type ValuationMethod string

// The valuation methods.
const (
	MethodIncome    ValuationMethod = "income"
	MethodSalesComp ValuationMethod = "sales_comp"
	MethodCost      ValuationMethod = "cost"
)

// Valid reports whether m is one of the valuation methods.
func (m ValuationMethod) Valid() bool {
	switch m {
	case MethodIncome, MethodSalesComp, MethodCost:
		return true
	}
	return false
}

// ComparableSale is a sale that supports a valuation. Rates are fractions.
type ComparableSale struct {
	Name    string           `json:"name,omitempty"`
	Address string           `json:"address,omitempty"`
	Price   money.Amount     `json:"price"`
	Date    *date.Date       `json:"date,omitempty"`
	Units   *int             `json:"units,omitempty"`
	Sqft    *int             `json:"sqft,omitempty"`
	CapRate *decimal.Decimal `json:"cap_rate,omitempty"`
}

// Valuation is a judgment of a property's value on a date. Valuations are
// never deleted; a wrong one is corrected in place and its history kept.
type Valuation struct {
	bun.BaseModel `bun:"table:market.property_valuations,alias:mv"`

	ID               id.Of[Valuation]           `bun:"id,pk"`
	PropertyID       id.Of[properties.Property] `bun:"property_id"`
	Date             date.Date                  `bun:"valuation_date"`
	Type             *ValuationType             `bun:"valuation_type"`
	Amount           *money.Amount              `bun:"valuation_amount"`
	Method           *ValuationMethod           `bun:"valuation_method"`
	CapRateUsed      *decimal.Decimal           `bun:"cap_rate_used"`
	NOIUsed          *money.Amount              `bun:"noi_used"`
	ComparableSales  []ComparableSale           `bun:"comparable_sales,type:jsonb,nullzero"`
	AppraiserName    *string                    `bun:"appraiser_name"`
	AppraiserLicense *string                    `bun:"appraiser_license"`
	ReportURL        *string                    `bun:"report_url"`
	Version          int64                      `bun:"version"`
	CreatedAt        time.Time                  `bun:"created_at"`
	UpdatedAt        time.Time                  `bun:"updated_at"`
}

// valuations is the repository of Valuation rows, the latest date first.
var valuations = store.Repo[Valuation]{
	NotFound:    ErrValuationNotFound,
	Constraints: constraints,
	Sort: store.Sort[Valuation]{
		Columns: []store.Column{{Name: "valuation_date", Type: "date"}, {Name: "id", Type: "uuid"}},
		Desc:    true,
		Key:     func(v *Valuation) []string { return []string{v.Date.String(), v.ID.String()} },
	},
}

// Valuation reads a valuation. It returns [ErrValuationNotFound].
func (s *Service) Valuation(ctx context.Context, db bun.IDB, valuation id.Of[Valuation]) (*Valuation, error) {
	return valuations.Get(ctx, db, valuation)
}

// Valuations lists the valuations of a property, the latest date first, a page
// at a time.
func (s *Service) Valuations(ctx context.Context, db bun.IDB, property id.Of[properties.Property], r page.Request) (page.Page[Valuation], error) {
	return valuations.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("mv.property_id = ?", property) })
}
