package financials

import (
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// The aggregates that this package's events are about. What happens to the
// figures of a property happens to the property.
const (
	aggregateProperty = "property"
	aggregateLoan     = "loan"
)

// LoanAdded says that a mortgage was put on record.
type LoanAdded struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
	Principal  money.Amount               `json:"principal"`
	StartDate  date.Date                  `json:"start_date"`
	TermMonths int                        `json:"term_months"`
}

// EventType names the event.
func (LoanAdded) EventType() (string, int) { return "financials.loan_added", 1 }

// StatementPosted says that the operating statement of a period is in force.
type StatementPosted struct {
	IncomeID    id.Of[IncomeStatement]  `json:"income_id"`
	ExpensesID  id.Of[ExpenseStatement] `json:"expenses_id"`
	PeriodStart date.Date               `json:"period_start"`
	PeriodEnd   date.Date               `json:"period_end"`
}

// EventType names the event.
func (StatementPosted) EventType() (string, int) { return "financials.statement_posted", 1 }

// StatementCorrected says that other figures are in force for a period. Version
// counts them.
type StatementCorrected struct {
	IncomeID    id.Of[IncomeStatement]  `json:"income_id"`
	ExpensesID  id.Of[ExpenseStatement] `json:"expenses_id"`
	PeriodStart date.Date               `json:"period_start"`
	PeriodEnd   date.Date               `json:"period_end"`
	Version     int64                   `json:"version"`
}

// EventType names the event.
func (StatementCorrected) EventType() (string, int) { return "financials.statement_corrected", 1 }

// RentRollClosed says that the rent roll of a day is on record.
type RentRollClosed struct {
	AsOf  date.Date `json:"as_of"`
	Units int       `json:"units"`
}

// EventType names the event.
func (RentRollClosed) EventType() (string, int) { return "financials.rent_roll_closed", 1 }
