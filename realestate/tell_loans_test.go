package realestate_test

import (
	"context"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate"
	"github.com/freehold-go/freehold/realestate/auth"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

// loanVerbs tells what the verbs on loans write, on a property of their own.
func loanVerbs(t *testing.T, ctx context.Context, tx bun.IDB, p *realestate.Platform, actor id.Of[auth.User], tells func(err error, want ...string)) {
	t.Helper()
	day, rate := date.MustParse, decimal.RequireFromString
	prop := realestatetest.Property(t, tx).ID
	tells(nil, "properties.property_registered")
	_, err := p.Properties.Revalue(ctx, tx, properties.RevalueParams{PropertyID: prop, Amount: money.MustParse("120000"), Date: day("2026-01-01")})
	tells(err, "properties.property_revalued")
	add := func() *financials.Loan {
		l, err := p.Financials.AddLoan(ctx, tx, financials.AddLoanParams{PropertyID: prop, Lender: "Secret Bank", Principal: money.MustParse("100000"), TermMonths: 360, AmortizationMonths: 360, StartDate: day("2026-01-01"),
			Floating: &financials.FloatingParams{RateIndex: "SOFR", Margin: rate("0.02"), ResetMonths: 1}})
		tells(err, "financials.loan_added")
		return l
	}
	l, next := add(), add()
	_, err = p.Loans.DrawLoan(ctx, tx, financials.DrawLoanParams{IdempotencyKey: "told-draw", LoanID: l.ID, Amount: l.Principal, Date: day("2026-01-01"), ActorID: actor})
	tells(err, "financials.loan_money_moved", "ledger.book_opened")
	e, err := p.Loans.PayLoan(ctx, tx, financials.PayLoanParams{IdempotencyKey: "told-pay", LoanID: l.ID, Date: day("2026-01-10"), Interest: money.MustParse("5"), Escrow: money.MustParse("5"), ActorID: actor})
	tells(err, "financials.loan_money_moved")
	_, err = p.Loans.DisburseEscrow(ctx, tx, financials.DisburseEscrowParams{IdempotencyKey: "told-escrow", LoanID: l.ID, Date: day("2026-01-11"), Amount: money.MustParse("1"), Purpose: financials.EscrowReleased, ActorID: actor})
	tells(err, "financials.loan_money_moved")
	_, err = p.Loans.ReverseLoanEntry(ctx, tx, financials.ReverseLoanEntryParams{IdempotencyKey: "told-undo", EntryID: e.ID, Date: day("2026-01-11"), ActorID: actor})
	require.ErrorIs(t, err, financials.ErrEscrowShort)
	for _, want := range [][]string{{"financials.index_values_recorded"}, nil} {
		_, err = p.Loans.RecordIndexValues(ctx, tx, financials.RecordIndexValuesParams{RateIndex: "SOFR", Values: []financials.DatedValue{{Date: day("2026-01-15"), Value: rate("0.04")}}, ActorID: actor})
		tells(err, want...)
	}
	for _, want := range [][]string{{"financials.rate_reset"}, nil} {
		_, err = p.Loans.ResetRate(ctx, tx, financials.ResetRateParams{LoanID: l.ID, On: day("2026-02-01"), ActorID: actor})
		tells(err, want...)
	}
	_, err = p.Loans.AgreeCovenant(ctx, tx, financials.AgreeCovenantParams{LoanID: l.ID, Kind: financials.CovenantLTV, Threshold: rate("0.5"), StartsOn: day("2026-01-01"), CureDays: 30, ActorID: actor})
	tells(err, "financials.covenant_agreed")
	_, err = p.Financials.PostStatement(ctx, tx, financials.PostStatementParams{PropertyID: prop, PeriodStart: day("2025-01-01"), PeriodEnd: day("2025-12-31")})
	tells(err, "financials.statement_posted")
	var tests []financials.CovenantTest
	for _, want := range [][]string{{"financials.covenants_tested"}, nil} {
		tests, err = p.Loans.TestCovenants(ctx, tx, financials.TestCovenantsParams{LoanID: l.ID, AsOf: day("2026-01-15"), ActorID: actor})
		tells(err, want...)
	}
	for _, want := range [][]string{{"financials.breach_ended"}, nil} {
		_, err = p.Loans.CureBreach(ctx, tx, financials.CureBreachParams{TestID: tests[0].ID, Date: day("2026-01-20"), Reason: "secret", ActorID: actor})
		tells(err, want...)
	}
	tests, err = p.Loans.TestCovenants(ctx, tx, financials.TestCovenantsParams{LoanID: l.ID, AsOf: day("2026-01-16"), ActorID: actor})
	tells(err, "financials.covenants_tested")
	_, err = p.Loans.WaiveBreach(ctx, tx, financials.WaiveBreachParams{TestID: tests[0].ID, Date: day("2026-01-20"), Reason: "secret", ActorID: actor})
	tells(err, "financials.breach_ended")
	aside := financials.SetAsideReserveParams{IdempotencyKey: "told-aside", PropertyID: prop, Purpose: "secret", Amount: money.MustParse("10"), Date: day("2026-01-20"), ActorID: actor}
	_, err = p.Cash.SetAsideReserve(ctx, tx, aside)
	tells(err, "financials.reserve_moved")
	_, err = p.Cash.ReleaseReserve(ctx, tx, financials.ReleaseReserveParams(aside))
	tells(err, "financials.reserve_moved")
	_, err = p.Cash.PrepareWorksheet(ctx, tx, financials.PrepareWorksheetParams{PropertyID: prop, AsOf: day("2026-01-20"), DebtDays: 31, ActorID: actor})
	tells(err, "financials.worksheet_prepared")
	_, err = p.Loans.RefinanceLoan(ctx, tx, financials.RefinanceLoanParams{IdempotencyKey: "told-refinance", LoanID: l.ID, NewLoanID: next.ID, Date: day("2026-01-20"), ActorID: actor})
	tells(err, "financials.loan_money_moved", "financials.loan_paid_off")
	_, err = p.Loans.PayOffLoan(ctx, tx, financials.PayOffLoanParams{IdempotencyKey: "told-off", LoanID: next.ID, Date: day("2026-01-21"), ActorID: actor})
	tells(err, "financials.loan_paid_off")
}
