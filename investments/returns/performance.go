package returns

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
)

// DietzParams are the values of a [ModifiedDietz] return. Flows into the
// portfolio are positive, withdrawals negative, and each counts from the end of
// its day.
type DietzParams struct {
	Start, End           date.Date
	BeginValue, EndValue decimal.Decimal
	Flows                []Flow
}

// WeightedFlow is a flow and the part of the period that it was at work.
type WeightedFlow struct {
	Flow
	// Weight is (CD-D)/CD, with CD the days of the period and D those from its
	// start to the flow, rounded to 20 decimals.
	Weight decimal.Decimal
}

// DietzReturn is a modified Dietz return and what it was computed from.
type DietzReturn struct {
	// Return is Gain/AverageCapital to 20 decimals; nil when the average capital
	// is not above zero, so that no return is defined.
	Return         *decimal.Decimal
	Gain           decimal.Decimal // end value - begin value - flows
	AverageCapital decimal.Decimal // begin value + weighted flows, to 20 decimals
	Flows          []WeightedFlow
}

// ModifiedDietz returns (EMV - BMV - sum F) / (BMV + sum w*F). It returns
// [ErrPeriod], [ErrOutsidePeriod] or [ErrAmountRange], each naming its field.
func ModifiedDietz(p DietzParams) (DietzReturn, error) {
	var f fault.Fields
	checkSane(&f, "begin_value", p.BeginValue)
	checkSane(&f, "end_value", p.EndValue)
	if p.Start.IsZero() || p.End.Sub(p.Start) <= 0 {
		f.AddErr("end", ErrPeriod)
	}
	for i, flow := range p.Flows {
		checkSane(&f, fmt.Sprintf("flows[%d].amount", i), flow.Amount)
		if flow.Date.Before(p.Start) || flow.Date.After(p.End) {
			f.AddErr(fmt.Sprintf("flows[%d].date", i), ErrOutsidePeriod)
		}
	}
	if err := f.Err(); err != nil {
		return DietzReturn{}, err
	}
	days := decimal.NewFromInt(int64(p.End.Sub(p.Start)))
	out := DietzReturn{Gain: p.EndValue.Sub(p.BeginValue), Flows: make([]WeightedFlow, len(p.Flows))}
	capitalDays := p.BeginValue.Mul(days)
	for i, flow := range p.Flows {
		left := decimal.NewFromInt(int64(p.End.Sub(flow.Date)))
		out.Gain = out.Gain.Sub(flow.Amount)
		capitalDays = capitalDays.Add(flow.Amount.Mul(left))
		out.Flows[i] = WeightedFlow{flow, left.DivRound(days, ratioPlaces)}
	}
	out.AverageCapital = capitalDays.DivRound(days, ratioPlaces)
	if capitalDays.Sign() > 0 {
		out.Return = ratio(out.Gain.Mul(days), capitalDays)
	}
	return out, nil
}

// TimeWeighted links the returns of consecutive sub-periods:
// (1+r1)*(1+r2)*... - 1. No sub-periods give 0. A sub-period return below -1 is
// [ErrRateOutOfRange]. The product is exact up to 100 digits and kept to 60
// beyond.
func TimeWeighted(subPeriods []decimal.Decimal) (decimal.Decimal, error) {
	one := decimal.NewFromInt(1)
	growth := one
	for i, r := range subPeriods {
		field := fmt.Sprintf("sub_period_returns[%d]", i)
		if !sane(r) {
			return decimal.Decimal{}, ErrAmountRange.On(field)
		}
		factor := r.Add(one)
		if factor.Sign() < 0 {
			return decimal.Decimal{}, ErrRateOutOfRange.On(field)
		}
		growth = growth.Mul(factor)
		digits := growth.NumDigits()
		if size := digits + int(growth.Exponent()); growth.Sign() > 0 && (size > 10*maxDigits || size < -10*maxDigits) {
			return decimal.Decimal{}, ErrAmountRange.On(field)
		}
		if over := int32(digits) - 60; over > 40 {
			growth = growth.RoundBank(-growth.Exponent() - over)
		}
	}
	return growth.Sub(one), nil
}

// QuarterParams are the values of one property or portfolio over a quarter.
// Capital improvements and partial sales are positive.
type QuarterParams struct {
	BeginValue, EndValue decimal.Decimal
	NOI                  decimal.Decimal
	CapitalImprovements  decimal.Decimal
	PartialSales         decimal.Decimal
}

// QuarterReturn is an unlevered quarterly return in its two parts, to 20
// decimals each; nil where the denominator is zero.
type QuarterReturn struct {
	Denominator            decimal.Decimal
	Income, Capital, Total *decimal.Decimal
}

