package faulttest

import (
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/realestate/money"
)

var loanPairs = []pair{
	{"pay and pay off a loan", payPayOff, []string{"ok/ok", "loan_ended/ok"}, 100},
	{"repay a loan twice over", repayRepay, []string{"ok/loan_over_paid", "loan_over_paid/ok"}, 100},
}

func payPayOff(w *world) (a, b command, judge func(*world, error, error)) {
	l := w.lent()
	return do(w.p.Loans.PayLoan, w.paying(l)),
		do(w.p.Loans.PayOffLoan, financials.PayOffLoanParams{IdempotencyKey: key(), LoanID: l.ID, Date: movedOn, ActorID: staff}),
		func(w *world, a, b error) {
			require.NoError(w.t, b)
			if a != nil {
				w.refused(a, financials.ErrLoanEnded)
			}
			w.owed(l, "0.00")
		}
}

func repayRepay(w *world) (a, b command, judge func(*world, error, error)) {
	l := w.lent()
	most := func() command {
		return do(w.p.Loans.PayLoan, financials.PayLoanParams{IdempotencyKey: key(), LoanID: l.ID, Principal: money.MustParse("600"), Date: movedOn, ActorID: staff})
	}
	return most(), most(), func(w *world, a, b error) {
		w.one(a, b, financials.ErrOverPaid)
		w.owed(l, "400.00")
	}
}

func (w *world) owed(l *financials.Loan, want string) {
	w.t.Helper()
	b, err := w.p.Loans.LoanBalance(w.t.Context(), w.db, financials.LoanBalanceParams{LoanID: l.ID, On: movedOn})
	require.NoError(w.t, err)
	require.Equal(w.t, want, b.Balance.String())
}
