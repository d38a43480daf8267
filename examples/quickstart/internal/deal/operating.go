package deal

import (
	"slices"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/tabular"
)

// line is a line item of the operating statement and the field that it fills.
type line struct {
	names []string
	field func(*Month) *money.Amount
}

var rentLines = []line{
	{[]string{"gross rental income", "gross potential rent", "gross scheduled rent", "gpr"}, func(m *Month) *money.Amount { return &m.Income.GrossRentalIncome }},
}

var lossLines = []line{
	{[]string{"loss to lease"}, func(m *Month) *money.Amount { return &m.Income.LossToLease }},
	{[]string{"vacancy loss", "vacancy"}, func(m *Month) *money.Amount { return &m.Income.VacancyLoss }},
	{[]string{"concessions"}, func(m *Month) *money.Amount { return &m.Income.Concessions }},
	{[]string{"bad debt", "uncollected rent", "write-offs"}, func(m *Month) *money.Amount { return &m.Income.BadDebt }},
}

var otherLines = []line{
	{[]string{"parking income", "parking"}, func(m *Month) *money.Amount { return &m.Income.ParkingIncome }},
	{[]string{"laundry income", "laundry"}, func(m *Month) *money.Amount { return &m.Income.LaundryIncome }},
	{[]string{"pet income", "pet fees", "pet rent"}, func(m *Month) *money.Amount { return &m.Income.PetIncome }},
	{[]string{"application fees"}, func(m *Month) *money.Amount { return &m.Income.ApplicationFees }},
	{[]string{"late fees"}, func(m *Month) *money.Amount { return &m.Income.LateFees }},
	{[]string{"other income", "utility reimbursements", "miscellaneous income"}, func(m *Month) *money.Amount { return &m.Income.OtherIncome }},
}

var expenseLines = []line{
	{[]string{"property management", "management fee", "management fees"}, func(m *Month) *money.Amount { return &m.Expenses.PropertyManagement }},
	{[]string{"maintenance repairs", "repairs and maintenance", "repairs & maintenance", "maintenance and repairs"}, func(m *Month) *money.Amount { return &m.Expenses.MaintenanceRepairs }},
	{[]string{"utilities"}, func(m *Month) *money.Amount { return &m.Expenses.Utilities }},
	{[]string{"insurance"}, func(m *Month) *money.Amount { return &m.Expenses.Insurance }},
	{[]string{"property taxes", "real estate taxes", "taxes"}, func(m *Month) *money.Amount { return &m.Expenses.PropertyTaxes }},
	{[]string{"payroll"}, func(m *Month) *money.Amount { return &m.Expenses.Payroll }},
	{[]string{"advertising", "marketing", "advertising and marketing"}, func(m *Month) *money.Amount { return &m.Expenses.Advertising }},
	{[]string{"legal professional", "legal and professional", "professional fees"}, func(m *Month) *money.Amount { return &m.Expenses.LegalProfessional }},
	{[]string{"landscaping", "grounds"}, func(m *Month) *money.Amount { return &m.Expenses.Landscaping }},
	{[]string{"office administrative", "office and administrative", "administrative", "general and administrative"}, func(m *Month) *money.Amount { return &m.Expenses.OfficeAdministrative }},
	{[]string{"other operating", "other operating expenses", "contract services"}, func(m *Month) *money.Amount { return &m.Expenses.OtherOperating }},
}

var debtLines = []line{
	{[]string{"mortgage interest", "interest", "loan interest"}, func(m *Month) *money.Amount { return &m.Expenses.MortgageInterest }},
	{[]string{"mortgage principal", "principal", "loan principal"}, func(m *Month) *money.Amount { return &m.Expenses.MortgagePrincipal }},
}

var capitalLines = []line{
	{[]string{"capital improvements", "capital expenditures", "capex"}, func(m *Month) *money.Amount { return &m.Expenses.CapitalImprovements }},
	{[]string{"replacement reserves", "reserves"}, func(m *Month) *money.Amount { return &m.ReplacementReserves }},
}

