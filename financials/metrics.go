package financials

import (
	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

// RatioDecimals is the number of decimals of computed ratios, rounded with
// ties away from zero. Ratios are fractions: 0.0608 is 6.08 %.
const RatioDecimals = 16

// The conditions of the computed metrics.
var (
	// ErrMetricNegative: a value, an equity or a balance is below zero.
	ErrMetricNegative = fault.New(fault.Invalid, fault.CodeOutOfRange, "the amount is not below zero")
	// ErrMetricBasis: the text names no basis of metrics.
	ErrMetricBasis = fault.New(fault.Invalid, fault.CodeNotAllowed, "metrics are stated on noi or ncf")
)

// MetricBasis is the income on which DSCR, debt yield and cap rate are stated.
type MetricBasis string

// The bases.
const (
	// OnNOI states them on net operating income. The default.
	OnNOI MetricBasis = "noi"
	// OnNCF states them on net cash flow, after replacement reserves.
	OnNCF MetricBasis = "ncf"
)

// Valid reports whether b is one of the two.
func (b MetricBasis) Valid() bool { return b == OnNOI || b == OnNCF }

// MetricsInput is what the metrics of a property are computed from. Amounts
// that are not known stay zero; the ratios over them are then undefined.
type MetricsInput struct {
	Statement OperatingStatement `json:"statement"`
	// Value is the property's value or price.
	Value money.Amount `json:"value"`
	// EquityInvested is the cash that investors put in.
	EquityInvested money.Amount `json:"equity_invested"`
	// LoanBalance is the debt outstanding, for the debt yield.
	LoanBalance money.Amount `json:"loan_balance"`
	// Basis is [OnNOI] unless set.
	Basis MetricBasis `json:"basis,omitempty"`
}

// OperatingMetrics are a statement's lines and ratios. A ratio whose
// denominator is zero is undefined and nil: never 0 and never an error.
//
// CapRate, DebtYield, CashOnCash and GRM compare a year's figure with an
// amount: a statement of some other number of whole months is scaled by
// 12/months, exactly, before the ratio is rounded. A period that is not a
// whole number of months has no annual figure, and these four are nil.
type OperatingMetrics struct {
	OperatingTotals
	// CapRate is annual NOI (or NCF) over value.
	CapRate *decimal.Decimal `json:"cap_rate"`
	// DSCR is NOI (or NCF) over debt service; nil without debt.
	DSCR *decimal.Decimal `json:"dscr"`
	// DebtYield is annual NOI (or NCF) over the loan balance.
	DebtYield *decimal.Decimal `json:"debt_yield"`
	// CashOnCash is annual NOI less debt service over the equity invested.
	// Capital improvements are not deducted.
	CashOnCash *decimal.Decimal `json:"cash_on_cash"`
	// ExpenseRatio is operating expenses over total income.
	ExpenseRatio *decimal.Decimal `json:"expense_ratio"`
	// GRM is value over annual gross rental income.
	GRM *decimal.Decimal `json:"grm"`
	// BreakEvenOccupancy is operating expenses and debt service over gross
	// rental income and other income. Capital improvements are not in it.
	BreakEvenOccupancy *decimal.Decimal `json:"break_even_occupancy"`
	// EconomicOccupancy is effective over gross rental income.
	EconomicOccupancy *decimal.Decimal `json:"economic_occupancy"`
}

// Metrics computes a statement's lines and ratios. It returns
// [ErrMetricNegative] or [ErrMetricBasis] on the field, or
// [money.ErrOutOfRange].
func Metrics(in MetricsInput) (OperatingMetrics, error) {
	if err := in.validate(); err != nil {
		return OperatingMetrics{}, err
	}
	t, err := in.Statement.Totals()
	if err != nil {
		return OperatingMetrics{}, err
	}
	stated := t.NOI
	if in.Basis == OnNCF {
		stated = t.NCF
	}
	gross := in.Statement.Income.GrossRentalIncome
	other, err := in.Statement.Income.Other()
	if err != nil {
		return OperatingMetrics{}, err
	}
	outlay := t.TotalOperatingExpenses.Decimal().Add(t.DebtService.Decimal())
	months := int64(in.Statement.WholeMonths())
	m := OperatingMetrics{
		OperatingTotals:    t,
		DSCR:               ratio(stated.Decimal(), t.DebtService.Decimal()),
		ExpenseRatio:       ratio(t.TotalOperatingExpenses.Decimal(), t.TotalIncome.Decimal()),
		EconomicOccupancy:  ratio(t.EffectiveRentalIncome.Decimal(), gross.Decimal()),
		BreakEvenOccupancy: ratio(outlay, gross.Decimal().Add(other.Decimal())),
	}
	if months > 0 {
		m.CapRate = ratio(times(stated, 12), times(in.Value, months))
		m.DebtYield = ratio(times(stated, 12), times(in.LoanBalance, months))
		m.CashOnCash = ratio(times(t.CashFlowAfterDebtService, 12), times(in.EquityInvested, months))
		m.GRM = ratio(times(in.Value, months), times(gross, 12))
	}
	return m, nil
}

func (in MetricsInput) validate() error {
	var f fault.Fields
	for _, x := range []struct {
		field  string
		amount money.Amount
	}{{"value", in.Value}, {"equity_invested", in.EquityInvested}, {"loan_balance", in.LoanBalance}} {
		if x.amount.Sign() < 0 {
			f.AddErr(x.field, ErrMetricNegative)
		}
	}
	if in.Basis != "" && !in.Basis.Valid() {
		f.AddErr("basis", ErrMetricBasis)
	}
	s := in.Statement
	if s.PeriodStart.IsZero() || s.PeriodEnd.Before(s.PeriodStart) {
		f.AddErr("statement.period_end", ErrStatementPeriod)
	}
	return f.Err()
}

// times returns a·n beyond the range of an amount.
func times(a money.Amount, n int64) decimal.Decimal { return a.Decimal().Mul(decimal.NewFromInt(n)) }

// ratio returns num/den with [RatioDecimals], nil when den is zero.
func ratio(num, den decimal.Decimal) *decimal.Decimal {
	if den.IsZero() {
		return nil
	}
	r := num.DivRound(den, RatioDecimals)
	return &r
}
