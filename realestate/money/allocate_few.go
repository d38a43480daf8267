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
	var sum, carry uint64
	for _, w := range weights {
		if w < 0 {
			return false
		}
		var over uint64
		sum, over = bits.Add64(sum, uint64(w), 0)
		carry |= over
	}
	if carry != 0 || sum == 0 || sum >= 1<<63 {
		return false
	}
	var rem [mostFew]uint64
	left := split(parts, magnitude(total), weights, sum, rem[:n])
	for ; left > 0; left-- {
		best := -1
		for i, r := range rem[:n] {
			if best < 0 || r > rem[best] || r == rem[best] && first(i, best, weights, before) {
				best = i
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

// first decides rules (b) and (c) between members with the same remainder.
func first(i, j int, weights []int64, before func(i, j int) bool) bool {
	if weights[i] != weights[j] {
		return weights[i] > weights[j]
	}
	return before != nil && before(i, j) // i stands behind j
}

// fewDecimals is few for decimals of at most 18 digits over one power of ten.
func fewDecimals(parts []int64, total int64, n int, weight func(int) *decimal.Decimal, before func(i, j int) bool) bool {
	if n > mostFew {
		return false
	}
	var ints, exps [mostFew]int64
	exp := int64(0)
	for i := range n {
		d := weight(i)
		c, e := d.CoefficientInt64(), int64(d.Exponent())
		if d.NumDigits() > 18 || c < 0 || e < -maxWeightDigits {
			return false
		}
		if ints[i], exps[i] = c, e; c > 0 {
			exp = min(exp, e)
		}
	}
	for i := range n {
		var fits bool
		if ints[i], fits = scaleUp(ints[i], exps[i]-exp); !fits {
			return false
		}
	}
	return few(parts, total, ints[:n], before)
}
