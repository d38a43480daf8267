package realestate_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/internal/pgtest"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/properties/market"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// A covenant on the property's value is tested by the valuation that held on the day, not by
// the one of today.
func TestTestCovenants_valuationOfTheDay(t *testing.T) {
	t.Parallel()
	ctx, db, p, day, usd := t.Context(), pgtest.Tx(t), platform(), date.MustParse, money.MustParse
	require.NoError(t, hire(ctx, db))
	prop := realestatetest.Property(t, db).ID
	l, err := p.Financials.AddLoan(ctx, db, financials.AddLoanParams{PropertyID: prop, Lender: "First Bank", Principal: usd("100000"), TermMonths: 120, AmortizationMonths: 360, StartDate: day("2025-01-01")})
	require.NoError(t, err)
	_, err = p.Loans.DrawLoan(ctx, db, financials.DrawLoanParams{IdempotencyKey: "draw", LoanID: l.ID, Amount: l.Principal, Date: l.StartDate, ActorID: staff})
	require.NoError(t, err)
	for m := day("2024-01-01"); m.Before(day("2026-01-01")); m = m.AddMonths(1) {
		_, err = p.Financials.PostStatement(ctx, db, financials.PostStatementParams{PropertyID: prop, PeriodStart: m, PeriodEnd: m.EndOfMonth()})
		require.NoError(t, err)
	}
	_, err = p.Loans.AgreeCovenant(ctx, db, financials.AgreeCovenantParams{LoanID: l.ID, Kind: financials.CovenantLTV, Threshold: decimal.RequireFromString("0.6"), StartsOn: l.StartDate, ActorID: staff})
	require.NoError(t, err)
	for on, amount := range map[string]string{"2025-03-01": "200000", "2025-06-30": "125000"} {
		_, err = p.Market.RecordValuation(ctx, db, market.RecordValuationParams{PropertyID: prop, Date: day(on), Amount: usd(amount)})
		require.NoError(t, err)
	}
	_, err = p.Properties.Revalue(ctx, db, properties.RevalueParams{PropertyID: prop, Date: day("2025-09-01"), Amount: usd("160000")})
	require.NoError(t, err)
	test := func(on string) (*financials.CovenantTest, error) {
		all, err := p.Loans.TestCovenants(ctx, db, financials.TestCovenantsParams{LoanID: l.ID, AsOf: day(on), ActorID: staff})
		if err != nil {
			return nil, err
		}
		require.Len(t, all, 1)
		return &all[0], nil
	}
	_, err = test("2025-02-28")
	require.ErrorIs(t, err, financials.ErrCovenantValue, "none by then")
	for on, want := range map[string]string{"2025-03-01": "met 200000.00", "2025-06-29": "met 200000.00", "2025-06-30": "breached 125000.00", "2025-08-31": "breached 125000.00", "2025-09-01": "breached 160000.00"} {
		got, err := test(on)
		require.NoError(t, err, on)
		require.Equal(t, want, string(got.Status)+" "+got.PropertyValue.String(), on)
	}

	ahead, err := p.Loans.ForecastCovenants(ctx, db, financials.ForecastCovenantsParams{LoanID: l.ID, First: day("2025-05-01"), Last: day("2025-09-01")})
	require.NoError(t, err)
	var seen []string
	for _, a := range ahead {
		seen = append(seen, a.Value.String()+" "+a.ValuedOn.String())
	}
	require.Equal(t, []string{"200000.00 2025-03-01", "125000.00 2025-06-30", "125000.00 2025-06-30", "125000.00 2025-06-30", "160000.00 2025-09-01"}, seen,
		"a forecast has the valuation of each month's end")
}
