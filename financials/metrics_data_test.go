package financials

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// Audited operating statements of real apartment properties, from the folder
// that FREEHOLD_DATA names. Bad debt stands among their expenses, so it is an
// operating expense here and not a deduction from rent.
func TestRealOperatingStatements(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("FREEHOLD_DATA")
	if dir == "" {
		t.Skip("FREEHOLD_DATA names no folder of real input data")
	}
	b, err := os.ReadFile(filepath.Join(dir, "cases", "operating_statements.json"))
	require.NoError(t, err)
	var cases []struct {
		ID     string `json:"id"`
		Inputs struct {
			Gross    money.Amount            `json:"gross_potential_rent"`
			Vacancy  money.Amount            `json:"vacancy_loss"`
			Other    money.Amount            `json:"other_income"`
			Expenses map[string]money.Amount `json:"expenses"`
		} `json:"inputs"`
		Want struct {
			Rental money.Amount `json:"net_rental_income"`
			Income money.Amount `json:"total_income"`
			Opex   money.Amount `json:"total_operating_expenses"`
			NOI    money.Amount `json:"noi"`
		} `json:"expected"`
	}
	require.NoError(t, json.Unmarshal(b, &cases))
	require.NotEmpty(t, cases)
	for _, c := range cases {
		e := c.Inputs.Expenses
		other, err := e["other"].Add(e["bad_debt"])
		require.NoError(t, err)
		s := OperatingStatement{PeriodStart: date.MustParse("2007-01-01"), PeriodEnd: date.MustParse("2007-12-31"),
			Income: IncomeLines{GrossRentalIncome: c.Inputs.Gross, VacancyLoss: c.Inputs.Vacancy, OtherIncome: c.Inputs.Other},
			Expenses: ExpenseLines{PropertyManagement: e["management_fee"], MaintenanceRepairs: e["repairs_maintenance"],
				Utilities: e["utilities"], Insurance: e["insurance"], PropertyTaxes: e["real_estate_taxes"], Payroll: e["payroll"],
				Advertising: e["advertising"], LegalProfessional: e["professional_fees"], OfficeAdministrative: e["office"],
				OtherOperating: other}}
		got, err := s.Totals()
		require.NoError(t, err)
		require.Equal(t, c.Want.Rental, got.EffectiveRentalIncome, c.ID)
		require.Equal(t, c.Want.Income, got.TotalIncome, c.ID)
		require.Equal(t, c.Want.Opex, got.TotalOperatingExpenses, c.ID)
		require.Equal(t, c.Want.NOI, got.NOI, c.ID)
	}
}
