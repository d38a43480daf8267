package financials

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

// months is how many months a period of the type has, 0 for a type that is none.
func (p PeriodType) months() int {
	return map[PeriodType]int{PeriodMonthly: 1, PeriodQuarterly: 3, PeriodAnnual: 12}[p]
}

// The conditions of stored metrics.
var (
	// ErrPeriodLength: the period is not as long as its type says.
	ErrPeriodLength = fault.New(fault.Invalid, "period_length_mismatch", "a period is one, three or twelve whole months, as its type says").On("period_type")
	// ErrPerformanceNotFound: the property has no metrics of this period.
	ErrPerformanceNotFound = fault.New(fault.NotFound, "performance_not_found", "there are no metrics of this period")
	// ErrPerformanceExists: the period has metrics already.
	ErrPerformanceExists = fault.New(fault.Conflict, "performance_exists", "the period has metrics already").On("period_start")
)

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

// performances is the repository of Performance rows, by period.
var performances = store.Repo[Performance]{
	NotFound:    ErrPerformanceNotFound,
	Constraints: constraints,
	Sort:        byPeriod(func(p *Performance) (date.Date, string) { return p.PeriodStart, p.ID.String() }),
}

// PerformanceOfParams names a period whose metrics are wanted.
type PerformanceOfParams struct {
	PropertyID  id.Of[properties.Property]
	PeriodType  PeriodType
	PeriodStart date.Date
	PeriodEnd   date.Date
}

// PerformanceOf reads the stored metrics of a period. It returns
// [ErrPerformanceNotFound].
func (s *Service) PerformanceOf(ctx context.Context, db bun.IDB, p PerformanceOfParams) (*Performance, error) {
	return performances.One(ctx, db, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("fp.property_id = ?", p.PropertyID).Where("fp.period_type = ?", p.PeriodType).
			Where("fp.period_start = ?", p.PeriodStart).Where("fp.period_end = ?", p.PeriodEnd)
	})
}

// SetMetrics writes the metrics of a statement and of the rent roll of its
// last day, rounded to the columns: rates and ratios to ten decimals, the
// occupancy to six, the average rent to the cent. A ratio that is undefined or
// does not fit its column is nil.
func (p *Performance) SetMetrics(m OperatingMetrics, roll RollMetrics) {
	noi, collected := m.NOI, roll.Collected
	p.NOI, p.RentCollected = &noi, &collected
	p.CapRate, p.CashOnCashReturn, p.DebtServiceCoverage = stored(m.CapRate), stored(m.CashOnCash), stored(m.DSCR)
	p.OccupancyRate, p.RentPerSqft = nil, stored(roll.RentPerSqFt)
	if roll.PhysicalOccupancy != nil {
		o := roll.PhysicalOccupancy.Round(6)
		p.OccupancyRate = &o
	}
	p.AverageRent = nil
	if roll.AverageRent != nil {
		if a, err := money.Round(*roll.AverageRent); err == nil {
			p.AverageRent = &a
		}
	}
	p.CollectionRate, p.DelinquencyRate = stored(roll.CollectionRate), stored(roll.DelinquencyRate)
}

// stored rounds a ratio to NUMERIC(18,10), nil where it does not fit.
func stored(r *decimal.Decimal) *decimal.Decimal {
	if r == nil {
		return nil
	}
	out := r.Round(10)
	if out.Abs().GreaterThanOrEqual(decimal.New(1, 8)) {
		return nil
	}
	return &out
}
