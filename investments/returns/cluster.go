package returns

import (
	"math"
	"math/big"
	"slices"
)

// The bits of the arithmetic that takes over where float64 cannot tell F from
// zero: to begin with, and at most.
const (
	precision    = 384
	maxPrecision = 4 * precision
)

// tinyBits is how many bits below the size of its terms a polynomial counts as
// zero, in arithmetic of so many bits.
func tinyBits(bits uint) int { return int(bits) * 5 / 12 }

// maxPieces bounds the work on an interval where F is zero to within rounding.
const maxPieces = 128

func float(bits uint) *big.Float { return new(big.Float).SetPrec(bits) }

// expansion is F around the rate of the factor u = exp(-|z|), exactly that
// float64: F(z+y) is proportional to sum s[k]*(-y)^k/k!, with s[k] the sum of
// a*u^e*(e-c)^k. For reversed z, y counts away from 0.
type expansion struct {
	z        float64 // the rate, without sign
	reversed bool
	s        []*big.Float
	size     *big.Float // sum |a|*u^e
}

// expand computes terms terms of the expansion around z.
func (v *solver) expand(z float64, terms int, bits uint) expansion {
	u := math.Exp(-abs(z))
	x := expansion{z: -math.Log(u), reversed: z < 0, s: make([]*big.Float, terms), size: float(bits)}
	for k := range x.s {
		x.s[k] = float(bits)
	}
	n := len(v.flows)
	w, term, arm := float(bits).SetInt64(1), float(bits), float(bits)
	gaps, base, mid := map[int32]*big.Float{}, float(bits).SetFloat64(u), int64(v.span/2)
	last := v.flows[0].tick
	if x.reversed {
		last = v.flows[n-1].tick
	}
	e := int64(0)
	for k := range n {
		i := k
		if x.reversed {
			i = n - 1 - k
		}
		if gap := max(v.flows[i].tick-last, last-v.flows[i].tick); gap > 0 {
			if gaps[gap] == nil {
				gaps[gap] = power(base, int64(gap))
			}
			w.Mul(w, gaps[gap])
			e += int64(gap)
		}
		last = v.flows[i].tick
		term.Mul(float(bits).SetInt(v.series.exact(i)), w)
		x.size.Add(x.size, float(bits).Abs(term))
		arm.SetInt64(e - mid)
		for j := range x.s {
			x.s[j].Add(x.s[j], term)
			term.Mul(term, arm)
		}
	}
	return x
}

// power returns x^n, n >= 0.
func power(x *big.Float, n int64) *big.Float {
	out, square := float(x.Prec()).SetInt64(1), new(big.Float).Copy(x)
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			out.Mul(out, square)
		}
		square.Mul(square, square)
	}
	return out
}

// preciseNewton improves a simple root whose float64 step is too coarse.
func (v *solver) preciseNewton(z float64) float64 {
	for range 3 {
		x := v.expand(z, 2, precision)
		if x.s[1].Sign() == 0 {
			break
		}
		step, _ := float(precision).Quo(x.s[0], x.s[1]).Float64()
		z = away(x.z+step, x.reversed)
	}
	return z
}

// resolve finds the roots between l and r, where F is so near zero that its
// sign is rounding. It expands F into a polynomial and solves that by the
// recursion of Rolle's theorem. Wide intervals are taken in pieces on which the
// expansion converges at once. It reports false when even with all digits it
// cannot tell where the roots are, which takes a root of enormous multiplicity.
func (v *solver) resolve(l, r float64) (roots []float64, ok bool) {
	pieces := math.Ceil((r - l) * v.span * 8)
	if pieces > maxPieces {
		return nil, false
	}
	pieces = max(pieces, 1)
	bits := uint(precision)
	for k := 0.0; k < pieces; k++ {
		from, to := l+(r-l)*k/pieces, l+(r-l)*(k+1)/pieces
		some, found := v.resolvePiece(from, to, bits)
		for !found && bits < maxPrecision {
			bits *= 2
			some, found = v.resolvePiece(from, to, bits)
		}
		if !found {
			return nil, false
		}
		roots = append(roots, some...)
	}
	slices.Sort(roots)
	return roots, true
}

// resolvePiece finds the roots of a piece, and reports whether the digits
// sufficed.
//
// The piece spans an eighth of the exponents' range, and they are counted from
// their middle: each term of the expansion is 1/32 of the one before it, and
// less. A root of high multiplicity needs more of them.
func (v *solver) resolvePiece(from, to float64, bits uint) (roots []float64, ok bool) {
	half := (to - from) / 2 * (1 + 1e-9)
	for terms := 28; terms <= 112; terms *= 2 {
		x := v.expand(from+(to-from)/2, terms, bits)
		p := x.polynomial(half)
		tiny := p.tiny()
		if tiny.Cmp(float(bits).SetMantExp(x.size, 40-int(bits))) <= 0 {
			return nil, false // it is above what zero counts as, but below rounding
		}
		if x.rest(len(p)).Cmp(tiny) > 0 {
			continue
		}
		near := float(bits).SetFloat64(min(0.5, 1e-11*max(1/v.perYear, x.z)/half))
		for _, t := range p.roots() {
			for _, at := range [2]*big.Float{float(bits).Sub(t, near), float(bits).Add(t, near)} {
				if value := p.value(at); value.Abs(value).Cmp(tiny) <= 0 {
					return nil, false // other roots may hide here
				}
			}
			f, _ := t.Float64()
			roots = append(roots, away(x.z+f*half, x.reversed))
		}
		return roots, true
	}
	return nil, false
}

// rest bounds what an expansion of so many terms leaves out.
func (x expansion) rest(terms int) *big.Float {
	rest := new(big.Float).Copy(x.size)
	for k := range terms {
		rest.Quo(rest, float(x.size.Prec()).SetInt64(int64(32*(k+1))))
	}
	return rest
}

// polynomial returns the expansion over y = half*t, for t from -1 to 1.
func (x expansion) polynomial(half float64) polynomial {
	bits := x.size.Prec()
	p, scale, by := make(polynomial, len(x.s)), float(bits).SetInt64(1), float(bits).SetFloat64(-half)
	for k, s := range x.s {
		p[k] = float(bits).Mul(s, scale)
		scale.Mul(scale, by)
		scale.Quo(scale, float(bits).SetInt64(int64(k+1)))
	}
	return p
}
