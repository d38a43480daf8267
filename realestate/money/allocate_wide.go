package money

import (
	"math/big"
	"math/bits"
)

// wideSpace is the road for weights or sums beyond 63 bits. Numbers are n words
// of 64 bits, the least significant first.
type wideSpace struct {
	n       int      // words of the sum, and so of every weight and remainder
	weights []uint64 // n a member
	rem     []uint64 // n a member
	sum     []uint64
	order   []int
	t       big.Int
	power   big.Int // ten to the power of up
	up      int64
}

// AllocateBig is [Allocator.Big] with scratch space of its own.
func AllocateBig(parts []int64, total int64, weights []*big.Int, before func(i, j int) bool) error {
	return new(Allocator).Big(parts, total, weights, before)
}

// Big shares total over integer weights of any size, such as exact balances
// over one common denominator. The weights are read, not changed; nil counts
// as zero. It returns [ErrNegativeWeight], [ErrZeroWeights] or
// [ErrAllocationLength].
func (a *Allocator) Big(parts []int64, total int64, weights []*big.Int, before func(i, j int) bool) error {
	if len(parts) != len(weights) {
		return ErrAllocationLength
	}
	width := 0
	for i, w := range weights {
		if w == nil {
			continue
		}
		if w.Sign() < 0 {
			return negativeWeight(i)
		}
		width = max(width, w.BitLen())
	}
	return a.wide.share(parts, total, width, func(i int) *big.Int { return weights[i] }, before)
}

// share shares total over weights that are nil or not negative, and have at most
// width bits. It asks for each weight once, and does not keep it.
func (s *wideSpace) share(parts []int64, total int64, width int, weight func(int) *big.Int, before func(i, j int) bool) error {
	s.n = (width+bits.Len(uint(len(parts))))/64 + 1
	s.sum = resize(s.sum, s.n)
	clear(s.sum)
	s.weights = resize(s.weights, s.n*len(parts))
	for i := range parts {
		w := s.weights[s.n*i:][:s.n]
		putWords(w, weight(i))
		var carry uint64
		for k := range w {
			s.sum[k], carry = bits.Add64(s.sum[k], w[k], carry)
		}
	}
	for s.n > 0 && s.sum[s.n-1] == 0 {
		s.narrow(len(parts))
	}
	if s.n == 0 {
		if total != 0 {
			return ErrZeroWeights
		}
		clear(parts)
		return nil
	}
	s.divide(parts, magnitude(total), before)
	if total < 0 {
		negate(parts)
	}
	return nil
}

// narrow drops the uppermost word of all numbers, which is zero.
func (s *wideSpace) narrow(members int) {
	n := s.n - 1
	for i := range members {
		copy(s.weights[n*i:][:n], s.weights[s.n*i:])
	}
	s.n, s.sum = n, s.sum[:n]
}

// divide shares total over s.weights.
//
// The quotient total*w/sum is estimated from the upper 64 bits of w and of sum,
// once divided: f = floor(total*2^64/(top+1)), where top has its highest bit
// set, and the upper half of f*(upper bits of w). That is never too large, and
// too small by less than 2 for the bits left out of sum and w, and by 1 for
// each rounding. The exact remainder corrects it.
func (s *wideSpace) divide(parts []int64, total uint64, before func(i, j int) bool) {
	n := s.n
	s.rem = resize(s.rem, n*len(parts))
	lead := uint(bits.LeadingZeros64(s.sum[n-1]))
	f := total
	if top := upper(s.sum, lead); top+1 != 0 {
		f, _ = bits.Div64(total, 0, top+1)
	}
	left := total
	for i := range parts {
		w, r := s.weights[n*i:][:n], s.rem[n*i:][:n]
		q, _ := bits.Mul64(f, upper(w, lead))
		over := mulSub(r, total, w, q, s.sum)
		for over > 0 || !less(r, s.sum) {
			over -= subtract(r, s.sum)
			q++
		}
		parts[i] = int64(q)
		left -= q
	}
	s.order = resize(s.order, len(parts))
	before = byID(before)
	topUp(s.order, parts, int(left), func(i, j int) bool {
		if c := compare(s.rem[n*i:][:n], s.rem[n*j:][:n]); c != 0 {
			return c > 0
		}
		if c := compare(s.weights[n*i:][:n], s.weights[n*j:][:n]); c != 0 {
			return c > 0
		}
		return before(i, j)
	})
}

// putWords writes w, which fits.
func putWords(to []uint64, w *big.Int) {
	clear(to)
	if w == nil {
		return
	}
	for k, word := range w.Bits() {
		bit := k * bits.UintSize
		to[bit/64] |= uint64(word) << (bit % 64)
	}
}

// upper returns the 64 bits of x that begin lead bits below its upper end.
func upper(x []uint64, lead uint) uint64 {
	n := len(x)
	if lead == 0 || n == 1 {
		return x[n-1] << lead
	}
	return x[n-1]<<lead | x[n-2]>>(64-lead)
}

// mulSub sets r = a*x - b*y and returns the word above r.
func mulSub(r []uint64, a uint64, x []uint64, b uint64, y []uint64) uint64 {
	var upX, upY, borrow uint64
	for k := range r {
		hx, lx := bits.Mul64(a, x[k])
		lx, c := bits.Add64(lx, upX, 0)
		upX = hx + c
		hy, ly := bits.Mul64(b, y[k])
		ly, c = bits.Add64(ly, upY, 0)
		upY = hy + c
		r[k], borrow = bits.Sub64(lx, ly, borrow)
	}
	return upX - upY - borrow
}

// subtract sets r -= y and returns the borrow.
func subtract(r, y []uint64) (borrow uint64) {
	for k := range r {
		r[k], borrow = bits.Sub64(r[k], y[k], borrow)
	}
	return borrow
}

func less(x, y []uint64) bool { return compare(x, y) < 0 }

func compare(x, y []uint64) int {
	for k := len(x) - 1; k >= 0; k-- {
		switch {
		case x[k] < y[k]:
			return -1
		case x[k] > y[k]:
			return 1
		}
	}
	return 0
}
