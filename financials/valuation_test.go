package financials

import (
	"encoding/json"
	"math/big"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/freehold-go/freehold/realestate/fault"
	"github.com/freehold-go/freehold/realestate/money"
)

func TestDirectCap(t *testing.T) {
	t.Parallel()
	v, err := DirectCap(usd("5799708.91"), rate("0.0481"))
	require.NoError(t, err)
	require.Equal(t, usd("120576068.81"), v)
	v, err = DirectCap(usd("-100"), rate("0.03"))
	require.NoError(t, err)
	require.Equal(t, usd("-3333.33"), v)
	for _, r := range []decimal.Decimal{rate("0"), rate("-0.05"), rate("10.1"), decimal.New(0, -1<<30), decimal.New(1, 1<<30),
		decimal.New(1, -1<<30), rate("0.0500000000000001")} {
		_, err = DirectCap(usd("1"), r)
		require.ErrorIs(t, err, ErrCapRate)
	}
	_, err = DirectCap(usd("9999999999999"), rate("0.000000000000001"))
	require.ErrorIs(t, err, money.ErrOutOfRange)
	_, err = DirectCap(usd("9999999999999"), rate("0.5"))
	require.ErrorIs(t, err, money.ErrOutOfRange)
}

// scribd.com/document/458998315, Converting-Income-Value.xlsx. The sheet rounds
// its incomes for display; its figures agree to 2.
func TestDCF_published(t *testing.T) {
	t.Parallel()
	var noi []money.Amount
	for _, s := range []string{"42336", "42759", "43187", "43619", "44055", "44495.55"} { // the sixth is 44,055 and 1 %
		noi = append(noi, usd(s))
	}
	v, err := DCF(DCFInput{NOI: noi, DiscountRate: rate("0.0825"), TerminalCapRate: rate("0.0725"), SellingCostRate: rate("0.05")})
	require.NoError(t, err)
	near := func(want string, got money.Amount) {
		require.True(t, got.Decimal().Sub(rate(want)).Abs().LessThanOrEqual(rate("2")), "%s is not %s", got, want)
	}
	near("563300", v.Value)
	near("613732", v.SalePrice)
	near("583045", v.ReversionNet)
	direct, err := DirectCap(noi[0], rate("0.0725"))
	require.NoError(t, err)
	near("583945", direct)
}

func TestDCF_badInput(t *testing.T) {
	t.Parallel()
	_, err := DCF(DCFInput{NOI: []money.Amount{usd("1")}, DiscountRate: rate("-1"), SellingCostRate: rate("1.01")})
	for _, want := range []error{ErrDCFYears, ErrDiscountRate, ErrCapRate, ErrSellingCost} {
		require.ErrorIs(t, err, want)
	}
	require.Len(t, fault.FieldErrors(err), 4)
	_, err = DCF(DCFInput{NOI: make([]money.Amount, MaxDCFYears+2), TerminalCapRate: rate("0.05")})
	require.ErrorIs(t, err, ErrDCFYears)

	top := usd("9999999999999.99")
	for name, in := range map[string]DCFInput{
		"the price":           {NOI: []money.Amount{top, top}, TerminalCapRate: rate("0.05"), SellingCostRate: rate("1")},
		"the reversion":       {NOI: []money.Amount{usd("0"), top}, TerminalCapRate: rate("0.05"), DiscountRate: rate("10")},
		"the value":           {NOI: []money.Amount{top, top}, TerminalCapRate: rate("1"), DiscountRate: rate("0")},
		"a discount below -1": {NOI: []money.Amount{top, usd("0")}, TerminalCapRate: rate("1"), DiscountRate: rate("-0.99")},
	} {
		_, err := DCF(in)
		require.ErrorIs(t, err, money.ErrOutOfRange, name)
	}
	longest := DCFInput{NOI: make([]money.Amount, MaxDCFYears+1), DiscountRate: rate("0.012345678901234"), TerminalCapRate: rate("0.051234567890123")}
	for i := range longest.NOI {
		longest.NOI[i] = usd("1000000.01")
	}
	_, err = DCF(longest)
	require.NoError(t, err)
}

// The definition term by term in big.Rat.
func TestDCF_equalsTheReference(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := DCFInput{
			DiscountRate:    decimal.New(rapid.Int64Range(-50_000, 300_000).Draw(t, "discount"), -6),
			TerminalCapRate: decimal.New(rapid.Int64Range(10_000, 200_000).Draw(t, "cap"), -6),
			SellingCostRate: decimal.New(rapid.Int64Range(0, 1000).Draw(t, "cost"), -3),
		}
		for range rapid.IntRange(2, 21).Draw(t, "years") {
			a, err := money.FromCents(rapid.Int64Range(-1e8, 1e10).Draw(t, "noi"))
			require.NoError(t, err)
			in.NOI = append(in.NOI, a)
		}
		v, err := DCF(in)
		require.NoError(t, err)
		n := len(in.NOI) - 1
		one := big.NewRat(1, 1)
		price := new(big.Rat).Quo(in.NOI[n].Decimal().Rat(), in.TerminalCapRate.Rat())
		net := new(big.Rat).Mul(price, new(big.Rat).Sub(one, in.SellingCostRate.Rat()))
		factor, sum := new(big.Rat).Set(one), new(big.Rat)
		for k := range n {
			factor.Quo(factor, new(big.Rat).Add(one, in.DiscountRate.Rat()))
			pv := new(big.Rat).Mul(in.NOI[k].Decimal().Rat(), factor)
			require.Equal(t, text(pv), v.PresentValues[k].String())
			sum.Add(sum, pv)
		}
		back := new(big.Rat).Mul(net, factor)
		require.Equal(t, text(price), v.SalePrice.String())
		require.Equal(t, text(net), v.ReversionNet.String())
		require.Equal(t, text(back), v.ReversionPresentValue.String())
		require.Equal(t, text(sum.Add(sum, back)), v.Value.String())
	})
}

// text rounds to cents; an amount of -0.00 is written 0.00.
func text(r *big.Rat) string { return decimal.RequireFromString(r.FloatString(2)).StringFixed(2) }

// Input comes in as JSON from hosts: a value or a typed error, and no hang.
func FuzzDCF(f *testing.F) {
	f.Add([]byte(`{"noi":["42336","42759","43187"],"discount_rate":"0.0825","terminal_cap_rate":"0.0725","selling_cost_rate":"0.05"}`))
	f.Add([]byte(`{"noi":[1,2],"discount_rate":"0e-999999999","terminal_cap_rate":1e1,"selling_cost_rate":"1"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var in DCFInput
		if json.Unmarshal(b, &in) != nil {
			return
		}
		if _, err := DCF(in); err != nil {
			require.ErrorIs(t, err, fault.Invalid)
		}
	})
}

func BenchmarkDCF10(b *testing.B) {
	in := DCFInput{NOI: make([]money.Amount, 11), DiscountRate: rate("0.0825"), TerminalCapRate: rate("0.0725"), SellingCostRate: rate("0.02")}
	for i := range in.NOI {
		in.NOI[i] = usd("1250000.00")
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DCF(in); err != nil {
			b.Fatal(err)
		}
	}
}
