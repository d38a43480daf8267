package deal

import (
	"strings"

	"github.com/freehold-go/freehold/examples/quickstart/internal/sheet"
	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/realestate/money"
)

// line is a line item of the operating statement: the field it fills, and
// whether it is a deduction that people also write as a negative number.
type line struct {
	names     []string
	field     func(*Month) *money.Amount
	deduction bool
}

var lines = []line{
	{[]string{"gross rental income", "gross potential rent", "gross scheduled rent", "gpr"}, func(m *Month) *money.Amount { return &m.Income.GrossRentalIncome }, false},
	{[]string{"loss to lease", "loss/gain to lease"}, func(m *Month) *money.Amount { return &m.Income.LossToLease }, true},
	{[]string{"vacancy loss", "vacancy"}, func(m *Month) *money.Amount { return &m.Income.VacancyLoss }, true},
	{[]string{"concessions"}, func(m *Month) *money.Amount { return &m.Income.Concessions }, true},
	{[]string{"bad debt", "uncollected rent", "write-offs"}, func(m *Month) *money.Amount { return &m.Income.BadDebt }, true},
	{[]string{"parking income", "parking"}, func(m *Month) *money.Amount { return &m.Income.ParkingIncome }, false},
	{[]string{"laundry income", "laundry"}, func(m *Month) *money.Amount { return &m.Income.LaundryIncome }, false},
	{[]string{"pet income", "pet fees", "pet rent"}, func(m *Month) *money.Amount { return &m.Income.PetIncome }, false},
	{[]string{"application fees"}, func(m *Month) *money.Amount { return &m.Income.ApplicationFees }, false},
	{[]string{"late fees"}, func(m *Month) *money.Amount { return &m.Income.LateFees }, false},
	{[]string{"other income", "utility reimbursements", "miscellaneous income"}, func(m *Month) *money.Amount { return &m.Income.OtherIncome }, false},

	{[]string{"property management", "management fee", "management fees"}, func(m *Month) *money.Amount { return &m.Expenses.PropertyManagement }, false},
	{[]string{"maintenance repairs", "repairs and maintenance", "repairs & maintenance", "maintenance and repairs"}, func(m *Month) *money.Amount { return &m.Expenses.MaintenanceRepairs }, false},
	{[]string{"utilities"}, func(m *Month) *money.Amount { return &m.Expenses.Utilities }, false},
	{[]string{"insurance"}, func(m *Month) *money.Amount { return &m.Expenses.Insurance }, false},
	{[]string{"property taxes", "real estate taxes", "taxes"}, func(m *Month) *money.Amount { return &m.Expenses.PropertyTaxes }, false},
	{[]string{"payroll"}, func(m *Month) *money.Amount { return &m.Expenses.Payroll }, false},
	{[]string{"advertising", "marketing", "advertising and marketing"}, func(m *Month) *money.Amount { return &m.Expenses.Advertising }, false},
	{[]string{"legal professional", "legal and professional", "professional fees"}, func(m *Month) *money.Amount { return &m.Expenses.LegalProfessional }, false},
	{[]string{"landscaping", "grounds"}, func(m *Month) *money.Amount { return &m.Expenses.Landscaping }, false},
	{[]string{"office administrative", "office and administrative", "administrative", "general and administrative"}, func(m *Month) *money.Amount { return &m.Expenses.OfficeAdministrative }, false},
	{[]string{"other operating", "other operating expenses", "contract services"}, func(m *Month) *money.Amount { return &m.Expenses.OtherOperating }, false},
	{[]string{"capital improvements", "capital expenditures", "capex"}, func(m *Month) *money.Amount { return &m.Expenses.CapitalImprovements }, false},
	{[]string{"mortgage principal", "principal", "loan principal"}, func(m *Month) *money.Amount { return &m.Expenses.MortgagePrincipal }, false},
	{[]string{"mortgage interest", "interest", "loan interest"}, func(m *Month) *money.Amount { return &m.Expenses.MortgageInterest }, false},
	{[]string{"replacement reserves", "reserves"}, func(m *Month) *money.Amount { return &m.ReplacementReserves }, false},
}

// totals are lines that follow from the others. Where a file has one it must
// agree.
var totals = []struct {
	names []string
	of    func(*Month) (money.Amount, error)
}{
	{[]string{"effective rental income", "total rental income", "net rental income"}, func(m *Month) (money.Amount, error) { return m.Income.EffectiveRentalIncome() }},
	{[]string{"total income", "effective gross income", "total revenue"}, func(m *Month) (money.Amount, error) { return m.Income.Total() }},
	{[]string{"total operating expenses", "total expenses"}, func(m *Month) (money.Amount, error) { return m.Expenses.Operating() }},
	{[]string{"net operating income", "noi"}, (*Month).noi},
}

func (m *Month) noi() (money.Amount, error) {
	s := financials.OperatingStatement{PeriodStart: m.First, PeriodEnd: m.Last(), Income: m.Income, Expenses: m.Expenses}
	t, err := s.Totals()
	return t.NOI, err
}

// twelve is how many months make up a year's statement.
const twelve = 12

