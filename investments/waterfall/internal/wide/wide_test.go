package wide

import (
	"math/big"
	"testing"

	"github.com/cockroachdb/apd/v3"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// anyInt draws numbers of every length, so that few and many limbs, and values
// next to powers of ten, all occur.
func anyInt(bitsMax int) *rapid.Generator[Int] {
	return rapid.Custom(func(t *rapid.T) Int {
		if rapid.IntRange(0, 3).Draw(t, "kind") == 0 {
			n := rapid.IntRange(0, bitsMax*3/10).Draw(t, "power")
			x := Pow10(n).Add(FromInt64(int64(rapid.IntRange(-1, 1).Draw(t, "off"))))
			if rapid.Bool().Draw(t, "neg") {
				x = x.Neg()
			}
			return x
		}
		b := new(big.Int).SetBytes(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "bytes"))
		b.Rsh(b, uint(256-rapid.IntRange(1, bitsMax).Draw(t, "bits")))
		if rapid.Bool().Draw(t, "neg") {
			b.Neg(b)
		}
		x, ok := FromBig(b)
		if !ok {
			t.Fatalf("%s does not fit", b)
		}
		return x
	})
}

// ref rounds the exact fraction num/den to 40 digits, or to an integer when it
// has fewer, half to even, with the apd library.
func ref(t *rapid.T, num, den *big.Int) *big.Int {
	// Scaled by den the remainder is a whole number, so that apd sees the
	// exact tail: floor and a decimal fraction that compares the same way.
	q, r := new(big.Int).QuoRem(new(big.Int).Abs(num), den, new(big.Int))
	frac := int64(0)
	switch c := new(big.Int).Lsh(r, 1).Cmp(den); {
	case r.Sign() == 0:
	case c < 0:
		frac = 25
	case c == 0:
		frac = 50
	default:
		frac = 75
	}
	q.Mul(q, big.NewInt(100))
	q.Add(q, big.NewInt(frac))
	var co apd.BigInt
	co.SetMathBigInt(q)
	d := apd.NewWithBigInt(&co, -2)
	ctx := apd.BaseContext.WithPrecision(Digits)
	ctx.Rounding = apd.RoundHalfEven
	var out apd.Decimal
	if d.NumDigits()-2 < Digits { // 10.0 needs the integer, not 40 digits
		_, err := ctx.WithPrecision(400).Quantize(&out, d, 0)
		require.NoError(t, err)
	} else {
		_, err := ctx.Round(&out, d)
		require.NoError(t, err)
	}
	var i apd.Decimal
	_, err := apd.BaseContext.WithPrecision(400).Quantize(&i, &out, 0)
	require.NoError(t, err)
	z := i.Coeff.MathBigInt()
	if num.Sign() < 0 {
		z.Neg(z)
	}
	return z
}

func TestBasics_againstBig(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x, y := anyInt(250).Draw(t, "x"), anyInt(250).Draw(t, "y")
		require.Equal(t, new(big.Int).Add(x.Big(), y.Big()).String(), x.Add(y).Big().String())
		require.Equal(t, new(big.Int).Sub(x.Big(), y.Big()).String(), x.Sub(y).Big().String())
		require.Equal(t, x.Big().Cmp(y.Big()), x.Cmp(y))
		require.Equal(t, x.Big().Sign(), x.Sign())
		n := rapid.Int64().Draw(t, "n")
		p := new(big.Int).Mul(x.Big(), big.NewInt(n))
		z, ok := x.MulInt64(n)
		want, fits := FromBig(p)
		require.Equal(t, fits, ok)
		if ok {
			require.Equal(t, want, z)
		}
		require.Equal(t, big.NewInt(n).String(), FromInt64(n).Big().String())
	})
}

func TestDivisor_againstBig(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x, _ := anyInt(255).Draw(t, "x").Abs()
		d := rapid.Uint64Min(1).Draw(t, "d")
		if rapid.Bool().Draw(t, "power") {
			d = pow10Div[rapid.IntRange(0, 19).Draw(t, "n")].d
		}
		v := NewDivisor(d)
		q, r := x.DivU64(&v)
		bq, br := new(big.Int).QuoRem(x.Big(), new(big.Int).SetUint64(d), new(big.Int))
		require.Equal(t, bq.String(), q.Big().String())
		require.Equal(t, br.Uint64(), r)
	})
}

func TestQuotient_againstBig(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d, _ := anyInt(192).Draw(t, "d").Abs()
		d = Int{d.a &^ 1, d.b, d.c | 1, 0} // even, and of three limbs
		v := NewQuotient(d)
		q := rapid.Uint64().Draw(t, "q")
		x, over := d.MulU64(q)
		off, _ := anyInt(192).Draw(t, "off").Abs()
		if x = x.Add(off); over != 0 || x.IsNeg() {
			t.Skip("beyond 255 bits")
		}
		got, ok := v.Round(x)
		want := new(big.Int).Lsh(x.Big(), 1)
		want.Add(want, d.Big()).Quo(want, new(big.Int).Lsh(d.Big(), 1))
		if !ok {
			require.GreaterOrEqual(t, want.BitLen(), 62)
			return
		}
		require.Equal(t, want.String(), new(big.Int).SetUint64(got).String())
	})
}

