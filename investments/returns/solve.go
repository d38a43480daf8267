package returns

import (
	"math"
	"math/big"
)

// epsilon is the distance from 1 to the next float64.
const epsilon = 0x1p-52

// solver finds the roots z of F(z) = sum a_i*exp(-z*e_i), where e_i is the tick
// of a flow counted from the first one. A rate r per year is
// exp(z*perYear) - 1, so that r > -1 is any z at all.
type solver struct {
	flows   []entry
	series  *Series // of the flows
	perYear float64
	span    float64  // ticks from the first flow to the last
	changes int      // of sign, from one flow to the next
	split   int      // the index of the first flow after the last change
	runs    int      // of flows of one sign, at most a chunk each
	drafts  [48]sums // undiscounted moments of the first runs
	in, out sums     // undiscounted moments of the flows above zero and below, without sign
	ins     []entry  // the flows above zero and
	outs    []entry  // below, where the signs change more than once
	pow     powers
}

// chunk is how many flows at most make a run, so that [solver.draft] knows their dates well enough.
const chunk = 48

// survey takes what one pass over the flows gives.
func (v *solver) survey() {
	if len(v.flows) == 0 {
		return
	}
	first, side := v.flows[0].tick, math.Float64bits(v.flows[0].amount)
	v.span = float64(v.flows[len(v.flows)-1].tick - first)
	for at := 0; at < len(v.flows); {
		run, n := undiscounted(v.flows[at:min(at+chunk, len(v.flows))], first)
		if next := math.Float64bits(run.m0); int64(side^next) < 0 {
			v.changes++
			side, v.split = next, at
		}
		v.add(run)
		if v.runs < len(v.drafts) {
			v.drafts[v.runs] = run
		}
		v.runs++
		at += n
	}
}

func (v *solver) add(run sums) {
	if run.m0 < 0 {
		v.out = sums{v.out.m0 - run.m0, v.out.m1 - run.m1, v.out.m2 - run.m2}
		return
	}
	v.in = v.in.plus(run)
}

// part puts the flows of each sign together.
func (v *solver) part() {
	both := make([]entry, len(v.flows))
	low, high, start := 0, len(both), 0
	put := func(run []entry) {
		if run[0].amount < 0 {
			high -= copy(both[high-len(run):], run)
		} else {
			low += copy(both[low:], run)
		}
	}
	side := math.Float64bits(v.flows[0].amount)
	for i := range v.flows {
		if next := math.Float64bits(v.flows[i].amount); int64(side^next) < 0 {
			put(v.flows[start:i])
			side, start = next, i
		}
	}
	put(v.flows[start:])
	v.ins, v.outs = both[:low], both[low:]
}

// reverse counts the time of moments from the other end.
func (m sums) reverse(span float64) sums {
	return sums{m.m0, span*m.m0 - m.m1, span*span*m.m0 - 2*span*m.m1 + m.m2}
}

// solve returns every root, ascending. It takes one of three roads.
//
// One change of sign: by Descartes' rule, which holds for any exponents, there
// is exactly one root, and a bracket is known beforehand.
//
// A root at which the running balance of the discounted flows keeps its sign to
// the end (money is owed in one direction only) is the only one, too; this is
// the usual deal with a late capital call.
//
// Else intervals are divided until each is proved to hold no root or at most one.
// Only there can it fail, for a root of enormous multiplicity.
func (v *solver) solve() (roots []float64, ok bool) {
	v.pow.prepare(v.flows)
	if v.changes == 1 {
		return []float64{v.single()}, true
	}
	v.part()
	if v.changes%2 == 1 {
		if z, ok := v.pure(); ok {
			return []float64{z}, true
		}
	}
	return v.isolate()
}

