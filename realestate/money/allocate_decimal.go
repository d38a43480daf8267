package money

import (
	"fmt"
	"math/big"

	"github.com/shopspring/decimal"
)

// Share is one member of an allocation: an id, by which ties are settled, and a
// weight such as capital, units or a percentage. Only the proportions of the
// weights matter, so 0.25 and 0.75 are 25 and 75.
type Share struct {
	ID     string
	Weight decimal.Decimal
}

// Allocate shares total over members by largest remainder, the rule of
// [Allocator], and returns their parts in the order of the members:
//
//	parts, err := money.Allocate(total, []money.Share{
//		{ID: "ana", Weight: decimal.NewFromInt(3)},
//		{ID: "ben", Weight: decimal.NewFromInt(2)},
//	})
//
// Weights are decimals of any precision and are used exactly. Give the exact
// underlying quantity, never a stored, rounded percentage. It returns
// [ErrNegativeWeight], [ErrWeightRange] or [ErrZeroWeights].
func Allocate(total Amount, members []Share) ([]Amount, error) {
	if len(members) <= mostFew {
		var parts [mostFew]int64
		var weights [mostFew]*decimal.Decimal
		for i := range members {
			weights[i] = &members[i].Weight
		}
		if fewDecimals(parts[:len(members)], total.cents, weights[:len(members)],
			func(i, j int) bool { return members[i].ID < members[j].ID }) {
			return amounts(parts[:len(members)]), nil
		}
	}
	var a Allocator
	a.parts = resize(a.parts, len(members))
	err := allocateDecimals(&a, a.parts, total.cents, len(members),
		func(i int) *decimal.Decimal { return &members[i].Weight },
		func(i, j int) bool { return members[i].ID < members[j].ID })
	if err != nil {
		return nil, err
	}
	return amounts(a.parts), nil
}

func amounts(cents []int64) []Amount {
	out := make([]Amount, len(cents))
	for i, c := range cents {
		out[i].cents = c
	}
	return out
}

// AllocateDecimals is [Allocator.Decimals] with scratch space of its own.
func AllocateDecimals(parts []int64, total int64, weights []decimal.Decimal, before func(i, j int) bool) error {
	if len(weights) <= mostFew && len(parts) == len(weights) {
		var each [mostFew]*decimal.Decimal
		for i := range weights {
			each[i] = &weights[i]
		}
		if fewDecimals(parts, total, each[:len(weights)], before) {
			return nil
		}
	}
	return new(Allocator).Decimals(parts, total, weights, before)
}

// Decimals shares total over decimal weights, exactly. It returns
// [ErrNegativeWeight], [ErrWeightRange], [ErrZeroWeights] or
// [ErrAllocationLength].
func (a *Allocator) Decimals(parts []int64, total int64, weights []decimal.Decimal, before func(i, j int) bool) error {
	if len(parts) != len(weights) {
		return ErrAllocationLength
	}
	return allocateDecimals(a, parts, total, len(weights), func(i int) *decimal.Decimal { return &weights[i] }, before)
}

// maxWeightDigits keeps a hostile exponent from being written out.
const maxWeightDigits = 1000

var tens = [19]int64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

// allocateDecimals puts the weights over one power of ten and takes the int64
// road, or the wide road when one of them does not fit.
func allocateDecimals(a *Allocator, parts []int64, total int64, n int, weight func(int) *decimal.Decimal, before func(i, j int) bool) error {
	exp, top, fits := int64(0), int64(0), true
	a.long = resize(a.long, n)
	for i := range n {
		d := weight(i)
		a.long[i] = false
		switch d.Sign() {
		case -1:
			return negativeWeight(i)
		case 0:
			continue
		}
		e, digits := int64(d.Exponent()), d.NumDigits()
		if e < -maxWeightDigits || int64(digits)+e > maxWeightDigits {
			return ErrWeightRange.On(fmt.Sprintf("weights[%d]", i))
		}
		if digits > 18 {
			a.long[i], fits = true, false
		}
		exp, top = min(exp, e), max(top, int64(digits)+e)
	}
	if a.ints = resize(a.ints, n); fits && intWeights(a.ints, exp, weight) {
		return a.Int64(parts, total, a.ints, before)
	}
	width := int(top-exp)*10/3 + 1 // a digit is less than 10/3 bits
	return a.wide.share(parts, total, width, func(i int) *big.Int {
		d := weight(i)
		return a.wide.scaled(d, int64(d.Exponent())-exp, a.long[i])
	}, before)
}

// intWeights sets ints to the weights over 10^exp, and reports whether they
// all fit.
func intWeights(ints []int64, exp int64, weight func(int) *decimal.Decimal) (fit bool) {
	for i := range ints {
		d := weight(i)
		if ints[i], fit = scaleUp(d.CoefficientInt64(), int64(d.Exponent())-exp); !fit {
			return false
		}
	}
	return true
}

// scaleUp is w times 10^up, and whether it has at most 18 digits.
func scaleUp(w, up int64) (scaled int64, fits bool) {
	if w == 0 || up == 0 {
		return w, true
	}
	if up > 18 || w > 999_999_999_999_999_999/tens[up] {
		return 0, false
	}
	return w * tens[up], true
}

// scaled returns d's coefficient, which is long when it may not fit an int64,
// times a power of ten. The result lives until the next call.
func (s *wideSpace) scaled(d *decimal.Decimal, up int64, long bool) *big.Int {
	w := &s.t
	switch {
	case d.Sign() == 0:
		return nil
	case long:
		w = d.Coefficient()
	default:
		w.SetInt64(d.CoefficientInt64())
	}
	if up == 0 {
		return w
	}
	if up != s.up {
		s.up = up
		s.power.Exp(big.NewInt(10), big.NewInt(up), nil)
	}
	return s.t.Mul(w, &s.power)
}
