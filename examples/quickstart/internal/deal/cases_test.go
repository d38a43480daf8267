package deal_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/examples/quickstart/internal/deal"
	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/tabular"
)

// loadWith loads the shipped deal with one file of its own.
func loadWith(t *testing.T, name, data string) (*deal.Deal, error) {
	t.Helper()
	files := shipped(t)
	files[name] = &fstest.MapFile{Data: []byte(data)}
	if name == deal.InvestorsFile {
		delete(files, deal.TransfersFile) // it names investors
	}
	return deal.Load(files, today)
}

// year is the deal's year in one statement.
func year(t *testing.T, d *deal.Deal) financials.OperatingStatement {
	t.Helper()
	var parts []financials.OperatingStatement
	for _, m := range d.Months {
		parts = append(parts, financials.OperatingStatement{PeriodStart: m.First, PeriodEnd: m.Last(), Income: m.Income, Expenses: m.Expenses})
	}
	all, err := financials.SumStatements(parts)
	require.NoError(t, err)
	return all
}

func noi(t *testing.T, d *deal.Deal) string {
	t.Helper()
	totals, err := year(t, d).Totals()
	require.NoError(t, err)
	return totals.NOI.String()
}

// months is a statement of twelve months with the same figures in each.
func months(rows ...string) string {
	var b strings.Builder
	b.WriteString("Account")
	for _, m := range strings.Fields("01 02 03 04 05 06 07 08 09 10 11 12") {
		b.WriteString(",2025-" + m)
	}
	for _, row := range rows {
		label, figure, _ := strings.Cut(row, "|")
		b.WriteString("\n" + label + strings.Repeat(","+figure, 12))
	}
	return b.String() + "\n"
}

// An investor whose name begins like a total is an investor.
func TestLoad_totalInvestor(t *testing.T) {
	t.Parallel()
	const head = "Account Name,Account Type,Last Name,Email,Accreditation,Class,Commitment,Committed On,Funded On\n"
	rows := func(accounts ...string) string {
		s := head
		for _, a := range accounts {
			name, amount, _ := strings.Cut(a, "|")
			s += name + ",llc,Ferrars,ferrars@example.com,net_worth,class_b," + amount + ",9/20/2024,10/1/2024\n"
		}
		return s
	}
	three := rows("Fennimore Lane Sponsor LLC|100000", "Total Harvest Partners LLC|200000", "Ferrars Holdings LLC|100000")
	for _, data := range []string{three, three + "Total,,,,,,400000,,\n", three + ",,,,,,\"$400,000.00\",,\n"} {
		d, err := loadWith(t, deal.InvestorsFile, data)
		require.NoError(t, err)
		require.Len(t, d.Commitments, 3)
		require.Equal(t, "Total Harvest Partners LLC", d.Commitments[1].Account.Name)
		require.Equal(t, "200000.00", d.Commitments[1].Amount.String())
	}

	for data, want := range map[string]string{
		three + "Total,,,,,,500000,,\n": "investors.csv:5:12: commitment: the row is labeled a total, but its figure is not the total of the rows above, 400000",
		three + "Total,,,,,,,,\n":       "investors.csv:5:1: the row is labeled a total, but has no figure to tell by",
		head + "Total Harvest Partners LLC,llc,Ferrars,,net_worth,class_b,200000,9/20/2024,10/1/2024\n": "investors.csv:2:59: commitment: the row is labeled a total, but its figure is not the total of the rows above, 0",
	} {
		_, err := loadWith(t, deal.InvestorsFile, data)
		require.Error(t, err)
		require.Contains(t, strings.Split(err.Error(), "\n"), want)
	}
}

