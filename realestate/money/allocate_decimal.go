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
	var a Allocator
	a.parts = resize(a.parts, len(members))
	err := allocateDecimals(&a, a.parts, total.cents, len(members),
		func(i int) *decimal.Decimal { return &members[i].Weight },
		func(i, j int) bool { return members[i].ID < members[j].ID })
	if err != nil {
		return nil, err
	}
	out := make([]Amount, len(members))
	for i, c := range a.parts {
		out[i].cents = c
	}
	return out, nil
}

// AllocateDecimals is [Allocator.Decimals] with scratch space of its own.
func AllocateDecimals(parts []int64, total int64, weights []decimal.Decimal, before func(i, j int) bool) error {
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
	exp, fits := int32(0), true
	for i := range n {
		d := weight(i)
		switch d.Sign() {
		case -1:
			return negativeWeight(i)
		case 0:
			continue
		}
		e := d.Exponent()
		if digits := d.NumDigits(); e < -maxWeightDigits || int64(digits)+int64(e) > maxWeightDigits {
			return ErrWeightRange.On(fmt.Sprintf("weights[%d]", i))
		} else if digits > 18 {
			fits = false
		}
		exp = min(exp, e)
	}
	if fits {
		a.ints = resize(a.ints, n)
		for i := range n {
			d := weight(i)
			var w int64
			if w = d.CoefficientInt64(); w != 0 {
				up := int64(d.Exponent()) - int64(exp)
				if up > 18 || w > 999_999_999_999_999_999/tens[up] {
					fits = false
					break
				}
				w *= tens[up]
			}
			a.ints[i] = w
		}
	}
	if fits {
		return a.Int64(parts, total, a.ints, before)
	}
	return a.wide.share(parts, total, func(i int) *big.Int {
		d := weight(i)
		return a.wide.scaled(d, int64(d.Exponent())-int64(exp))
	}, before)
}

// scaled returns d's coefficient times a power of ten. The result lives until
// the next call.
func (s *wideSpace) scaled(d *decimal.Decimal, up int64) *big.Int {
	if d.Sign() == 0 {
		return nil
	}
	if d.NumDigits() <= 18 {
		s.t.SetInt64(d.CoefficientInt64())
	} else {
		s.t.Set(d.Coefficient())
	}
	if up == 0 {
		return &s.t
	}
	if up != s.up {
		s.up = up
		s.power.Exp(big.NewInt(10), big.NewInt(up), nil)
	}
	return s.t.Mul(&s.t, &s.power)
}
