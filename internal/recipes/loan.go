package recipes

import (
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/financials"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/realestatetest"
)

var loanVerbs = []Recipe{
	{"Loans.DrawLoan", func(w *World) Call {
		return Do(w.P.Loans.DrawLoan, w.drawing(w.Loan(w.Property)))
	}},
	{"Loans.PayLoan", func(w *World) Call {
		return Do(w.P.Loans.PayLoan, w.LoanPayment(w.Lent()))
	}},
	{"Loans.DisburseEscrow", func(w *World) Call {
		l := w.Lent()
		_, err := w.P.Loans.PayLoan(w.T.Context(), w.DB, w.LoanPayment(l))
		require.NoError(w.T, err)
		return Do(w.P.Loans.DisburseEscrow, financials.DisburseEscrowParams{IdempotencyKey: Key(), LoanID: l.ID, Amount: money.MustParse("100"), Purpose: financials.EscrowTaxes, Date: MovedOn, ActorID: Staff})
	}},
	{"Loans.ReverseLoanEntry", func(w *World) Call {
		e, err := w.P.Loans.PayLoan(w.T.Context(), w.DB, w.LoanPayment(w.Lent()))
		require.NoError(w.T, err)
		return Do(w.P.Loans.ReverseLoanEntry, financials.ReverseLoanEntryParams{IdempotencyKey: Key(), EntryID: e.ID, Date: MovedOn, ActorID: Staff})
	}},
	{"Loans.PayOffLoan", func(w *World) Call {
		return Do(w.P.Loans.PayOffLoan, financials.PayOffLoanParams{IdempotencyKey: Key(), LoanID: w.Lent().ID, Date: MovedOn, Interest: money.MustParse("5"), ActorID: Staff})
	}},
	{"Loans.RefinanceLoan", func(w *World) Call {
		l := w.Lent()
		return Do(w.P.Loans.RefinanceLoan, financials.RefinanceLoanParams{IdempotencyKey: Key(), LoanID: l.ID, NewLoanID: w.Loan(l.PropertyID).ID, Date: MovedOn, ActorID: Staff})
	}},
	{"Cash.SetAsideReserve", func(w *World) Call {
		return Do(w.P.Cash.SetAsideReserve, w.setting())
	}},
	{"Cash.ReleaseReserve", func(w *World) Call {
		p := w.setting()
		_, err := w.P.Cash.SetAsideReserve(w.T.Context(), w.DB, p)
		require.NoError(w.T, err)
		p.IdempotencyKey = Key()
		return Do(w.P.Cash.ReleaseReserve, financials.ReleaseReserveParams(p))
	}},
}

func (w *World) setting() financials.SetAsideReserveParams {
	return financials.SetAsideReserveParams{IdempotencyKey: Key(), PropertyID: w.Property, Purpose: Key()[:20], Amount: money.MustParse("10"), Date: MovedOn, ActorID: Staff}
}

// Loan is one of a property on record, of which nothing is drawn.
func (w *World) Loan(property id.Of[properties.Property]) *financials.Loan {
	w.T.Helper()
	l, err := w.P.Financials.AddLoan(w.T.Context(), w.DB, financials.AddLoanParams{PropertyID: property, Lender: "First Bank", Principal: money.MustParse("1000"), AnnualRate: decimal.RequireFromString("0.05"),
		TermMonths: 120, AmortizationMonths: 360, StartDate: date.MustParse("2026-01-01")})
	require.NoError(w.T, err)
	return l
}

func (w *World) drawing(l *financials.Loan) financials.DrawLoanParams {
	return financials.DrawLoanParams{IdempotencyKey: Key(), LoanID: l.ID, Amount: l.Principal, Date: MovedOn, ActorID: Staff}
}

// LoanPayment pays a part of a loan.
func (w *World) LoanPayment(l *financials.Loan) financials.PayLoanParams {
	return financials.PayLoanParams{IdempotencyKey: Key(), LoanID: l.ID, Interest: money.MustParse("5"), Principal: money.MustParse("10"), Escrow: money.MustParse("100"), Date: MovedOn, ActorID: Staff}
}

// Lent is a loan that is drawn, of a property of its own: verbs of one property wait for
// each other.
func (w *World) Lent() *financials.Loan {
	w.T.Helper()
	return w.LentOn(realestatetest.Property(w.T, w.DB).ID)
}

// LentOn is a loan on a property that is drawn.
func (w *World) LentOn(property id.Of[properties.Property]) *financials.Loan {
	w.T.Helper()
	l := w.Loan(property)
	_, err := w.P.Loans.DrawLoan(w.T.Context(), w.DB, w.drawing(l))
	require.NoError(w.T, err)
	return l
}
