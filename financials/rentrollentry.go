package financials

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// RentRollEntry is one unit on one day of the rent roll. Occupancy, market rent,
// area and the month's billing are copied from the unit when the roll is closed,
// so that metrics of a past day never change with the unit. Rents are per month,
// areas square feet; a negative CurrentBalance is a prepayment.
type RentRollEntry struct {
	bun.BaseModel `bun:"table:financials.rent_roll,alias:rr" json:"-"`

	ID         id.Of[RentRollEntry]       `bun:"id,pk" json:"id"`
	PropertyID id.Of[properties.Property] `bun:"property_id" json:"property_id"`
	UnitID     id.Of[properties.Unit]     `bun:"unit_id" json:"unit_id"`
	AsOfDate   date.Date                  `bun:"as_of_date" json:"as_of_date"`

	// Tenant
	TenantName *string    `bun:"tenant_name" json:"tenant_name"`
	LeaseStart *date.Date `bun:"lease_start" json:"lease_start"`
	LeaseEnd   *date.Date `bun:"lease_end" json:"lease_end"`

	// Rent
	MonthlyRent     *money.Amount `bun:"monthly_rent" json:"monthly_rent"`
	SecurityDeposit *money.Amount `bun:"security_deposit" json:"security_deposit"`

	// Payment status; a negative balance is a prepayment.
	CurrentBalance *money.Amount `bun:"current_balance" json:"current_balance"`
	DaysDelinquent int           `bun:"days_delinquent" json:"days_delinquent"`

	// What the metrics need, frozen with the row
	OccupancyStatus properties.OccupancyStatus `bun:"occupancy_status" json:"occupancy_status"`
	MarketRent      *money.Amount              `bun:"market_rent" json:"market_rent"`
	Sqft            *int                       `bun:"sqft" json:"sqft"`
	Billed          *money.Amount              `bun:"billed" json:"billed"`
	Collected       *money.Amount              `bun:"collected" json:"collected"`
	CreatedAt       time.Time                  `bun:"created_at" json:"created_at"`
	UpdatedAt       time.Time                  `bun:"updated_at" json:"updated_at"`
}
