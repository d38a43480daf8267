package faulttest

import (
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

var loanVerbs = []verb{
	{"Loans.DrawLoan", func(w *world) command {
		return do(w.p.Loans.DrawLoan, w.drawing(w.loan()))
	}},
	{"Loans.PayLoan", func(w *world) command {
		return do(w.p.Loans.PayLoan, w.paying(w.lent()))
	}},
	{"Loans.DisburseEscrow", func(w *world) command {
		l := w.lent()
		_, err := w.p.Loans.PayLoan(w.t.Context(), w.db, w.paying(l))
		require.NoError(w.t, err)
		return do(w.p.Loans.DisburseEscrow, financials.DisburseEscrowParams{IdempotencyKey: key(), LoanID: l.ID, Amount: money.MustParse("100"), Purpose: financials.EscrowTaxes, Date: movedOn, ActorID: staff})
	}},
	{"Loans.ReverseLoanEntry", func(w *world) command {
		e, err := w.p.Loans.PayLoan(w.t.Context(), w.db, w.paying(w.lent()))
		require.NoError(w.t, err)
		return do(w.p.Loans.ReverseLoanEntry, financials.ReverseLoanEntryParams{IdempotencyKey: key(), EntryID: e.ID, Date: movedOn, ActorID: staff})
	}},
	{"Loans.PayOffLoan", func(w *world) command {
		return do(w.p.Loans.PayOffLoan, financials.PayOffLoanParams{IdempotencyKey: key(), LoanID: w.lent().ID, Date: movedOn, Interest: money.MustParse("5"), ActorID: staff})
	}},
	{"Loans.RefinanceLoan", func(w *world) command {
		return do(w.p.Loans.RefinanceLoan, financials.RefinanceLoanParams{IdempotencyKey: key(), LoanID: w.lent().ID, NewLoanID: w.loan().ID, Date: movedOn, ActorID: staff})
	}},
	{"Cash.SetAsideReserve", func(w *world) command {
		return do(w.p.Cash.SetAsideReserve, w.setting())
	}},
	{"Cash.ReleaseReserve", func(w *world) command {
		p := w.setting()
		_, err := w.p.Cash.SetAsideReserve(w.t.Context(), w.db, p)
		require.NoError(w.t, err)
		p.IdempotencyKey = key()
		return do(w.p.Cash.ReleaseReserve, financials.ReleaseReserveParams(p))
	}},
}

func (w *world) setting() financials.SetAsideReserveParams {
	return financials.SetAsideReserveParams{IdempotencyKey: key(), PropertyID: w.prop, Purpose: key()[:20], Amount: money.MustParse("10"), Date: movedOn, ActorID: staff}
}

// loan is one on record, of which nothing is drawn.
func (w *world) loan() *financials.Loan {
	w.t.Helper()
	l, err := w.p.Financials.AddLoan(w.t.Context(), w.db, financials.AddLoanParams{PropertyID: w.prop, Lender: "First Bank", Principal: money.MustParse("1000"), AnnualRate: decimal.RequireFromString("0.05"),
		TermMonths: 120, AmortizationMonths: 360, StartDate: date.MustParse("2026-01-01")})
	require.NoError(w.t, err)
	return l
}

func (w *world) drawing(l *financials.Loan) financials.DrawLoanParams {
	return financials.DrawLoanParams{IdempotencyKey: key(), LoanID: l.ID, Amount: l.Principal, Date: movedOn, ActorID: staff}
}

func (w *world) paying(l *financials.Loan) financials.PayLoanParams {
	return financials.PayLoanParams{IdempotencyKey: key(), LoanID: l.ID, Interest: money.MustParse("5"), Principal: money.MustParse("10"), Escrow: money.MustParse("100"), Date: movedOn, ActorID: staff}
}

// lent is a loan that is drawn.
func (w *world) lent() *financials.Loan {
	w.t.Helper()
	l := w.loan()
	_, err := w.p.Loans.DrawLoan(w.t.Context(), w.db, w.drawing(l))
	require.NoError(w.t, err)
	return l
}