func TestRound40_againstDecimalLibrary(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x := anyInt(250).Draw(t, "x")
		require.Equal(t, ref(t, x.Big(), big.NewInt(1)).String(), Round40(x).Big().String())
	})
}

// Ties are rare among random numbers, so they are made on purpose.
func TestRound40_tiesGoToEven(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cut := rapid.IntRange(1, 34).Draw(t, "cut")
		keep := Pow10(39).Add(FromInt64(rapid.Int64Min(0).Draw(t, "keep")))
		x, _ := keep.MulU64(10)
		x = x.Add(FromInt64(5))
		for range cut - 1 {
			x, _ = x.MulU64(10)
		}
		got := Round40(x)
		require.Equal(t, ref(t, x.Big(), big.NewInt(1)).String(), got.Big().String())
		require.Equal(t, got.Neg(), Round40(x.Neg()))
	})
}

func TestAccrue_againstBig(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, base := anyInt(220).Draw(t, "a"), anyInt(225).Draw(t, "base")
		m := rapid.Uint64Max(1<<54).Draw(t, "m")
		d := rapid.Uint64Range(1, 1<<51).Draw(t, "d")
		v := NewDivisor(d)
		got, ok := Accrue(a, base, m, &v)
		bd := new(big.Int).SetUint64(d)
		num := new(big.Int).Mul(base.Big(), new(big.Int).SetUint64(m))
		num.Add(num, new(big.Int).Mul(a.Big(), bd))
		want := halfEven(num, bd)
		if !ok {
			require.Greater(t, want.BitLen(), 254)
			return
		}
		require.Equal(t, want.String(), got.Big().String())
	})
}

// halfEven divides to the nearest integer, ties to even.
func halfEven(num, den *big.Int) *big.Int {
	q, r := new(big.Int).QuoRem(new(big.Int).Abs(num), den, new(big.Int))
	c := r.Lsh(r, 1).Cmp(den)
	if c > 0 || (c == 0 && q.Bit(0) == 1) {
		q.Add(q, big.NewInt(1))
	}
	if num.Sign() < 0 {
		q.Neg(q)
	}
	return q
}

func TestCompound_againstDecimalLibrary(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, a := anyInt(220).Draw(t, "c"), anyInt(240).Draw(t, "a")
		d := rapid.Uint64Range(1, 140_000).Draw(t, "d")
		v := NewDivisor(d)
		got, ok := Compound(c, a, &v)
		require.True(t, ok)
		bd := new(big.Int).SetUint64(d)
		num := new(big.Int).Add(a.Big(), new(big.Int).Mul(c.Big(), bd))
		require.Equal(t, ref(t, num, bd).String(), got.Big().String())
	})
}

func TestAccrueFactor_againstDecimalLibrary(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, base := anyInt(220).Draw(t, "a"), anyInt(225).Draw(t, "base")
		coef, _ := anyInt(132).Draw(t, "coef").Abs()
		f := Factor{Coef: coef, Scale: rapid.IntRange(0, 57).Draw(t, "scale")}
		got, ok := AccrueFactor(a, base, &f)
		den := Pow10(f.Scale).Big()
		num := new(big.Int).Mul(base.Big(), coef.Big())
		num.Add(num, new(big.Int).Mul(a.Big(), den))
		want := ref(t, num, den)
		if !ok {
			require.Greater(t, want.BitLen(), 254)
			return
		}
		require.Equal(t, want.String(), got.Big().String())
	})
}

func TestRatio_againstBig(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, _ := anyInt(250).Draw(t, "w").Abs()
		more, _ := anyInt(250).Draw(t, "more").Abs()
		sum := w.Add(more)
		if sum.IsZero() {
			return
		}
		total := rapid.Uint64Max(1<<62).Draw(t, "total")
		r := NewRatio(sum)
		q, rem := r.Split(total, w)
		num := new(big.Int).Mul(new(big.Int).SetUint64(total), w.Big())
		bq, br := new(big.Int).QuoRem(num, sum.Big(), new(big.Int))
		require.Equal(t, bq.Uint64(), q)
		// The remainder is scaled by a power of two that depends on sum alone.
		br.Lsh(br, 64*r.limbs+r.shift)
		got := Int{rem.a, rem.b, rem.c, 0}.Big()
		got.Or(got, new(big.Int).Lsh(new(big.Int).SetUint64(rem.d), 192))
		require.Equal(t, br.String(), got.String())
	})
}

func BenchmarkAccrueAndCompound(b *testing.B) {
	v := NewDivisor(10_000_000_000)
	base, _ := Pow10(54).MulU64(123_456_789_01)
	a := Int{}
	for b.Loop() {
		a, _ = Accrue(a, base, 800_000_000*31, &v)
		a, _ = Compound(base, a, &v)
		if a.Top()>>60 != 0 {
			a = Int{}
		}
	}
}
