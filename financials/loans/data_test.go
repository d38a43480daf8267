package loans

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// readCases decodes one file of published figures of real mortgages from the
// folder that FREEHOLD_DATA names.
func readCases[In, Want any](t *testing.T, name string) (out []realCase[In, Want]) {
	t.Helper()
	dir := os.Getenv("FREEHOLD_DATA")
	if dir == "" {
		t.Skip("FREEHOLD_DATA names no folder of real input data")
	}
	b, err := os.ReadFile(filepath.Join(dir, "cases", name))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &out))
	require.NotEmpty(t, out)
	return out
}

type realCase[In, Want any] struct {
	ID        string          `json:"id"`
	Source    string          `json:"source"`
	Inputs    In              `json:"inputs"`
	Expected  Want            `json:"expected"`
	Tolerance decimal.Decimal `json:"tolerance"`
}

func (c realCase[In, Want]) near(t *testing.T, want decimal.Decimal, got money.Amount) {
	t.Helper()
	diff := got.Decimal().Sub(want).Abs()
	require.Truef(t, diff.LessThanOrEqual(c.Tolerance), "%s: published %s, computed %s (%s)", c.ID, want, got, c.Source)
}

func TestRealLevelPayments(t *testing.T) {
	t.Parallel()
	type in struct {
		Principal money.Amount    `json:"principal"`
		Rate      decimal.Decimal `json:"annual_rate"`
		Months    int             `json:"amortization_months"`
	}
	type want struct {
		Payment decimal.Decimal `json:"monthly_payment"`
	}
	for _, c := range readCases[in, want](t, "mortgage_level_payment.json") {
		got, err := Terms{Principal: c.Inputs.Principal, AnnualRate: c.Inputs.Rate, AmortizationMonths: c.Inputs.Months}.LevelPayment()
		require.NoError(t, err, c.ID)
		c.near(t, c.Expected.Payment, got)
	}
}

// From one audited balance sheet to the next, at the payment of the note.
func TestRealBalanceRolls(t *testing.T) {
	t.Parallel()
	type in struct {
		Opening money.Amount    `json:"opening_balance"`
		Rate    decimal.Decimal `json:"annual_rate"`
		Payment money.Amount    `json:"payment"`
		First   date.Date       `json:"first_payment"`
		N       int             `json:"payments"`
		Basis   string          `json:"interest_basis"`
	}
	type want struct {
		Closing decimal.Decimal `json:"closing_balance"`
	}
	bases := map[string]Basis{"actual/360": Actual360, "actual/365": Actual365F, "30/360": Thirty360}
	for _, c := range readCases[in, want](t, "mortgage_balance_roll.json") {
		s, err := NewSchedule(Terms{Principal: c.Inputs.Opening, AnnualRate: c.Inputs.Rate, TermMonths: c.Inputs.N,
			AmortizationMonths: MaxMonths, AccrualBasis: bases[c.Inputs.Basis], AccrualPeriod: CalendarMonth,
			Payment: &c.Inputs.Payment, StartDate: c.Inputs.First.AddMonths(-1)})
		require.NoError(t, err, c.ID)
		require.NotEmpty(t, s.Terms.AccrualBasis, c.ID)
		c.near(t, c.Expected.Closing, s.Balloon)
	}
}

func TestRealInterestOnly(t *testing.T) {
	t.Parallel()
	type in struct {
		Principal money.Amount    `json:"principal"`
		Rate      decimal.Decimal `json:"annual_rate"`
		Days      int             `json:"days"`
	}
	type want struct {
		Interest decimal.Decimal `json:"interest"`
	}
	for _, c := range readCases[in, want](t, "mortgage_interest_only.json") {
		from := date.MustParse("2012-01-01")
		got, err := Interest(c.Inputs.Principal, c.Inputs.Rate, Actual360, from, from.AddDays(c.Inputs.Days))
		require.NoError(t, err, c.ID)
		c.near(t, c.Expected.Interest, got)
	}
}
