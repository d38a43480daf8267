package returns_test

import (
	"math/big"
)

// poly is a polynomial with exact coefficients, ascending. It is the second,
// plain implementation that XIRR and IRR are compared with: with u = 1/(1+r)
// (per day or per period) their value is a polynomial in u, whose distinct
// positive roots Sturm's theorem counts exactly.
type poly []*big.Rat

func polyOf(coefficients []int64) poly {
	p := make(poly, len(coefficients))
	for i, c := range coefficients {
		p[i] = new(big.Rat).SetInt64(c)
	}
	return p.trim()
}

func (p poly) trim() poly {
	for len(p) > 0 && p[len(p)-1].Sign() == 0 {
		p = p[:len(p)-1]
	}
	return p
}

func (p poly) at(x *big.Rat) *big.Rat {
	sum := new(big.Rat)
	for i := len(p) - 1; i >= 0; i-- {
		sum.Mul(sum, x)
		sum.Add(sum, p[i])
	}
	return sum
}

func (p poly) derivative() poly {
	d := make(poly, 0, len(p))
	for i := 1; i < len(p); i++ {
		d = append(d, new(big.Rat).Mul(p[i], new(big.Rat).SetInt64(int64(i))))
	}
	return d.trim()
}

// negativeRemainder returns -(p mod q), scaled to a leading 1 or -1, which keeps
// signs and keeps the numbers small.
func (p poly) negativeRemainder(q poly) poly {
	r := make(poly, len(p))
	for i := range p {
		r[i] = new(big.Rat).Set(p[i])
	}
	for r = r.trim(); len(r) >= len(q); r = r.trim() {
		f := new(big.Rat).Quo(r[len(r)-1], q[len(q)-1])
		shift := len(r) - len(q)
		for i := range q {
			r[i+shift].Sub(r[i+shift], new(big.Rat).Mul(f, q[i]))
		}
		r = r[:len(r)-1]
	}
	if len(r) == 0 {
		return r
	}
	lead := new(big.Rat).Abs(r[len(r)-1])
	for i := range r {
		r[i].Quo(r[i], lead)
		r[i].Neg(r[i])
	}
	return r
}

// sturm returns the Sturm sequence of p.
func (p poly) sturm() []poly {
	seq := []poly{p, p.derivative()}
	for len(seq[len(seq)-1]) > 0 {
		seq = append(seq, seq[len(seq)-2].negativeRemainder(seq[len(seq)-1]))
	}
	return seq[:len(seq)-1]
}

func changes(signs []int) (n int) {
	last := 0
	for _, s := range signs {
		if s != 0 && last != 0 && s != last {
			n++
		}
		if s != 0 {
			last = s
		}
	}
	return n
}

// rootsAbove counts the distinct roots in (from, +inf). From is not a root.
func rootsAbove(seq []poly, from *big.Rat) int {
	var low, high []int
	for _, p := range seq {
		low = append(low, p.at(from).Sign())
		high = append(high, p[len(p)-1].Sign())
	}
	return changes(low) - changes(high)
}

// positiveRoots counts the distinct roots of p above zero.
func (p poly) positiveRoots() int {
	p = p.trim()
	for len(p) > 0 && p[0].Sign() == 0 {
		p = p[1:]
	}
	if len(p) < 2 {
		return 0
	}
	return rootsAbove(p.sturm(), new(big.Rat))
}
