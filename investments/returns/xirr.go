package returns

import (
	"math"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/money"
)

// DefaultGuess is the rate to which [Result.Rate] is the nearest root.
const DefaultGuess = 0.10

// Root is one solution: a rate at which the present value is zero.
type Root struct {
	// Rate is r, as a fraction. Below about -0.9999999999999999 it rounds to -1;
	// Log and Decimal still tell such rates apart.
	Rate float64
	// Log is ln(1+r), the continuously compounded rate.
	Log float64
}

// Growth returns 1+r, which is above zero.
func (r Root) Growth() float64 { return math.Exp(r.Log) }

// Decimal returns the rate to 15 decimals, or to 15 digits where it is above
// 1 or where 1+r is tiny, so that it is never -1 or less.
func (r Root) Decimal() decimal.Decimal {
	if r.Rate > -0.999 {
		places := int32(15)
		if r.Rate >= 1 {
			places = 14 - int32(math.Floor(math.Log10(r.Rate)))
		}
		return decimal.NewFromFloat(r.Rate).Round(places)
	}
	g := r.Growth()
	return decimal.NewFromFloat(g).Round(14 - int32(math.Floor(math.Log10(g)))).Sub(decimal.NewFromInt(1))
}

// Result is what [XIRR] and [IRR] find.
type Result struct {
	// Rate is the root nearest to [DefaultGuess], as a fraction: the yearly rate
	// of XIRR, the rate per period of IRR. See [Result.Near] for another guess.
	Rate float64
	// Unique reports that there is exactly one root. Where it is false the flows
	// have no single rate of return, and a report should say so.
	Unique bool
	// Roots are all the roots, ascending. A multiple root is listed once.
	Roots []Root

	series *Series
}

// Near returns the root nearest to guess. Of two that are equally near it is
// the larger.
func (r Result) Near(guess float64) Root {
	var best Root
	for i, root := range r.Roots {
		if i == 0 || math.Abs(root.Rate-guess) <= math.Abs(best.Rate-guess) {
			best = root
		}
	}
	return best
}

// Decimal returns Rate as [Root.Decimal] does.
func (r Result) Decimal() decimal.Decimal { return r.Near(DefaultGuess).Decimal() }

// Rounded returns the rate to a number of decimals, as a report or a column of a
// table holds it, and false where that would be -1: an investment that lost all
// but a trace of everything has no rate that so few decimals can say. Uniqueness
// stands in Unique, beside it.
func (r Result) Rounded(places int32) (decimal.Decimal, bool) {
	d := r.Decimal().Round(places)
	return d, d.GreaterThan(decimal.NewFromInt(-1))
}

// Vector returns the flows that the result was computed from: netted by date, in
// order of time, without zeros.
func (r Result) Vector() []Point {
	if r.series == nil {
		return nil
	}
	return r.series.Vector()
}

// XIRR returns the yearly rates r > -1 at which the flows, discounted by
// ACT/365F from the earliest date, are worth nothing. The flows may come in any
// order.
//
// All roots are found, and proved to be all: see the package's comment. It
// returns [ErrNoSignChange], [ErrNoRoot], [ErrRateOutOfRange], [ErrUnresolved],
// [ErrNoDate] or [ErrAmountRange].
func XIRR[F Flow | Cash](flows []F) (Result, error) {
	s, err := NewSeries(flows)
	if err != nil {
		return Result{}, err
	}
	return s.Rate()
}

// IRR returns the rates r > -1 per period at which values, one a period from
// period 0 on, are worth nothing. The rate is not annualized. It returns
// [ErrNoSignChange], [ErrNoRoot], [ErrRateOutOfRange], [ErrUnresolved],
// [ErrTooManyPeriods] or [ErrAmountRange].
func IRR[V decimal.Decimal | money.Amount](values []V) (Result, error) {
	s, err := NewPeriodic(values)
	if err != nil {
		return Result{}, err
	}
	return s.Rate()
}

// The rates whose 1+r is a normal float64.
const maxLog, minLog = 709.78, -708.3

// Rate solves the series for its internal rate of return, the verb behind
// [XIRR] and [IRR]. It returns [ErrNoSignChange], [ErrNoRoot],
// [ErrRateOutOfRange] or [ErrUnresolved].
func (s *Series) Rate() (Result, error) {
	v := solver{flows: s.entries, series: s, perYear: s.perYear}
	if v.survey(); v.changes == 0 {
		return Result{}, ErrNoSignChange
	}
	ticks, ok := v.solve()
	if !ok {
		return Result{}, ErrUnresolved
	}
	if len(ticks) == 0 {
		return Result{}, ErrNoRoot
	}
	res := Result{Unique: len(ticks) == 1, Roots: make([]Root, 0, len(ticks)), series: s}
	for _, z := range ticks {
		if x := z * s.perYear; x <= maxLog && x >= minLog {
			res.Roots = append(res.Roots, Root{Rate: math.Expm1(x), Log: x})
		}
	}
	if len(res.Roots) == 0 {
		return Result{}, ErrRateOutOfRange
	}
	res.Rate = res.Near(DefaultGuess).Rate
	return res, nil
}
