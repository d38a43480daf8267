package financials

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// ExpenseStatement is what a property cost in one period, its last day
// included. A line that is nil counts as zero. A total that is present equals its
// parts, which the database checks. The statement in force has no SupersededAt;
// its correction carries the next version.
type ExpenseStatement struct {
	bun.BaseModel `bun:"table:financials.property_expenses,alias:fe" json:"-"`

	ID              id.Of[ExpenseStatement]    `bun:"id,pk" json:"id"`
	PropertyID      id.Of[properties.Property] `bun:"property_id" json:"property_id"`
	PeriodStart     date.Date                  `bun:"period_start" json:"period_start"`
	PeriodEnd       date.Date                  `bun:"period_end" json:"period_end"`
	AccountingBasis AccountingBasis            `bun:"accounting_basis" json:"accounting_basis"`
	Source          StatementSource            `bun:"source" json:"source"`

	// Operating expenses
	PropertyManagement   *money.Amount `bun:"property_management" json:"property_management"`
	MaintenanceRepairs   *money.Amount `bun:"maintenance_repairs" json:"maintenance_repairs"`
	Utilities            *money.Amount `bun:"utilities" json:"utilities"`
	Insurance            *money.Amount `bun:"insurance" json:"insurance"`
	PropertyTaxes        *money.Amount `bun:"property_taxes" json:"property_taxes"`
	Payroll              *money.Amount `bun:"payroll" json:"payroll"`
	Advertising          *money.Amount `bun:"advertising" json:"advertising"`
	LegalProfessional    *money.Amount `bun:"legal_professional" json:"legal_professional"`
	Landscaping          *money.Amount `bun:"landscaping" json:"landscaping"`
	OfficeAdministrative *money.Amount `bun:"office_administrative" json:"office_administrative"`
	OtherOperating       *money.Amount `bun:"other_operating" json:"other_operating"`

	// Capital expenses
	CapitalImprovements *money.Amount `bun:"capital_improvements" json:"capital_improvements"`

	// Debt service
	MortgagePrincipal *money.Amount `bun:"mortgage_principal" json:"mortgage_principal"`
	MortgageInterest  *money.Amount `bun:"mortgage_interest" json:"mortgage_interest"`

	// Set aside below net operating income; in neither total
	ReplacementReserves *money.Amount `bun:"replacement_reserves" json:"replacement_reserves"`

	// Totals
	TotalOperatingExpenses *money.Amount `bun:"total_operating_expenses" json:"total_operating_expenses"`
	TotalExpenses          *money.Amount `bun:"total_expenses" json:"total_expenses"`
	Version                int64         `bun:"version" json:"version"`
	SupersededAt           *time.Time    `bun:"superseded_at" json:"superseded_at"`
	CreatedAt              time.Time     `bun:"created_at" json:"created_at"`
	UpdatedAt              time.Time     `bun:"updated_at" json:"updated_at"`
}

// Lines returns the statement's lines, nil as zero.
func (s *ExpenseStatement) Lines() ExpenseLines {
	return ExpenseLines{
		PropertyManagement: orZero(s.PropertyManagement), MaintenanceRepairs: orZero(s.MaintenanceRepairs),
		Utilities: orZero(s.Utilities), Insurance: orZero(s.Insurance), PropertyTaxes: orZero(s.PropertyTaxes),
		Payroll: orZero(s.Payroll), Advertising: orZero(s.Advertising), LegalProfessional: orZero(s.LegalProfessional),
		Landscaping: orZero(s.Landscaping), OfficeAdministrative: orZero(s.OfficeAdministrative),
		OtherOperating: orZero(s.OtherOperating), CapitalImprovements: orZero(s.CapitalImprovements),
		MortgagePrincipal: orZero(s.MortgagePrincipal), MortgageInterest: orZero(s.MortgageInterest),
	}
}

// SetLines writes all lines and the totals that follow from them. It returns
// [money.ErrOutOfRange] and changes nothing when a total leaves the range.
func (s *ExpenseStatement) SetLines(l ExpenseLines) error {
	operating, err := l.Operating()
	if err != nil {
		return err
	}
	total, err := money.Sum(operating, l.CapitalImprovements, l.MortgagePrincipal, l.MortgageInterest)
	if err != nil {
		return err
	}
	s.PropertyManagement, s.MaintenanceRepairs, s.Utilities = &l.PropertyManagement, &l.MaintenanceRepairs, &l.Utilities
	s.Insurance, s.PropertyTaxes, s.Payroll = &l.Insurance, &l.PropertyTaxes, &l.Payroll
	s.Advertising, s.LegalProfessional, s.Landscaping = &l.Advertising, &l.LegalProfessional, &l.Landscaping
	s.OfficeAdministrative, s.OtherOperating = &l.OfficeAdministrative, &l.OtherOperating
	s.CapitalImprovements, s.MortgagePrincipal, s.MortgageInterest = &l.CapitalImprovements, &l.MortgagePrincipal, &l.MortgageInterest
	s.TotalOperatingExpenses, s.TotalExpenses = &operating, &total
	return nil
}