// start returns the undiscounted moments of the flows with the sign of the first
// flow and of the others, on the side of 0 where a root must be, with time
// running away from 0 toward it: the first flow that counts is the earliest or,
// when reversed, the latest. Where the root is 0, late and early are equal.
func (v *solver) start() (early, late sums, reversed bool) {
	early, late = v.in, v.out
	if v.flows[0].amount < 0 {
		early, late = late, early
	}
	if d, size := late.m0-early.m0, late.m0+early.m0; abs(d) <= 4*epsilon*float64(len(v.flows))*size {
		late.m0 = early.m0 + v.exactTotal()*-sign(v.flows[0].amount)*size
	}
	if late.m0 < early.m0 {
		return late.reverse(v.span), early.reverse(v.span), true
	}
	return early, late, false
}

// single finds the root where the flows change their sign once, at split.
//
// With E and L the present values of the flows before and after the change,
// without their signs, and time running away from 0 toward the root, it solves
// g = ln(L/E) = 0, which is monotone and nearly straight: its slope is the
// difference of two mean dates, which lies between the gap at the change and
// the whole span. That is the bracket.
func (v *solver) single() float64 {
	e, l, reversed := v.start()
	if e.m0 == l.m0 {
		return 0
	}
	early, late := v.flows[:v.split], v.flows[v.split:]
	if reversed {
		early, late = late, early
	}
	gap := float64(v.flows[v.split].tick - v.flows[v.split-1].tick)
	g := math.Log1p((l.m0 - e.m0) / e.m0)
	lo, hi := g/v.span*(1-1e-9), g/gap*(1+1e-9)
	step, _, _ := halley(e, l, g)
	z, _ := v.newton(min(max(step, lo), hi), lo, hi, early, late, reversed)
	return away(z, reversed)
}

// away is z on the side of 0 that is meant; 0 stays without a sign.
func away(z float64, reversed bool) float64 {
	if reversed && z != 0 {
		return -z
	}
	return z
}

// halley returns the step of Halley's iteration toward g = ln(L/E) = 0, and the
// first and second derivative of g.
func halley(e, l sums, g float64) (step, slope, curve float64) {
	me, ml := e.m1/e.m0, l.m1/l.m0
	slope = me - ml
	curve = (l.m2/l.m0 - ml*ml) - (e.m2/e.m0 - me*me)
	return -2 * g * slope / (2*slope*slope - g*curve), slope, curve
}

// newton solves ln(L/E) = 0 between lo and hi by Halley's iteration, with
// bisection where that would leave the bracket. The function is positive at lo
// and negative at hi. The last step is taken when the error that it leaves, by
// the bound of the third derivative over the span, is below rounding. It returns
// the slope, too.
func (v *solver) newton(z, lo, hi float64, early, late []entry, reversed bool) (root, slope float64) {
	if next := z + v.draft(z, reversed); next > lo && next < hi {
		z = next
	}
	for k := 0; ; k++ {
		v.pow.at(z)
		e, l := v.pow.moments(early, reversed), v.pow.moments(late, reversed)
		g := math.Log(abs(l.m0 / e.m0))
		if g > 0 {
			lo = z
		} else {
			hi = z
		}
		step, s, curve := halley(e, l, g)
		slope = s
		rest := curve / (2 * slope)
		rest = (rest*rest + 0.032*v.span*v.span*v.span/abs(slope)) * abs(step*step*step)
		if slope < 0 && rest <= 1e-16*max(1/v.perYear, z) {
			return v.pow.rate() + step, slope
		}
		next := z + step
		if !(slope < 0 && next > lo && next < hi) || k > 8 && k%2 == 1 {
			next = lo + (hi-lo)/2
			if next <= lo || next >= hi {
				return next, slope
			}
		}
		z = next
	}
}

