package faulttest

import (
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/internal/recipes"
	"github.com/freehold-go/freehold/realestate/money"
)

var loanPairs = []pair{
	{"pay and pay off a loan", payPayOff, []string{"ok/ok", "loan_ended/ok"}, 100},
	{"repay a loan twice over", repayRepay, []string{"ok/loan_over_paid", "loan_over_paid/ok"}, 100},
}

func payPayOff(w *world) (a, b command, judge func(*world, error, error)) {
	l := w.Lent()
	return do(w.P.Loans.PayLoan, w.LoanPayment(l)),
		do(w.P.Loans.PayOffLoan, financials.PayOffLoanParams{IdempotencyKey: recipes.Key(), LoanID: l.ID, Date: recipes.MovedOn, ActorID: recipes.Staff}),
		func(w *world, a, b error) {
			require.NoError(w.T, b)
			if a != nil {
				w.refused(a, financials.ErrLoanEnded)
			}
			w.owed(l, "0.00")
		}
}

func repayRepay(w *world) (a, b command, judge func(*world, error, error)) {
	l := w.Lent()
	most := func() command {
		return do(w.P.Loans.PayLoan, financials.PayLoanParams{IdempotencyKey: recipes.Key(), LoanID: l.ID, Principal: money.MustParse("600"), Date: recipes.MovedOn, ActorID: recipes.Staff})
	}
	return most(), most(), func(w *world, a, b error) {
		w.one(a, b, financials.ErrOverPaid)
		w.owed(l, "400.00")
	}
}

func (w *world) owed(l *financials.Loan, want string) {
	w.T.Helper()
	b, err := w.P.Loans.LoanBalance(w.T.Context(), w.DB, financials.LoanBalanceParams{LoanID: l.ID, On: recipes.MovedOn})
	require.NoError(w.T, err)
	require.Equal(w.T, want, b.Balance.String())
}
