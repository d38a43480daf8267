package waterfall

import (
	"math/big"

	"github.com/freehold-go/freehold/investments/waterfall/internal/wide"
	"github.com/freehold-go/freehold/realestate/money"
)

var (
	tenTo19 = wide.NewDivisor(10_000_000_000_000_000_000)
	tenTo16 = wide.NewDivisor(10_000_000_000_000_000)
)

// The quotients by what makes a cent of parts, for the usual denominators.
var (
	perCent = wide.NewQuotient(partsPerCent)
	per360  = perCentOf(360)
	per365  = perCentOf(365)
)

func perCentOf(per uint64) wide.Quotient {
	d, _ := partsPerCent.MulU64(per)
	return wide.NewQuotient(d)
}

// quotientOf is that of a denominator, nil where there is none.
func quotientOf(per int64) *wide.Quotient {
	switch per {
	case 1:
		return &perCent
	case 360:
		return &per360
	case 365:
		return &per365
	}
	return nil
}

// nearly is 10^-20 of a cent in parts of 10^-54 of it. A balance of 40 digits that is
// short of half a cent by less than that is half a cent.
var nearly = wide.Pow10(partDecimals - 20)

// roundParts rounds a sum of parts of 1/(per*10^54) cents to cents, ties away
// from zero; below zero it is 0.
func roundParts(sum wide.Int, per int64) int64 {
	if sum.Sign() <= 0 {
		return 0
	}
	if per > 0 {
		slack, _ := nearly.MulU64(uint64(per))
		sum = sum.Add(slack)
	}
	if v := quotientOf(per); v != nil {
		if n, ok := v.Round(sum); ok {
			return int64(min(n, uint64(money.MaxCents)))
		}
		return money.MaxCents
	}
	if sum.Top() < 1<<60 && per > 0 && per <= commonDen { // (2*sum + d) / 2d, where 2d is per*2 * 10^54
		half, _ := partsPerCent.MulU64(uint64(per))
		v := sum.Add(sum).Add(half)
		two := wide.NewDivisor(uint64(2 * per))
		v, _ = v.DivU64(&two)
		v, _ = v.DivU64(&tenTo19)
		v, _ = v.DivU64(&tenTo19)
		v, _ = v.DivU64(&tenTo16)
		if n := v.Int64(); v == wide.FromInt64(n) {
			return min(n, money.MaxCents)
		}
		return money.MaxCents
	}
	d := new(big.Int).Mul(partsPerCent.Big(), big.NewInt(per))
	n := sum.Big()
	n.Lsh(n, 1).Add(n, d)
	n.Quo(n, d.Lsh(d, 1))
	if !n.IsInt64() {
		return money.MaxCents
	}
	return min(n.Int64(), money.MaxCents)
}
