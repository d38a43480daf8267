package money_test

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"math"
	"math/big"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/realestate/money"
)

var (
	_ driver.Valuer    = money.Amount{}
	_ sql.Scanner      = (*money.Amount)(nil)
	_ json.Marshaler   = money.Amount{}
	_ json.Unmarshaler = (*money.Amount)(nil)
)

func amounts() *rapid.Generator[money.Amount] {
	return rapid.Custom(func(t *rapid.T) money.Amount {
		a, err := money.FromCents(rapid.Int64Range(-money.MaxCents, money.MaxCents).Draw(t, "cents"))
		require.NoError(t, err)
		return a
	})
}

func TestParse(t *testing.T) {
	t.Parallel()
	good := map[string]int64{
		"0": 0, "0.00": 0, "-0": 0, "1": 100, "1.": 100, ".5": 50, "-.05": -5, "+12.3": 1230,
		"1234.56": 123456, "1.100": 110, "1.10000000": 110, "9999999999999.99": money.MaxCents,
		"-9999999999999.99": -money.MaxCents, "0000000000000000000012": 1200,
	}
	for in, cents := range good {
		a, err := money.Parse(in)
		require.NoError(t, err, in)
		require.Equal(t, cents, a.Cents(), in)
	}
	for _, in := range []string{"", "-", ".", "+.", "1.001x", "1,000", "$5", " 1", "1 ", "1e3", "NaN", "Infinity", "1.2.3", "--1", "0x1", "١"} {
		_, err := money.Parse(in)
		require.ErrorIs(t, err, money.ErrNotMoney, "%q", in)
	}
	for _, in := range []string{"1.001", "-0.009", "9999999999999.9901"} {
		_, err := money.Parse(in)
		require.ErrorIs(t, err, money.ErrTooManyDecimals, "%q", in)
	}
	for _, in := range []string{"10000000000000", "99999999999999999999999999", "-10000000000000.00", "9999999999999.999e9"} {
		_, err := money.Parse(in)
		require.Error(t, err, in)
	}
	_, err := money.Parse("123456789012345678901234567890")
	require.ErrorIs(t, err, money.ErrOutOfRange)
}

func TestFromDecimal(t *testing.T) {
	t.Parallel()
	a, err := money.FromDecimal(decimal.RequireFromString("12.3400"))
	require.NoError(t, err)
	require.Equal(t, "12.34", a.String())

	_, err = money.FromDecimal(decimal.RequireFromString("1.005"))
	require.ErrorIs(t, err, money.ErrTooManyDecimals)
	_, err = money.FromDecimal(decimal.RequireFromString("10000000000000"))
	require.ErrorIs(t, err, money.ErrOutOfRange)

	// Exponents that would take gigabytes to write out must be refused at once.
	for _, exp := range []int32{math.MaxInt32, math.MinInt32, 1 << 20, -(1 << 20)} {
		_, err = money.FromDecimal(decimal.New(1, exp))
		require.Error(t, err)
		zero, err := money.FromDecimal(decimal.New(0, exp))
		require.NoError(t, err)
		require.True(t, zero.IsZero())
	}
	_, err = money.Round(decimal.New(1, math.MaxInt32))
	require.ErrorIs(t, err, money.ErrOutOfRange)
	tiny, err := money.Round(decimal.New(1, math.MinInt32))
	require.NoError(t, err)
	require.True(t, tiny.IsZero())
}

func TestRound_tiesAwayFromZero(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"1.005": "1.01", "-1.005": "-1.01", "1.00499999": "1.00", "0.004": "0.00", "0.005": "0.01",
		"-0.0049": "0.00", "2.675": "2.68", "1e3": "1000.00", "0.0099": "0.01",
	} {
		a, err := money.Round(decimal.RequireFromString(in))
		require.NoError(t, err)
		require.Equal(t, want, a.String(), in)
	}
}

func TestFormat(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"0": "0.00", "999.99": "999.99", "1000": "1,000.00", "-1234.5": "-1,234.50",
		"1234567.8": "1,234,567.80", "-9999999999999.99": "-9,999,999,999,999.99", "100000": "100,000.00",
	} {
		require.Equal(t, want, money.MustParse(in).Format())
	}
}

