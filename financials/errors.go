package financials

import (
	"maps"

	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/realestate/fault"
)

// constraints are the names that say more than the convention can tell.
var constraints = store.Constraints{
	"uk_property_income_property_id_period_start_period_end":   ErrStatementExists,
	"uk_property_income_property_id_period_version":            ErrStatementExists,
	"uk_property_expenses_property_id_period_start_period_end": ErrStatementExists,
	"uk_property_expenses_property_id_period_version":          ErrStatementExists,
	"uk_property_performance_period":                           ErrPerformanceExists,
	"uk_rent_roll_property_id_unit_id_as_of_date":              ErrRentRollClosed,
	"uk_rent_roll_version":                                     ErrRentRollClosed,
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
	"uk_budgets_property_id_first_month_version":               ErrBudgetExists,
	"chk_budgets_months":                                       ErrBudgetMonths,
	"chk_budgets_reforecast":                                   ErrBudgetActuals,
	"chk_loans_life":                                           ErrLoanLife,
	"chk_loans_floating":                                       ErrLoanFloating,
	"chk_loans_lending":                                        ErrLoanCommitment,
	"chk_loans_self_refinance":                                 ErrRefinance,
	"uk_loans_refinances_id":                                   ErrRefinance,
	"uk_index_values_rate_index_value_date":                    ErrIndexValueExists,
	"uk_loan_rates_loan_id_effective_on":                       ErrRateReset,
	"chk_loan_entries_parts":                                   ErrLoanEntryOf,
	"chk_loan_entries_purposed":                                ErrLoanEntryOf,
	"chk_loan_entries_of":                                      ErrLoanEntryOf,
	"uk_loan_entries_reversal":                                 ErrLoanEntryReversed,
	"uk_covenants_loan_id_kind_starts_on":                      ErrCovenantExists,
	"chk_covenants_period":                                     ErrCovenantLife,
	"uk_covenant_tests_covenant_id_as_of_date":                 ErrCovenantTested,
	"chk_covenant_tests_cure":                                  ErrCovenantState,
	"chk_covenant_tests_end":                                   ErrCovenantState,
	"chk_worksheets_sum":                                       ErrWorksheetSum,
}

// Constraints names the constraints of the statements, rent rolls, metrics and
// loans whose violation means a condition of this package, for hosts that write
// the tables themselves.
func Constraints() map[string]*fault.Error { return maps.Clone(constraints) }
