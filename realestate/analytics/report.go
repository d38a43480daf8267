package analytics

import (
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/investments"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/users"
)

// PortfolioPerformance is a row of the materialized view
// analytics.portfolio_performance: the performance of an investor with funded
// positions, as of the last refresh. Rates are fractions, nil where undefined;
// AvgHoldingPeriod is in days.
type PortfolioPerformance struct {
	bun.BaseModel `bun:"table:analytics.portfolio_performance,alias:pp" json:"-"`

	InvestorID       id.Of[auth.User] `bun:"investor_id" json:"investor_id"`
	TotalInvested    money.Amount     `bun:"total_invested" json:"total_invested"`
	TotalValue       money.Amount     `bun:"total_value" json:"total_value"`
	TotalReturns     money.Amount     `bun:"total_returns" json:"total_returns"`
	IRR              *decimal.Decimal `bun:"irr" json:"irr"`
	Multiple         *decimal.Decimal `bun:"multiple" json:"multiple"`
	InvestmentCount  int              `bun:"investment_count" json:"investment_count"`
	AvgHoldingPeriod *decimal.Decimal `bun:"avg_holding_period" json:"avg_holding_period"`
	AsOf             date.Date        `bun:"as_of" json:"as_of"`
}

// InvestorSummary is a row of the view shared.investor_summary: a user who is not
// deleted, with profile, accreditation and portfolio where there is one.
type InvestorSummary struct {
	bun.BaseModel `bun:"table:shared.investor_summary,alias:sm" json:"-"`

	ID                 id.Of[auth.User]          `bun:"id" json:"id"`
	Email              string                    `bun:"email" json:"email"`
	FirstName          *string                   `bun:"first_name" json:"first_name"`
	LastName           *string                   `bun:"last_name" json:"last_name"`
	Company            *string                   `bun:"company" json:"company"`
	LocationCity       *string                   `bun:"location_city" json:"location_city"`
	LocationState      *string                   `bun:"location_state" json:"location_state"`
	VerificationStatus *users.VerificationStatus `bun:"verification_status" json:"verification_status"`
	TotalInvested      *money.Amount             `bun:"total_invested" json:"total_invested"`
	TotalValue         *money.Amount             `bun:"total_value" json:"total_value"`
	InvestmentCount    int                       `bun:"investment_count" json:"investment_count"`
}

// ActiveOffering is a row of the view shared.active_opportunities: an open
// offering with what its positions have raised. RemainingAmount is the goal less
// that, negative when the goal is passed.
type ActiveOffering struct {
	bun.BaseModel `bun:"table:shared.active_opportunities,alias:ao" json:"-"`

	ID                id.Of[investments.Offering] `bun:"id" json:"id"`
	PropertyID        id.Of[properties.Property]  `bun:"property_id" json:"property_id"`
	Name              string                      `bun:"name" json:"name"`
	Slug              string                      `bun:"slug" json:"slug"`
	Description       *string                     `bun:"description" json:"description"`
	ExecutiveSummary  *string                     `bun:"executive_summary" json:"executive_summary"`
	Status            investments.OfferingStatus  `bun:"status" json:"status"`
	OpenDate          *date.Date                  `bun:"open_date" json:"open_date"`
	CloseDate         *date.Date                  `bun:"close_date" json:"close_date"`
	MinimumInvestment *money.Amount               `bun:"minimum_investment" json:"minimum_investment"`
	MaximumInvestment *money.Amount               `bun:"maximum_investment" json:"maximum_investment"`
	MinimumRaise      *money.Amount               `bun:"minimum_raise" json:"minimum_raise"`
	TargetRaise       *money.Amount               `bun:"target_raise" json:"target_raise"`
	HardCap           *money.Amount               `bun:"hard_cap" json:"hard_cap"`
	Currency          string                      `bun:"currency" json:"currency"`
	UnitsOffered      *decimal.Decimal            `bun:"units_offered" json:"units_offered"`
	CommittedAmount   money.Amount                `bun:"committed_amount" json:"committed_amount"`
	AmountRaised      money.Amount                `bun:"amount_raised" json:"amount_raised"`
	CreatedAt         time.Time                   `bun:"created_at" json:"created_at"`
	UpdatedAt         time.Time                   `bun:"updated_at" json:"updated_at"`
	InvestorCount     int                         `bun:"investor_count" json:"investor_count"`
	TotalRaised       money.Amount                `bun:"total_raised" json:"total_raised"`
	RemainingAmount   *money.Amount               `bun:"remaining_amount" json:"remaining_amount"`
}
