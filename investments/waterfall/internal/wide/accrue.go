package wide

import "math/bits"

// Accrue returns a + base*m/d to the nearest integer, ties to even, and false
// when the result leaves the range of Int.
func Accrue(a, base Int, m uint64, d *Divisor) (Int, bool) {
	mag, neg := base.Abs()
	z, over := mag.MulU64(m)
	top, q, r := d.div5(over, z)
	if top != 0 {
		return Int{}, false
	}
	sum, t, ok := addTail(a, q, tailOf(r, d.d, false), neg)
	return nearest(sum, t), ok
}

// Compound returns c + a/d, computed exactly and rounded once to 40
// significant digits, and false when the result leaves the range of Int.
func Compound(c, a Int, d *Divisor) (Int, bool) {
	mag, neg := a.Abs()
	q, r := mag.DivU64(d)
	sum, t, ok := addTail(c, q, tailOf(r, d.d, false), neg)
	return round40(sum, t), ok
}

// Factor is a number of at most 40 significant digits: Coef / 10^Scale.
type Factor struct {
	Coef  Int // >= 0, less than 10^40
	Scale int // 0 to 57
}

// AccrueFactor returns a + base*f, computed exactly and rounded once to 40
// significant digits, and false when the result leaves the range of Int.
func AccrueFactor(a, base Int, f *Factor) (Int, bool) {
	mag, neg := base.Abs()
	p := mulLimbs(mag, f.Coef)
	below, t := false, tailZero
	for s := f.Scale; s > 0; s -= 19 {
		v := &pow10Div[min(s, 19)]
		r := v.divide(p[:])
		t = tailOf(r, v.d, below)
		below = below || r != 0
	}
	if p[4]|p[5]|p[6]|p[7] != 0 {
		return Int{}, false
	}
	sum, t, ok := addTail(a, Int{p[0], p[1], p[2], p[3]}, t, neg)
	return round40(sum, t), ok
}

// addTail returns a plus or minus (q + tail) as an integer and a tail, and
// false when it leaves the range of Int.
func addTail(a, q Int, t tail, neg bool) (Int, tail, bool) {
	if q.IsNeg() {
		return Int{}, t, false
	}
	aNeg := a.IsNeg()
	if neg {
		a = a.Sub(q)
		if t != tailZero {
			a = a.Sub(Int{a: 1})
			t = t.flip()
		}
		if aNeg && !a.IsNeg() {
			return Int{}, t, false
		}
	} else {
		a = a.Add(q)
		if !aNeg && a.IsNeg() {
			return Int{}, t, false
		}
	}
	return a, t, true
}

// mulLimbs multiplies a non-negative number by one of less than 2^192 in full.
func mulLimbs(x, y Int) (z [8]uint64) {
	z[0], z[1], z[2], z[3], z[4] = mulRow(x, y.a, 0, 0, 0, 0)
	z[1], z[2], z[3], z[4], z[5] = mulRow(x, y.b, z[1], z[2], z[3], z[4])
	z[2], z[3], z[4], z[5], z[6] = mulRow(x, y.c, z[2], z[3], z[4], z[5])
	z[3], z[4], z[5], z[6], z[7] = mulRow(x, y.d, z[3], z[4], z[5], z[6])
	return z
}

// mulRow returns x*m + s, s being four limbs.
func mulRow(x Int, m, s0, s1, s2, s3 uint64) (z0, z1, z2, z3, z4 uint64) {
	p, over := x.MulU64(m)
	var k uint64
	z0, k = bits.Add64(p.a, s0, 0)
	z1, k = bits.Add64(p.b, s1, k)
	z2, k = bits.Add64(p.c, s2, k)
	z3, k = bits.Add64(p.d, s3, k)
	return z0, z1, z2, z3, over + k
}
