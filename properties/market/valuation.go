package market

import (
	"context"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/internal/check"
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
	bun.BaseModel `bun:"table:market.property_valuations,alias:mv" json:"-"`

	ID               id.Of[Valuation]           `bun:"id,pk" json:"id"`
	PropertyID       id.Of[properties.Property] `bun:"property_id" json:"property_id"`
	Date             date.Date                  `bun:"valuation_date" json:"date"`
	Type             *ValuationType             `bun:"valuation_type" json:"type"`
	Amount           *money.Amount              `bun:"valuation_amount" json:"amount"`
	Method           *ValuationMethod           `bun:"valuation_method" json:"method"`
	CapRateUsed      *decimal.Decimal           `bun:"cap_rate_used" json:"cap_rate_used"`
	NOIUsed          *money.Amount              `bun:"noi_used" json:"noi_used"`
	ComparableSales  []ComparableSale           `bun:"comparable_sales,type:jsonb,nullzero" json:"comparable_sales"`
	AppraiserName    *string                    `bun:"appraiser_name" json:"appraiser_name"`
	AppraiserLicense *string                    `bun:"appraiser_license" json:"appraiser_license"`
	ReportURL        *string                    `bun:"report_url" json:"report_url"`
	Version          int64                      `bun:"version" json:"version"`
	CreatedAt        time.Time                  `bun:"created_at" json:"created_at"`
	UpdatedAt        time.Time                  `bun:"updated_at" json:"updated_at"`
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

// ValuationOnParams is a property and a day.
type ValuationOnParams struct {
	PropertyID id.Of[properties.Property]
	On         date.Date
}

// ValuationOn reads the valuation of a property that held on a day: the latest by then that
// has an amount, as it is on record now. It returns [ErrValuationNotFound] or the field
// errors.
func (s *Service) ValuationOn(ctx context.Context, db bun.IDB, p ValuationOnParams) (*Valuation, error) {
	var f check.Fields
	f.Given("property_id", p.PropertyID)
	f.Given("on", p.On)
	if err := f.Err(); err != nil {
		return nil, err
	}
	return latestOf(ctx, db, p.PropertyID, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("mv.valuation_date <= ?", p.On) })
}

// latestOf reads the latest of a property's valuations that have an amount.
func latestOf(ctx context.Context, db bun.IDB, property id.Of[properties.Property], narrow func(*bun.SelectQuery) *bun.SelectQuery) (*Valuation, error) {
	return valuations.One(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return narrow(q).Where("mv.property_id = ?", property).Where("mv.valuation_amount IS NOT NULL").
			OrderExpr("mv.valuation_date DESC, mv.created_at DESC, mv.id DESC").Limit(1)
	})
}
