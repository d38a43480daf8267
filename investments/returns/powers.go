package returns

import (
	"math"
)

// powers evaluates discount factors u^e = exp(-z*e), z >= 0, for whole
// exponents e up to a span, as products of two table entries,
// hi[e/64] * lo[e%64]. That is one multiplication a flow instead of one exp or
// pow. Where few flows lie far apart a table would cost more than it saves, and
// where the span is too long for it (other day counts than actual ones), so that
// each factor is an exp.
type powers struct {
	direct bool
	z      float64
	u      float64 // exp(-z), rounded
	first  int32   // the earliest and latest tick
	last   int32
	hi     [512]float64
	lo     [64]float64
}

// prepare chooses the road for flows, of which there are at least two.
func (p *powers) prepare(flows []entry) {
	p.first, p.last = flows[0].tick, flows[len(flows)-1].tick
	span := int(p.last - p.first)
	p.direct = span >= 512*64 || span/64+min(span, 64) > 6*len(flows)+8
}

// at sets the discount rate per tick.
func (p *powers) at(z float64) {
	p.z = z
	if p.direct {
		return
	}
	p.u = math.Exp(-z)
	step, span := double{p.u, 0}, p.last-p.first
	ladder(p.lo[:min(span+1, 64)], step)
	for range 6 {
		step = step.square()
	}
	ladder(p.hi[:span/64+1], step)
}

// rate returns the rate that the factors really have: that of u after rounding.
func (p *powers) rate() float64 {
	if p.direct || p.u == 0 {
		return p.z
	}
	return -math.Log(p.u)
}

// ladder writes the powers of u, four chains at a time. The fourth power is
// kept in twice the precision, so that rounding does not build up along it.
func ladder(to []float64, u double) {
	u2 := u.square()
	u4 := u2.square()
	to[0] = 1
	if len(to) > 1 {
		to[1] = u.hi
	}
	if len(to) > 2 {
		to[2] = u2.hi
	}
	if len(to) > 3 {
		to[3] = u2.hi*u.hi + (u2.lo*u.hi + u2.hi*u.lo)
	}
	for k := 4; k < len(to); k++ {
		to[k] = to[k-4]*u4.hi + to[k-4]*u4.lo
	}
}

// double is a number of twice the precision, hi+lo.
type double struct{ hi, lo float64 }

func (d double) square() double {
	h := d.hi * d.hi
	l := math.FMA(d.hi, d.hi, -h) + 2*d.hi*d.lo
	s := h + l
	return double{s, l - (s - h)}
}

// sums are moments of discounted flows: the sum of a*w, a*w*e and a*w*e^2,
// where a is the amount, e the exponent and w the factor u^e.
type sums struct{ m0, m1, m2 float64 }

// moments sums over flows whose exponent is the time since the first flow or,
// when reversed, the time to the last.
func (p *powers) moments(flows []entry, reversed bool) sums {
	if p.direct {
		return p.momentsDirect(flows, reversed)
	}
	flip, off := p.orient(reversed)
	var a, b sums
	for i := 1; i < len(flows); i += 2 {
		x, y := &flows[i-1], &flows[i]
		ex, ey := uint32((x.tick^flip)+off), uint32((y.tick^flip)+off)
		vx := x.amount * (p.hi[ex/64%512] * p.lo[ex%64])
		vy := y.amount * (p.hi[ey/64%512] * p.lo[ey%64])
		tx, ty := float64(int32(ex)), float64(int32(ey))
		a.m0 += vx
		b.m0 += vy
		vx *= tx
		vy *= ty
		a.m1 += vx
		b.m1 += vy
		a.m2 += vx * tx
		b.m2 += vy * ty
	}
	if len(flows)%2 == 1 {
		x := &flows[len(flows)-1]
		e := uint32((x.tick ^ flip) + off)
		v, t := x.amount*(p.hi[e/64%512]*p.lo[e%64]), float64(int32(e))
		a.m0 += v
		a.m1 += v * t
		a.m2 += v * t * t
	}
	return sums{a.m0 + b.m0, a.m1 + b.m1, a.m2 + b.m2}
}

func (p *powers) momentsDirect(flows []entry, reversed bool) (s sums) {
	flip, off := p.orient(reversed)
	for i := range flows {
		t := float64((flows[i].tick ^ flip) + off)
		v := flows[i].amount * math.Exp(-p.z*t)
		s.m0 += v
		s.m1 += v * t
		s.m2 += v * t * t
	}
	return s
}

func (m sums) plus(n sums) sums { return sums{m.m0 + n.m0, m.m1 + n.m1, m.m2 + n.m2} }

// undiscounted is moments at rate zero of the flows up to where the sign changes, and how
// many they are.
func undiscounted(flows []entry, first int32) (sums, int) {
	var a, b sums
	side, n := math.Float64bits(flows[0].amount), 0
	for i := 1; i < len(flows); i += 2 {
		x, y := flows[i-1].amount, flows[i].amount
		if int64((side^math.Float64bits(x))|(side^math.Float64bits(y))) < 0 {
			break
		}
		tx, ty := float64(flows[i-1].tick-first), float64(flows[i].tick-first)
		a.m0 += x
		b.m0 += y
		x *= tx
		y *= ty
		a.m1 += x
		b.m1 += y
		a.m2 += x * tx
		b.m2 += y * ty
		n = i + 1
	}
	if n < len(flows) && int64(side^math.Float64bits(flows[n].amount)) >= 0 {
		x, t := flows[n].amount, float64(flows[n].tick-first)
		a.m0 += x
		a.m1 += x * t
		a.m2 += x * t * t
		n++
	}
	return a.plus(b), n
}

// table returns the factor of one exponent, unless direct.
func (p *powers) table(e int32) float64 { return p.hi[uint32(e)/64%512] * p.lo[uint32(e)%64] }

// orient returns flip and off such that (tick^flip)+off is the exponent:
// tick-first or, reversed, last-tick as ^tick+last+1.
func (p *powers) orient(reversed bool) (flip, off int32) {
	if reversed {
		return -1, p.last + 1
	}
	return 0, -p.first
}