// readOperating reads the statement with a line item on each row and the months
// as columns.
func (d *Deal) readOperating(data []byte, log *sheet.Log) {
	grid := sheet.Grid(data, log)
	head, total := -1, -1
	for i := range grid {
		if d.Months, total = months(grid[i]); len(d.Months) > 1 {
			head = i
			break
		}
	}
	if head < 0 {
		d.Months = nil
		if len(log.Problems()) == 0 {
			log.Add(sheet.Cell{}, "", "there is no header line with months such as 2025-01, Jan 2025 or 1/31/2025")
		}
		return
	}
	if !d.checkMonths(grid[head], log) {
		return
	}
	seen := map[int]bool{}
	var later [][]sheet.Cell // totals, once all lines are read
	for _, row := range grid[head+1:] {
		label := sheet.Normal(row[0].Text)
		i := find(label)
		switch {
		case blank(row[1:]): // a heading
		case i >= 0 && seen[i]:
			log.Add(row[0], "", "the statement has this line twice")
		case i >= 0:
			seen[i] = true
			d.readLine(&lines[i], row, total, log)
		case isTotal(label):
			later = append(later, row)
		default:
			log.Add(row[0], "", "there is no such line of income or expenses")
		}
	}
	for _, row := range later {
		if len(log.Problems()) == 0 { // a line that could not be read would upset every total
			d.checkTotal(row, log)
		}
	}
	if !seen[0] {
		log.Add(grid[head][0], "", "the statement lacks the line %q", lines[0].names[0])
	}
}

// months reads the header: a label, then months, and perhaps a total, whose
// index it returns, or -1.
func months(head []sheet.Cell) ([]Month, int) {
	var list []Month
	for i, c := range head[1:] {
		m, ok := sheet.ParseMonth(c.Text)
		if !ok {
			if strings.HasPrefix(sheet.Normal(c.Text), "total") && len(list) > 0 {
				return list, i + 1
			}
			return list, -1
		}
		list = append(list, Month{First: m})
	}
	return list, -1
}

func (d *Deal) checkMonths(head []sheet.Cell, log *sheet.Log) bool {
	if len(d.Months) != twelve {
		log.Add(head[0], "", "%d months in a row are wanted, the header has %d", twelve, len(d.Months))
		return false
	}
	for i := range d.Months[1:] {
		if d.Months[i+1].First != d.Months[i].First.AddMonths(1) {
			log.Add(head[i+2], "", "the months follow one another")
			return false
		}
	}
	return true
}

func (d *Deal) readLine(l *line, row []sheet.Cell, total int, log *sheet.Log) {
	values, sum := make([]money.Amount, twelve), money.Zero
	negative, positive := false, false
	for i := range values {
		v, ok := amount(row, i+1, l.names[0], log)
		if !ok {
			return
		}
		values[i] = v
		negative, positive = negative || v.Sign() < 0, positive || v.Sign() > 0
		var err error
		if sum, err = sum.Add(v); err != nil {
			log.Add(row[0], l.names[0], "the year's sum is out of range")
			return
		}
	}
	if total >= 0 && total < len(row) && row[total].Text != "" {
		if v, ok := amount(row, total, l.names[0], log); ok && v != sum {
			log.Add(row[total], l.names[0], "the total is %s, but the months add up to %s", v, sum)
		}
	}
	if l.deduction && negative && positive {
		log.Add(row[0], l.names[0], "a deduction is written as positive or as negative numbers, not both")
	}
	for i, v := range values {
		if l.deduction && negative {
			v = v.Neg()
		}
		*l.field(&d.Months[i]) = v
	}
}

// checkTotal compares a total of the file with the lines above it.
func (d *Deal) checkTotal(row []sheet.Cell, log *sheet.Log) {
	label := sheet.Normal(row[0].Text)
	for _, t := range totals {
		if !named(t.names, label) {
			continue
		}
		for i := range d.Months {
			v, ok := amount(row, i+1, t.names[0], log)
			if !ok {
				return
			}
			if want, err := t.of(&d.Months[i]); err == nil && v != want {
				log.Add(row[min(i+1, len(row)-1)], t.names[0], "the file says %s, but its lines come to %s", v, want)
			}
		}
	}
}

// amount reads a cell of a row; blank and beyond the row's end are zero.
func amount(row []sheet.Cell, i int, name string, log *sheet.Log) (money.Amount, bool) {
	if i >= len(row) || row[i].Text == "" {
		return money.Zero, true
	}
	v, ok := sheet.ParseAmount(row[i].Text)
	if !ok {
		log.Add(row[i], name, "an amount of dollars and cents such as $1,234.50 is wanted")
	}
	return v, ok
}

func find(label string) int {
	for i := range lines {
		if named(lines[i].names, label) {
			return i
		}
	}
	return -1
}

func named(names []string, label string) bool {
	for _, n := range names {
		if sheet.Normal(n) == label {
			return true
		}
	}
	return false
}

// isTotal recognizes lines that sum up others.
func isTotal(label string) bool {
	for _, t := range totals {
		if named(t.names, label) {
			return true
		}
	}
	for _, start := range []string{"total", "net", "cashflow", "debtservice"} {
		if strings.HasPrefix(label, start) {
			return true
		}
	}
	return false
}

func blank(row []sheet.Cell) bool {
	for _, c := range row {
		if c.Text != "" {
			return false
		}
	}
	return true
}
