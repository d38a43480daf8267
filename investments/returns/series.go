package returns

import (
	"fmt"
	"math"
	"math/big"

	"github.com/shopspring/decimal"

	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// Flow is a dated cash flow of any precision. Contributions are negative,
// distributions positive: the investor's view.
type Flow struct {
	Date   date.Date
	Amount decimal.Decimal
}

// Cash is a [Flow] in whole cents. It takes less memory and time.
type Cash struct {
	Date   date.Date
	Amount money.Amount
}

// Point is one element of the vector that a rate is computed from.
type Point struct {
	// Date is zero for periodic values.
	Date date.Date
	// Years is the exponent of the discount factor: the year fraction since the
	// first date, or the number of the period.
	Years float64
	// Amount is the net of all flows of the day. It is not zero.
	Amount decimal.Decimal
}

// entry is a net flow. Its amount is a whole number of units of 10^exp, exactly,
// unless the series has wide amounts.
type entry struct {
	amount float64
	tick   int32
}

// Series is a cash-flow vector: sorted by date, one net amount a day, no zeros.
// It is immutable and safe for concurrent use.
type Series struct {
	entries []entry
	perYear float64       // ticks in a year, or in a period
	exp     int32         // the unit of the amounts is 10^exp
	wide    []*big.Int    // exact amounts where float64 does not hold them, else nil
	first   date.Date     // of tick 0; zero for periodic values
	dates   []date.Date   // of the entries, where ticks are not days, else nil
	basis   date.DayCount // "" for periodic values
}

// NewSeries prepares flows, in any order, for discounting by ACT/365F, the day
// count of XIRR. It copies what it needs. It returns [ErrNoDate] or
// [ErrAmountRange].
func NewSeries[F Flow | Cash](flows []F) (*Series, error) {
	s := &Series{perYear: 365, basis: date.Act365F}
	if err := load(s, flows); err != nil {
		return nil, err
	}
	return s, nil
}

// NewSeriesBasis is [NewSeries] with another day count, whose year fractions
// are taken from the earliest date. An unknown one is [date.ErrDayCount].
func NewSeriesBasis[F Flow | Cash](basis date.DayCount, flows []F) (*Series, error) {
	if !basis.Valid() {
		return nil, date.ErrDayCount
	}
	s, err := NewSeries(flows)
	if err != nil || basis == date.Act365F {
		return s, err
	}
	return s, s.rebase(basis)
}

// Len returns the number of net flows.
func (s *Series) Len() int { return len(s.entries) }

// Vector returns the net flows in order of time.
func (s *Series) Vector() []Point {
	out := make([]Point, len(s.entries))
	for i, e := range s.entries {
		out[i] = Point{Date: s.date(i), Years: float64(e.tick) / s.perYear, Amount: decimal.NewFromBigInt(s.exact(i), s.exp)}
	}
	return out
}

func (s *Series) date(i int) date.Date {
	if s.dates != nil {
		return s.dates[i]
	}
	return s.first.AddDays(int(s.entries[i].tick))
}

// exact returns the amount of entry i in units.
func (s *Series) exact(i int) *big.Int {
	if s.wide != nil {
		return s.wide[i]
	}
	return big.NewInt(int64(s.entries[i].amount))
}

// rebase turns days into the ticks of another day count and nets the dates that
// it does not tell apart.
func (s *Series) rebase(basis date.DayCount) error {
	old := *s
	s.basis, s.entries, s.wide, s.dates = basis, make([]entry, 0, len(old.entries)), nil, []date.Date{}
	var sums []*big.Int
	for i := range old.entries {
		d := old.date(i)
		num, den, err := basis.Fraction(s.first, d)
		if err != nil {
			return err
		}
		s.perYear = float64(den)
		if n := len(s.entries); n > 0 && s.entries[n-1].tick == int32(num) {
			sums[n-1].Add(sums[n-1], old.exact(i))
			continue
		}
		s.entries = append(s.entries, entry{tick: int32(num)})
		s.dates = append(s.dates, d)
		sums = append(sums, old.exact(i))
	}
	return s.setExact(sums)
}

// setExact gives the entries the amounts sums, dropping zeros. Where float64 does
// not hold them all exactly it keeps sums, and amounts in a unit of their own,
// which leaves room for squares of time above and for 10^500 below.
func (s *Series) setExact(sums []*big.Int) error {
	n, narrow, largest := 0, true, 0
	for i, v := range sums {
		if v.Sign() == 0 {
			continue
		}
		s.entries[n].tick = s.entries[i].tick
		if s.dates != nil {
			s.dates[n] = s.dates[i]
		}
		sums[n] = v
		largest = max(largest, v.BitLen())
		n++
	}
	s.entries = s.entries[:n]
	if s.dates != nil {
		s.dates = s.dates[:n]
	}
	for i, v := range sums[:n] {
		f := new(big.Float).SetInt(v)
		f.SetMantExp(f, min(0, 900-largest))
		amount, accuracy := f.Float64()
		if math.Abs(amount) < 0x1p-1000 {
			return ErrAmountRange
		}
		s.entries[i].amount = amount
		narrow = narrow && accuracy == big.Exact && largest <= 63
	}
	if !narrow {
		s.wide = sums[:n]
	}
	return nil
}

func noDate(i int) error      { return ErrNoDate.On(fmt.Sprintf("flows[%d].date", i)) }
func amountRange(i int) error { return ErrAmountRange.On(fmt.Sprintf("flows[%d].amount", i)) }

// NewPeriodic prepares values that fall one a period, from period 0 on. It
// returns [ErrAmountRange] on "values[i]" or [ErrTooManyPeriods].
func NewPeriodic[V decimal.Decimal | money.Amount](values []V) (*Series, error) {
	s := &Series{perYear: 1}
	if len(values) == 0 {
		return s, nil
	}
	if _, err := date.FromDays(len(values)); err != nil { // a period is a day, only to give them an order
		return nil, ErrTooManyPeriods
	}
	if cents, ok := any(values).([]money.Amount); ok {
		l := loader{entries: make([]entry, len(values))}
		l.amounts(cents)
		if s.exp = -2; s.net(&l) {
			return s, nil
		}
	}
	flows := make([]Flow, len(values))
	for i, v := range values {
		flows[i].Date, _ = date.FromDays(i + 1)
		switch v := any(v).(type) {
		case decimal.Decimal:
			if flows[i].Amount = v; !sane(v) {
				return nil, ErrAmountRange.On(fmt.Sprintf("values[%d]", i))
			}
		case money.Amount:
			flows[i].Amount = v.Decimal()
		}
	}
	err := load(s, flows)
	s.first = date.Date{}
	return s, err
}
