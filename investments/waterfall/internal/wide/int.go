// Package wide is the arithmetic of exact balances: signed 256-bit integers,
// and the rounding to 40 significant decimal digits, half to even, that
// compounded balances are kept with.
//
// A balance is an integer number of small fixed parts of a cent, so that sums,
// comparisons and payments are exact and need no allocation. The package knows
// nothing of cents or rates; it offers only the few operations that accrual and
// allocation are made of.
package wide

import (
	"math/big"
	"math/bits"
)

// Int is a signed 256-bit integer in two's complement. Ints are comparable
// with ==. Its limbs are fields, a the least significant, because the compiler
// keeps small structs in registers and arrays in memory.
type Int struct{ a, b, c, d uint64 }

// FromInt64 converts n.
func FromInt64(n int64) Int {
	s := uint64(n >> 63)
	return Int{uint64(n), s, s, s}
}

// Add returns x + y; it wraps on overflow.
func (x Int) Add(y Int) (z Int) {
	var k uint64
	z.a, k = bits.Add64(x.a, y.a, 0)
	z.b, k = bits.Add64(x.b, y.b, k)
	z.c, k = bits.Add64(x.c, y.c, k)
	z.d, _ = bits.Add64(x.d, y.d, k)
	return z
}

// Sub returns x - y; it wraps on overflow.
func (x Int) Sub(y Int) (z Int) {
	var k uint64
	z.a, k = bits.Sub64(x.a, y.a, 0)
	z.b, k = bits.Sub64(x.b, y.b, k)
	z.c, k = bits.Sub64(x.c, y.c, k)
	z.d, _ = bits.Sub64(x.d, y.d, k)
	return z
}

// Neg returns -x.
func (x Int) Neg() Int { return Int{}.Sub(x) }

// IsZero reports x == 0.
func (x Int) IsZero() bool { return x.a|x.b|x.c|x.d == 0 }

// IsNeg reports x < 0.
func (x Int) IsNeg() bool { return x.d>>63 != 0 }

// Top returns the most significant 64 bits, which bound x from below.
func (x Int) Top() uint64 { return x.d }

// Odd reports whether x is odd.
func (x Int) Odd() bool { return x.a&1 == 1 }

// Sign returns -1, 0 or 1.
func (x Int) Sign() int {
	switch {
	case x.IsNeg():
		return -1
	case x.IsZero():
		return 0
	}
	return 1
}

// Abs returns |x| and whether x was negative.
func (x Int) Abs() (Int, bool) {
	if x.IsNeg() {
		return x.Neg(), true
	}
	return x, false
}

// Cmp returns -1, 0 or 1 as x is less than, equal to or greater than y.
func (x Int) Cmp(y Int) int {
	x.d ^= 1 << 63
	y.d ^= 1 << 63
	return CmpUnsigned(x, y)
}

// CmpUnsigned compares x and y as unsigned numbers.
func CmpUnsigned(x, y Int) int {
	switch {
	case x.d != y.d:
		return cmp64(x.d, y.d)
	case x.c != y.c:
		return cmp64(x.c, y.c)
	case x.b != y.b:
		return cmp64(x.b, y.b)
	}
	return cmp64(x.a, y.a)
}

func cmp64(x, y uint64) int {
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// MulU64 returns x * m for x >= 0, and the limb that does not fit.
func (x Int) MulU64(m uint64) (z Int, over uint64) {
	h0, l0 := bits.Mul64(x.a, m)
	h1, l1 := bits.Mul64(x.b, m)
	h2, l2 := bits.Mul64(x.c, m)
	h3, l3 := bits.Mul64(x.d, m)
	var k uint64
	z.a = l0
	z.b, k = bits.Add64(l1, h0, 0)
	z.c, k = bits.Add64(l2, h1, k)
	z.d, k = bits.Add64(l3, h2, k)
	return z, h3 + k
}

// MulInt64 returns x * n for any signs, and false when the product leaves the
// range of Int.
func (x Int) MulInt64(n int64) (Int, bool) {
	mag, neg := x.Abs()
	m := uint64(n)
	if n < 0 {
		m, neg = -m, !neg
	}
	z, over := mag.MulU64(m)
	if over != 0 || z.IsNeg() {
		return Int{}, false
	}
	if neg {
		z = z.Neg()
	}
	return z, true
}

// Big returns x as a big.Int.
func (x Int) Big() *big.Int {
	mag, neg := x.Abs()
	z := new(big.Int)
	var limb big.Int
	for _, l := range [4]uint64{mag.d, mag.c, mag.b, mag.a} {
		z.Lsh(z, 64).Or(z, limb.SetUint64(l))
	}
	if neg {
		z.Neg(z)
	}
	return z
}

// FromBig converts b, and reports whether it fits.
func FromBig(b *big.Int) (Int, bool) {
	if b.BitLen() > 255 {
		return Int{}, false
	}
	var limbs [4]uint64
	var buf [32]byte
	b.FillBytes(buf[:])
	for i := range limbs {
		for j := range 8 {
			limbs[i] |= uint64(buf[31-8*i-j]) << (8 * j)
		}
	}
	z := Int{limbs[0], limbs[1], limbs[2], limbs[3]}
	if b.Sign() < 0 {
		z = z.Neg()
	}
	return z, true
}

// bitLen returns the bits of x >= 0.
func (x Int) bitLen() int {
	switch {
	case x.d != 0:
		return 192 + bits.Len64(x.d)
	case x.c != 0:
		return 128 + bits.Len64(x.c)
	case x.b != 0:
		return 64 + bits.Len64(x.b)
	}
	return bits.Len64(x.a)
}

// Int64 returns the low 64 bits as a signed number, which is x where it fits.
func (x Int) Int64() int64 { return int64(x.a) }
