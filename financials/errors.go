package financials

import (
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// The conditions of the stored statements, metrics, rent rolls and loans.
var (
	// ErrStatementNotFound: the property has no such statement.
	ErrStatementNotFound = fault.New(fault.NotFound, "statement_not_found", "there is no such statement")
	// ErrPerformanceNotFound: the property has no metrics of this period.
	ErrPerformanceNotFound = fault.New(fault.NotFound, "performance_not_found", "there are no metrics of this period")
	// ErrRentRollNotFound: the unit is not on the rent roll of this day.
	ErrRentRollNotFound = fault.New(fault.NotFound, "rent_roll_not_found", "there is no such rent roll entry")
	// ErrLoanNotFound: there is no such loan.
	ErrLoanNotFound = fault.New(fault.NotFound, "loan_not_found", "there is no such loan")
	// ErrStatementExists: a statement of the period is in force; correct it
	// instead.
	ErrStatementExists = fault.New(fault.Conflict, "statement_exists", "a statement of this period is in force").On("period_start")
	// ErrPerformanceExists: the period has metrics already.
	ErrPerformanceExists = fault.New(fault.Conflict, "performance_exists", "the period has metrics already").On("period_start")
	// ErrRentRollClosed: the unit is on the rent roll of this day already.
	ErrRentRollClosed = fault.New(fault.Conflict, "rent_roll_closed", "the unit is on the rent roll of this day already").On("as_of_date")
	// ErrLoanExists: the property has a loan of this number.
	ErrLoanExists = fault.New(fault.Conflict, "loan_exists", "the property has a loan of this number").On("loan_number")
	// ErrPeriodReversed: a period ends before it starts.
	ErrPeriodReversed = fault.New(fault.Invalid, fault.CodeInverted, "the period ends before it starts").On("period_end")
	// ErrTotal: a total is not the sum of its parts.
	ErrTotal = fault.New(fault.Invalid, "total_mismatch", "a total is not the sum of its parts")
	// ErrLeaseReversed: a lease ends before it starts.
	ErrLeaseReversed = fault.New(fault.Invalid, fault.CodeInverted, "the lease ends before it starts").On("lease_end")
	// ErrLoanMonths: interest-only months exceed the term, or nothing amortizes
	// a loan that is not interest-only to its end.
	ErrLoanMonths = fault.New(fault.Invalid, "loan_months_inconsistent", "interest-only, amortization and term do not fit together").On("io_months")
	// ErrLoanLife: a loan is paid off before it starts.
	ErrLoanLife = fault.New(fault.Invalid, fault.CodeInverted, "the loan is paid off before it starts").On("payoff_date")
)

// constraints are the names that say more than the convention can tell.
var constraints = store.Constraints{
	"uk_property_income_property_id_period_start_period_end":   ErrStatementExists,
	"uk_property_income_property_id_period_version":            ErrStatementExists,
	"uk_property_expenses_property_id_period_start_period_end": ErrStatementExists,
	"uk_property_expenses_property_id_period_version":          ErrStatementExists,
	"uk_property_performance_period":                           ErrPerformanceExists,
	"uk_rent_roll_property_id_unit_id_as_of_date":              ErrRentRollClosed,
	"uk_loans_property_id_loan_number":                         ErrLoanExists,
	"chk_property_income_period":                               ErrPeriodReversed,
	"chk_property_expenses_period":                             ErrPeriodReversed,
	"chk_property_performance_period":                          ErrPeriodReversed,
	"chk_property_income_effective_rent":                       ErrTotal.On("effective_rental_income"),
	"chk_property_income_total":                                ErrTotal.On("total_income"),
	"chk_property_expenses_operating_total":                    ErrTotal.On("total_operating_expenses"),
	"chk_property_expenses_total":                              ErrTotal.On("total_expenses"),
	"chk_rent_roll_lease":                                      ErrLeaseReversed,
	"chk_loans_months":                                         ErrLoanMonths,
	"chk_loans_life":                                           ErrLoanLife,
}
