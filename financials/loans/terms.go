package loans

import (
	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

// The limits of [Terms].
const (
	// MaxMonths is the longest term and the longest amortization.
	MaxMonths = 1200
	// MaxRateDecimals is the number of decimals a rate may carry.
	MaxRateDecimals = 15
	maxRate         = 10 // 1,000 % a year
)

// The conditions of this package. Bad terms are reported field by field as
// [fault.Errors] with these codes.
var (
	// ErrRate: an annual rate is not a fraction from 0 to 10 with at most 15
	// decimals.
	ErrRate = fault.New(fault.Invalid, fault.CodeOutOfRange, "an annual rate is a fraction from 0 to 10 with at most 15 decimals")
	// ErrMonths: a number of months is out of range.
	ErrMonths = fault.New(fault.Invalid, fault.CodeOutOfRange, "the number of months is out of range")
	// ErrBasis: the text names no basis of this package.
	ErrBasis = fault.New(fault.Invalid, fault.CodeNotAllowed, "a basis is one of 30/360, ACT/360, ACT/365F")
	// ErrPeriod: the text names no accrual period of this package.
	ErrPeriod = fault.New(fault.Invalid, fault.CodeNotAllowed, "an accrual period is due_dates or calendar_month")
	// ErrPrincipal: a loan or a balance is not above zero.
	ErrPrincipal = fault.New(fault.Invalid, fault.CodeOutOfRange, "the loan is more than zero")
	// ErrPayment: a payment is below zero.
	ErrPayment = fault.New(fault.Invalid, fault.CodeOutOfRange, "a payment is not below zero")
	// ErrStart: there is no start date, or the last due date leaves the
	// calendar.
	ErrStart = fault.New(fault.Invalid, "loan_start_invalid", "a start date is needed and every due date lies before the year 10000")
)

// Basis is how a year's interest is cut into months.
type Basis string

// The bases.
const (
	// Thirty360 gives every month a twelfth of the annual rate.
	Thirty360 Basis = "30/360"
	// Actual360 counts calendar days over 360.
	Actual360 Basis = "ACT/360"
	// Actual365F counts calendar days over 365, also in leap years.
	Actual365F Basis = "ACT/365F"
)

// Valid reports whether b is one of the three.
func (b Basis) Valid() bool { return b == Thirty360 || b == Actual360 || b == Actual365F }

// or returns b, or the default where b is empty.
func (b Basis) or() Basis {
	if b == "" {
		return Thirty360
	}
	return b
}

// Period says which days a month's interest is for, on the actual-day bases.
type Period string

// The periods.
const (
	// DueDates counts from the previous due date, included, to this one,
	// excluded. The default.
	DueDates Period = "due_dates"
	// CalendarMonth counts the whole calendar month before the due date, as
	// agency and CMBS notes commonly do.
	CalendarMonth Period = "calendar_month"
)

// Valid reports whether p is one of the two.
func (p Period) Valid() bool { return p == DueDates || p == CalendarMonth }

// Terms is a loan as its note states it. The zero value of a basis or a period
// is its default.
type Terms struct {
	// Principal is the amount lent.
	Principal money.Amount `json:"principal"`
	// AnnualRate is the nominal yearly rate as a fraction: 0.0486 is 4.86 %.
	AnnualRate decimal.Decimal `json:"annual_rate"`
	// TermMonths is the number of scheduled payments, interest-only ones
	// included.
	TermMonths int `json:"term_months"`
	// AmortizationMonths is the number of level payments that would clear the
	// loan, counted after the interest-only months. It may be 0 for a loan that
	// is interest-only to its end.
	AmortizationMonths int `json:"amortization_months"`
	// InterestOnlyMonths come first.
	InterestOnlyMonths int `json:"interest_only_months"`
	// AccrualBasis is the basis of the interest, [Thirty360] by default.
	AccrualBasis Basis `json:"accrual_basis"`
	// PaymentBasis is the basis on which the level payment was fixed,
	// [Thirty360] by default whatever the accrual.
	PaymentBasis Basis `json:"payment_basis,omitempty"`
	// AccrualPeriod is which days accrue, [DueDates] by default.
	AccrualPeriod Period `json:"accrual_period,omitempty"`
	// Payment, if given, is the level payment of the note, and no formula is
	// applied.
	Payment *money.Amount `json:"payment,omitempty"`
	// StartDate is the date from which interest runs, one month before the first
	// due date.
	StartDate date.Date `json:"start_date"`
}

// Validate reports every bad field at once, as [fault.Errors].
func (t Terms) Validate() error {
	var f fault.Fields
	t.validateLevel(&f)
	if t.TermMonths < 1 || t.TermMonths > MaxMonths {
		f.AddErr("term_months", ErrMonths.With("%d is not from 1 to %d", t.TermMonths, MaxMonths))
	}
	if t.InterestOnlyMonths < 0 || t.InterestOnlyMonths > MaxMonths {
		f.AddErr("interest_only_months", ErrMonths.With("%d is not from 0 to %d", t.InterestOnlyMonths, MaxMonths))
	}
	if !t.AccrualBasis.or().Valid() {
		f.AddErr("accrual_basis", ErrBasis)
	}
	if t.AccrualPeriod != "" && !t.AccrualPeriod.Valid() {
		f.AddErr("accrual_period", ErrPeriod)
	}
	if t.StartDate.IsZero() || t.TermMonths <= MaxMonths && !fitsCalendar(t.StartDate, t.TermMonths) {
		f.AddErr("start_date", ErrStart)
	}
	return f.Err()
}

// validateLevel checks what the level payment depends on.
func (t Terms) validateLevel(f *fault.Fields) {
	if t.Principal.Sign() <= 0 {
		f.AddErr("principal", ErrPrincipal)
	}
	if _, err := parseRate(t.AnnualRate); err != nil {
		f.AddErr("annual_rate", err)
	}
	switch n := t.AmortizationMonths; {
	case n < 0 || n > MaxMonths:
		f.AddErr("amortization_months", ErrMonths.With("%d is not from 0 to %d", n, MaxMonths))
	case n == 0 && t.InterestOnlyMonths < t.TermMonths:
		f.AddErr("amortization_months", ErrMonths.With("0 needs interest-only months to the end of the term"))
	}
	if !t.PaymentBasis.or().Valid() {
		f.AddErr("payment_basis", ErrBasis)
	}
	if t.Payment != nil && t.Payment.Sign() < 0 {
		f.AddErr("payment", ErrPayment)
	}
}

// fitsCalendar reports whether start plus months is a date, which AddMonths
// would otherwise clamp.
func fitsCalendar(start date.Date, months int) bool {
	y, m, _ := start.Civil()
	return y*12+int(m)-1+months < 10000*12
}
