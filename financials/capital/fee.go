package capital

import (
	"math/big"
	"strconv"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

// ErrFee: a rate or base of a fee is below zero, or the day count is unknown.
var ErrFee = fault.New(fault.Invalid, "capital_fee_invalid", "a fee has a rate and bases not below zero and a known day count")

// FeeSegment is a stretch of days, from the first included to the last excluded,
// in which a fee's base is constant: committed capital, invested capital
// (contributed less returned) or net asset value.
type FeeSegment struct {
	From date.Date    `json:"from"`
	To   date.Date    `json:"to"` // excluded
	Base money.Amount `json:"base"`
}

// PeriodFee returns the fee of a period: the sum over segments of base * rate *
// year fraction, rounded once. The rate is a yearly fraction. It returns [ErrFee],
// [ErrOrder] or [money.ErrOutOfRange].
//
// 1.5 % a year on 10,000,000.00 from 1 January and on 8,000,000.00 from 16
// February to 1 April, ACT/365F, is 46*410.9589 + 44*328.7671 = 33,369.86.
func PeriodFee(rate decimal.Decimal, count date.DayCount, segments []FeeSegment) (money.Amount, error) {
	var f fault.Fields
	f.Check(count.Valid(), "day_count", ErrFee.Code, ErrFee.Msg)
	f.Check(rate.Sign() >= 0 && rate.Exponent() >= -20 && rate.Exponent() <= 3, "rate", ErrFee.Code, ErrFee.Msg)
	for i, s := range segments {
		at := "segments[" + strconv.Itoa(i) + "]"
		f.Check(s.Base.Sign() >= 0, at+".base", ErrFee.Code, ErrFee.Msg)
		if s.From.IsZero() || s.To.Before(s.From) || i > 0 && s.From.Before(segments[i-1].To) {
			f.AddErr(at, ErrOrder)
		}
	}
	if err := f.Err(); err != nil {
		return money.Zero, err
	}
	sum := new(big.Rat)
	for _, s := range segments {
		num, den, err := count.Fraction(s.From, s.To)
		if err != nil {
			return money.Zero, err
		}
		sum.Add(sum, new(big.Rat).Mul(s.Base.Decimal().Rat(), big.NewRat(num, den)))
	}
	return roundRat(sum.Mul(sum, rate.Rat()))
}

// roundRat rounds dollars to the nearest cent, ties away from zero.
func roundRat(x *big.Rat) (money.Amount, error) {
	d, err := decimal.NewFromString(x.FloatString(2))
	if err != nil {
		return money.Zero, err
	}
	return money.FromDecimal(d)
}

// FeeAccount is what is owed of a fee that cash did not cover.
type FeeAccount struct {
	Unpaid money.Amount `json:"unpaid"`
	Paid   money.Amount `json:"paid"`
	Asked  money.Amount `json:"asked"`
}

// Pay pays what was unpaid before, with interest over the days since at a yearly
// rate (0 where the terms give none), and the fee that is due now, as far as the
// cash goes. What the cash does not cover is owed on. It returns [ErrFee] or
// [money.ErrOutOfRange].
func (a FeeAccount) Pay(due, cash money.Amount, rate decimal.Decimal, count date.DayCount, from, to date.Date) (FeeAccount, error) {
	if due.Sign() < 0 || cash.Sign() < 0 || a.Unpaid.Sign() < 0 {
		return FeeAccount{}, ErrFee
	}
	interest := money.Zero
	if !a.Unpaid.IsZero() && rate.Sign() != 0 {
		var err error
		if interest, err = PeriodFee(rate, count, []FeeSegment{{from, to, a.Unpaid}}); err != nil {
			return FeeAccount{}, err
		}
	}
	asked, err := money.Sum(a.Unpaid, interest, due)
	if err != nil {
		return FeeAccount{}, err
	}
	paid := money.Min(asked, cash)
	left, err := asked.Sub(paid)
	return FeeAccount{Unpaid: left, Paid: paid, Asked: asked}, err
}
