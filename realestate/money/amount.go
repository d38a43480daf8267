// Package money is exact money: whole cents, checked arithmetic, and the one
// rule by which Freehold splits an amount among many.
//
// # Verbs by task
//
//	an amount          Parse, FromCents, FromDecimal       ExampleAmount
//	arithmetic         Amount.Add, Sub, Mul, MulRate; Sum  ExampleAmount
//	divide among many  Allocate                            ExampleAllocate
//	round              Round
//
// # The domain
//
// An [Amount] is a number of US-style cents (any currency with two decimals)
// inside the range of NUMERIC(15,2): at most 9,999,999,999,999.99 either way.
// Nothing in this package uses binary floating point. Anything that would leave
// the range, carry a third decimal or not be a number is an error, never a
// rounded or wrapped value. Rates, ratios and quantities are decimal.Decimal
// and are fractions (0.08 is 8 %).
//
// Rounding, where a rule asks for it, is to the nearest cent with ties away
// from zero: [Round].
package money

import (
	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/fault"
)

// MaxCents is the largest number of cents an Amount can hold, the range of
// NUMERIC(15,2).
const MaxCents int64 = 999_999_999_999_999

// The conditions of this package.
var (
	// ErrOutOfRange: the amount does not fit NUMERIC(15,2).
	ErrOutOfRange = fault.New(fault.Invalid, "amount_out_of_range", "the amount is larger than 9,999,999,999,999.99")
	// ErrNotMoney: the text is not a number as [Parse] reads it.
	ErrNotMoney = fault.New(fault.Invalid, "amount_malformed", "an amount is digits with at most two decimals")
	// ErrTooManyDecimals: the amount has a third decimal, which would have to be
	// rounded.
	ErrTooManyDecimals = fault.New(fault.Invalid, fault.CodeTooManyDecimals, "an amount has at most two decimals")
)

// Amount is an amount of money in whole cents. The zero value is 0.00.
// Amounts are comparable with ==.
type Amount struct{ cents int64 }

// Zero is 0.00.
var Zero = Amount{}

// FromCents makes an Amount of whole cents. It returns [ErrOutOfRange].
func FromCents(cents int64) (Amount, error) {
	if cents > MaxCents || cents < -MaxCents {
		return Amount{}, ErrOutOfRange
	}
	return Amount{cents}, nil
}

// FromDecimal converts dollars exactly. A value with a third decimal is
// [ErrTooManyDecimals]; [Round] is the verb that rounds.
func FromDecimal(d decimal.Decimal) (Amount, error) {
	if d.Exponent() > 20 || d.Exponent() < -4000 {
		return fromExtreme(d)
	}
	c := d.Shift(2)
	if !c.IsInteger() {
		return Amount{}, ErrTooManyDecimals
	}
	return fromCentsDecimal(c)
}

// Round converts dollars to the nearest cent, ties away from zero. It returns
// [ErrOutOfRange].
func Round(d decimal.Decimal) (Amount, error) {
	if d.Exponent() > 20 {
		return fromExtreme(d)
	}
	if d.NumDigits()+int(d.Exponent()) < -2 { // below 0.001, however many zeros
		return Amount{}, nil
	}
	return fromCentsDecimal(d.Round(2).Shift(2))
}

// fromExtreme keeps a hostile exponent from being expanded digit by digit.
func fromExtreme(d decimal.Decimal) (Amount, error) {
	if d.IsZero() {
		return Amount{}, nil
	}
	if d.Exponent() > 0 {
		return Amount{}, ErrOutOfRange
	}
	return Amount{}, ErrTooManyDecimals
}

func fromCentsDecimal(c decimal.Decimal) (Amount, error) {
	if c.NumDigits()+int(c.Exponent()) > 18 {
		return Amount{}, ErrOutOfRange
	}
	return FromCents(c.IntPart())
}

// MustParse is [Parse] for constants in examples and tests; it panics.
func MustParse(s string) Amount {
	a, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return a
}

// Cents returns the number of whole cents.
func (a Amount) Cents() int64 { return a.cents }

// Decimal returns dollars, exactly.
func (a Amount) Decimal() decimal.Decimal { return decimal.New(a.cents, -2) }

// IsZero reports whether a is 0.00.
func (a Amount) IsZero() bool { return a.cents == 0 }

// Sign returns -1, 0 or 1.
func (a Amount) Sign() int {
	switch {
	case a.cents < 0:
		return -1
	case a.cents > 0:
		return 1
	}
	return 0
}

// Cmp returns -1, 0 or 1 as a is less than, equal to or greater than b. It fits
// slices.SortFunc as Amount.Cmp.
func (a Amount) Cmp(b Amount) int {
	switch {
	case a.cents < b.cents:
		return -1
	case a.cents > b.cents:
		return 1
	}
	return 0
}

// Less reports a < b.
func (a Amount) Less(b Amount) bool { return a.cents < b.cents }

// Neg returns -a; the range is symmetric, so it cannot fail.
func (a Amount) Neg() Amount { return Amount{-a.cents} }

// Abs returns a without its sign.
func (a Amount) Abs() Amount {
	if a.cents < 0 {
		return a.Neg()
	}
	return a
}

// Min returns the smaller of a and b.
func Min(a, b Amount) Amount {
	if b.cents < a.cents {
		return b
	}
	return a
}

// Max returns the larger of a and b.
func Max(a, b Amount) Amount {
	if b.cents > a.cents {
		return b
	}
	return a
}

// Add returns a + b, or [ErrOutOfRange]. Two amounts cannot overflow int64.
func (a Amount) Add(b Amount) (Amount, error) { return FromCents(a.cents + b.cents) }

// Sub returns a - b, or [ErrOutOfRange].
func (a Amount) Sub(b Amount) (Amount, error) { return FromCents(a.cents - b.cents) }

// Sum adds amounts, or returns [ErrOutOfRange] when the total (not a partial
// sum) leaves the range. No sum of less than 9,000 amounts can overflow int64;
// beyond that partial sums are checked.
func Sum(amounts ...Amount) (Amount, error) {
	var hi, lo int64 // the total is hi*2^62 + lo
	for _, a := range amounts {
		lo += a.cents
		if lo >= 1<<62 {
			hi, lo = hi+1, lo-1<<62
		} else if lo <= -1<<62 {
			hi, lo = hi-1, lo+1<<62
		}
	}
	if hi != 0 {
		return Amount{}, ErrOutOfRange
	}
	return FromCents(lo)
}

// Mul returns a times n, or [ErrOutOfRange].
func (a Amount) Mul(n int64) (Amount, error) {
	if a.cents == 0 || n == 0 {
		return Amount{}, nil
	}
	p := a.cents * n
	if p/n != a.cents || (a.cents == -1 && n == -1<<63) {
		return Amount{}, ErrOutOfRange
	}
	return FromCents(p)
}

// MulRate returns a times rate, to the nearest cent, ties away from zero. A
// rate is a fraction: MulRate(0.08) is 8 % of a.
func (a Amount) MulRate(rate decimal.Decimal) (Amount, error) {
	return Round(a.Decimal().Mul(rate))
}

// Ratio returns a / b as a fraction with the given number of decimals, ties
// away from zero, and false when b is zero: an undefined ratio is not 0.
func (a Amount) Ratio(b Amount, decimals int32) (decimal.Decimal, bool) {
	if b.cents == 0 {
		return decimal.Decimal{}, false
	}
	return decimal.NewFromInt(a.cents).DivRound(decimal.NewFromInt(b.cents), decimals), true
}
