package waterfall

import (
	"math/big"
	"math/bits"

	"github.com/shopspring/decimal"
)

// unit is 1 as a rate: rates are whole numbers of 10^-10.
const unit int64 = 10_000_000_000

// rateDecimals is the number of decimals of a rate.
const rateDecimals = 10

// The bounds of annual rates and of multiples.
const (
	maxRate     = 10 * unit
	maxMultiple = 1000 * unit
)

// fixedRate converts d to parts of 10^-10, and reports whether it is exact and
// within ±1000. It never expands a hostile exponent.
func fixedRate(d decimal.Decimal) (int64, bool) {
	if d.IsZero() {
		return 0, true
	}
	exp := int(d.Exponent())
	if exp > 3 || exp < -1000 {
		return 0, false
	}
	c := d.Coefficient()
	if c.BitLen() > 4000 {
		return 0, false
	}
	shift := exp + rateDecimals
	ten := big.NewInt(10)
	if shift >= 0 {
		c.Mul(c, ten.Exp(ten, big.NewInt(int64(shift)), nil))
	} else {
		r := new(big.Int)
		if c.QuoRem(c, ten.Exp(ten, big.NewInt(int64(-shift)), nil), r); r.Sign() != 0 {
			return 0, false
		}
	}
	if c.CmpAbs(big.NewInt(maxMultiple)) > 0 {
		return 0, false
	}
	return c.Int64(), true
}

// rateOf is fixedRate for rates that were validated; nil is 0.
func rateOf(d *decimal.Decimal) int64 {
	if d == nil {
		return 0
	}
	r, _ := fixedRate(*d)
	return r
}

// decimalOf reads a short decimal number.
func decimalOf(text string) (decimal.Decimal, error) {
	if len(text) > 40 {
		return decimal.Decimal{}, ErrStateMalformed
	}
	return decimal.NewFromString(text)
}

// rateText writes a rate of parts of 10^-10 without trailing zeros.
func rateText(r int64) string { return decimal.New(r, -rateDecimals).String() }

// percent writes a rate as a percentage, such as "8 %" or "7.25 %".
func percent(r int64) string { return decimal.New(r, 2-rateDecimals).String() + " %" }

// percentText is percent for a rate that rateText wrote.
func percentText(rate string) string {
	d, err := decimal.NewFromString(rate)
	if err != nil {
		return rate
	}
	return d.Shift(2).String() + " %"
}

// mulDivSigned is mulDiv for a of any sign.
func mulDivSigned(a, b, c int64) int64 {
	if a < 0 {
		return -mulDiv(-a, b, c)
	}
	return mulDiv(a, b, c)
}

// mulDiv returns a*b/c to the nearest integer, ties away from zero, for a, b
// >= 0 and c > 0. A result beyond int64 comes back as the largest int64.
func mulDiv(a, b, c int64) int64 {
	const most = int64(^uint64(0) >> 1)
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	if hi >= uint64(c) {
		return most
	}
	q, r := bits.Div64(hi, lo, uint64(c))
	if r >= uint64(c)-r {
		q++
	}
	if q > uint64(most) {
		return most
	}
	return int64(q)
}
