package financials_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/financials/loans"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// A year of real mortgages, booked payment by payment as the schedule has them, from one
// audited balance sheet to the next; the files are in the folder that FREEHOLD_DATA names.
func TestRealMortgages_booked(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("FREEHOLD_DATA")
	if dir == "" {
		t.Skip("FREEHOLD_DATA names no folder of real input data")
	}
	body, err := os.ReadFile(filepath.Join(dir, "cases", "mortgage_balance_roll.json"))
	require.NoError(t, err)
	var cases []struct {
		ID     string `json:"id"`
		Inputs struct {
			Opening money.Amount    `json:"opening_balance"`
			Rate    decimal.Decimal `json:"annual_rate"`
			Payment money.Amount    `json:"payment"`
			First   date.Date       `json:"first_payment"`
			N       int             `json:"payments"`
			Basis   string          `json:"interest_basis"`
		} `json:"inputs"`
		Expected struct {
			Closing decimal.Decimal `json:"closing_balance"`
		} `json:"expected"`
		Tolerance decimal.Decimal `json:"tolerance"`
	}
	require.NoError(t, json.Unmarshal(body, &cases))
	require.NotEmpty(t, cases)
	bases := map[string]loans.Basis{"actual/360": loans.Actual360, "actual/365": loans.Actual365F, "30/360": loans.Thirty360}
	ctx, db := t.Context(), pgtest.Tx(t)
	for _, c := range cases {
		in := c.Inputs
		svc, l, actor := lent(t, db, func(p *financials.AddLoanParams) {
			p.Principal, p.AnnualRate, p.TermMonths, p.AmortizationMonths, p.AccrualBasis, p.AccrualPeriod = in.Opening, in.Rate, in.N, loans.MaxMonths, bases[in.Basis], loans.CalendarMonth
			p.Payment, p.StartDate, p.Commitment = &in.Payment, in.First.AddMonths(-1), nil
		})
		s, err := svc.Schedule(ctx, db, l.ID)
		require.NoError(t, err, c.ID)
		for _, r := range s.Rows {
			_, err := svc.PayLoan(ctx, db, financials.PayLoanParams{IdempotencyKey: newKey(), LoanID: l.ID, Date: r.Due, Interest: r.Interest, Principal: r.Principal, ActorID: actor})
			require.NoError(t, err, c.ID)
		}
		last := s.Rows[len(s.Rows)-1].Due
		b, err := svc.LoanBalance(ctx, db, financials.LoanBalanceParams{LoanID: l.ID, On: last})
		require.NoError(t, err)
		diff := b.Balance.Decimal().Sub(c.Expected.Closing).Abs()
		require.True(t, diff.LessThanOrEqual(c.Tolerance), "%s: published %s, booked %s", c.ID, c.Expected.Closing, b.Balance)
		compared, err := svc.CompareSchedule(ctx, db, financials.CompareScheduleParams{LoanID: l.ID, Through: last})
		require.NoError(t, err)
		require.True(t, compared.Periods[len(compared.Periods)-1].Late.IsZero(), c.ID)
	}
	holds(t, db)
}
