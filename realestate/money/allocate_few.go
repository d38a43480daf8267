package money

import (
	"math/bits"

	"github.com/shopspring/decimal"
)

// mostFew is how many members are few: their remainders fit on the stack, and the members
// of the last cents are found one by one.
const mostFew = 16

// few is [Allocator.narrow] for few members, with no scratch space. It reports false for
// what that cannot do, and for weights that are refused; parts is as it was then.
func few(parts []int64, total int64, weights []int64, before func(i, j int) bool) bool {
	n := len(weights)
	if n > mostFew || n != len(parts) {
		return false
	}
	var sum, over, carry uint64
	sign := int64(0)
	for _, w := range weights {
		sum, over = bits.Add64(sum, uint64(w), 0)
		carry |= over
		sign |= w
	}
	if sign < 0 || carry != 0 || sum == 0 || sum >= 1<<63 {
		return false
	}
	var rem [mostFew]uint64
	left := split(parts, magnitude(total), weights, sum, rem[:n])
	if left > 1 && awardDistinct(parts, left, rem[:n]) {
		left = 0
	}
	for ; left > 0; left-- {
		best, most := 0, rem[0]
		for i := 1; i < n; i++ {
			if r := rem[i]; r > most || r == most && first(i, best, weights, before) {
				best, most = i, r
			}
		}
		parts[best]++
		rem[best] = 0 // a remainder that is due a cent is above zero, and there are more of them than cents
	}
	if total < 0 {
		negate(parts)
	}
	return true
}

// awardDistinct gives a cent each to the k members with the largest remainders. It counts for
// each how many are larger, without branches: remainders are as good as random. Where two are
// equal it reports false, and parts is as it was.
func awardDistinct(parts []int64, k uint64, rem []uint64) bool {
	var space [mostFew]uint64
	larger := space[:len(rem)]
	for i, r := range rem {
		others := rem[:i]
		count, smaller := larger[:len(others)], uint64(0)
		for j, other := range others {
			if other == r {
				return false
			}
			_, less := bits.Sub64(other, r, 0)
			count[j] += less
			smaller += less
		}
		larger[i] = uint64(i) - smaller
	}
	for i, n := range larger {
		_, due := bits.Sub64(n, k, 0)
		parts[i] += int64(due)
	}
	return true
}

// first decides rules (b) and (c) between members with the same remainder.
func first(i, j int, weights []int64, before func(i, j int) bool) bool {
	if weights[i] != weights[j] {
		return weights[i] > weights[j]
	}
	return before != nil && before(i, j) // i stands behind j
}

// fewDecimals is few for decimals of at most 18 digits over one power of ten. Where all have
// the same exponent, it does not matter which.
func fewDecimals(parts []int64, total int64, weights []*decimal.Decimal, before func(i, j int) bool) bool {
	if len(weights) > mostFew {
		return false
	}
	var ints [mostFew]int64
	exp, differ := int64(0), int64(0)
	for i, d := range weights {
		c, e := d.CoefficientInt64(), int64(d.Exponent())
		if d.NumDigits() > 18 || c < 0 || e < -maxWeightDigits || e > 18 {
			return false
		}
		if ints[i] = c; c > 0 {
			exp = min(exp, e)
		}
		differ |= e ^ int64(weights[0].Exponent())
	}
	for i := 0; differ != 0 && i < len(weights); i++ {
		var fits bool
		if ints[i], fits = scaleUp(ints[i], int64(weights[i].Exponent())-exp); !fits {
			return false
		}
	}
	return few(parts, total, ints[:len(weights)], before)
}
