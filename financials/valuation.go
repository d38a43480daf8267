package financials

import (
	"math/big"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

// MaxDCFYears is the longest holding period of a [DCF].
const MaxDCFYears = 200

// The conditions of valuations.
var (
	// ErrCapRate: a cap rate is not above 0 and at most 10.
	ErrCapRate = fault.New(fault.Invalid, fault.CodeOutOfRange, "a cap rate is a fraction above 0 and at most 10, with at most 15 decimals")
	// ErrDiscountRate: a discount rate is not above -1 and at most 10.
	ErrDiscountRate = fault.New(fault.Invalid, fault.CodeOutOfRange, "a discount rate is a fraction above -1 and at most 10, with at most 15 decimals")
	// ErrSellingCost: a selling cost is not from 0 to 1.
	ErrSellingCost = fault.New(fault.Invalid, fault.CodeOutOfRange, "a selling cost is a fraction from 0 to 1, with at most 15 decimals")
	// ErrDCFYears: too few or too many years of income.
	ErrDCFYears = fault.New(fault.Invalid, fault.CodeOutOfRange, "income is needed for every year held and one more, at most 200 years held")
)

// DirectCap is the value of a property by its income in one year: NOI/cap
// rate, rounded to the cent. It returns [ErrCapRate] or
// [money.ErrOutOfRange].
func DirectCap(noi money.Amount, capRate decimal.Decimal) (money.Amount, error) {
	if err := checkCapRate(capRate); err != nil {
		return money.Amount{}, err
	}
	r := capRate.Rat()
	return roundRat(r.Quo(noi.Decimal().Rat(), r))
}

// DCFInput is a holding period: the income of each year, and the sale at its
// end.
type DCFInput struct {
	// NOI is the net operating income of years 1 to n+1: the last is the income
	// of the year after the sale, on which the buyer's price rests.
	NOI []money.Amount `json:"noi"`
	// DiscountRate is the required yearly return.
	DiscountRate decimal.Decimal `json:"discount_rate"`
	// TerminalCapRate turns the last income into the sale price.
	TerminalCapRate decimal.Decimal `json:"terminal_cap_rate"`
	// SellingCostRate is the part of the sale price that the sale costs.
	SellingCostRate decimal.Decimal `json:"selling_cost_rate"`
}

// DCFValue is a valuation by discounted cash flow.
type DCFValue struct {
	// Value is what the income and the sale are worth today.
	Value money.Amount `json:"value"`
	// SalePrice is the price at the end of year n, before selling costs.
	SalePrice money.Amount `json:"sale_price"`
	// ReversionNet is the sale price less selling costs.
	ReversionNet money.Amount `json:"reversion_net"`
	// ReversionPresentValue is that, discounted.
	ReversionPresentValue money.Amount `json:"reversion_present_value"`
	// PresentValues are the incomes of years 1 to n, discounted. Each is rounded
	// for showing; Value is rounded once and may differ from their sum by cents.
	PresentValues []money.Amount `json:"present_values"`
}

// DCF is the value of a property by its income over years 1 to n and its sale
// at the end of year n: each year's income comes at the year's end, the sale
// price is the income of year n+1 over the terminal cap rate, less the selling
// cost, and everything is discounted at one rate. It is exact and rounded once;
// the reversion is rounded only where it is reported. Bad input is
// [fault.Errors] that name each field; a result that does not fit is
// [money.ErrOutOfRange].
func DCF(in DCFInput) (DCFValue, error) {
	if err := in.validate(); err != nil {
		return DCFValue{}, err
	}
	n := len(in.NOI) - 1
	price := new(big.Rat).Quo(in.NOI[n].Decimal().Rat(), in.TerminalCapRate.Rat())
	keep := new(big.Rat).Sub(big.NewRat(1, 1), in.SellingCostRate.Rat())
	net := new(big.Rat).Mul(price, keep)
	growth := new(big.Rat).Add(big.NewRat(1, 1), in.DiscountRate.Rat())
	up, down := growth.Denom(), growth.Num() // 1/(1+d) = up/down

	// Horner from the last year back, on one unreduced fraction.
	num, den := new(big.Int).Set(net.Num()), new(big.Int).Set(net.Denom())
	num.Mul(num, big.NewInt(100)) // in cents from here on
	for k := n - 1; k >= 0; k-- {
		num.Add(num, new(big.Int).Mul(den, big.NewInt(in.NOI[k].Cents())))
		num.Mul(num, up)
		den.Mul(den, down)
	}
	out := DCFValue{PresentValues: make([]money.Amount, n)}
	var err error
	if out.Value, err = roundCents(num, den); err != nil {
		return DCFValue{}, err
	}
	factorNum, factorDen := big.NewInt(1), big.NewInt(1)
	for k := range n {
		factorNum.Mul(factorNum, up)
		factorDen.Mul(factorDen, down)
		pv := new(big.Int).Mul(big.NewInt(in.NOI[k].Cents()), factorNum)
		if out.PresentValues[k], err = roundCents(pv, factorDen); err != nil {
			return DCFValue{}, err
		}
	}
	if out.SalePrice, err = roundRat(price); err != nil {
		return DCFValue{}, err
	}
	if out.ReversionNet, err = roundRat(net); err != nil {
		return DCFValue{}, err
	}
	pv := new(big.Int).Mul(new(big.Int).Mul(net.Num(), big.NewInt(100)), factorNum)
	out.ReversionPresentValue, err = roundCents(pv, factorDen.Mul(factorDen, net.Denom()))
	if err != nil {
		return DCFValue{}, err
	}
	return out, nil
}

func (in DCFInput) validate() error {
	var f fault.Fields
	if n := len(in.NOI); n < 2 || n > MaxDCFYears+1 {
		f.AddErr("noi", ErrDCFYears.With("there are %d", n))
	}
	if !plainRate(in.DiscountRate) || !in.DiscountRate.GreaterThan(decimal.NewFromInt(-1)) {
		f.AddErr("discount_rate", ErrDiscountRate)
	}
	f.AddErr("terminal_cap_rate", checkCapRate(in.TerminalCapRate))
	if !plainRate(in.SellingCostRate) || in.SellingCostRate.Sign() < 0 || in.SellingCostRate.GreaterThan(decimal.NewFromInt(1)) {
		f.AddErr("selling_cost_rate", ErrSellingCost)
	}
	return f.Err()
}

func checkCapRate(d decimal.Decimal) error {
	if !plainRate(d) || d.Sign() <= 0 {
		return ErrCapRate
	}
	return nil
}

// plainRate reports whether d is at most 10 with at most 15 decimals. It never
// expands a hostile exponent.
func plainRate(d decimal.Decimal) bool {
	if d.Exponent() < -200 || d.Exponent() > 2 || d.NumDigits() > 200 {
		return false
	}
	return d.Equal(d.Truncate(15)) && d.Abs().LessThanOrEqual(decimal.NewFromInt(10))
}

// roundRat rounds dollars to the cent, ties away from zero.
func roundRat(dollars *big.Rat) (money.Amount, error) {
	return roundCents(new(big.Int).Mul(dollars.Num(), big.NewInt(100)), dollars.Denom())
}

// roundCents rounds num/den cents, den > 0, to the nearest, ties away from
// zero.
func roundCents(num, den *big.Int) (money.Amount, error) {
	twice := new(big.Int).Lsh(new(big.Int).Abs(num), 1)
	q := twice.Add(twice, den)
	q.Quo(q, new(big.Int).Lsh(den, 1))
	if num.Sign() < 0 {
		q.Neg(q)
	}
	if !q.IsInt64() {
		return money.Amount{}, money.ErrOutOfRange
	}
	return money.FromCents(q.Int64())
}
