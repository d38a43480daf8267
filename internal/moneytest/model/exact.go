package model

import (
	"fmt"
	"math/big"
	"sort"
	"sync"
)

// Cents is an amount of money in whole cents.
type Cents = int64

// R parses an exact fraction such as "0.08"; it panics on another form.
func R(s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		panic("model: not a number: " + s)
	}
	return r
}

// C parses an amount such as "1234.56".
func C(s string) Cents {
	r := new(big.Rat).Mul(R(s), R("100"))
	if !r.IsInt() {
		panic("model: not whole cents: " + s)
	}
	return r.Num().Int64()
}

// Money writes an amount as 1234.56.
func Money(c Cents) string {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	return fmt.Sprintf("%s%d.%02d", sign, c/100, c%100)
}

func rat(c Cents) *big.Rat          { return new(big.Rat).SetInt64(c) }
func add(a, b *big.Rat) *big.Rat    { return new(big.Rat).Add(a, b) }
func sub(a, b *big.Rat) *big.Rat    { return new(big.Rat).Sub(a, b) }
func mul(a, b *big.Rat) *big.Rat    { return new(big.Rat).Mul(a, b) }
func quo(a, b *big.Rat) *big.Rat    { return new(big.Rat).Quo(a, b) }
func positive(a *big.Rat) *big.Rat  { return larger(a, new(big.Rat)) }
func larger(a, b *big.Rat) *big.Rat { return pick(a.Cmp(b) >= 0, a, b) }

func pick[T any](first bool, a, b T) T {
	if first {
		return a
	}
	return b
}

// round is to the nearest integer, ties away from zero.
func round(r *big.Rat) Cents {
	half := frac(1, 2)
	if r.Sign() < 0 {
		return -round(new(big.Rat).Neg(r))
	}
	return floor(add(r, half))
}

// floor is the largest integer not above r.
func floor(r *big.Rat) Cents {
	q := new(big.Int).Div(r.Num(), r.Denom()) // Euclidean: the denominator is above zero
	return q.Int64()
}

// share is one of those that an amount is allocated over.
type share struct {
	key    string
	id     string // compared as bytes where all else is equal
	weight *big.Rat
}

// allocate is section 2 of the conventions: largest remainder. It fails where
// there is something to give and nobody with a weight.
func (b Broken) allocate(total Cents, over []share) (map[string]Cents, error) {
	out := map[string]Cents{}
	sum := new(big.Rat)
	for _, s := range over {
		if s.weight.Sign() < 0 {
			return nil, fmt.Errorf("model: negative weight of %s", s.key)
		}
		sum.Add(sum, s.weight)
	}
	if total == 0 {
		return out, nil
	}
	if sum.Sign() == 0 {
		return nil, fmt.Errorf("model: nobody to give %s to", Money(total))
	}
	sign := Cents(1)
	if total < 0 {
		sign, total = -1, -total
	}
	type part struct {
		share
		rest *big.Rat
	}
	var parts []part
	left := total
	for _, s := range over {
		if s.weight.Sign() == 0 {
			continue
		}
		q := quo(mul(rat(total), s.weight), sum)
		f := floor(q)
		out[s.key] += sign * f
		left -= f
		parts = append(parts, part{s, sub(q, rat(f))})
	}
	sort.SliceStable(parts, func(i, j int) bool {
		x, y := parts[i], parts[j]
		if c := x.rest.Cmp(y.rest); c != 0 && b != "allocation: larger fraction first" {
			return c > 0
		}
		if c := x.weight.Cmp(y.weight); c != 0 {
			return c > 0
		}
		return (x.id < y.id) != (b == "allocation: ties by ascending id")
	})
	for i := Cents(0); i < left; i++ {
		out[parts[i].key] += sign
	}
	return out, nil
}

// roots are the 365th roots that were taken before; hurdles ask for few.
var roots sync.Map

// dailyPower is base^(days/365) to some 80 digits: the 365th root by Newton's
// method, to the power of the days. Whole years are exact.
func dailyPower(base *big.Rat, days int64) *big.Rat {
	if days%365 == 0 {
		return wholePower(base, days/365)
	}
	const prec = 320
	float := func() *big.Float { return new(big.Float).SetPrec(prec) }
	raise := func(x *big.Float, n int64) *big.Float {
		p := float().SetInt64(1)
		for range n {
			p.Mul(p, x)
		}
		return p
	}
	key := base.RatString()
	known, ok := roots.Load(key)
	if !ok {
		x, y, n := float().SetRat(base), float().SetInt64(1), float().SetInt64(365)
		for range 40 {
			step := float().Quo(x, raise(y, 364)) // y -= (y - x/y^364) / 365
			step.Sub(y, step).Quo(step, n)
			y.Sub(y, step)
		}
		known, _ = roots.LoadOrStore(key, y)
	}
	r, _ := raise(known.(*big.Float), days).Rat(nil)
	return r
}

func wholePower(base *big.Rat, n int64) *big.Rat {
	e := big.NewInt(n)
	return new(big.Rat).SetFrac(new(big.Int).Exp(base.Num(), e, nil), new(big.Int).Exp(base.Denom(), e, nil))
}
