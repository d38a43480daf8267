package returns

import (
	"math"
	"math/big"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/money"
)

const (
	// presentDigits is how many significant digits a present value has.
	presentDigits = 40
	// ratioPlaces is to how many decimals ratios are rounded, ties away from
	// zero.
	ratioPlaces = 20
)

func wideFloat() *big.Float { return float(precision) }

// XNPV returns the present value of the flows at a yearly rate > -1, by ACT/365F
// from the EARLIEST date, whatever the order of the flows. It is computed with
// more than 80 digits and rounded to 40, ties to even. No flows are worth 0. It
// returns [ErrRateOutOfRange], [ErrNoDate] or [ErrAmountRange].
func XNPV[F Flow | Cash](rate decimal.Decimal, flows []F) (decimal.Decimal, error) {
	s, err := NewSeries(flows)
	if err != nil {
		return decimal.Decimal{}, err
	}
	return s.PresentValue(rate)
}

// NPV returns the present value, at a rate > -1 per period, of values that fall
// one a period, the first at once and so not discounted. Digits and errors are
// as for [XNPV].
func NPV[V decimal.Decimal | money.Amount](rate decimal.Decimal, values []V) (decimal.Decimal, error) {
	return npv(rate, values, 0)
}

// NPVExcel is [NPV] as spreadsheets have it: the first value, too, is discounted
// by one period.
func NPVExcel[V decimal.Decimal | money.Amount](rate decimal.Decimal, values []V) (decimal.Decimal, error) {
	return npv(rate, values, 1)
}

func npv[V decimal.Decimal | money.Amount](rate decimal.Decimal, values []V, delay int64) (decimal.Decimal, error) {
	s, err := NewPeriodic(values)
	if err != nil {
		return decimal.Decimal{}, err
	}
	return s.present(rate, delay)
}

// PresentValue discounts the series to its first date, or to period 0, at a rate
// > -1 per year or period: the verb behind [XNPV] and [NPV]. It returns
// [ErrRateOutOfRange] or [ErrAmountRange].
func (s *Series) PresentValue(rate decimal.Decimal) (decimal.Decimal, error) {
	return s.present(rate, 0)
}

// present discounts by delay ticks more.
func (s *Series) present(rate decimal.Decimal, delay int64) (decimal.Decimal, error) {
	growth, err := growthOf(rate, "rate")
	if err != nil || len(s.entries) == 0 {
		return decimal.Decimal{}, err
	}
	step := wideFloat().Quo(wideFloat().SetInt64(1), nthRoot(growth, int64(s.perYear)))
	factor := power(step, delay+int64(s.entries[0].tick))
	sum, size, term := wideFloat(), wideFloat(), wideFloat()
	gaps := map[int32]*big.Float{}
	for i := range s.entries {
		if i > 0 {
			gap := s.entries[i].tick - s.entries[i-1].tick
			if gaps[gap] == nil {
				gaps[gap] = power(step, int64(gap))
			}
			factor.Mul(factor, gaps[gap])
		}
		term.Mul(wideFloat().SetInt(s.exact(i)), factor)
		sum.Add(sum, term)
		size.Add(size, term.Abs(term))
	}
	if wideFloat().Abs(sum).Cmp(size.SetMantExp(size, -300)) <= 0 {
		return decimal.Decimal{}, nil // zero, to within the rounding of the factors
	}
	return toDecimal(sum, presentDigits).Shift(s.exp), nil
}

// MIRR returns the modified internal rate of return per period of values that
// fall one a period: the positive ones grow at the reinvestment rate to the last
// period, the negative ones are discounted at the finance rate to the first. It
// is rounded to 20 decimals, ties to even. It returns [ErrNoSignChange],
// [ErrRateOutOfRange] or [ErrAmountRange].
func MIRR[V decimal.Decimal | money.Amount](values []V, finance, reinvest decimal.Decimal) (decimal.Decimal, error) {
	s, err := NewPeriodic(values)
	if err != nil {
		return decimal.Decimal{}, err
	}
	cost, err := growthOf(finance, "finance_rate")
	if err != nil {
		return decimal.Decimal{}, err
	}
	gain, err := growthOf(reinvest, "reinvest_rate")
	if err != nil {
		return decimal.Decimal{}, err
	}
	n := int64(len(values)) - 1
	future, present := wideFloat(), wideFloat()
	for i, e := range s.entries {
		a := wideFloat().SetInt(s.exact(i))
		if e.amount > 0 {
			future.Add(future, a.Mul(a, power(gain, n-int64(e.tick))))
		} else {
			present.Sub(present, a.Quo(a, power(cost, int64(e.tick))))
		}
	}
	if future.Sign() == 0 || present.Sign() == 0 {
		return decimal.Decimal{}, ErrNoSignChange
	}
	growth := nthRoot(future.Quo(future, present), n)
	return toDecimal(growth, presentDigits+ratioPlaces).Sub(decimal.NewFromInt(1)).RoundBank(ratioPlaces), nil
}

// growthOf returns 1+rate, which is above zero.
func growthOf(rate decimal.Decimal, field string) (*big.Float, error) {
	if !sane(rate) {
		return nil, ErrAmountRange.On(field)
	}
	growth := rate.Add(decimal.NewFromInt(1))
	if growth.Sign() <= 0 {
		return nil, ErrRateOutOfRange.On(field)
	}
	return wideFloat().SetRat(growth.Rat()), nil
}

// nthRoot returns x^(1/n), x > 0 and n > 0, by Newton's iteration from the
// float64 root: y grows by (x/y^n - 1)/n of itself.
func nthRoot(x *big.Float, n int64) *big.Float {
	y := wideFloat().Copy(x)
	if n == 1 {
		return y
	}
	mantissa := new(big.Float)
	exponent := x.MantExp(mantissa)
	m, _ := mantissa.Float64()
	whole, fraction := math.Modf((math.Log2(m) + float64(exponent)) / float64(n))
	y.SetMantExp(wideFloat().SetFloat64(math.Exp2(fraction)), int(whole))
	one, by := wideFloat().SetInt64(1), wideFloat().SetInt64(n)
	for range 12 {
		d := wideFloat().Quo(x, power(y, n))
		d.Quo(d.Sub(d, one), by)
		if d.Sign() == 0 || d.MantExp(nil) < -precision {
			break
		}
		y.Add(y, d.Mul(d, y))
	}
	return y
}

// toDecimal rounds f to so many significant digits, ties to even.
func toDecimal(f *big.Float, digits int) decimal.Decimal {
	text := f.Text('e', digits-1)
	mantissa, exponent, _ := strings.Cut(text, "e")
	if strings.Contains(mantissa, ".") {
		mantissa = strings.TrimRight(strings.TrimRight(mantissa, "0"), ".")
	}
	d, err := decimal.NewFromString(mantissa + "e" + exponent)
	if err != nil { // not possible: the text is a number
		return decimal.Decimal{}
	}
	return d
}
