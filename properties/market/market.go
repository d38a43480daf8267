package market

import (
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// Area is a market and what is known of its people and rents. Rates are
// fractions; population growth may be negative. MedianRent is a month's.
type Area struct {
	bun.BaseModel `bun:"table:market.market_areas,alias:ma"`

	ID                    id.Of[Area]            `bun:"id,pk"`
	Name                  string                 `bun:"market_name"`
	State                 *string                `bun:"state"`
	MetroArea             *string                `bun:"metro_area"`
	Population            *int                   `bun:"population"`
	PopulationGrowthRate  *decimal.Decimal       `bun:"population_growth_rate"`
	MedianHouseholdIncome *money.Amount          `bun:"median_household_income"`
	UnemploymentRate      *decimal.Decimal       `bun:"unemployment_rate"`
	MedianHomePrice       *money.Amount          `bun:"median_home_price"`
	MedianRent            *money.Amount          `bun:"median_rent"`
	VacancyRate           *decimal.Decimal       `bun:"vacancy_rate"`
	DataDate              *date.Date             `bun:"data_date"`
	DataSource            *properties.DataSource `bun:"data_source"`
	CreatedAt             time.Time              `bun:"created_at"`
	UpdatedAt             time.Time              `bun:"updated_at"`
}

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

// Valuation is a judgement of a property's value on a date. Valuations are
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