// The operating statements that went wrong elsewhere: right, or refused at the
// place that is not sure.
func TestLoad_statements(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		data string
		noi  string
		want string // the problem
	}{
		"an expense named like a net": {months("Gross Rental Income|1000", "Network & Internet|400"), "", "operating.csv:3:1: there is no such line of the statement"},
		"expenses below zero":         {months("Gross Rental Income|1000", "Payroll|(400)", "Total Operating Expenses|(400)"), "7200.00", ""},
		"a gain to lease":             {months("Gross Rental Income|1000", "Loss/Gain to Lease|50", "Vacancy Loss|(30)"), "12240.00", ""},
		"a loss to lease":             {months("Gross Rental Income|1000", "Loss/Gain to Lease|50", "Vacancy Loss|30"), "11040.00", ""},
		"a gain that nothing tells":   {months("Gross Rental Income|1000", "Loss/Gain to Lease|50"), "", "operating.csv:3:20: loss/gain to lease: whether the line adds or takes off is not sure: the lines of its section have no sign in common, and no total settles it"},
		"a gain that a total tells":   {months("Gross Rental Income|1000", "Loss/Gain to Lease|50", "Total Income|1050"), "12600.00", ""},
		"a loss that a total tells":   {months("Gross Rental Income|1000", "Loss/Gain to Lease|50", "Total Income|950"), "11400.00", ""},
		"losses of both signs":        {months("Gross Rental Income|1000", "Concessions|(10)", "Bad Debt|(5)", "Vacancy Loss|30"), "", "operating.csv:5:14: vacancy loss: whether the line adds or takes off is not sure: the lines of its section have no sign in common, and no total settles it"},
		"a refund, settled by NOI":    {months("Gross Rental Income|1000", "Payroll|400", "Insurance|(100)", "Net Operating Income|700"), "8400.00", ""},
		"a refund, settled otherwise": {months("Gross Rental Income|1000", "Payroll|-400", "Insurance|100", "Net Operating Income|700"), "8400.00", ""},
		"a refund that nothing tells": {months("Gross Rental Income|1000", "Payroll|400", "Taxes|10", "Insurance|(100)", "Total Expenses|310"), "", "operating.csv:5:11: insurance: whether the line adds or takes off is not sure: the lines of its section have no sign in common, and no total settles it"},
		"income as books credit it":   {months("Gross Rental Income|(1000)", "Payroll|400"), "", "operating.csv:2:21: gross rental income: the line is below zero throughout; a positive number is wanted"},
		"a wrong NOI":                 {months("Gross Rental Income|1000", "Payroll|400", "NOI|601"), "", "operating.csv:4:5: net operating income: the file says 601.00, but its lines add up to 600.00"},
		"another total":               {months("Gross Rental Income|1000", "Payroll|400", "Taxes|100", "Total Fixed Charges|500"), "6000.00", ""},
		"another total, wrong":        {months("Gross Rental Income|1000", "Payroll|400", "Taxes|100", "Total Fixed Charges|100"), "", "operating.csv:5:21: the row is labeled a total, but its figures are not the total of the rows above, and there is no such line of the statement"},
		"cash flow":                   {months("Gross Rental Income|1000", "Payroll|400", "Interest|100", "Principal|50", "Debt Service|150", "Cash Flow|450"), "7200.00", ""},
		"cash flow, wrong":            {months("Gross Rental Income|1000", "Payroll|400", "Interest|100", "Cash Flow|600"), "", "operating.csv:5:11: cash flow: the file says 600.00, but its lines add up to 500.00"},
		"debt service below zero":     {months("Gross Rental Income|1000", "Payroll|400", "Interest|(100)", "Principal|(50)", "Debt Service|(150)", "Cash Flow|450"), "7200.00", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := loadWith(t, deal.OperatingFile, c.data)
			if c.want != "" {
				require.EqualError(t, err, c.want)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.noi, noi(t, d))
		})
	}
}

// A total that contradicts its own months is refused at its column.
func TestLoad_totalOfTotal(t *testing.T) {
	t.Parallel()
	data := months("Gross Rental Income|1000", "Total Income|1000")
	lines := strings.Split(strings.TrimSpace(data), "\n")
	lines[0], lines[1], lines[2] = lines[0]+",Total", lines[1]+",12000", lines[2]+",99999"
	_, err := loadWith(t, deal.OperatingFile, strings.Join(lines, "\n"))
	require.EqualError(t, err, "operating.csv:3:74: total income: the total is 99999.00, but the months add up to 12000.00")
	lines[2] = strings.TrimSuffix(lines[2], "99999") + "12000"
	_, err = loadWith(t, deal.OperatingFile, strings.Join(lines, "\n"))
	require.NoError(t, err)
}

// The shipped statement with all expenses and their total in parentheses is the
// same statement.
func TestLoad_expensesInParentheses(t *testing.T) {
	t.Parallel()
	lines := strings.Split(string(shipped(t)[deal.OperatingFile].Data), "\n")
	inside := false
	for i, line := range lines {
		label, figures, _ := strings.Cut(line, ",")
		switch {
		case strings.HasPrefix(label, "OPERATING EXPENSES"):
			inside = true
		case strings.HasPrefix(label, "Net Operating"):
			inside = false
		case inside && figures != "":
			lines[i] = label + "," + negated(figures)
		}
	}
	d, err := loadWith(t, deal.OperatingFile, strings.Join(lines, "\n"))
	require.NoError(t, err)
	require.Equal(t, "433685.09", noi(t, d))
	want, err := deal.Load(shipped(t), today)
	require.NoError(t, err)
	require.Equal(t, want.Months, d.Months)
}

