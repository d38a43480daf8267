package wide

import "math/bits"

// Quotient divides by one fixed even number of 129 to 192 bits where the quotient is
// small: one step of long division, and what it is off by.
type Quotient struct {
	d     Int // shifted so that the top bit of its third limb is set
	half  Int // of the number itself
	top   Divisor
	shift uint
}

// NewQuotient prepares division by d.
func NewQuotient(d Int) Quotient {
	q := Quotient{shift: uint(192 - d.bitLen())}
	q.d, q.half = d.lsh(q.shift), Int{d.a>>1 | d.b<<63, d.b>>1 | d.c<<63, d.c >> 1, 0}
	q.top = NewDivisor(q.d.c)
	return q
}

// lsh returns x shifted left by less than 64 bits.
func (x Int) lsh(s uint) Int {
	s &= 63
	if s == 0 {
		return x
	}
	t := 64 - s
	return Int{x.a << s, x.b<<s | x.a>>t, x.c<<s | x.b>>t, x.d<<s | x.c>>t}
}

// Round returns x/d for x >= 0 to the nearest integer, ties up, and false where x is too
// large for it: the quotient is then 2^63 or more, or nearly so.
func (v *Quotient) Round(x Int) (q uint64, ok bool) {
	x = x.Add(v.half)
	if x.d>>(63-v.shift) != 0 {
		return 0, false
	}
	x = x.lsh(v.shift)
	q, _ = step(x.d, x.c, v.top.norm, v.top.inv)
	p, _ := v.d.MulU64(q)
	var k uint64
	x.a, k = bits.Sub64(x.a, p.a, 0)
	x.b, k = bits.Sub64(x.b, p.b, k)
	x.c, k = bits.Sub64(x.c, p.c, k)
	over := x.d - p.d - k
	for over != 0 { // the estimate is at most two too large
		q--
		x.a, k = bits.Add64(x.a, v.d.a, 0)
		x.b, k = bits.Add64(x.b, v.d.b, k)
		x.c, k = bits.Add64(x.c, v.d.c, k)
		over += k
	}
	return q, true
}
