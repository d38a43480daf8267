package financials

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/money"
)

// StatementLine names a line of an operating statement, as its column is named.
type StatementLine string

// The lines of an operating statement, in their order.
const (
	LineGrossRentalIncome    StatementLine = "gross_rental_income"
	LineLossToLease          StatementLine = "loss_to_lease"
	LineVacancyLoss          StatementLine = "vacancy_loss"
	LineConcessions          StatementLine = "concessions"
	LineBadDebt              StatementLine = "bad_debt"
	LineParkingIncome        StatementLine = "parking_income"
	LineLaundryIncome        StatementLine = "laundry_income"
	LinePetIncome            StatementLine = "pet_income"
	LineApplicationFees      StatementLine = "application_fees"
	LineLateFees             StatementLine = "late_fees"
	LineOtherIncome          StatementLine = "other_income"
	LinePropertyManagement   StatementLine = "property_management"
	LineMaintenanceRepairs   StatementLine = "maintenance_repairs"
	LineUtilities            StatementLine = "utilities"
	LineInsurance            StatementLine = "insurance"
	LinePropertyTaxes        StatementLine = "property_taxes"
	LinePayroll              StatementLine = "payroll"
	LineAdvertising          StatementLine = "advertising"
	LineLegalProfessional    StatementLine = "legal_professional"
	LineLandscaping          StatementLine = "landscaping"
	LineOfficeAdministrative StatementLine = "office_administrative"
	LineOtherOperating       StatementLine = "other_operating"
	LineCapitalImprovements  StatementLine = "capital_improvements"
	LineMortgagePrincipal    StatementLine = "mortgage_principal"
	LineMortgageInterest     StatementLine = "mortgage_interest"
	LineReplacementReserves  StatementLine = "replacement_reserves"
)

// statementLines are the lines in the order of OperatingStatement.lines.
var statementLines = []StatementLine{
	LineGrossRentalIncome, LineLossToLease, LineVacancyLoss, LineConcessions, LineBadDebt, LineParkingIncome, LineLaundryIncome,
	LinePetIncome, LineApplicationFees, LineLateFees, LineOtherIncome, LinePropertyManagement, LineMaintenanceRepairs, LineUtilities,
	LineInsurance, LinePropertyTaxes, LinePayroll, LineAdvertising, LineLegalProfessional, LineLandscaping, LineOfficeAdministrative,
	LineOtherOperating, LineCapitalImprovements, LineMortgagePrincipal, LineMortgageInterest, LineReplacementReserves,
}

// Valid reports whether l is one of the lines.
func (l StatementLine) Valid() bool { return slices.Contains(statementLines, l) }

// More reports whether more of the line is better for the owner: it is for income, and not
// for what is deducted from it, for expenses and for reserves.
func (l StatementLine) More() bool {
	switch l {
	case LineGrossRentalIncome, LineParkingIncome, LineLaundryIncome, LinePetIncome, LineApplicationFees, LineLateFees, LineOtherIncome:
		return true
	}
	return false
}

// field is where the line stands in the params of a month.
func (l StatementLine) field() string {
	switch n := slices.Index(statementLines, l); {
	case n < slices.Index(statementLines, LinePropertyManagement):
		return "income." + string(l)
	case l != LineReplacementReserves:
		return "expenses." + string(l)
	}
	return string(l)
}

// Direction says whether an actual figure is better or worse than the budget.
type Direction string

// The directions.
const (
	Favorable   Direction = "favorable"
	Unfavorable Direction = "unfavorable"
	AsBudgeted  Direction = "as_budgeted"
)

// Valid reports whether d is one of the directions.
func (d Direction) Valid() bool { return d == Favorable || d == Unfavorable || d == AsBudgeted }

// Variance is one figure beside its budget.
type Variance struct {
	// Line is a [StatementLine], or a total by its name in [OperatingTotals].
	Line       string           `json:"line"`
	Budget     money.Amount     `json:"budget"`
	Actual     money.Amount     `json:"actual"`
	Difference money.Amount     `json:"difference"` // actual less budget
	Pct        *decimal.Decimal `json:"pct"`        // of the budget, a fraction; nil where that is zero
	Direction  Direction        `json:"direction"`
}

// varianceOf compares a figure with its budget; more says that more of it is better.
func varianceOf(line string, more bool, budget, actual money.Amount) (Variance, error) {
	v := Variance{Line: line, Budget: budget, Actual: actual, Direction: AsBudgeted}
	var err error
	if v.Difference, err = actual.Sub(budget); err != nil {
		return Variance{}, err
	}
	if q, ok := v.Difference.Ratio(budget.Abs(), RatioDecimals); ok {
		v.Pct = &q
	}
	switch {
	case v.Difference.Sign() == 0:
	case v.Difference.Sign() > 0 == more:
		v.Direction = Favorable
	default:
		v.Direction = Unfavorable
	}
	return v, nil
}

// variances compares the lines of a statement, those that are zero on both sides left out,
// and all of its totals.
func variances(budget, actual *OperatingStatement) (lines, totals []Variance, err error) {
	planned, got := budget.lines(), actual.lines()
	for i, l := range statementLines {
		if planned[i].IsZero() && got[i].IsZero() {
			continue
		}
		v, err := varianceOf(string(l), l.More(), *planned[i], *got[i])
		if err != nil {
			return nil, nil, err
		}
		lines = append(lines, v)
	}
	b, err := budget.Totals()
	if err != nil {
		return nil, nil, err
	}
	a, err := actual.Totals()
	if err != nil {
		return nil, nil, err
	}
	for _, t := range []struct {
		name           string
		more           bool
		budget, actual money.Amount
	}{
		{"effective_rental_income", true, b.EffectiveRentalIncome, a.EffectiveRentalIncome}, {"total_income", true, b.TotalIncome, a.TotalIncome},
		{"total_operating_expenses", false, b.TotalOperatingExpenses, a.TotalOperatingExpenses}, {"noi", true, b.NOI, a.NOI}, {"ncf", true, b.NCF, a.NCF},
		{"debt_service", false, b.DebtService, a.DebtService}, {"cash_flow_after_debt_service", true, b.CashFlowAfterDebtService, a.CashFlowAfterDebtService},
		{"cash_flow_after_capex", true, b.CashFlowAfterCapex, a.CashFlowAfterCapex}, {"total_expenses", false, b.TotalExpenses, a.TotalExpenses},
	} {
		v, err := varianceOf(t.name, t.more, t.budget, t.actual)
		if err != nil {
			return nil, nil, err
		}
		totals = append(totals, v)
	}
	return lines, totals, nil
}
