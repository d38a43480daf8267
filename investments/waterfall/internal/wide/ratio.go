package wide

import "math/bits"

// Ratio divides products by one fixed total, as allocation does: total*w/sum
// with 0 <= w <= sum.
type Ratio struct {
	sum   Int // shifted so that its top bit is set
	top   Divisor
	shift uint
	limbs uint // whole limbs of the shift
}

// NewRatio prepares division by sum, which is > 0.
func NewRatio(sum Int) Ratio {
	n := uint(256 - sum.bitLen())
	r := Ratio{shift: n % 64, limbs: n / 64}
	r.sum = r.normalize(sum)
	r.top = NewDivisor(r.sum.d)
	return r
}

func (r *Ratio) normalize(x Int) Int {
	switch r.limbs {
	case 1:
		x = Int{0, x.a, x.b, x.c}
	case 2:
		x = Int{0, 0, x.a, x.b}
	case 3:
		x = Int{0, 0, 0, x.a}
	}
	s := r.shift & 63
	if s == 0 {
		return x
	}
	t := 64 - s
	return Int{x.a << s, x.b<<s | x.a>>t, x.c<<s | x.b>>t, x.d<<s | x.c>>t}
}

// Upper64 is x as a part of 2^256, rounded to 64 binary places: what is compared of
// remainders and weights that may differ from the exact ones in their last digits.
func (x Int) Upper64() uint64 {
	if x.d == ^uint64(0) {
		return x.d // rounded down, for want of a bit more
	}
	return x.d + x.c>>63
}

// Weigh returns w in the units of the remainders of [Ratio.Split], to be compared.
func (r *Ratio) Weigh(w Int) uint64 { return r.normalize(w).Upper64() }

// Split returns floor(total*w/sum) and the remainder, in units that are the
// same for every call, so that remainders can be compared with each other by
// [Int.Upper64].
func (r *Ratio) Split(total uint64, w Int) (q uint64, rem Int) {
	n, hi := r.normalize(w).MulU64(total) // below sum*2^64, so q fits one limb
	if hi >= r.sum.d {
		q = ^uint64(0)
	} else {
		q, _ = step(hi, n.d, r.top.norm, r.top.inv)
	}
	p, ph := r.sum.MulU64(q)
	var k uint64
	rem.a, k = bits.Sub64(n.a, p.a, 0)
	rem.b, k = bits.Sub64(n.b, p.b, k)
	rem.c, k = bits.Sub64(n.c, p.c, k)
	rem.d, k = bits.Sub64(n.d, p.d, k)
	top := hi - ph - k
	for top != 0 { // the estimate is at most two too large
		q--
		rem.a, k = bits.Add64(rem.a, r.sum.a, 0)
		rem.b, k = bits.Add64(rem.b, r.sum.b, k)
		rem.c, k = bits.Add64(rem.c, r.sum.c, k)
		rem.d, k = bits.Add64(rem.d, r.sum.d, k)
		top += k
	}
	return q, rem
}