// Arithmetic equals that of big integers wherever the result fits, and fails
// wherever it does not.
func TestArithmetic_likeBigInt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := amounts().Draw(t, "a"), amounts().Draw(t, "b")
		n := rapid.Int64().Draw(t, "n")
		check := func(got money.Amount, err error, want *big.Int) {
			if new(big.Int).Abs(want).Cmp(big.NewInt(money.MaxCents)) > 0 {
				require.ErrorIs(t, err, money.ErrOutOfRange)
				return
			}
			require.NoError(t, err)
			require.Equal(t, want.Int64(), got.Cents())
		}
		x, y := big.NewInt(a.Cents()), big.NewInt(b.Cents())
		sum, err := a.Add(b)
		check(sum, err, new(big.Int).Add(x, y))
		diff, err := a.Sub(b)
		check(diff, err, new(big.Int).Sub(x, y))
		prod, err := a.Mul(n)
		check(prod, err, new(big.Int).Mul(x, big.NewInt(n)))
		require.Equal(t, x.Cmp(y), a.Cmp(b))
		require.Equal(t, x.Sign(), a.Sign())
		require.Equal(t, a, a.Neg().Neg())
		require.Equal(t, x.Cmp(y) < 0, a.Less(b))
		require.Equal(t, a.Cents()+b.Cents(), money.Min(a, b).Cents()+money.Max(a, b).Cents())
	})
}

func TestSum(t *testing.T) {
	t.Parallel()
	limit := money.MustParse("9999999999999.99")
	all := make([]money.Amount, 0, 40_000)
	for range 20_000 { // partial sums pass int64, the total is zero
		all = append(all, limit)
	}
	_, err := money.Sum(all...)
	require.ErrorIs(t, err, money.ErrOutOfRange)
	for range 20_000 {
		all = append(all, limit.Neg())
	}
	total, err := money.Sum(all...)
	require.NoError(t, err)
	require.True(t, total.IsZero())
	total, err = money.Sum()
	require.NoError(t, err)
	require.True(t, total.IsZero())
}

func TestRatio(t *testing.T) {
	t.Parallel()
	r, ok := money.MustParse("1").Ratio(money.MustParse("3"), 10)
	require.True(t, ok)
	require.Equal(t, "0.3333333333", r.String())
	_, ok = money.MustParse("1").Ratio(money.Zero, 10)
	require.False(t, ok, "a ratio over nothing is undefined")
	got, err := money.MustParse("100.05").MulRate(decimal.RequireFromString("0.1"))
	require.NoError(t, err)
	require.Equal(t, "10.01", got.String())
}

func TestRoundTrips(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := amounts().Draw(t, "a")
		again, err := money.Parse(a.String())
		require.NoError(t, err)
		require.Equal(t, a, again)

		b, err := json.Marshal(a)
		require.NoError(t, err)
		var fromJSON money.Amount
		require.NoError(t, json.Unmarshal(b, &fromJSON))
		require.Equal(t, a, fromJSON)
		require.NoError(t, json.Unmarshal([]byte(a.String()), &fromJSON), "a plain JSON number is read too")
		require.Equal(t, a, fromJSON)

		v, err := a.Value()
		require.NoError(t, err)
		var scanned money.Amount
		require.NoError(t, scanned.Scan(v))
		require.Equal(t, a, scanned)
		require.NoError(t, scanned.Scan([]byte(a.String())))
		require.Equal(t, a, scanned)

		fromDec, err := money.FromDecimal(a.Decimal())
		require.NoError(t, err)
		require.Equal(t, a, fromDec)
	})
}

func TestScan_refuses(t *testing.T) {
	t.Parallel()
	a := money.MustParse("7")
	for _, src := range []any{nil, 1.5, "NaN", "1.005", true, int64(math.MaxInt64)} {
		require.Error(t, a.Scan(src), "%v", src)
	}
	require.Equal(t, "7.00", a.String(), "a failed scan changes nothing")
	require.NoError(t, a.Scan(int64(12)))
	require.Equal(t, "12.00", a.String())
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"1234.56", "-0.01", "9999999999999.99", "1e9", ".", "", "+.50", "00.100"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := money.Parse(s)
		if err != nil {
			return
		}
		want, err := decimal.NewFromString(s)
		require.NoError(t, err, "what Parse reads is a decimal number")
		require.True(t, want.Equal(a.Decimal()), "%q became %s", s, a)
	})
}
