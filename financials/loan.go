package financials

import (
	"context"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/freehold-go/freehold/financials/loans"
	"github.com/freehold-go/freehold/internal/store"
	"github.com/freehold-go/freehold/properties"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/id"
	"github.com/freehold-go/freehold/realestate/money"
	"github.com/freehold-go/freehold/realestate/page"
)

// The conditions of loans.
var (
	// ErrLoanNotFound: there is no such loan.
	ErrLoanNotFound = fault.New(fault.NotFound, "loan_not_found", "there is no such loan")
	// ErrLoanExists: the property has a loan of this number, or another loan has the
	// id.
	ErrLoanExists = fault.New(fault.Conflict, "loan_exists", "the property has a loan of this number").On("loan_number")
	// ErrLoanMonths: interest-only months exceed the term, or nothing amortizes
	// a loan that is not interest-only to its end.
	ErrLoanMonths = fault.New(fault.Invalid, "loan_months_inconsistent", "interest-only, amortization and term do not fit together").On("interest_only_months")
	// ErrLoanCommitment: a commitment is below the principal.
	ErrLoanCommitment = fault.New(fault.Invalid, "loan_commitment_below_principal", "the lender commits at least the principal").On("commitment")
	// ErrLoanLife: a loan is paid off before it starts.
	ErrLoanLife = fault.New(fault.Invalid, fault.CodeInverted, "the loan is paid off before it starts").On("payoff_date")
)

// LoanStatus says where a loan is in its life.
type LoanStatus string

// The loan statuses.
const (
	LoanStatusActive     LoanStatus = "active"
	LoanStatusPaidOff    LoanStatus = "paid_off"
	LoanStatusRefinanced LoanStatus = "refinanced"
	LoanStatusDefaulted  LoanStatus = "defaulted"
)

// Valid reports whether l is one of the loan statuses.
func (l LoanStatus) Valid() bool {
	switch l {
	case LoanStatusActive, LoanStatusPaidOff, LoanStatusRefinanced, LoanStatusDefaulted:
		return true
	}
	return false
}

// Loan is a mortgage of a property. AnnualRate is a fraction with up to ten
// decimals. AmortizationMonths counts from the end of the interest-only months; it
// is 0 for a loan that is interest-only to its end.
type Loan struct {
	bun.BaseModel `bun:"table:financials.loans,alias:fl" json:"-"`

	ID         id.Of[Loan]                `bun:"id,pk" json:"id"`
	PropertyID id.Of[properties.Property] `bun:"property_id" json:"property_id"`
	Lender     string                     `bun:"lender" json:"lender"`
	LoanNumber *string                    `bun:"loan_number" json:"loan_number"`
	Principal  money.Amount               `bun:"principal" json:"principal"`

	// A fraction, finer than other rates: notes quote five decimals of a percent.
	AnnualRate decimal.Decimal `bun:"annual_rate" json:"annual_rate"`

	// Amortization counts from the end of the interest-only months.
	AmortizationMonths int `bun:"amortization_months" json:"amortization_months"`
	TermMonths         int `bun:"term_months" json:"term_months"`
	InterestOnlyMonths int `bun:"interest_only_months" json:"interest_only_months"`

	// Most loans fix the payment on 30/360 and accrue on actual days.
	PaymentBasis  loans.Basis  `bun:"payment_basis" json:"payment_basis"`
	AccrualBasis  loans.Basis  `bun:"accrual_basis" json:"accrual_basis"`
	AccrualPeriod loans.Period `bun:"accrual_period" json:"accrual_period"`

	// The level payment of the note, where it is not computed
	Payment *money.Amount `bun:"payment" json:"payment"`

	// Up to which it may be drawn, where that is more than the principal.
	Commitment *money.Amount `bun:"commitment" json:"commitment"`

	// A rate that follows an index: the index and the margin, within floor and cap, anew every so many months.
	RateIndex   *string          `bun:"rate_index" json:"rate_index"`
	Margin      *decimal.Decimal `bun:"margin" json:"margin"`
	RateFloor   *decimal.Decimal `bun:"rate_floor" json:"rate_floor"`
	RateCap     *decimal.Decimal `bun:"rate_cap" json:"rate_cap"`
	ResetMonths *int             `bun:"reset_months" json:"reset_months"`

	// The loan whose place it took.
	RefinancesID *id.Of[Loan] `bun:"refinances_id" json:"refinances_id"`
	StartDate    date.Date    `bun:"start_date" json:"start_date"`
	PayoffDate   *date.Date   `bun:"payoff_date" json:"payoff_date"`
	Status       LoanStatus   `bun:"status" json:"status"`
	Notes        *string      `bun:"notes" json:"notes"`
	Version      int64        `bun:"version" json:"version"`
	CreatedAt    time.Time    `bun:"created_at" json:"created_at"`
	UpdatedAt    time.Time    `bun:"updated_at" json:"updated_at"`
}

// Terms returns the loan's terms, from which package loans computes its
// schedule.
func (l *Loan) Terms() loans.Terms {
	return loans.Terms{
		Principal: l.Principal, AnnualRate: l.AnnualRate, TermMonths: l.TermMonths,
		AmortizationMonths: l.AmortizationMonths, InterestOnlyMonths: l.InterestOnlyMonths,
		AccrualBasis: l.AccrualBasis, PaymentBasis: l.PaymentBasis, AccrualPeriod: l.AccrualPeriod,
		Payment: l.Payment, StartDate: l.StartDate,
	}
}

// mortgages is the repository of Loan rows, newest first.
var mortgages = store.Repo[Loan]{
	NotFound:    ErrLoanNotFound,
	Constraints: constraints,
	Sort:        store.NewestFirst(func(l *Loan) (time.Time, string) { return l.CreatedAt, l.ID.String() }),
}

// Loan reads a mortgage. It returns [ErrLoanNotFound].
func (s *Service) Loan(ctx context.Context, db bun.IDB, loan id.Of[Loan]) (*Loan, error) {
	return mortgages.Get(ctx, db, loan)
}

// Loans lists a property's mortgages, newest first.
func (s *Service) Loans(ctx context.Context, db bun.IDB, property id.Of[properties.Property], r page.Request) (page.Page[Loan], error) {
	return mortgages.List(ctx, db, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("fl.property_id = ?", property) })
}

// LoanAdded says that a mortgage was put on record.
type LoanAdded struct {
	PropertyID id.Of[properties.Property] `json:"property_id"`
	Principal  money.Amount               `json:"principal"`
	StartDate  date.Date                  `json:"start_date"`
	TermMonths int                        `json:"term_months"`
}

// EventType names the event.
func (LoanAdded) EventType() (string, int) { return "financials.loan_added", 1 }
