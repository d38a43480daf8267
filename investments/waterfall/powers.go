package waterfall

import (
	"math"
	"math/big"

	"github.com/freehold-go/freehold/investments/waterfall/internal/wide"
)

// powers computes growth factors, each to 40 significant digits, half to even,
// and keeps them. It is not safe for concurrent use.
type powers struct {
	irr   map[int64]*yearly
	byDay map[dailyKey]dayFactor
}

type dailyKey struct {
	rate, den int64
	days      int
}

// workDigits is the precision of intermediate results; what is lost in at most
// 400 multiplications is far below the 40 digits that are kept.
const workDigits = 80

var (
	workOne   = new(big.Int).Exp(big.NewInt(10), big.NewInt(workDigits), nil)
	workPow   = tens(workDigits + 20)
	workLimit = workPow[workDigits+18]
)

func tens(n int) []*big.Int {
	out := []*big.Int{big.NewInt(1)}
	for len(out) < n {
		out = append(out, new(big.Int).Mul(out[len(out)-1], big.NewInt(10)))
	}
	return out
}

// yearly are the powers of 1 plus an effective annual rate, scaled by
// 10^workDigits.
type yearly struct {
	base  *big.Int      // 1+rate
	day   [365]*big.Int // (1+rate)^(n/365)
	year  []*big.Int    // (1+rate)^n
	cache map[int]*dayFactor
}

type dayFactor struct {
	f    wide.Factor
	over bool // 10^18 or more
}

func newYearly(rate int64) *yearly {
	y := &yearly{base: new(big.Int).Mul(big.NewInt(unit+rate), workPow[workDigits-rateDecimals]), cache: map[int]*dayFactor{}}
	y.year = []*big.Int{workOne}
	y.day[0] = workOne
	y.day[1] = root(y.base, 365)
	return y
}

// factor returns (1+rate)^(days/365) and whether it is too large to be used.
// Whole years are exact as far as they have no more than 40 digits.
func (p *powers) factor(rate int64, days int) (*wide.Factor, bool) {
	y := p.irr[rate]
	if y == nil {
		if p.irr == nil {
			p.irr = map[int64]*yearly{}
		}
		y = newYearly(rate)
		p.irr[rate] = y
	}
	d, ok := y.cache[days]
	if !ok {
		made := factor40(mulScaled(y.years(days/365), y.rest(days%365)))
		d = &made
		y.cache[days] = d
	}
	return &d.f, d.over
}

// years returns (1+rate)^n, scaled.
func (y *yearly) years(n int) *big.Int {
	for len(y.year) <= n {
		y.year = append(y.year, mulScaled(y.year[len(y.year)-1], y.base))
	}
	return y.year[n]
}

// rest returns (1+rate)^(n/365) for n days of a year, scaled.
func (y *yearly) rest(n int) *big.Int {
	if y.day[n] == nil {
		y.day[n] = mulScaled(y.rest(n/2), y.rest(n-n/2))
	}
	return y.day[n]
}

func mulScaled(a, b *big.Int) *big.Int {
	if a == workOne {
		return b
	}
	if b == workOne {
		return a
	}
	z := new(big.Int).Mul(a, b)
	return z.Quo(z, workOne)
}

// root returns the nth root of a scaled number of at least 1, scaled, by Newton's
// iteration. A binary float gives only the starting point.
func root(a *big.Int, n int64) *big.Int {
	if a.Cmp(workOne) == 0 {
		return workOne
	}
	ratio, _ := new(big.Rat).SetFrac(a, workOne).Float64()
	start := new(big.Float).SetPrec(400).SetFloat64(math.Pow(ratio, 1/float64(n)))
	x, _ := start.Mul(start, new(big.Float).SetInt(workOne)).Int(nil)
	for range 4 { // 15 digits become 30, 60, 120
		p := powScaled(x, int(n-1))
		next := new(big.Int).Mul(a, workOne) // a / x^(n-1)
		next.Quo(next, p)
		next.Add(next, new(big.Int).Mul(x, big.NewInt(n-1)))
		x = next.Quo(next, big.NewInt(n))
	}
	return x
}

func powScaled(x *big.Int, n int) *big.Int {
	z := workOne
	for ; n > 0; n >>= 1 {
		if n&1 == 1 {
			z = mulScaled(z, x)
		}
		x = mulScaled(x, x)
	}
	return z
}

// daily returns (1 + rate/den)^days - 1 and whether it is too large.
func (p *powers) daily(rate, den int64, days int) (wide.Factor, bool) {
	key := dailyKey{rate, den, days}
	g, ok := p.byDay[key]
	if !ok {
		per := new(big.Int).Mul(big.NewInt(unit), big.NewInt(den))
		b := new(big.Int).Mul(new(big.Int).Add(per, big.NewInt(rate)), workOne)
		z := powScaled(b.Quo(b, per), days)
		g = factor40(new(big.Int).Sub(z, workOne))
		if p.byDay == nil {
			p.byDay = map[dailyKey]dayFactor{}
		}
		p.byDay[key] = g
	}
	return g.f, g.over
}

// factor40 rounds a scaled number >= 0 to 40 significant digits, half to even.
func factor40(x *big.Int) dayFactor {
	if x.Cmp(workLimit) >= 0 {
		return dayFactor{over: true}
	}
	digits := x.BitLen() * 1233 >> 12 // at most one too few
	if x.Cmp(workPow[digits]) >= 0 {
		digits++
	}
	cut := max(digits-wide.Digits, workDigits-57) // a factor has at most 57 decimals
	coef, r := new(big.Int).QuoRem(x, workPow[cut], new(big.Int))
	half := r.Lsh(r, 1).Cmp(workPow[cut])
	if half > 0 || (half == 0 && coef.Bit(0) == 1) {
		coef.Add(coef, workPow[0])
	}
	c, _ := wide.FromBig(coef)
	return dayFactor{f: wide.Factor{Coef: c, Scale: workDigits - cut}}
}