// negated writes the figures of a line with the other sign.
func negated(figures string) string {
	var out []string
	for len(figures) > 0 {
		var cell string
		if strings.HasPrefix(figures, `"`) {
			cell, figures, _ = strings.Cut(figures[1:], `"`)
			figures = strings.TrimPrefix(figures, ",")
		} else {
			cell, figures, _ = strings.Cut(figures, ",")
		}
		if inner, found := strings.CutPrefix(cell, "("); found {
			cell = strings.TrimSuffix(inner, ")")
		} else {
			cell = "(" + cell + ")"
		}
		out = append(out, `"`+cell+`"`)
	}
	return strings.Join(out, ",")
}

// The rent rolls that went wrong elsewhere.
func TestLoad_rentRolls(t *testing.T) {
	t.Parallel()
	const head = "Unit,Status,Market Rent,Rent"
	unit := func(data string) deal.Unit {
		d, err := loadWith(t, deal.RentRollFile, data)
		require.NoError(t, err)
		require.Len(t, d.Units, 1)
		return d.Units[0]
	}
	require.Equal(t, "1965-06-01", unit(head+",Move In\nB7,Occupied,1000,1000,6/1/65\n").MoveIn.String())
	require.Equal(t, "2025-01-01", unit(head+",Lease Start\nB7,Occupied,1000,1000,45658\n").LeaseStart.String())
	require.Equal(t, "0101", unit(head+"\n\"=\"\"0101\"\"\",Occupied,1000,1000\n").Number)
	require.Equal(t, "0101", unit(head+"\n=\"0101\",Occupied,1000,1000\n").Number)
	require.Equal(t, "B7", unit("Birch Yard, Dayton, OH\nUnit;Status;Market Rent;Rent\nB7;Occupied;1000;1000\n").Number)
	u := unit(head + ",Balance\nB7,Occupied,\" $ 1,000.00 \",\" $ 1,000.00 \",\" $ (54.00)\"\n")
	require.Equal(t, []money.Amount{money.MustParse("1000.00"), money.MustParse("-54.00")}, []money.Amount{*u.Rent, *u.Balance})

	for data, want := range map[string]string{
		head + ",Lease End\nB7,Occupied,1000,1000,6/1/65\n":        "rent_roll.csv:2:23: lease_end: the year has two digits and may be of this century or of the last; four are wanted",
		head + "\nB7,Occupied,1000,1000\nTotal,Occupied,900,900\n": "rent_roll.csv:3:16: market_rent: the row is labeled a total, but its figure is not the total of the rows above, 1000",
		head + "\nB7,Occupied,1000,1000\nTotal,,1000,1001\n":       "rent_roll.csv:3:13: rent: the row is labeled a total, but its figure is not the total of the rows above, 1000",
		head + "\nB7,Occupied,1000,x\nTotal,,1000,1000\n":          "rent_roll.csv:3:13: rent: the row is labeled a total, but its figure is not the total of the rows above, where a figure is no number",
		head + "\nB7,Occupied,1000,1000\n,,1000,1000\n":            "rent_roll.csv:3:1: unit: a value is missing",
		head + "\n=B6,Occupied,1000,1000\n":                        "rent_roll.csv:2:1: unit: the cell holds a formula; save the sheet with its values",
		head + "\n#REF!,Occupied,1000,1000\n":                      "rent_roll.csv:2:1: unit: the cell holds an error of the sheet",
	} {
		_, err := loadWith(t, deal.RentRollFile, data)
		require.Error(t, err, want)
		require.Contains(t, strings.Split(err.Error(), "\n"), want)
	}
}

// Nothing of a file disappears unsaid.
func TestLoad_skipped(t *testing.T) {
	t.Parallel()
	d, err := loadWith(t, deal.RentRollFile, "Birch Yard\nUnit,Status,Market Rent,Rent,Agent,\nA1,Occupied,1000,900,Kit\nA2,Vacant,1000,,Kit\nBuilding A Total,,2000,900,,\n"+
		"Unit,Status,Market Rent,Rent,Agent,\nB1,Occupied,1100,1100,,late\nTotal for Building B,,1100,1100,,\nGrand Total,,3100,2000,,\n")
	require.NoError(t, err)
	require.Len(t, d.Units, 3)
	said := map[string]string{}
	for _, f := range d.Files {
		said[f.Name] = f.Skipped.String()
	}
	require.Equal(t, "1 title (line 1), 1 repeated header (line 6), 3 totals, which agree (lines 5, 8, 9), 2 columns (Agent, one without a name at 2:36)", said[deal.RentRollFile])
	require.Equal(t, "2 titles (lines 1, 2), 3 headings (lines 5, 20, 36), 4 totals, which agree (lines 11, 18, 32, 34)", said[deal.OperatingFile])
	require.Equal(t, "1 title (line 1)", said[deal.PropertyFile])
	require.Empty(t, said[deal.InvestorsFile])
	require.Equal(t, tabular.Skips(nil).String(), said[deal.ClassesFile])
}
