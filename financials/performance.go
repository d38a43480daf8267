package financials

import (
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// PeriodType is the length of a performance period.
type PeriodType string

// The period types.
const (
	PeriodMonthly   PeriodType = "monthly"
	PeriodQuarterly PeriodType = "quarterly"
	PeriodAnnual    PeriodType = "annual"
)

// Valid reports whether p is one of the period types.
func (p PeriodType) Valid() bool {
	switch p {
	case PeriodMonthly, PeriodQuarterly, PeriodAnnual:
		return true
	}
	return false
}

// Performance is the metrics of a property for one period, computed from its
// statements and rent roll. Rates and ratios are fractions of full precision and
// nil where undefined: no debt, no value, no equity.
type Performance struct {
	bun.BaseModel `bun:"table:financials.property_performance,alias:fp" json:"-"`

	ID          id.Of[Performance]         `bun:"id,pk" json:"id"`
	PropertyID  id.Of[properties.Property] `bun:"property_id" json:"property_id"`
	PeriodStart date.Date                  `bun:"period_start" json:"period_start"`
	PeriodEnd   date.Date                  `bun:"period_end" json:"period_end"`
	PeriodType  PeriodType                 `bun:"period_type" json:"period_type"`

	// Key metrics. A ratio is NULL where it is undefined: no debt, no value, no equity.
	NOI                 *money.Amount    `bun:"noi" json:"noi"`
	CapRate             *decimal.Decimal `bun:"cap_rate" json:"cap_rate"`
	CashOnCashReturn    *decimal.Decimal `bun:"cash_on_cash_return" json:"cash_on_cash_return"`
	DebtServiceCoverage *decimal.Decimal `bun:"debt_service_coverage" json:"debt_service_coverage"`

	// Occupancy
	OccupancyRate *decimal.Decimal `bun:"occupancy_rate" json:"occupancy_rate"`
	AverageRent   *money.Amount    `bun:"average_rent" json:"average_rent"`
	RentPerSqft   *decimal.Decimal `bun:"rent_per_sqft" json:"rent_per_sqft"`

	// Collections. Prepayments lift the collection rate above 1, arrears the delinquency rate.
	RentCollected   *money.Amount    `bun:"rent_collected" json:"rent_collected"`
	CollectionRate  *decimal.Decimal `bun:"collection_rate" json:"collection_rate"`
	DelinquencyRate *decimal.Decimal `bun:"delinquency_rate" json:"delinquency_rate"`
	CreatedAt       time.Time        `bun:"created_at" json:"created_at"`
	UpdatedAt       time.Time        `bun:"updated_at" json:"updated_at"`
}
