package charts

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// An axis holds its values between a few round steps, and places keep their order.
func TestNiceAxis(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.Custom(func(t *rapid.T) decimal.Decimal {
			return decimal.New(rapid.Int64Range(-999_999_999, 999_999_999).Draw(t, "v"), int32(rapid.IntRange(-12, 5).Draw(t, "e")))
		})
		a, b := number.Draw(t, "a"), number.Draw(t, "b")
		if b.LessThan(a) {
			a, b = b, a
		}
		x := niceAxis(a, b)
		require.True(t, x.lo.LessThanOrEqual(a) && x.hi.GreaterThanOrEqual(b) && x.lo.LessThan(x.hi))
		mantissa := strings.Trim(strings.ReplaceAll(x.step.String(), ".", ""), "0")
		require.Contains(t, []string{"1", "2", "25", "5"}, mantissa)
		require.LessOrEqual(t, len(x.ticks()), 8)
		require.GreaterOrEqual(t, len(x.ticks()), 2)
		require.LessOrEqual(t, x.place(a, 3000), x.place(b, 3000))
		require.GreaterOrEqual(t, x.place(a, 3000), int64(0))
		require.LessOrEqual(t, x.place(b, 3000), int64(3000))
	})
}

// Labels are short, say which unit they are in, and a zero has none.
func TestAxis_labels(t *testing.T) {
	t.Parallel()
	c := Frame{Prefix: "$"}
	for want, hi := range map[string]string{"$0 $0.25M $0.5M $0.75M $1M $1.25M": "1204000", "$0 $20K $40K $60K $80K": "61500", "$0 $0.2 $0.4 $0.6 $0.8 $1": "0.9", "-$2 -$1 $0 $1 $2 $3": "2.1"} {
		lo := decimal.Zero
		if strings.HasPrefix(want, "-") {
			lo = decimal.New(-2, 0)
		}
		a := niceAxis(lo, decimal.RequireFromString(hi))
		require.Equal(t, want, strings.Join(a.labels(&c, a.unit()), " "))
	}
}

// A text that has no room is cut with dots, never within a letter.
func TestFit(t *testing.T) {
	t.Parallel()
	require.Equal(t, "Maple", fit("Maple", width("Maple")))
	require.Equal(t, "Map…", fit("Maple Court", 4*letter))
	require.Equal(t, "é…", fit("éééé", 2*letter))
	require.Equal(t, "…", fit("Maple", 0))
	require.Equal(t, "家…", fit("家家家", 3*letter))
}
