package wide

import "math/bits"

// Divisor divides by a fixed 64-bit number with multiplications instead of
// the processor's slow division (Moeller and Granlund, "Improved division by
// invariant integers").
type Divisor struct {
	d, norm, inv uint64
	shift        uint
}

// NewDivisor prepares division by d, which is not 0.
func NewDivisor(d uint64) Divisor {
	s := uint(bits.LeadingZeros64(d))
	n := d << s
	inv, _ := bits.Div64(^n, ^uint64(0), n)
	return Divisor{d: d, norm: n, inv: inv, shift: s}
}

// step divides (hi, lo) by the normalized divisor; hi < norm.
func step(hi, lo, norm, inv uint64) (q, r uint64) {
	qh, ql := bits.Mul64(inv, hi)
	var c uint64
	ql, c = bits.Add64(ql, lo, 0)
	qh, _ = bits.Add64(qh, hi, c)
	qh++
	r = lo - qh*norm
	if r > ql {
		qh--
		r += norm
	}
	if r >= norm {
		qh++
		r -= norm
	}
	return qh, r
}

// DivU64 returns the quotient and remainder of x >= 0.
func (x Int) DivU64(v *Divisor) (q Int, r uint64) {
	_, q, r = v.div5(0, x)
	return q, r
}

// div5 divides top*2^256 + x, taken as unsigned.
func (v *Divisor) div5(top uint64, x Int) (q4 uint64, q Int, r uint64) {
	s, norm, inv := v.shift&63, v.norm, v.inv
	if s == 0 {
		if top != 0 {
			q4, r = step(0, top, norm, inv)
		}
		q.d, r = step(r, x.d, norm, inv)
		q.c, r = step(r, x.c, norm, inv)
		q.b, r = step(r, x.b, norm, inv)
		q.a, r = step(r, x.a, norm, inv)
		return q4, q, r
	}
	t := 64 - s
	if top != 0 {
		q4, r = step(top>>t, top<<s|x.d>>t, norm, inv)
	} else {
		r = x.d >> t
	}
	q.d, r = step(r, x.d<<s|x.c>>t, norm, inv)
	q.c, r = step(r, x.c<<s|x.b>>t, norm, inv)
	q.b, r = step(r, x.b<<s|x.a>>t, norm, inv)
	q.a, r = step(r, x.a<<s, norm, inv)
	return q4, q, r >> s
}

// divide replaces the limbs of u by their quotient and returns the remainder.
func (v *Divisor) divide(u []uint64) uint64 {
	i := len(u) - 1
	for i >= 0 && u[i] == 0 {
		i--
	}
	if i < 0 {
		return 0
	}
	s := v.shift
	r := u[i] >> (64 - s) // Go defines a shift by 64 as 0
	for ; i > 0; i-- {
		lo := u[i]<<s | u[i-1]>>(64-s)
		u[i], r = step(r, lo, v.norm, v.inv)
	}
	u[0], r = step(r, u[0]<<s, v.norm, v.inv)
	return r >> s
}
