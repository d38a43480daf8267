package wide

// Digits is the number of significant decimal digits of a rounded balance.
const Digits = 40

// tail describes what was cut off below the last place kept.
type tail uint8

const (
	tailZero tail = iota
	tailLow       // less than half
	tailHalf
	tailHigh // more than half
)

// flip is the tail of 1 minus the fraction.
func (t tail) flip() tail {
	switch t {
	case tailLow:
		return tailHigh
	case tailHigh:
		return tailLow
	}
	return t
}

// tailOf classifies r/d, with below saying that more than r was cut off.
func tailOf(r, d uint64, below bool) tail {
	half := d / 2
	switch {
	case r == 0 && !below:
		return tailZero
	case r < half || (r == half && d%2 == 1):
		return tailLow
	case r == half && d%2 == 0:
		if below {
			return tailHigh
		}
		return tailHalf
	}
	return tailHigh
}

// Round40 rounds x to 40 significant digits, half to even.
func Round40(x Int) Int { return round40(x, tailZero) }

// round40 rounds x + fraction, the fraction in [0, 1) described by t. A value
// of less than 40 digits is rounded to an integer.
func round40(x Int, t tail) Int {
	if !x.IsNeg() {
		return roundMagnitude(x, t)
	}
	mag := x.Neg()
	if t != tailZero { // |x + f| = |x| - 1 + (1 - f)
		mag = mag.Sub(Int{a: 1})
		t = t.flip()
	}
	return roundMagnitude(mag, t).Neg()
}

func roundMagnitude(m Int, t tail) Int {
	cut := decimalDigits(m) - Digits
	if cut <= 0 {
		return m.up(t)
	}
	below := t != tailZero
	first := &pow10Div[min(cut, 19)]
	m, r := m.DivU64(first)
	if cut <= 19 {
		m = m.up(tailOf(r, first.d, below))
		m, _ = m.MulU64(first.d)
		return m
	}
	second := &pow10Div[cut-19]
	below = below || r != 0
	m, r = m.DivU64(second)
	m = m.up(tailOf(r, second.d, below))
	m, _ = m.MulU64(first.d)
	m, _ = m.MulU64(second.d)
	return m
}

// nearest rounds x + fraction to an integer, ties to even.
func nearest(x Int, t tail) Int {
	if !x.IsNeg() {
		return x.up(t)
	}
	mag := x.Neg()
	if t != tailZero {
		mag = mag.Sub(Int{a: 1})
		t = t.flip()
	}
	return mag.up(t).Neg()
}

// up adds what t rounds to: one when it is more than half, or half and m is odd.
func (x Int) up(t tail) Int {
	if t == tailHigh || (t == tailHalf && x.Odd()) {
		return x.Add(Int{a: 1})
	}
	return x
}

// decimalDigits counts the digits of m >= 0; 0 has none.
func decimalDigits(m Int) int {
	b := m.bitLen()
	if b == 0 {
		return 0
	}
	n := (b-1)*1233>>12 + 1 // floor((b-1) * log10(2)) + 1, at most one too few
	if n < len(pow10) && CmpUnsigned(m, pow10[n]) >= 0 {
		n++
	}
	return n
}

var (
	pow10    = powers()   // 10^0 to 10^76
	pow10Div = divisors() // 10^0 to 10^19
)

func powers() [77]Int {
	var p [77]Int
	p[0] = Int{a: 1}
	for i := 1; i < len(p); i++ {
		p[i], _ = p[i-1].MulU64(10)
	}
	return p
}

func divisors() [20]Divisor {
	var v [20]Divisor
	for i := range v {
		v[i] = NewDivisor(pow10[i].a)
	}
	return v
}

// Pow10 returns 10^n for 0 <= n <= 76.
func Pow10(n int) Int { return pow10[n] }