// gainNames are the names under which a loss to lease may be a gain as well.
var gainNames = []string{"loss/gain to lease", "gain/loss to lease", "gain (loss) to lease", "loss (gain) to lease"}

// The sums that a statement may state.
type sum = map[string]int

var (
	effectiveRent = sum{"rent": 1, "losses": -1}
	allIncome     = sum{"rent": 1, "losses": -1, "other": 1}
	operating     = sum{"rent": 1, "losses": -1, "other": 1, "expenses": -1}
	afterDebt     = sum{"rent": 1, "losses": -1, "other": 1, "expenses": -1, "debt": -1}
	afterAll      = sum{"rent": 1, "losses": -1, "other": 1, "expenses": -1, "debt": -1, "capital": -1}
)

// twelve is how many months make up a year's statement.
const twelve = 12

// form is what operating.csv and budget.csv may hold.
func form() tabular.Form {
	return tabular.Form{
		Months: twelve,
		Sections: []tabular.Section{
			section("rent", rentLines, false), section("losses", lossLines, true), section("other", otherLines, false),
			section("expenses", expenseLines, true), section("debt", debtLines, true), section("capital", capitalLines, true),
		},
		Totals: []tabular.FormTotal{
			{Names: []string{"effective rental income", "total rental income", "net rental income"}, Of: []sum{effectiveRent}},
			{Names: []string{"total income", "effective gross income", "total revenue"}, Of: []sum{allIncome}},
			{Names: []string{"total other income"}, Of: []sum{{"other": 1}}},
			{Names: []string{"total operating expenses", "total expenses"}, Of: []sum{{"expenses": 1}}},
			{Names: []string{"net operating income", "noi"}, Of: []sum{operating}},
			{Names: []string{"debt service", "total debt service"}, Of: []sum{{"debt": 1}}},
			{Names: []string{"cash flow", "net cash flow", "cash flow after debt service", "cash flow before taxes"}, Of: []sum{afterDebt, afterAll}},
		},
	}
}

func section(name string, lines []line, reduces bool) tabular.Section {
	s := tabular.Section{Name: name, Reduces: reduces}
	for _, l := range lines {
		s.Lines = append(s.Lines, tabular.Line{Names: l.names, Required: name == "rent"})
	}
	if name == "losses" {
		s.Lines = append(s.Lines, tabular.Line{Names: gainNames, EitherSign: true})
	}
	return s
}

// readOperating reads what the property earned and spent.
func (d *Deal) readOperating(f *tabular.File) { d.Months = readMonths(f) }

// readBudget reads what it was planned to.
func (d *Deal) readBudget(f *tabular.File) {
	d.Budget = readMonths(f)
	if len(d.Budget) > 0 && len(d.Months) > 0 && d.Budget[0].First != d.Months[0].First {
		f.Reject(tabular.Cell{}, "", "the months are those of %s", OperatingFile)
	}
}

// readMonths reads a statement with a line item on each row and the months as columns.
func readMonths(f *tabular.File) []Month {
	s := f.Statement(form())
	if s == nil {
		return nil
	}
	months := make([]Month, len(s.Months))
	for i, first := range s.Months {
		months[i].First = first
	}
	for _, l := range slices.Concat(rentLines, lossLines, otherLines, expenseLines, debtLines, capitalLines) {
		for i, v := range s.Line(l.names[0]) {
			*l.field(&months[i]) = v
		}
	}
	for i, v := range s.Line(gainNames[0]) {
		lost := &months[i].Income.LossToLease
		var err error
		if *lost, err = lost.Add(v); err != nil {
			f.Reject(tabular.Cell{}, gainNames[0], "the sum of the lines is out of range")
		}
	}
	for i := range months {
		m := &months[i]
		o := financials.OperatingStatement{PeriodStart: m.First, PeriodEnd: m.Last(), Income: m.Income, Expenses: m.Expenses}
		if _, err := o.Totals(); err != nil {
			f.Reject(tabular.Cell{}, "", "the sums of the statement are out of range")
			break
		}
	}
	return months
}
