package financials

import (
	"slices"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

// The conditions of operating statements.
var (
	// ErrStatementPeriod: a statement's period has no dates or ends before it
	// starts.
	ErrStatementPeriod = fault.New(fault.Invalid, "statement_period_invalid", "a statement's period has a start and an end that is not before it")
	// ErrStatementGap: statements to add up leave days out or count them twice.
	ErrStatementGap = fault.New(fault.Invalid, "statement_periods_not_contiguous", "the periods of statements to add up follow one another day by day")
)

// IncomeLines are the income lines of an operating statement, named as the
// columns of financials.property_income. Deductions (loss to lease, vacancy,
// concessions, bad debt) are positive numbers. An absent line is zero.
type IncomeLines struct {
	GrossRentalIncome money.Amount `json:"gross_rental_income"`
	LossToLease       money.Amount `json:"loss_to_lease"`
	VacancyLoss       money.Amount `json:"vacancy_loss"`
	Concessions       money.Amount `json:"concessions"`
	BadDebt           money.Amount `json:"bad_debt"`
	ParkingIncome     money.Amount `json:"parking_income"`
	LaundryIncome     money.Amount `json:"laundry_income"`
	PetIncome         money.Amount `json:"pet_income"`
	ApplicationFees   money.Amount `json:"application_fees"`
	LateFees          money.Amount `json:"late_fees"`
	OtherIncome       money.Amount `json:"other_income"`
}

// EffectiveRentalIncome is gross rental income less loss to lease, vacancy,
// concessions and bad debt. It returns [money.ErrOutOfRange].
func (l IncomeLines) EffectiveRentalIncome() (money.Amount, error) {
	return money.Sum(l.GrossRentalIncome, l.LossToLease.Neg(), l.VacancyLoss.Neg(), l.Concessions.Neg(), l.BadDebt.Neg())
}

// Other is the income beside rent. It returns [money.ErrOutOfRange].
func (l IncomeLines) Other() (money.Amount, error) {
	return money.Sum(l.ParkingIncome, l.LaundryIncome, l.PetIncome, l.ApplicationFees, l.LateFees, l.OtherIncome)
}

// Total is the effective gross income: effective rent and other income. It
// returns [money.ErrOutOfRange].
func (l IncomeLines) Total() (money.Amount, error) {
	return money.Sum(l.GrossRentalIncome, l.LossToLease.Neg(), l.VacancyLoss.Neg(), l.Concessions.Neg(), l.BadDebt.Neg(),
		l.ParkingIncome, l.LaundryIncome, l.PetIncome, l.ApplicationFees, l.LateFees, l.OtherIncome)
}

// ExpenseLines are the expense lines of an operating statement, named as the
// columns of financials.property_expenses, all as positive numbers. An absent
// line is zero.
type ExpenseLines struct {
	PropertyManagement   money.Amount `json:"property_management"`
	MaintenanceRepairs   money.Amount `json:"maintenance_repairs"`
	Utilities            money.Amount `json:"utilities"`
	Insurance            money.Amount `json:"insurance"`
	PropertyTaxes        money.Amount `json:"property_taxes"`
	Payroll              money.Amount `json:"payroll"`
	Advertising          money.Amount `json:"advertising"`
	LegalProfessional    money.Amount `json:"legal_professional"`
	Landscaping          money.Amount `json:"landscaping"`
	OfficeAdministrative money.Amount `json:"office_administrative"`
	OtherOperating       money.Amount `json:"other_operating"`

	// Below net operating income.
	CapitalImprovements money.Amount `json:"capital_improvements"`
	MortgagePrincipal   money.Amount `json:"mortgage_principal"`
	MortgageInterest    money.Amount `json:"mortgage_interest"`
}

// Operating is the operating expenses, without capital improvements and debt
// service. It returns [money.ErrOutOfRange].
func (l ExpenseLines) Operating() (money.Amount, error) {
	return money.Sum(l.PropertyManagement, l.MaintenanceRepairs, l.Utilities, l.Insurance, l.PropertyTaxes, l.Payroll,
		l.Advertising, l.LegalProfessional, l.Landscaping, l.OfficeAdministrative, l.OtherOperating)
}

// DebtService is principal and interest. It returns [money.ErrOutOfRange].
func (l ExpenseLines) DebtService() (money.Amount, error) {
	return money.Sum(l.MortgagePrincipal, l.MortgageInterest)
}

// OperatingStatement is the income and the expenses of a property over a
// period, both dates included.
type OperatingStatement struct {
	PeriodStart date.Date    `json:"period_start"`
	PeriodEnd   date.Date    `json:"period_end"`
	Income      IncomeLines  `json:"income"`
	Expenses    ExpenseLines `json:"expenses"`
	// ReplacementReserves is what is set aside for replacements, the difference
	// between net operating income and net cash flow.
	ReplacementReserves money.Amount `json:"replacement_reserves"`
}

// OperatingTotals are the lines that follow from a statement.
type OperatingTotals struct {
	EffectiveRentalIncome money.Amount `json:"effective_rental_income"`
	// TotalIncome is the effective gross income.
	TotalIncome            money.Amount `json:"total_income"`
	TotalOperatingExpenses money.Amount `json:"total_operating_expenses"`
	// NOI is total income less operating expenses. Capital improvements,
	// principal, interest, depreciation, income tax and sponsor fees are below
	// it.
	NOI money.Amount `json:"noi"`
	// NCF is NOI less replacement reserves.
	NCF         money.Amount `json:"ncf"`
	DebtService money.Amount `json:"debt_service"`
	// CashFlowAfterDebtService is NOI less debt service.
	CashFlowAfterDebtService money.Amount `json:"cash_flow_after_debt_service"`
	// CashFlowAfterCapex is that less capital improvements.
	CashFlowAfterCapex money.Amount `json:"cash_flow_after_capex"`
	// TotalExpenses is operating expenses, capital improvements and debt
	// service.
	TotalExpenses money.Amount `json:"total_expenses"`
}

// Totals computes the lines that follow from the statement. It returns
// [money.ErrOutOfRange].
func (s OperatingStatement) Totals() (OperatingTotals, error) {
	var t OperatingTotals
	var err error
	set := func(to *money.Amount, parts ...money.Amount) {
		if err == nil {
			*to, err = money.Sum(parts...)
		}
	}
	take := func(a money.Amount, e error) money.Amount {
		if err == nil {
			err = e
		}
		return a
	}
	t.EffectiveRentalIncome = take(s.Income.EffectiveRentalIncome())
	t.TotalIncome = take(s.Income.Total())
	t.TotalOperatingExpenses = take(s.Expenses.Operating())
	t.DebtService = take(s.Expenses.DebtService())
	set(&t.NOI, t.TotalIncome, t.TotalOperatingExpenses.Neg())
	set(&t.NCF, t.NOI, s.ReplacementReserves.Neg())
	set(&t.CashFlowAfterDebtService, t.NOI, t.DebtService.Neg())
	set(&t.CashFlowAfterCapex, t.CashFlowAfterDebtService, s.Expenses.CapitalImprovements.Neg())
	set(&t.TotalExpenses, t.TotalOperatingExpenses, s.Expenses.CapitalImprovements, t.DebtService)
	if err != nil {
		return OperatingTotals{}, err
	}
	return t, nil
}

// WholeMonths returns the number of months of the period, and 0 when it is not
// a whole number of them: 1 January to 31 March is 3, 15 January to 14
// February is 1, 1 January to 15 March is 0.
func (s OperatingStatement) WholeMonths() int {
	if s.PeriodStart.IsZero() || s.PeriodEnd.Before(s.PeriodStart) {
		return 0
	}
	next := s.PeriodEnd.AddDays(1)
	y1, m1, _ := s.PeriodStart.Civil()
	y2, m2, _ := next.Civil()
	if n := (y2-y1)*12 + int(m2-m1); s.PeriodStart.AddMonths(n) == next {
		return n
	}
	return 0
}

// SumStatements adds statements up to one of the whole time they cover, such
// as twelve months to a year. They may come in any order; together they cover
// every day from the first to the last once. It returns [ErrStatementPeriod],
// [ErrStatementGap], for no statements too, or [money.ErrOutOfRange].
func SumStatements(statements []OperatingStatement) (OperatingStatement, error) {
	if len(statements) == 0 {
		return OperatingStatement{}, ErrStatementGap.With("there are none")
	}
	sorted := slices.Clone(statements)
	slices.SortFunc(sorted, func(a, b OperatingStatement) int { return a.PeriodStart.Compare(b.PeriodStart) })
	var sum OperatingStatement
	for i, s := range sorted {
		if s.PeriodStart.IsZero() || s.PeriodEnd.Before(s.PeriodStart) {
			return OperatingStatement{}, ErrStatementPeriod
		}
		if i > 0 && s.PeriodStart != sorted[i-1].PeriodEnd.AddDays(1) {
			return OperatingStatement{}, ErrStatementGap.With("%s follows %s", s.PeriodStart, sorted[i-1].PeriodEnd)
		}
		if err := sum.add(&s); err != nil {
			return OperatingStatement{}, err
		}
	}
	sum.PeriodStart, sum.PeriodEnd = sorted[0].PeriodStart, sorted[len(sorted)-1].PeriodEnd
	return sum, nil
}

// NegativeLines are the lines that are below zero: a deduction with the wrong sign, or a
// correction of another period.
func (s *OperatingStatement) NegativeLines() (out []StatementLine) {
	for i, amount := range s.lines() {
		if amount.Sign() < 0 {
			out = append(out, statementLines[i])
		}
	}
	return out
}

func (s *OperatingStatement) add(t *OperatingStatement) (err error) {
	from := t.lines()
	for i, to := range s.lines() {
		if *to, err = to.Add(*from[i]); err != nil {
			return err
		}
	}
	return nil
}

// lines lists the amounts of a statement; a test proves that none is missing.
func (s *OperatingStatement) lines() []*money.Amount {
	i, e := &s.Income, &s.Expenses
	return []*money.Amount{
		&i.GrossRentalIncome, &i.LossToLease, &i.VacancyLoss, &i.Concessions, &i.BadDebt, &i.ParkingIncome,
		&i.LaundryIncome, &i.PetIncome, &i.ApplicationFees, &i.LateFees, &i.OtherIncome,
		&e.PropertyManagement, &e.MaintenanceRepairs, &e.Utilities, &e.Insurance, &e.PropertyTaxes, &e.Payroll,
		&e.Advertising, &e.LegalProfessional, &e.Landscaping, &e.OfficeAdministrative, &e.OtherOperating,
		&e.CapitalImprovements, &e.MortgagePrincipal, &e.MortgageInterest, &s.ReplacementReserves,
	}
}
