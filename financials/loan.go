package financials

import (
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/loans"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
)

// LoanStatus says where a loan is in its life.
type LoanStatus string

// The loan statuses.
const (
	LoanActive     LoanStatus = "active"
	LoanPaidOff    LoanStatus = "paid_off"
	LoanRefinanced LoanStatus = "refinanced"
	LoanDefaulted  LoanStatus = "defaulted"
)

// Valid reports whether l is one of the loan statuses.
func (l LoanStatus) Valid() bool {
	switch l {
	case LoanActive, LoanPaidOff, LoanRefinanced, LoanDefaulted:
		return true
	}
	return false
}

// Loan is a mortgage of a property. AnnualRate is a fraction with up to ten
// decimals. AmortizationMonths counts from the end of the interest-only months; it
// is 0 for a loan that is interest-only to its end.
type Loan struct {
	bun.BaseModel `bun:"table:financials.loans,alias:fl"`

	ID         id.Of[Loan]                `bun:"id,pk"`
	PropertyID id.Of[properties.Property] `bun:"property_id"`
	Lender     string                     `bun:"lender"`
	LoanNumber *string                    `bun:"loan_number"`
	Principal  money.Amount               `bun:"principal"`

	// A fraction, finer than other rates: notes quote five decimals of a percent.
	AnnualRate decimal.Decimal `bun:"annual_rate"`

	// Amortization counts from the end of the interest-only months.
	AmortizationMonths int `bun:"amortisation_months"`
	TermMonths         int `bun:"term_months"`
	InterestOnlyMonths int `bun:"io_months"`

	// Most loans fix the payment on 30/360 and accrue on actual days.
	PaymentBasis  loans.Basis  `bun:"payment_basis"`
	AccrualBasis  loans.Basis  `bun:"accrual_basis"`
	AccrualPeriod loans.Period `bun:"accrual_period"`

	// The level payment of the note, where it is not computed
	Payment    *money.Amount `bun:"payment"`
	StartDate  date.Date     `bun:"start_date"`
	PayoffDate *date.Date    `bun:"payoff_date"`
	Status     LoanStatus    `bun:"status"`
	Notes      *string       `bun:"notes"`
	Version    int64         `bun:"version"`
	CreatedAt  time.Time     `bun:"created_at"`
	UpdatedAt  time.Time     `bun:"updated_at"`
}

// Terms returns the loan's terms, from which package loans computes its
// schedule.
func (l *Loan) Terms() loans.Terms {
	return loans.Terms{
		Principal: l.Principal, AnnualRate: l.AnnualRate, TermMonths: l.TermMonths,
		AmortizationMonths: l.AmortizationMonths, InterestOnlyMonths: l.InterestOnlyMonths,
		Accrual: l.AccrualBasis, PaymentBasis: l.PaymentBasis, Period: l.AccrualPeriod,
		Payment: l.Payment, Start: l.StartDate,
	}
}
