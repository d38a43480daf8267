package returns_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/freehold-go/freehold/investments/returns"
	"github.com/freehold-go/freehold/realestate/date"
	"github.com/freehold-go/freehold/realestate/money"
)

// cashOf reads flows such as "2021-01-10 -100000".
func cashOf(lines ...string) (out []returns.Cash) {
	for _, l := range lines {
		day, amount, _ := strings.Cut(l, " ")
		out = append(out, returns.Cash{Date: date.MustParse(day), Amount: money.MustParse(amount)})
	}
	return out
}

// A payment that failed and came back is a flow each way. It does not take the
// rate away: the root nearest the guess is the rate, and uniqueness stands beside it.
func TestXIRR_paymentThatCameBack(t *testing.T) {
	t.Parallel()
	r, err := returns.XIRR(cashOf("2021-01-10 -100000", "2022-01-10 60000", "2022-06-30 2000", "2022-07-04 -2000", "2022-12-31 48000"))
	require.NoError(t, err)
	rate, ok := r.Rounded(7)
	require.True(t, ok)
	require.Equal(t, "0.0554618", rate.String())

	// Before the last payment there is a second root, near -100 %.
	r, err = returns.XIRR(cashOf("2021-01-10 -100000", "2022-01-10 108000", "2022-06-30 2000", "2022-07-04 -2000"))
	require.NoError(t, err)
	require.Len(t, r.Roots, 2)
	require.False(t, r.Unique)
	require.Less(t, r.Roots[0].Rate, -0.99)
	rate, ok = r.Rounded(4)
	require.True(t, ok)
	require.True(t, rate.GreaterThan(decimal.RequireFromString("0.079")), rate)
	require.True(t, slices.IsSortedFunc(r.Roots, func(a, b returns.Root) int { return decimal.NewFromFloat(a.Log).Cmp(decimal.NewFromFloat(b.Log)) }))
}

// A rate within rounding of -1 is no rate of so few decimals.
func TestResult_RoundedNeverMinusOne(t *testing.T) {
	t.Parallel()
	r, err := returns.XIRR(cashOf("2021-01-10 -100000", "2021-02-10 0.01"))
	require.NoError(t, err)
	require.True(t, r.Unique)
	require.True(t, r.Decimal().GreaterThan(decimal.NewFromInt(-1)))
	for _, places := range []int32{4, 6, 10} {
		rate, ok := r.Rounded(places)
		require.False(t, ok, rate)
	}
	_, ok := r.Rounded(100)
	require.True(t, ok)
}