// NCREIFQuarter returns the quarter's return by the method of the NCREIF
// Property Index. The denominator is BMV + CI/2 - PS/2 - NOI/3. It returns
// [ErrAmountRange].
func NCREIFQuarter(p QuarterParams) (QuarterReturn, error) {
	var f fault.Fields
	checkSane(&f, "begin_value", p.BeginValue)
	checkSane(&f, "end_value", p.EndValue)
	checkSane(&f, "noi", p.NOI)
	checkSane(&f, "capital_improvements", p.CapitalImprovements)
	checkSane(&f, "partial_sales", p.PartialSales)
	if err := f.Err(); err != nil {
		return QuarterReturn{}, err
	}
	six := decimal.NewFromInt(6)
	sixfold := p.BeginValue.Mul(six).Add(p.CapitalImprovements.Sub(p.PartialSales).Mul(decimal.NewFromInt(3))).
		Sub(p.NOI.Mul(decimal.NewFromInt(2)))
	appreciation := p.EndValue.Sub(p.BeginValue).Sub(p.CapitalImprovements).Add(p.PartialSales)
	return QuarterReturn{
		Denominator: sixfold.DivRound(six, ratioPlaces),
		Income:      ratio(p.NOI.Mul(six), sixfold),
		Capital:     ratio(appreciation.Mul(six), sixfold),
		Total:       ratio(p.NOI.Add(appreciation).Mul(six), sixfold),
	}, nil
}

// Multiples are a fund's or an investor's performance multiples, to 20 decimals;
// nil where nothing was paid in.
type Multiples struct {
	DPI  *decimal.Decimal // distributions / paid-in
	RVPI *decimal.Decimal // net asset value / paid-in
	TVPI *decimal.Decimal // their sum: the equity multiple
}

// FundMultiples returns the multiples on paid-in capital, which is capital
// called and paid, never the commitment. It returns [ErrAmountRange].
func FundMultiples(paidIn, distributions, nav decimal.Decimal) (Multiples, error) {
	var f fault.Fields
	checkSane(&f, "paid_in", paidIn)
	checkSane(&f, "distributions", distributions)
	checkSane(&f, "nav", nav)
	if err := f.Err(); err != nil {
		return Multiples{}, err
	}
	return Multiples{ratio(distributions, paidIn), ratio(nav, paidIn), ratio(distributions.Add(nav), paidIn)}, nil
}

// MultiplesOf returns the multiples of flows, whose negative amounts are paid-in
// capital and whose positive ones are distributions, and of what is left, nav.
// Flows of one day are not netted. It returns [ErrAmountRange].
func MultiplesOf[F Flow | Cash](flows []F, nav decimal.Decimal) (Multiples, error) {
	var paidIn, distributions decimal.Decimal
	for i, f := range flows {
		var amount decimal.Decimal
		switch f := any(f).(type) {
		case Flow:
			amount = f.Amount
		case Cash:
			amount = f.Amount.Decimal()
		}
		if !sane(amount) {
			return Multiples{}, amountRange(i)
		}
		if amount.Sign() < 0 {
			paidIn = paidIn.Sub(amount)
		} else {
			distributions = distributions.Add(amount)
		}
	}
	return FundMultiples(paidIn, distributions, nav)
}

// EquityMultiple returns distributions / contributions of flows to 20 decimals,
// nil where there is no contribution. Value that is still held is left out; see
// [MultiplesOf]. It returns [ErrAmountRange].
func EquityMultiple[F Flow | Cash](flows []F) (*decimal.Decimal, error) {
	m, err := MultiplesOf(flows, decimal.Decimal{})
	return m.TVPI, err
}

// CashOnCash returns a year's cash flow after debt service over the equity
// invested, to 20 decimals, nil where no equity is. It returns [ErrAmountRange].
func CashOnCash(annualCashFlow, equity decimal.Decimal) (*decimal.Decimal, error) {
	if !sane(annualCashFlow) {
		return nil, ErrAmountRange.On("cash_flow")
	}
	if !sane(equity) {
		return nil, ErrAmountRange.On("equity_invested")
	}
	return ratio(annualCashFlow, equity), nil
}

// ratio returns a/b, nil when b is zero: an undefined ratio is not 0.
func ratio(a, b decimal.Decimal) *decimal.Decimal {
	if b.IsZero() {
		return nil
	}
	q := a.DivRound(b, ratioPlaces)
	return &q
}

func checkSane(f *fault.Fields, field string, d decimal.Decimal) {
	if !sane(d) {
		f.AddErr(field, ErrAmountRange)
	}
}
