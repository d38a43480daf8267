package charts

import "github.com/shopspring/decimal"

// ticksWanted is about how many steps an axis has.
const ticksWanted = 5

// axis is a scale with round steps.
type axis struct {
	lo, hi, step decimal.Decimal
}

// multiples are the steps of an axis in a decade.
var multiples = []decimal.Decimal{decimal.New(1, 0), decimal.New(2, 0), decimal.New(25, -1), decimal.New(5, 0), decimal.New(10, 0)}

// niceAxis is the axis with round steps that holds lo to hi.
func niceAxis(lo, hi decimal.Decimal) axis {
	if lo.Equal(hi) {
		pad := lo.Abs().Shift(-1)
		if pad.IsZero() {
			pad = decimal.New(1, 0)
		}
		if hi.IsZero() {
			hi = pad
		} else {
			lo, hi = lo.Sub(pad), hi.Add(pad)
		}
	}
	least := hi.Sub(lo).DivRound(decimal.New(ticksWanted, 0), 2*maxPlaces)
	decade := decimal.New(1, int32(least.NumDigits())+least.Exponent()-1)
	a := axis{step: multiples[len(multiples)-1].Mul(decade)}
	for _, m := range multiples {
		if step := m.Mul(decade); step.GreaterThanOrEqual(least) {
			a.step = step
			break
		}
	}
	a.lo, a.hi = floorTo(lo, a.step), floorTo(hi.Neg(), a.step).Neg()
	return a
}

// floorTo is the largest multiple of step that is not above d.
func floorTo(d, step decimal.Decimal) decimal.Decimal {
	q, r := d.QuoRem(step, 0)
	if r.IsNegative() {
		q = q.Sub(decimal.New(1, 0))
	}
	return q.Mul(step)
}

// span is the axis of all values of a table, with zero where the marks begin there.
func (t *table) span(zero bool) axis {
	var s spread
	if zero {
		s.add(decimal.Zero)
	}
	for _, row := range t.series {
		for _, v := range row.Values {
			if v != nil {
				s.add(*v)
			}
		}
	}
	return niceAxis(s.lo, s.hi)
}

// spread is the least and the largest of what was added.
type spread struct {
	lo, hi decimal.Decimal
	any    bool
}

func (s *spread) add(d decimal.Decimal) {
	if !s.any || d.LessThan(s.lo) {
		s.lo = d
	}
	if !s.any || d.GreaterThan(s.hi) {
		s.hi = d
	}
	s.any = true
}

// place is where a value stands on a length, in tenths of a pixel from the low end.
func (a axis) place(d decimal.Decimal, length int64) int64 {
	return d.Sub(a.lo).Mul(decimal.New(length, 0)).DivRound(a.hi.Sub(a.lo), 0).IntPart()
}

// ticks are the steps from the low end to the high one.
func (a axis) ticks() []decimal.Decimal {
	var out []decimal.Decimal
	for d := a.lo; d.LessThanOrEqual(a.hi); d = d.Add(a.step) {
		out = append(out, d)
	}
	return out
}

// unit is a power of ten and the letter that stands for it.
type unit struct {
	digits int32
	letter string
}

var units = []unit{{12, "T"}, {9, "B"}, {6, "M"}, {3, "K"}}

// unit is the one that the ticks are short in.
func (a axis) unit() unit {
	largest := decimal.Max(a.hi, a.lo.Abs())
	for _, u := range units {
		if largest.GreaterThanOrEqual(decimal.New(1, u.digits)) {
			return u
		}
	}
	return unit{}
}

// labels are the ticks as short texts, all in one unit.
func (a axis) labels(c *Frame, u unit) []string {
	ticks := a.ticks()
	out := make([]string, len(ticks))
	short := Frame{Prefix: c.Prefix}
	for i, d := range ticks {
		short.Suffix = u.letter + c.Suffix
		if d.IsZero() {
			short.Suffix = c.Suffix
		}
		out[i] = short.number(d.Shift(-u.digits))
	}
	return out
}
