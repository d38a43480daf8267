package returns

import "math/big"

// polynomial has its coefficients in ascending order, at least one of them, all
// of the same precision.
type polynomial []*big.Float

func (p polynomial) bits() uint { return p[0].Prec() }

// roots returns the distinct roots from -1 to 1, ascending. Between two
// neighboring roots of its derivative a polynomial is monotone and has at most
// one root; a root of the derivative where the polynomial is [polynomial.tiny] is
// a multiple root.
func (p polynomial) roots() []*big.Float {
	size := p.size()
	rest := float(p.bits()).Abs(p[0])
	if rest.Sub(size, rest).Cmp(float(p.bits()).Abs(p[0])) < 0 || size.Sign() == 0 {
		return nil // the constant outweighs all the rest, or there is none
	}
	tiny := p.tiny()
	stops := append([]*big.Float{float(p.bits()).SetInt64(-1)}, p.derivative().roots()...)
	stops = append(stops, float(p.bits()).SetInt64(1))
	values := make([]*big.Float, len(stops))
	zero := make([]bool, len(stops))
	for k, at := range stops {
		values[k] = p.value(at)
		zero[k] = float(p.bits()).Abs(values[k]).Cmp(tiny) <= 0
	}
	var out []*big.Float
	for k, at := range stops {
		switch {
		case zero[k] && k > 0 && k < len(stops)-1:
			out = append(out, at)
		case k+1 < len(stops) && !zero[k] && !zero[k+1] && values[k].Sign() != values[k+1].Sign():
			out = append(out, p.between(at, stops[k+1], values[k].Sign()))
		}
	}
	return out
}

// between finds the root between lo, where the sign is given, and hi, by
// Newton's iteration kept between them, or by halves.
func (p polynomial) between(lo, hi *big.Float, sign int) *big.Float {
	bits, d := p.bits(), p.derivative()
	lo, hi = new(big.Float).Copy(lo), new(big.Float).Copy(hi)
	at, next, step := float(bits), float(bits), float(bits)
	at.SetMantExp(at.Add(lo, hi), -1)
	for range 2 * bits {
		value := p.value(at)
		if value.Sign() == sign {
			lo.Set(at)
		} else {
			hi.Set(at)
		}
		next.SetMantExp(next.Add(lo, hi), -1)
		if slope := d.value(at); slope.Sign() != 0 {
			if step.Sub(at, step.Quo(value, slope)); step.Cmp(lo) >= 0 && step.Cmp(hi) <= 0 {
				next.Set(step)
			}
		}
		if step.Sub(next, at); step.Sign() == 0 || step.MantExp(nil) < 16-int(bits) {
			return next
		}
		at.Set(next)
	}
	return at
}

func (p polynomial) derivative() polynomial {
	d := make(polynomial, len(p)-1)
	for k := range d {
		d[k] = float(p.bits()).Mul(p[k+1], float(p.bits()).SetInt64(int64(k+1)))
	}
	return d
}

// tiny is what counts as zero.
func (p polynomial) tiny() *big.Float {
	return float(p.bits()).SetMantExp(p.size(), -tinyBits(p.bits()))
}

// value is p at a point, by Horner's rule.
func (p polynomial) value(at *big.Float) *big.Float {
	sum := float(p.bits())
	for k := len(p) - 1; k >= 0; k-- {
		sum.Mul(sum, at)
		sum.Add(sum, p[k])
	}
	return sum
}

// size is the sum of the coefficients without their signs.
func (p polynomial) size() *big.Float {
	size, c := float(p.bits()), float(p.bits())
	for k := range p {
		size.Add(size, c.Abs(p[k]))
	}
	return size
}
