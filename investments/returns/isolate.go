package returns

import (
	"math"
	"slices"
)

// probe is F and its moments at one rate z. For z < 0 the factors are counted
// from the last flow, so that none overflows; scale is the logarithm of what
// that leaves out.
type probe struct {
	z, scale  float64
	reversed  bool
	f, size   sums // with the flows' signs, and of their sizes
	uncertain bool // the sign of F drowns in rounding
}

func (v *solver) probe(z float64) probe {
	p := probe{z: z, reversed: z < 0}
	if p.reversed {
		p.scale = -z * v.span
	}
	v.pow.at(abs(z))
	in, out := v.pow.moments(v.ins, p.reversed), v.pow.moments(v.outs, p.reversed)
	p.f = sums{in.m0 + out.m0, in.m1 + out.m1, in.m2 + out.m2}
	p.size = sums{in.m0 - out.m0, in.m1 - out.m1, in.m2 - out.m2}
	p.uncertain = !(abs(p.f.m0) > noise(len(v.flows))*p.size.m0)
	return p
}

// center returns the mean of the exponents, weighted by discounted size.
func (p *probe) center(span float64) float64 {
	c := p.size.m1 / p.size.m0
	if p.reversed {
		return span - c
	}
	return c
}

// slope returns the derivative of exp(c*z)*F at p, in p's scale.
func (p *probe) slope(c, span float64) float64 {
	if p.reversed {
		return p.f.m1 - (span-c)*p.f.m0
	}
	return c*p.f.m0 - p.f.m1
}

// spread returns the sum of |a|*w*(e-c)^2, never less than its rounding error.
func (p *probe) spread(c, span float64) float64 {
	if p.reversed {
		c = span - c
	}
	q := p.size.m2 - 2*c*p.size.m1 + c*c*p.size.m0
	return max(q, 0) + 16*epsilon*(p.size.m2+c*c*p.size.m0)
}

// isolate finds all roots where nothing is known beforehand.
//
// The roots lie where neither the first nor the last flow outweighs all others.
// On an interval from l to r around m, let H(y) = exp(c*y)*F(m+y), which has the
// roots of F, with c the mean date at m. Its second derivative is at most
// K(y) = sum |a|*w*(e-c)^2*exp((c-e)*y) in size, which is convex in y, and so at
// most K at one of the ends. Hence, with h the longer half,
//
//	|H(0)| > |H'(0)|*h + K*h^2/2  proves that there is no root, and
//	|H'(0)| > K*h                 that H is monotone: one root if its sign
//	                              differs at the ends, else none.
//
// An interval that is neither is divided, at a point where the sign of F is
// certain. Where there is no such point F is zero to within rounding: a multiple
// root or several close ones, which resolve takes apart with more digits. It
// reports false when it cannot.
func (v *solver) isolate() (roots []float64, ok bool) {
	type interval struct{ l, r probe }
	n := len(v.flows)
	size := v.in.m0 + v.out.m0
	bound := func(i, j int) float64 {
		return (math.Log(2*size/abs(v.flows[i].amount)) + 1e-9) / abs(float64(v.flows[j].tick-v.flows[i].tick))
	}
	todo := []interval{{v.probe(-bound(n-1, n-2)), v.probe(bound(0, 1))}}
	for len(todo) > 0 {
		t := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		m, ok := v.middle(t.l.z, t.r.z)
		if !ok {
			some, ok := v.resolve(t.l.z, t.r.z)
			if !ok {
				return nil, false
			}
			roots = append(roots, some...)
			continue
		}
		switch verdict(&t.l, &m, &t.r, v.span, n) {
		case noRoot:
		case monotone:
			if t.l.f.m0 > 0 != (t.r.f.m0 > 0) {
				roots = append(roots, v.refine(t.l, t.r))
			}
		case unknown:
			todo = append(todo, interval{m, t.r}, interval{t.l, m})
		}
	}
	slices.Sort(roots)
	return roots, true
}

// middle probes the interval near its middle, at a point of certain sign.
func (v *solver) middle(l, r float64) (probe, bool) {
	for _, at := range [...]float64{0.5, 0.4375, 0.5625, 0.375, 0.625, 0.25, 0.75} {
		z := l + (r-l)*at
		if z <= l || z >= r {
			break
		}
		if p := v.probe(z); !p.uncertain {
			return p, true
		}
	}
	return probe{}, false
}

type finding int

const (
	unknown finding = iota
	noRoot
	monotone
)

// verdict applies the two tests of isolate.
func verdict(l, m, r *probe, span float64, n int) finding {
	c := m.center(span)
	h0, h1 := abs(m.f.m0), m.slope(c, span)
	bound := 0.0
	for _, p := range [2]*probe{l, r} {
		bound = max(bound, math.Exp(c*(p.z-m.z)+p.scale-m.scale)*p.spread(c, span))
	}
	h, err := max(m.z-l.z, r.z-m.z), noise(n)*m.size.m0
	switch {
	case h0-err > (abs(h1)+err*span)*h+bound*h*h/2:
		return noRoot
	case abs(h1)-2*err*span > bound*h:
		return monotone
	}
	return unknown
}

// refine finds the only root between l and r, where the signs differ, by
// Newton's iteration on exp(c*z)*F and bisection.
func (v *solver) refine(l, r probe) float64 {
	lo, hi, rising := l.z, r.z, r.f.m0 > 0
	z := lo + (hi-lo)/2
	for k := 0; ; k++ {
		p := v.probe(z)
		c := p.center(v.span)
		slope := p.slope(c, v.span)
		if p.f.m0 > 0 == rising {
			hi = z
		} else {
			lo = z
		}
		step := -p.f.m0 / slope
		next := z + step
		// The error left is the square of the step times K/(2*slope).
		rest := step * step * p.spread(c, v.span) / abs(slope)
		if rest <= 1e-16*max(1/v.perYear, abs(z)) {
			return v.polish(&p, step, slope)
		}
		if !(next > lo && next < hi) || k > 12 && k%2 == 1 {
			next = lo + (hi-lo)/2
			if next <= lo || next >= hi {
				return v.polish(&p, 0, slope)
			}
		}
		z = next
	}
}

// polish takes the last step of refine. Where the sum cancels so far that
// rounding could show in the tenth digit, it is computed anew with more.
func (v *solver) polish(p *probe, step, slope float64) float64 {
	z := away(v.pow.rate(), p.reversed)
	if err := noise(len(v.flows)) * p.size.m0 / abs(slope); err > 1e-11*max(1/v.perYear, abs(z)) {
		return v.preciseNewton(z)
	}
	return z + step
}