// draft is a step of Halley's iteration toward the root of newton by the moments of runs
// instead of flows: it is to spare a pass over the flows, and need not be exact. A run is
// taken for a normal distribution of its dates. Where there are few flows or too many runs
// it is zero.
func (v *solver) draft(z float64, reversed bool) float64 {
	if len(v.flows) < 32 || v.runs > len(v.drafts) {
		return 0
	}
	var in, out sums
	for _, run := range v.drafts[:v.runs] {
		if reversed {
			run = run.reverse(v.span)
		}
		mean := run.m1 / run.m0
		variance := run.m2/run.m0 - mean*mean
		w := run.m0 * math.Exp(z*(z*variance/2-mean))
		mean -= z * variance
		m := sums{w, w * mean, w * (mean*mean + variance)}
		if w > 0 {
			in = in.plus(m)
		} else {
			out = out.plus(m)
		}
	}
	e, l := in, out
	if v.flows[0].amount < 0 != reversed {
		e, l = out, in
	}
	step, _, _ := halley(e, l, math.Log(abs(l.m0/e.m0)))
	return step
}

// pure looks for one root and proves that it is the only one: at the root no
// partial sum of the discounted flows has another sign than the first flow. (By
// summation in parts, F at another rate is then a sum of terms of one sign.)
func (v *solver) pure() (float64, bool) {
	n := len(v.flows)
	e, l, reversed := v.start()
	first, next := v.flows[0], v.flows[1]
	if reversed {
		first, next = v.flows[n-1], v.flows[n-2]
	}
	side := sign(first.amount)
	z, slope := 0.0, v.span
	if e.m0 == l.m0 {
		v.pow.at(0)
	} else {
		hi := 1.01 * math.Log((e.m0+l.m0)/abs(first.amount)) / abs(float64(next.tick-first.tick))
		guess, _, _ := halley(e, l, math.Log1p((l.m0-e.m0)/e.m0))
		if !(guess > 0 && guess < hi) {
			guess = hi / 2
		}
		early, late := v.ins, v.outs
		if side < 0 {
			early, late = late, early
		}
		z, slope = v.newton(guess, 0, hi, early, late, reversed)
	}
	if !v.keepsSign(z, reversed, side) {
		return 0, false
	}
	z = away(z, reversed)
	if 16*epsilon*v.perYear > 1e-11*abs(slope) { // E and L nearly cancel at every rate
		z = v.preciseNewton(z)
	}
	return z, true
}

// keepsSign reports whether every partial sum but the last, in order of time or
// reversed, is surely of the sign side at the root z.
func (v *solver) keepsSign(z float64, reversed bool, side float64) bool {
	off := abs(z - v.pow.rate()) // the factors belong to a rate this far away
	tolerance := noise(len(v.flows)) + 2*off*v.span
	i, step := 0, 1
	if reversed {
		i, step = len(v.flows)-1, -1
	}
	flip, add := v.pow.orient(reversed)
	sum, size := 0.0, 0.0
	for range len(v.flows) - 1 {
		e := (v.flows[i].tick ^ flip) + add
		w := v.pow.table(e)
		if v.pow.direct {
			w = math.Exp(-v.pow.z * float64(e))
		}
		a := side * v.flows[i].amount * w
		sum += a
		size += abs(a)
		if sum <= size*tolerance {
			return false
		}
		i += step
	}
	return true
}

// noise bounds the rounding error of a sum over n flows, relative to the sum of
// their sizes.
func noise(n int) float64 { return float64(n+128) * epsilon }

// exactTotal returns the sum of all flows relative to the sum of their sizes, its
// sign being exact.
func (v *solver) exactTotal() float64 {
	sum, size := new(big.Int), new(big.Int)
	for i := range v.flows {
		a := v.series.exact(i)
		sum.Add(sum, a)
		size.Add(size, new(big.Int).Abs(a))
	}
	if sum.Sign() == 0 {
		return 0
	}
	f, _ := new(big.Rat).SetFrac(sum, size).Float64()
	return f
}

func abs(x float64) float64 { return math.Abs(x) }

func sign(x float64) float64 { return math.Copysign(1, x) }
